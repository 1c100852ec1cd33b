"""What is said of kernels that are blank or taken out says no more than was measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from genre_core.explain.patterns_store import home_folder, save_patterns
from genre_core.runs.bundle import find_bundle
from pages.ui.kernel_patterns import words
from tests.app_words import everything
from tests.made_bundles import write_bundle
from tests.made_patterns import layer

Open = Callable[..., AppTest]


def test_our_blank_counts_stand_beside_the_studys_words() -> None:
    card = find_bundle("s5_cnn.soft_prog").card
    stored = {
        name: layer(name, 2, (4, 4, 1), ("blank", "dots"))
        for name in ("conv_3", "conv_4", "conv_6")
    }
    said = words.blank_beside_study(card, stored)
    assert "*lots of*" in said
    one = "1 of 2 in *{}* (real songs excite 1 of these)"
    assert f"{one.format('conv_4')} and {one.format('conv_6')}" in said
    assert words.blank_beside_study(card, {}) == ""
    other = find_bundle("s1_prog_covers.prog_vs_all").card
    assert words.blank_beside_study(other, stored) == ""  # layers of the same name, of a cover


@pytest.mark.parametrize(
    ("name", "has"), [("s5_cnn.soft_prog", True), ("s1_prog_covers.prog_vs_all", False)]
)
def test_study_s5_is_told_of_beside_its_own_network_only(
    open_app: Open, name: str, has: bool
) -> None:
    app = open_app("kernels", network=name)
    assert not app.exception
    said = everything(app)
    assert f"python -m genre_core kernels {name} --layer conv_1" in said
    assert ("Beside study S5" in said) is has
    assert ("Blank kernels beside study S5." in said) is has


def test_a_blank_kernel_that_real_items_excite_is_not_called_dead(
    empty_home: Path, open_app: Open
) -> None:
    bundle = write_bundle(empty_home / "models")
    own = layer("conv_1", 8, (16, 16, 3), ("blank",) * 2 + ("mixed",) * 6)
    real = np.array([1.25, 0.0, *[1.5] * 6])
    save_patterns(bundle.card, home_folder(), [replace(own, real=real)])
    said = everything(open_app("kernels", kernel="0"))
    assert "2 blank, 1 of which answers real covers, 6 mixed" in said
    assert "It isn't dead: a built-in cover does excite it (1.25)." in said
    assert "Nothing excites it" not in said
    said = everything(open_app("kernels", kernel="1"))
    assert "Nothing excites it: neither changed noise nor the built-in covers" in said
    assert "isn't dead" not in said


def removed_of_one_genre(n_right: int) -> str:
    """Say what is said of 58 songs that are not prog, of which `n_right` are so called without."""
    card = find_bundle("s5_cnn.soft_prog").card
    before, after = (
        {"accuracy": {"value": round(k / 58, 4)}, "balanced_accuracy": {"value": round(k / 58, 4)}}
        for k in (28, n_right)
    )
    changed = abs(n_right - 28)
    row = {"what": "second layer", "layer": "two", "group": "", "n_changed": changed}
    rows = [row | {"figures": after}]
    result = {"n": 58, "n_per_genre": [58, 0], "whole": before, "rows": rows}
    return words.removed_sentence(result, card)


def test_of_one_genre_alone_no_accuracy_is_told_but_what_is_called_prog() -> None:
    said = removed_of_one_genre(58)
    assert "**30 of 58 answers change**" in said
    assert "it calls fewer songs prog: 0 of 58, 30 before; none of them is" in said
    assert "accuracy" not in said
    assert "no need to duplicate layers: true here? **No**" in said
    assert "it calls more songs prog: 50 of 58, 30 before" in removed_of_one_genre(8)


def test_where_hardly_an_answer_changes_the_study_is_right() -> None:
    assert "no need to duplicate layers: true here? **Yes**: at most 2 of 58" in (
        removed_of_one_genre(30)
    )
    assert "**No**" in removed_of_one_genre(31)
