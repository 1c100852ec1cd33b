"""Shortcuts: planted ones of six kinds are named, clean facts are not, whatever artists do."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest
from sklearn.linear_model import Ridge
from sklearn.metrics import roc_auc_score

from genre_core.analysis import fact_model, shortcuts
from genre_core.analysis.shortcuts import KINDS, ShortcutReport, find_shortcuts
from genre_core.errors import ParameterError

N_GROUPS, GENRES = 200, ("Jazz", "Pop", "Rock")
PLANTED = ("size", "border", "sharpness", "colour", "length", "loudness")
MEDIA = {kind: media for media, kinds in KINDS.items() for kind in kinds}


def clean(
    media: str, seed: int, n_groups: int = N_GROUPS
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Draw facts that know the artist, and labels that the artist mostly has; no fact a genre."""
    rng = np.random.default_rng((seed, len(media)))
    groups = np.repeat(np.arange(n_groups), rng.integers(1, 6, n_groups))
    n = len(groups)
    labels = rng.integers(0, 3, n_groups)[groups]
    labels = np.where(rng.random(n) < 0.1, rng.integers(0, 3, n), labels)

    def drawn() -> np.ndarray:
        return rng.normal(0, 1, n_groups)[groups] + rng.normal(0, 0.6, n)

    facts = {name: drawn() for own in KINDS[media].values() for name in own}
    if media == "cover":
        facts["width"] = rng.choice([300, 500, 600, 1000], n_groups)[groups]
        facts["border"] = np.maximum(facts["border"], 0)
    return pd.DataFrame(facts), np.array(GENRES)[labels], groups


def planted(kind: str, seed: int) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Let half of one genre's artists have their files made in another way."""
    facts, labels, groups = clean(MEDIA[kind], seed)
    rng = np.random.default_rng(seed)
    is_made = (labels == GENRES[seed % 3]) & (rng.random(N_GROUPS) < 0.6)[groups]
    if kind == "size":  # one exact size, as of one shop
        facts.loc[is_made, "width"] = 640
    elif kind == "border":  # a plain frame
        facts.loc[is_made, ["border", "border_top_spread"]] = 0.0
        facts.loc[is_made, "border_left_spread"] = 0.0
    elif kind == "sharpness":  # scaled down and up again
        facts.loc[is_made, ["sharpness", "detail_75_100"]] -= 3.0
    elif kind == "colour":  # a scanner's cast
        facts.loc[is_made, "lab_b_mean"] += 3.0
    elif kind == "length":  # clips that were cut to 30 s
        facts.loc[is_made, "duration_s"] = 0.3 + 0.001 * rng.random(is_made.sum())
    else:  # louder mastering
        facts.loc[is_made, "loudness"] += 3.0
    return facts, labels, groups


def audit(
    made: tuple[pd.DataFrame, np.ndarray, np.ndarray], media: str, **options: int
) -> ShortcutReport:
    facts, labels, groups = made
    return find_shortcuts(facts, labels, groups, KINDS[media], **({"n_resamples": 0} | options))


@pytest.mark.parametrize("kind", PLANTED)
def test_twenty_planted_shortcuts_of_six_kinds_are_named(kind: str) -> None:
    seeds = range(PLANTED.index(kind), 20, len(PLANTED))
    named = [audit(planted(kind, seed), MEDIA[kind], n_draws=100).named for seed in seeds]
    assert all(kind in own for own in named), named
    assert sum(len(own) for own in named) <= len(seeds) + 1, named  # no other, but by chance


def test_of_twenty_clean_sets_one_at_most_is_named() -> None:
    media = [("cover", "song")[seed % 2] for seed in range(20)]
    named = [audit(clean(own, seed, 60), own, n_draws=100).named for seed, own in enumerate(media)]
    assert sum(map(bool, named)) <= 1, named


@pytest.mark.sweep
@pytest.mark.parametrize("kind", PLANTED)
def test_many_planted_and_many_clean_ones(kind: str) -> None:
    named = [audit(planted(kind, seed), MEDIA[kind]).named for seed in range(100, 140)]
    assert sum(kind in own for own in named) >= 38, named
    clean_ones = [audit(clean(MEDIA[kind], seed), MEDIA[kind]).named for seed in range(200, 240)]
    assert sum(map(bool, clean_ones)) <= 5, clean_ones  # 2 on average; more than 5: once in 70


def test_scores_and_their_areas_are_scikit_learn_s() -> None:
    facts, labels, groups = clean("cover", 3)
    x = fact_model.design(facts[["width", "sharpness"]])
    truth = np.eye(3)[pd.factorize(labels, sort=True)[0]]
    folds = groups % 5
    scores = fact_model.out_of_fold(x, truth, folds)
    areas = []
    for fold in range(5):
        own = folds == fold
        alpha = fact_model._PENALTY * (~own).sum()
        ridge = Ridge(alpha=alpha, fit_intercept=False)
        ridge.fit(x[~own], truth[~own] - truth[~own].mean(axis=0))
        np.testing.assert_allclose(scores[own], ridge.predict(x[own]), atol=1e-8)
        ties = np.round(scores[own], 1)  # many
        areas.append([roc_auc_score(truth[own, k], ties[:, k]) for k in range(3)])
    given = fact_model.fold_auc(np.round(scores, 1), truth, folds)
    np.testing.assert_allclose(given, np.mean(areas, axis=0))


def test_shuffling_moves_the_labels_of_whole_groups() -> None:
    group = np.array([0, 0, 0, 1, 1, 2, 3, 3, 3])
    codes = np.array([7, 7, 7, 5, 5, 3, 1, 1, 1])
    drawn = fact_model.shuffled(codes, group, 200, np.random.default_rng(0))
    for own in range(4):
        assert all(len(set(draw[group == own])) == 1 for draw in drawn)
    firsts = {tuple(draw[[0, 3, 5, 6]]) for draw in drawn}
    assert len(firsts) == 24
    lone = fact_model.shuffled(codes, np.arange(9), 50, np.random.default_rng(0))
    assert all(sorted(draw) == sorted(codes) for draw in lone)


def test_a_shortcut_of_one_artist_is_seen_only_without_the_artist_filter() -> None:
    rng = np.random.default_rng(0)
    groups = np.repeat(np.arange(60), 5)
    labels = np.array(["Pop", "Rock"])[rng.integers(0, 2, 60)][groups]
    facts = pd.DataFrame({"loudness": rng.normal(0, 1, 60)[groups]})
    [row] = audit((facts, labels, groups), "song").table.to_dict("records")
    assert row["random_folds"] > 0.65
    assert row["auc"] < 0.55
    assert not row["is_named"]


def test_missing_facts_tell_too_and_few_items_do_not_count() -> None:
    facts, labels, groups = clean("song", 5)
    facts.loc[labels == "Jazz", "silence"] = np.nan
    labels[:4] = "Rare"
    report = audit((facts, labels, groups), "song")
    assert report.named[0] == "silence"
    assert report.table["genre"].iat[0] == "Jazz"
    assert (report.genres, report.n, report.n_all) == (GENRES, len(labels) - 4, len(labels))


def test_its_interval_holds_the_figure_and_the_rules_are_those_that_are_stated() -> None:
    report = audit(planted("loudness", 1), "song", n_resamples=100)
    rows = report.table
    assert ((rows["low"] <= rows["auc"]) & (rows["auc"] <= rows["high"])).all()
    assert ((rows["genre_low"] <= rows["genre_auc"]) & (rows["auc"] <= rows["genre_auc"])).all()
    best = rows[["auc", "genre_auc"]].max(axis=1)
    stated = (rows["p"] <= shortcuts.LEVEL) & (best >= 0.5 + shortcuts.MARGIN)
    assert (rows["is_named"] == stated).all()


@pytest.mark.parametrize("n_resamples", [0, 100])
def test_what_is_written_down_is_read_again(n_resamples: int) -> None:
    report = audit(planted("loudness", 1), "song", n_draws=20, n_resamples=n_resamples)
    again = ShortcutReport.from_dict(json.loads(json.dumps(report.to_dict(), allow_nan=False)))
    pd.testing.assert_frame_equal(again.table, report.table, rtol=0, atol=5.1e-5)
    assert again.named == report.named
    about = ("genres", "n", "n_groups", "n_all")
    assert [getattr(again, name) for name in about] == [getattr(report, name) for name in about]


def test_of_many_items_whole_groups_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortcuts, "MAX_ITEMS", 100)
    report = audit(clean("song", 0), "song", n_draws=20)
    assert report.n == 100
    assert report.n_groups < 60  # 1 to 5 items each, 3 on average


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"labels": "Pop"}, "needs two genres .* Received '1 such of 1'"),
        ({"facts": 1.0}, "needs a fact that differs .* Received"),
        ({"groups": 0}, "needs two genres .* Received '0 such of 3'"),
    ],
)
def test_what_cannot_be_audited_is_refused(change: dict[str, object], message: str) -> None:
    facts, labels, groups = clean("song", 0)
    made = {"facts": facts, "labels": labels, "groups": groups}
    for name, value in change.items():
        made[name] = made[name] * 0 + value if name != "labels" else np.full(len(labels), value)
    with pytest.raises(ParameterError, match=message):
        find_shortcuts(**made, kinds=KINDS["song"])
