"""Permutation importance of families: only what is read counts, no group gives to itself."""

from __future__ import annotations

import numpy as np
import pytest

from genre_core.audio.frame_names import FAMILIES
from genre_core.config import PAD, SongInput
from genre_core.errors import ParameterError
from genre_core.explain import family_importance
from genre_core.explain.family_importance import deal_donors, deal_folds, permute_families

N_FRAMES = 6
FRAMES = SongInput(
    features="frames_205", n_frames=N_FRAMES, hop_frames=N_FRAMES, offsets=(0.0,) * 205,
    scales=(1.0,) * 205,
)  # fmt: skip


def columns_of(family: str) -> slice:
    names = list(FAMILIES)
    start = sum(FAMILIES[name] for name in names[: names.index(family)])
    return slice(start, start + FAMILIES[family])


def made_songs(n: int) -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.normal(size=(1 + k % 3, N_FRAMES, 205)).astype(np.float32) for k in range(n)]


def test_only_the_family_that_is_read_counts() -> None:
    own = columns_of("spectral_contrast")

    def score(segments: np.ndarray) -> np.ndarray:
        return segments[:, :, own].mean(axis=(1, 2))[:, np.newaxis].astype(float)

    songs = made_songs(9)
    donors = deal_donors(np.arange(9).astype(str), np.zeros(9, np.int64), n_repeats=2)
    found = permute_families(songs, FRAMES, donors, score)
    changes = np.abs(found.permuted - found.whole).max(axis=(0, 2, 3))
    counts = dict(zip(found.names, changes, strict=True))
    assert counts.pop("spectral_contrast") > 0.05
    assert set(counts.values()) == {0.0}
    # by hand: song 1, of two segments, takes those of its donor, from the first on again
    donor = songs[donors[0, 1]]
    by_hand = np.mean([donor[k % len(donor)][:, own].mean() for k in range(2)])
    place = found.names.index("spectral_contrast")
    assert found.permuted[0, place, 1, 0] == pytest.approx(by_hand, abs=1e-6)


def test_batches_do_not_matter_and_songs_are_not_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    songs = made_songs(5)
    before = [song.copy() for song in songs]
    donors = deal_donors(np.array(list("abcde")), np.zeros(5, np.int64), n_repeats=1)

    def score(segments: np.ndarray) -> np.ndarray:
        return segments.mean(axis=1)[:, :2].astype(float)

    whole = permute_families(songs, FRAMES, donors, score)
    monkeypatch.setattr(family_importance, "AT_ONCE", 2)
    some = permute_families(songs, FRAMES, donors, score)
    np.testing.assert_array_equal(whole.permuted, some.permuted)
    for song, old in zip(songs, before, strict=True):
        np.testing.assert_array_equal(song, old)


def test_padding_stays_where_it_is() -> None:
    songs = [np.full((1, N_FRAMES, 205), k, np.float32) for k in (1, 2)]
    songs[0][0, 4:], songs[1][0, :1] = PAD, PAD
    seen = []

    def score(segments: np.ndarray) -> np.ndarray:
        seen.append(segments.copy())
        return np.zeros((len(segments), 1))

    permute_families(songs, FRAMES, np.array([[1, 0]]), score)
    [whole, first, *_] = seen
    np.testing.assert_array_equal(whole == PAD, first == PAD)
    assert first[0, :, 0].tolist() == [1.0, 2.0, 2.0, 2.0, PAD, PAD]


@pytest.mark.parametrize("seed", range(4))
def test_a_song_takes_from_another_group_of_its_own_fold_and_each_gives_once(seed: int) -> None:
    rng = np.random.default_rng(seed)
    groups = rng.integers(0, 12, 60).astype(str)
    labels = rng.integers(0, 2, 60)
    fold = deal_folds(labels, groups, 4)
    assert 2 <= fold.max() + 1 <= 4
    for name in np.unique(groups):
        assert len(np.unique(fold[groups == name])) == 1  # never split
    donors = deal_donors(groups, fold, n_repeats=6, seed=seed)
    assert (groups[donors] != groups).all()
    assert (fold[donors] == fold).all()
    for row in donors:
        assert sorted(row) == list(range(60))
    assert len({tuple(row) for row in donors}) == 6


def test_a_large_group_has_fewer_folds_and_too_large_a_one_none() -> None:
    groups = np.array(["big"] * 8 + [f"g{k}" for k in range(12)])
    labels = np.zeros(20, np.int64)
    assert deal_folds(labels, groups, 5).max() == 0  # 8 of 20 fit into one fold alone
    with pytest.raises(ParameterError, match="Received '8 songs of 12"):
        deal_folds(labels[:12], groups[:12], 5)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: permute_families(made_songs(2), FRAMES, np.array([[0, 2]]), len),  # type: ignore[arg-type]
        lambda: permute_families([], FRAMES, np.zeros((1, 0), int), len),  # type: ignore[arg-type]
        lambda: permute_families(
            made_songs(2),
            SongInput(features="mel_128", n_frames=9, hop_frames=9),
            np.array([[1, 0]]),
            len,
        ),  # type: ignore[arg-type]
        lambda: deal_folds(np.zeros(4, int), np.array(list("abcd")), 0),
        lambda: deal_donors(np.array(list("ab")), np.zeros(2, int), n_repeats=0),
    ],
)
def test_bad_input_is_refused(bad: object) -> None:
    with pytest.raises(ParameterError, match="Received"):
        bad()  # type: ignore[operator]
