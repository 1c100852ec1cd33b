"""How often songs are called prog, over artists."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from genre_core.evaluation.prog_rates import anchor, called_prog, rates_by_genre, share_over_artists
from genre_core.metrics.votes import find_half_at, rank_score


def made_songs(rows: list[tuple[str, str, bool]]) -> pd.DataFrame:
    """Songs of (genre, artist, known not to be prog)."""
    return pd.DataFrame(
        {
            "item_id": [str(k) for k in range(len(rows))],
            "labels": [(genre, "non-prog" if known else "?") for genre, _, known in rows],
            "group": [artist for _, artist, _ in rows],
        }
    )


def test_songs_of_one_artist_are_not_many_witnesses() -> None:
    hits = np.repeat([True, False, False, False, True, False], 10)
    alone = share_over_artists(hits, np.arange(60).astype(str))
    together = share_over_artists(hits, np.repeat(np.arange(6), 10).astype(str))
    assert alone["value"] == together["value"] == pytest.approx(1 / 3, abs=1e-4)
    assert together["high"] - together["low"] > 2 * (alone["high"] - alone["low"])


@pytest.mark.parametrize("hit", [True, False])
def test_all_alike_have_the_width_of_so_many_artists(hit: bool) -> None:
    share = share_over_artists(np.full(40, hit), np.arange(40) // 8)
    assert share["high"] - share["low"] == pytest.approx(1 - 0.025 ** (1 / 5), abs=1e-4)


def test_each_genre_has_its_own_rate() -> None:
    rows = [("Classical", f"c{k}", True) for k in range(6)] + [("Rock", "r", False)] * 3
    scores = [np.array([0.9, 0.5])] * 4 + [np.array([0.1])] * 5
    classical, rock = rates_by_genre(made_songs(rows), scores, threshold=0.5)
    assert classical["genre"] == "Classical"
    assert (classical["n"], classical["n_known"], classical["k"]) == (6, 6, 4)
    assert classical["mean_score"] == pytest.approx((4 * 0.7 + 0.2) / 6, abs=1e-4)
    assert classical["false_alarms"]["value"] == pytest.approx(4 / 6, abs=1e-4)
    assert (rock["n"], rock["n_artists"], rock["n_known"]) == (3, 1, 0)
    assert rock["false_alarms"] is None


def test_a_score_without_order_is_no_better_than_a_constant() -> None:
    rng = np.random.default_rng(0)
    is_prog, groups = np.arange(200) % 2 == 0, np.arange(200).astype(str)
    blind = called_prog(is_prog, [rng.random(3) for _ in range(200)], groups, threshold=0.5)
    constant = blind["balanced_accuracy_of_a_constant"]
    assert blind["balanced_accuracy"]["value"] == pytest.approx(constant, abs=0.12)
    told = called_prog(is_prog, [np.array([float(p)]) for p in is_prog], groups, threshold=0.5)
    assert (told["sensitivity"]["k"], told["false_alarms"]["k"]) == (100, 0)
    assert told["balanced_accuracy"]["value"] == 1
    assert blind["balanced_accuracy"]["low"] < blind["balanced_accuracy"]["high"]


def test_no_interval_where_few_artists_stand_behind_one_kind() -> None:
    is_prog = np.arange(40) < 8
    groups = np.where(is_prog, np.arange(40) % 4, np.arange(40)).astype(str)
    scores = [np.array([0.9 if k % 3 else 0.1]) for k in range(40)]
    told = called_prog(is_prog, scores, groups, threshold=0.5)
    assert told["sensitivity"]["no_interval"] == "4 groups"
    assert told["balanced_accuracy"]["no_interval"] == "a genre of 4 groups"
    assert "low" in told["false_alarms"]


def test_the_anchor_of_few_artists_is_vague() -> None:
    rng = np.random.default_rng(1)
    songs = [rng.random(3) * 10 ** rng.normal(-2, 0.5) for _ in range(40)]
    half_at = find_half_at(songs)
    scores = [rank_score(song, half_at) for song in songs]
    rows = [("Pop" if k % 4 else "Rock", f"a{k // 5}", True) for k in range(40)]
    found = anchor(made_songs(rows), scores, half_at, quantile=0.95)
    assert found["value"] == pytest.approx(half_at, abs=1e-6)
    assert found["low"] < half_at <= found["high"]
    assert (found["n"], found["n_artists"]) == (40, 8)
    assert found["per_genre"] == {"Pop": 30, "Rock": 10}
