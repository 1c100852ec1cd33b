"""Figures of the lessons on the studies: laws, and what is stored and printed."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from genre_core.lessons.first import slips
from genre_core.lessons.first.slips import answer_shares, expected_best, tries
from genre_core.lessons.stored import load_lesson
from genre_core.lessons.studies import load_study
from genre_core.runs.bundle import SHIPPED_DIR, open_bundle

VALUES = [0.61, 0.7, 0.64, 0.64, 0.58, 0.69]


@pytest.mark.parametrize("n", range(1, len(VALUES) + 1))
def test_the_best_of_n_is_the_mean_over_all_choices_of_n(n: int) -> None:
    every = [max(some) for some in combinations(VALUES, n)]
    assert expected_best(VALUES, n) == pytest.approx(np.mean(every), abs=6e-5)


def test_more_tries_never_lower_the_best() -> None:
    best = [expected_best(VALUES, n) for n in range(1, len(VALUES) + 1)]
    assert best == sorted(best)
    assert best[0] == pytest.approx(np.mean(VALUES), abs=6e-5)
    assert best[-1] == max(VALUES)
    assert expected_best(VALUES[::-1], 3) == expected_best(VALUES, 3)


def test_shares_of_answers_add_up_and_do_not_ask_what_was_right() -> None:
    counts = np.array([[5, 1, 0], [2, 2, 2], [9, 0, 1]])
    shares = answer_shares(counts)
    assert shares.sum() == pytest.approx(1)
    np.testing.assert_allclose(answer_shares(counts[::-1]), shares)
    assert shares[0] == pytest.approx(16 / 22)


def test_the_chosen_try_is_the_one_of_least_loss_elsewhere() -> None:
    def row(loss: float, accuracy: float) -> dict[str, float]:
        return {"val_loss": loss, "accuracy": accuracy}

    each = [row(0.5, 0.7), row(0.3, 0.6), row(0.4, 0.65)]
    made = {"rows": [{"features": "all", "model": "S5's MLP", "each": each}]}
    assert tries(made) == ([0.7, 0.6, 0.65], 0.6)
    shipped = load_lesson("song_length")
    kept = next(
        r["kept"] for r in shipped["rows"] if (r["features"], r["model"]) == ("all", "S5's MLP")
    )
    values, chosen = tries(shipped)
    assert len(values) == shipped["repeats"]
    assert chosen == pytest.approx(kept["accuracy"]["value"])
    assert chosen < max(values), "the lesson: the best on test is better than the honest choice"


@pytest.mark.parametrize(("ratio", "right"), [(0.9, 0), (0.5, 1), (0.1, 2)])
def test_what_is_left_on_test_decides(
    ratio: float, right: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    study = load_study("S4")
    monkeypatch.setitem(study.values, "test", ratio * study.values["train"])
    history = pd.DataFrame({"accuracy": [0.3, 0.7], "val_accuracy": [0.4, 0.42]})
    facts, place = slips.s4_facts(history)
    assert place == right
    assert (facts["our_train"], facts["our_val"], facts["epochs"]) == ("70 %", "42 %", "2")


def test_the_studies_own_figures_are_those_of_their_files() -> None:
    def metrics(name: str) -> dict:
        return open_bundle(SHIPPED_DIR / name).metrics()

    one = slips.s1_facts(metrics("s1_prog_covers.prog_vs_all"))
    assert (one["n_prog"], one["majority"]) == ("2,316", "97.19 %")
    bundle = open_bundle(SHIPPED_DIR / "s2_resnet50.gaid5_demo")
    two = slips.s2_facts(bundle.metrics(), bundle.card.genres)
    assert (two["best"], two["most"]) == ("22 %", two["line_answer"])
    five = slips.s5_facts(load_lesson("song_length"))
    assert five["mlp_cv"] == "99.7 %"
