"""Corrections of groups: the newest holds, all are kept, nothing is written for nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from genre_core.data.kernel_groups import correct_group, corrected_groups, correction_history
from genre_core.data.notes_file import last_change
from genre_core.errors import ParameterError

WHERE = ("ab12", "conv_1")


def test_the_newest_holds_and_all_are_kept(genre_home: Path) -> None:
    assert corrected_groups(*WHERE) == {}
    assert correction_history(*WHERE, 3) == ()
    correct_group(*WHERE, 3, "dots", who="Ann")
    correct_group(*WHERE, 3, "vertical", who="Bo")
    correct_group(*WHERE, 4, "blank")
    held = corrected_groups(*WHERE)
    assert {k: own.name for k, own in held.items()} == {3: "vertical", 4: "blank"}
    assert held[3].who == "Bo"
    assert [own.name for own in correction_history(*WHERE, 3)] == ["dots", "vertical"]
    assert held[3].at > correction_history(*WHERE, 3)[0].at


def test_taken_back_the_rule_holds_again(genre_home: Path) -> None:
    correct_group(*WHERE, 3, "dots")
    correct_group(*WHERE, 3, "")
    assert corrected_groups(*WHERE) == {}
    assert [own.name for own in correction_history(*WHERE, 3)] == ["dots", ""]


def test_the_same_again_writes_nothing(genre_home: Path) -> None:
    correct_group(*WHERE, 3, "")
    correct_group(*WHERE, 3, "dots")
    correct_group(*WHERE, 3, "dots", who="Bo")
    assert len(correction_history(*WHERE, 3)) == 1


def test_other_networks_and_layers_are_told_apart_and_notes_stay_as_they_are(
    genre_home: Path,
) -> None:
    correct_group(*WHERE, 3, "dots")
    assert corrected_groups("cd34", "conv_1") == {}
    assert corrected_groups("ab12", "conv_2") == {}
    assert last_change()[2] == 0  # no note on an item


@pytest.mark.parametrize(
    ("kernel", "name", "who"), [(-1, "dots", ""), (0, "x" * 41, ""), (0, "dots", "x" * 101)]
)
def test_bad_input_is_a_message(genre_home: Path, kernel: int, name: str, who: str) -> None:
    with pytest.raises(ParameterError, match="Received"):
        correct_group(*WHERE, kernel, name, who=who)
    assert corrected_groups(*WHERE) == {}
