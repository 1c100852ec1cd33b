"""What each network says of the whole song: by majority and by mean, side by side."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from genre_core.metrics.votes import Verdict
from genre_core.runs.bundle import Bundle
from pages.ui import controls, figures
from pages.ui.problems import plain

if TYPE_CHECKING:
    from genre_core.inference.songs import SongPrediction

MAJORITY, MEAN = "majority vote", "mean score"

RULES = (
    "**Majority vote**: more than half of the segments score above the threshold. "
    "**Mean score**: the mean over all segments does. Study S5 (prog rock from audio) judged songs "
    "both ways."
)


def ask() -> tuple[float, str]:
    """Ask for the threshold and for the rule; the link carries both."""
    left, right = st.columns([3, 2], gap="medium", vertical_alignment="bottom")
    threshold = left.slider(
        "Threshold: a segment counts as prog above it",
        0.0,
        1.0,
        0.5,
        0.01,
        key="threshold",
        bind="query-params",
    )
    with right:
        rule = controls.switch("Judge the song by", [MAJORITY, MEAN], default=MEAN, key="vote")
    return threshold, rule


def cards(
    bundles: Sequence[Bundle], predictions: dict[str, SongPrediction], threshold: float, rule: str
) -> None:
    """Show one card a network that gives a prog score."""
    judged = [
        (bundle, verdict)
        for bundle in bundles
        if bundle.name in predictions
        and (verdict := predictions[bundle.name].verdict(threshold)) is not None
    ]
    if not judged:
        return
    with st.grid(len(judged), min_column_width=230):
        for bundle, verdict in judged:
            with st.container(border=True):
                st.markdown(f"**{plain(short(bundle))}**")
                st.metric(
                    rule,
                    "prog" if _says(verdict, rule) else "not prog",
                    delta=f"mean {verdict.mean:.2f} · {verdict.n_above} of "
                    f"{verdict.n_segments} segments",
                    delta_color="off",
                    delta_arrow="off",
                )
                if not verdict.agrees:
                    st.caption("The two rules disagree here.")
    st.caption(RULES)
    st.markdown(difference(judged, rule))


def difference(judged: Sequence[tuple[Bundle, Verdict]], rule: str) -> str:
    """Say in a sentence whether the networks agree, and why they may not."""
    yes = [short(bundle) for bundle, verdict in judged if _says(verdict, rule)]
    no = [short(bundle) for bundle, verdict in judged if not _says(verdict, rule)]
    if not yes or not no:
        verdict = "prog" if yes else "not prog"
        if len(judged) == 1:
            return f"**It says {verdict}.**"
        return f"**All {len(judged)} say {verdict}.**{_pupils([bundle for bundle, _ in judged])}"
    differ = (
        f"**They differ**: prog say {plain(', '.join(yes))}; not prog say {plain(', '.join(no))}."
    )
    lengths = sorted({round(getattr(bundle.card.input, "segment_s", 0.0)) for bundle, _ in judged})
    if len(lengths) < 2:
        return differ
    shortest, *_, longest = lengths
    listed = ", ".join(map(str, lengths[:-1]))
    return (
        f"{differ} They hear segments of different lengths: {listed} and {longest} s. A passage "
        f"that stands out for {shortest} s can be lost in the mean over {longest} s; a slow "
        f"change, such as one of metre, does not fit into {shortest} s."
    )


def _pupils(bundles: Sequence[Bundle]) -> str:
    """Say which of these networks were trained on the answers of another of them."""
    here = {bundle.name: bundle for bundle in bundles}
    teachers = Counter(
        bundle.card.experiment.get("training", {}).get("teacher", "") for bundle in bundles
    )
    return "".join(
        f" {n} of them learned from the answers of {plain(short(here[teacher]))}, so that they "
        "agree is no independent evidence."
        for teacher, n in teachers.items()
        if teacher in here
    )


def table(
    bundles: Sequence[Bundle], predictions: dict[str, SongPrediction], threshold: float
) -> pd.DataFrame:
    """List the verdicts as study S5's tables do."""
    rows = []
    for bundle in bundles:
        prediction = predictions.get(bundle.name)
        verdict = prediction.verdict(threshold) if prediction is not None else None
        if verdict is not None:
            rows.append(
                {
                    "network": short(bundle),
                    "segments": verdict.n_segments,
                    "above the threshold": verdict.n_above,
                    "share": round(verdict.share, 3),
                    "majority vote": "prog" if verdict.by_majority else "not prog",
                    "mean score": round(verdict.mean, 3),
                    "by mean": "prog" if verdict.by_mean else "not prog",
                }
            )
    return pd.DataFrame(rows)


def genres(bundles: Sequence[Bundle], predictions: dict[str, SongPrediction]) -> None:
    """Show the ranking of every network that names genres."""
    naming = [b for b in bundles if b.card.head == "softmax" and b.name in predictions]
    tagging = [b for b in bundles if b.card.head == "multilabel" and b.name in predictions]
    if not naming and not tagging:
        return
    with st.grid(len(naming) + len(tagging), min_column_width=260):
        for bundle in (*naming, *tagging):
            ranked = predictions[bundle.name].ranking()[:8]
            with st.container(border=True):
                st.markdown(f"**{plain(bundle.card.title)}**")
                names, probs = zip(*ranked, strict=True)
                calibrated = bundle.card.calibration is not None
                figures.ranking(names, probs, calibrated=calibrated).show(
                    key=f"genres_{bundle.name}"
                )
                if bundle in tagging:
                    st.caption("The eight strongest of its tags, each by itself.")


def short(bundle: Bundle) -> str:
    """Name a network in a few words."""
    card = bundle.card
    seconds = getattr(card.input, "segment_s", 0.0)
    kind = {
        "s5_lstm": "LSTM",
        "s5_cnn": "CNN",
        "s5_cnn_han": "Han's CNN",
        "s5_mlp": "MLP",
        "msd_musicnn": "Tagger",
        "mtt_musicnn": "MTT tagger",
        "msd_vgg": "VGG tagger",
        "mtt_vgg": "MTT VGG tagger",
    }.get(card.architecture, card.title)
    return f"{kind} on {seconds:.0f} s" if seconds else kind


def _says(verdict: Verdict, rule: str) -> bool:
    return verdict.by_majority if rule == MAJORITY else verdict.by_mean
