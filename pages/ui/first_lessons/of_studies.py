"""The lessons on the studies, made ready from printed tables and stored runs."""

from __future__ import annotations

from functools import partial

from genre_core.lessons.first.slips import s1_facts, s2_facts, s4_facts, s5_facts, written
from genre_core.lessons.stored import load_lesson
from genre_core.lessons.studies import load_study
from pages.ui import cached as shared
from pages.ui.first_lessons import study_steps, trust
from pages.ui.first_lessons.ready import Ready

S2_COPY, S4_COPY = "s2_resnet50.gaid5_demo", "s4_b.emotify4"


def ready(name: str, *, is_quiet: bool) -> Ready | None:
    """Make a study's lesson ready; None where what it shows is not here."""
    del is_quiet  # nothing is asked
    if name == "s3":
        return Ready(study_steps.two_models, written(load_study("S3")))
    if name == "s5":
        result = load_lesson("song_length")
        return Ready(partial(study_steps.best_of, result), s5_facts(result)) if result else None
    model = {"s1": trust.ONLY_OTHER, "s2": S2_COPY, "s4": S4_COPY}[name]
    bundle = trust.named(model)
    if bundle is None:
        return None
    if name == "s1":
        see = partial(study_steps.mix, bundle, load_lesson("scaling_question"))
        return Ready(see, s1_facts(shared.metrics_of(bundle)))
    if name == "s2":
        facts = s2_facts(shared.metrics_of(bundle), bundle.card.genres)
        return Ready(partial(study_steps.against_chance, bundle), facts)
    history, _ = shared.tables_of(bundle)
    if history.empty:
        return None
    texts, right = s4_facts(history)
    return Ready(partial(study_steps.longer, bundle, history), texts, right)
