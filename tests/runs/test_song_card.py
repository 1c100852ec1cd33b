"""The card of a network of songs: its prog score is checked, stored twice, and never a cover's."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

import pytest

from genre_core.errors import CheckpointError, ParameterError
from genre_core.inference.checkpoint import load_network
from genre_core.inference.songs import SongClassifier
from genre_core.runs.bundle import SHIPPED_DIR, list_bundles, open_bundle
from genre_core.runs.card import (
    CARD_FILE,
    ProgScore,
    _digest,
    load_card,
    save_card,
)
from tests.made_bundles import make_card, make_experiment
from tests.made_songs_set import song_card, write_song_bundle

TONES = ProgScore(genre="Tones", half_at=0.0123456789012345, rule="a rank score, no probability")


def reseal(folder: Path, **changes: Any) -> None:
    """Edit `card.json` as somebody would who also knows how to write its digest."""
    plain = json.loads((folder / CARD_FILE).read_text())
    del plain["card_sha256"]
    plain |= changes
    plain["card_sha256"] = _digest(plain)
    (folder / CARD_FILE).write_text(json.dumps(plain))


@pytest.mark.parametrize("score", [None, TONES, ProgScore(genre="Beats")])
def test_a_card_of_songs_comes_back_as_it_was(score: ProgScore | None, tmp_path: Path) -> None:
    card = song_card("tiny.songs", prog_score=score)
    save_card(card, tmp_path)
    assert load_card(tmp_path) == card


@pytest.mark.parametrize("half_at", [0.0, -1.0, float("nan")])
def test_a_map_needs_a_value_above_0(half_at: float) -> None:
    with pytest.raises(ParameterError, match="Received"):
        ProgScore(genre="Tones", half_at=half_at)


def test_a_score_names_one_of_the_genres() -> None:
    with pytest.raises(ParameterError, match="Received"):
        song_card("tiny.songs", prog_score=ProgScore(genre="Polka"))


@pytest.mark.parametrize(
    "score",
    [
        {"genre": "Polka", "half_at": None, "rule": ""},
        {"genre": "Tones", "half_at": 0, "rule": ""},
        {"genre": "Tones", "half_at": -0.5, "rule": ""},
        {"genre": "Tones", "half_at": "low", "rule": ""},
        {"genre": "Tones", "half_at": None, "rule": "", "more": 1},
        {"half_at": 0.5},
        "Tones",
        [],
    ],
)
def test_an_edited_score_is_refused_on_load(score: object, tmp_path: Path) -> None:
    save_card(song_card("tiny.songs", prog_score=TONES), tmp_path)
    reseal(tmp_path, prog_score=score)
    with pytest.raises(CheckpointError, match="Received"):
        load_card(tmp_path)


@pytest.mark.parametrize(
    "score",
    [
        None,
        {"genre": "Beats", "half_at": TONES.half_at, "rule": TONES.rule},
        {"genre": "Tones", "half_at": 0.02, "rule": TONES.rule},
        {"genre": "Tones", "half_at": None, "rule": TONES.rule},
    ],
)
def test_a_network_keeps_the_score_it_was_stored_with(score: object, tmp_path: Path) -> None:
    bundle = write_song_bundle(tmp_path, prog_score=TONES)
    assert SongClassifier.load(bundle).card.prog_score == TONES
    reseal(bundle.folder, prog_score=score)
    with pytest.raises(CheckpointError, match="prog_score"):
        load_network(open_bundle(bundle.folder))


def test_a_network_without_a_score_is_given_none(tmp_path: Path) -> None:
    bundle = write_song_bundle(tmp_path)
    reseal(bundle.folder, prog_score={"genre": "Tones", "half_at": None, "rule": ""})
    with pytest.raises(CheckpointError, match="prog_score"):
        load_network(open_bundle(bundle.folder))


def test_a_card_of_songs_is_no_card_of_covers(tmp_path: Path) -> None:
    bundle = write_song_bundle(tmp_path)
    reseal(bundle.folder, media="cover")
    with pytest.raises(CheckpointError, match="Received"):
        load_network(open_bundle(bundle.folder))


def test_a_cover_s_card_says_nothing_of_songs(tmp_path: Path) -> None:
    save_card(make_card(make_experiment()), tmp_path)
    assert "prog_score" not in json.loads((tmp_path / CARD_FILE).read_text())


@pytest.mark.parametrize(
    "folder", sorted(path.parent.name for path in SHIPPED_DIR.glob("*/card.json"))
)
def test_shipped_cards_are_written_as_they_were(folder: str, tmp_path: Path) -> None:
    card = load_card(SHIPPED_DIR / folder)
    save_card(card, tmp_path)
    assert (tmp_path / CARD_FILE).read_bytes() == (SHIPPED_DIR / folder / CARD_FILE).read_bytes()


def test_bundles_are_listed_by_what_they_are_fed_with(genre_home: Path) -> None:
    write_song_bundle(genre_home / "models")
    assert "tiny.songs" in [each.name for each in list_bundles(media="song")]
    assert "tiny.songs" not in [each.name for each in list_bundles(media="cover")]


def test_a_score_is_part_of_what_decides() -> None:
    plain = song_card("tiny.songs")
    scored = dataclasses.replace(plain, prog_score=TONES)
    assert plain.contract != scored.contract
    assert {**scored.contract, "prog_score": None} == plain.contract
