"""The lab of votes: rules obey their laws, a made shortcut is found, and noise chooses the mean."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats
from sklearn.metrics import roc_auc_score

from genre_core.errors import DatasetError, ParameterError
from genre_core.lessons.song_votes import song_votes
from genre_core.lessons.stored import SHIPPED_LESSONS, load_lesson, save_lesson
from genre_core.lessons.vote_rules import (
    BOTH,
    LEARNED,
    LENGTH,
    MAJORITY,
    MEAN,
    RULES,
    best_threshold,
    learned_scores,
    stratified_folds,
    trimmed_mean,
)
from genre_core.lessons.vote_table import FILE, read_votes

twentieths = st.lists(st.integers(0, 20).map(lambda k: k / 20), min_size=1, max_size=60)


def write(folder: Path, *, ahead: float, longer: float = 1.0, n: int = 60, kinds: int = 2) -> Path:
    """Songs whose votes are noise around a half; prog ones are ahead, and longer."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = np.random.default_rng(0)
    rows = []
    for song in range(n):
        y = song % kinds
        length = round(draw.integers(20, 40) * (longer if y else 1.0))
        chance = np.clip(draw.normal(0.45 + ahead * y, 0.1), 0, 1)
        for snippet in range(1, length + 1):
            rows.append((500 + song, snippet, draw.binomial(20, chance) / 20, y))
    pd.DataFrame(rows, columns=["name", "snippet", "p", "y"]).to_csv(folder / FILE, index=False)
    return folder


def ask(folder: Path, **options: Any) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "repeats": 1,
        "n_folds": 3,
        "n_resamples": 100,
        "log": lambda line: None,
    }
    return song_votes(folder, command="a test", **(settings | options))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return ask(write(tmp_path_factory.mktemp("votes"), ahead=0.1, longer=1.4))


def rows_of(result: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {row["rule"]: row for row in result["rows"]}


def test_every_rule_is_there_with_its_figures(made: dict[str, Any]) -> None:
    rows = rows_of(made)
    assert list(rows) == [*RULES, *LEARNED, LENGTH]
    assert all(0.5 < row["roc_auc"]["value"] <= 1 for row in rows.values())
    assert rows[MEAN]["gain"] == {"value": 0.0, "low": 0.0, "high": 0.0}
    # What has no threshold at a half has no figure there.
    assert "at_a_half" not in rows[LENGTH]
    assert "at_a_half" not in rows["mean logit"]
    assert json.loads(json.dumps(made, allow_nan=False)) == made


def test_length_is_found_and_taken_out(made: dict[str, Any]) -> None:
    rows = rows_of(made)
    assert rows[LENGTH]["roc_auc"]["value"] > 0.8
    assert made["pairs"]["length"] < 0.7 < made["pairs"]["mean"]
    # A rule that reads the length is never the one that is chosen.
    assert rows[BOTH]["gain"]["low"] > 0
    assert made["chosen"]["rule"] != BOTH


def test_songs_between_and_the_others_make_up_all_that_is_wrong(made: dict[str, Any]) -> None:
    [row] = [row for row in made["between"] if row["threshold"] == 0.5]
    wrong = row["share"] * row["wrong"] + (1 - row["share"]) * row["wrong_others"]
    # Both kinds have as many songs here: accuracy is balanced accuracy.
    assert 1 - wrong == pytest.approx(rows_of(made)[MEAN]["at_a_half"]["value"], abs=1e-3)


def test_within_noise_the_mean_stays(tmp_path: Path) -> None:
    result = ask(write(tmp_path / "noise", ahead=0.0))
    assert result["chosen"]["rule"] == MEAN
    assert result["chosen"]["reason"].startswith("no other rule")


def test_thresholds_fall_and_agree_with_the_songs(made: dict[str, Any]) -> None:
    at = made["thresholds"]
    for name in ("sensitivity", "false_alarms"):
        assert (np.diff(at[name]) <= 0).all()
    k = at["threshold"].index(0.5)
    balanced = (at["sensitivity"][k] + 1 - at["false_alarms"][k]) / 2
    assert balanced == pytest.approx(rows_of(made)[MEAN]["at_a_half"]["value"], abs=1e-3)


@given(twentieths)
def test_a_rule_does_not_depend_on_the_order_and_rises_with_its_votes(votes: list[float]) -> None:
    song = np.array(votes)
    for rule in RULES.values():
        assert rule(song[::-1]) == pytest.approx(rule(song))
        assert rule(np.minimum(song + 0.3, 1.0)) >= rule(song) - 1e-12
        assert rule(np.ones_like(song)) >= rule(song) - 1e-12


def test_rules_against_a_second_source() -> None:
    song = np.random.default_rng(1).binomial(20, 0.4, 37) / 20
    assert trimmed_mean(song) == pytest.approx(stats.trim_mean(song, 0.1))
    assert RULES["top third"](song) == pytest.approx(np.mean(sorted(song, reverse=True)[:13]))
    assert RULES[MAJORITY](np.array([0.5, 0.55])) == 0.5


def test_folds_hold_every_song_once_with_each_kind_s_share() -> None:
    is_prog = np.arange(50) % 5 == 0
    fold = stratified_folds(is_prog.astype(int), 5, seed=3)
    assert np.bincount(fold).tolist() == [10] * 5
    assert np.bincount(fold[is_prog]).tolist() == [2] * 5
    assert (stratified_folds(is_prog.astype(int), 5, seed=4) != fold).any()


def test_a_learned_score_has_not_seen_the_song() -> None:
    draw = np.random.default_rng(0)
    noise, labels = draw.normal(size=(200, 30)), np.arange(200) % 2
    scores = learned_scores(noise, labels, stratified_folds(labels, 10, seed=0))
    assert abs(roc_auc_score(labels, scores) - 0.5) < 0.12  # fitted on itself: above 0.7


def test_songs_that_are_all_alike_have_a_threshold_too() -> None:
    assert best_threshold(np.full(4, 0.5), np.array([0, 0, 1, 1])) == 0.5


def test_snippets_are_in_time_whatever_the_rows_are(tmp_path: Path) -> None:
    folder = write(tmp_path / "a", ahead=0.1)
    frame = pd.read_csv(folder / FILE)
    other = tmp_path / "b"
    other.mkdir()
    frame.sample(frac=1, random_state=0).to_csv(other / FILE, index=False)
    pairs = zip(read_votes(folder).votes, read_votes(other).votes, strict=True)
    assert all((one == two).all() for one, two in pairs)


@pytest.mark.parametrize(
    ("column", "value", "said"),
    [
        ("p", 1.2, r"p in \[0, 1\] and y of 0 or 1, line 5"),
        ("p", "much", "line 5"),
        ("y", 2, "line 5"),
        ("y", 1, "both labels"),
    ],
)
def test_a_bad_row_is_named(tmp_path: Path, column: str, value: Any, said: str) -> None:
    folder = write(tmp_path, ahead=0.1)
    frame = pd.read_csv(folder / FILE).astype({column: object})
    frame.loc[3, column] = value
    frame.to_csv(folder / FILE, index=False)
    with pytest.raises(DatasetError, match=said):
        read_votes(folder)


def test_a_folder_without_votes_and_too_few_songs(tmp_path: Path) -> None:
    with pytest.raises(DatasetError, match="Received no test_votes"):
        read_votes(tmp_path)
    (tmp_path / FILE).write_bytes(b"no gzip")
    with pytest.raises(DatasetError, match="no table"):
        read_votes(tmp_path)
    (tmp_path / FILE).write_bytes(gzip.compress(b"name,snippet,p\n1,1,0.5\n"))
    with pytest.raises(DatasetError, match="no column y"):
        read_votes(tmp_path)
    with pytest.raises(DatasetError, match="Received 0 prog and 30 other songs"):
        read_votes(write(tmp_path / "few", ahead=0.0, n=30, kinds=1))


@pytest.mark.parametrize("options", [{"repeats": 0}, {"n_folds": 1}])
def test_settings_are_checked_before_anything_is_read(options: dict[str, int]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        ask(Path("nowhere"), **options)


def test_it_is_stored_and_read_again(made: dict[str, Any], genre_home: Path) -> None:
    save_lesson("song_votes", made)
    assert load_lesson("song_votes") == made


def test_the_shipped_result_holds_the_known_figures() -> None:
    result = json.loads((SHIPPED_LESSONS / "song_votes.json").read_text(encoding="utf-8"))
    rows = rows_of(result)
    assert (result["data"]["songs"], result["data"]["snippets"]) == (288, 12_112)
    # As those who published the votes report them.
    assert rows[MEAN]["roc_auc"]["value"] == pytest.approx(0.904, abs=0.001)
    assert rows[LENGTH]["roc_auc"]["value"] == pytest.approx(0.823, abs=0.001)
    assert rows[MEAN]["matched_roc_auc"]["value"] == pytest.approx(0.851, abs=0.001)
    assert result["chosen"]["rule"] == MEAN
    # Why nothing is said of a song whose thirds disagree: those are wrong more than twice as often.
    assert all(row["wrong"] > 2 * row["wrong_others"] for row in result["between"])
    assert all(row["share"] < 1 / 3 for row in result["between"])
    assert result["ties"]["right_by_mean"] >= result["ties"]["right_as_no"]
