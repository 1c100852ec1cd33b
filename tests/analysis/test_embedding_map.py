"""Maps of embeddings and nearest items, against scikit-learn and by laws."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.neighbors import NearestNeighbors

from genre_core.analysis import embedding_map
from genre_core.analysis.embedding_map import (
    directions,
    nearest,
    pca_map,
    principal_components,
    umap_map,
)
from genre_core.errors import ParameterError
from tests.made_predictions import made_predictions

RNG = np.random.default_rng(0)
ENDS = np.repeat(np.eye(8)[:3] * 5, 20, axis=0) + RNG.normal(size=(60, 8))


def test_the_map_is_scikit_learns_but_for_its_sides() -> None:
    made, expected = pca_map(ENDS), PCA(2).fit_transform(directions(ENDS))
    for own, other in zip(made.T, expected.T, strict=True):
        np.testing.assert_allclose(own * np.sign(own @ other), other, atol=1e-9)
    assert pca_map(ENDS.astype(np.float16)) == pytest.approx(made, abs=0.01)
    turn = RNG.permutation(60)
    np.testing.assert_allclose(pca_map(ENDS[turn]), made[turn], atol=1e-9)


@pytest.mark.parametrize(("n", "d"), [(40, 90), (90, 40), (3, 50), (60, 60)])
@pytest.mark.parametrize("at_once", [20, 1_500])
def test_components_are_scikit_learns_however_many_rows_and_dimensions(
    n: int, d: int, at_once: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(embedding_map, "_ALL_AT_ONCE", at_once)
    rows = np.random.default_rng(1).normal(size=(n, d)) * np.geomspace(1, 0.01, d)
    k = min(6, n - 1)
    made, expected = principal_components(rows, 6), PCA(k).fit_transform(rows)
    assert made.shape == (n, 6)
    np.testing.assert_array_equal(principal_components(rows, 6), made)  # nothing is random
    np.testing.assert_allclose(np.abs(made[:, :k]), np.abs(expected), atol=1e-8)
    np.testing.assert_allclose(made[:, k:], 0, atol=1e-8)
    turned = np.random.default_rng(2).permutation(n)
    np.testing.assert_allclose(principal_components(rows[turned], 6), made[turned], atol=1e-7)


def test_of_embeddings_wider_than_there_are_items_not_all_directions_are_sought(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sought: list[int] = []
    eigh = np.linalg.eigh

    def count(matrix: np.ndarray) -> object:
        sought.append(len(matrix))
        return eigh(matrix)

    monkeypatch.setattr(np.linalg, "eigh", count)
    rows = np.random.default_rng(0).normal(size=(60, 5_000))
    assert pca_map(rows).shape == (60, 2)
    assert sought == [60]  # all 5,000 take minutes


def test_a_map_of_few_items_or_one_dimension_has_two_columns() -> None:
    for rows in (ENDS[:1], ENDS[:2], ENDS[:, :1], np.ones((4, 8)), np.zeros((3, 2))):
        made = pca_map(rows)
        assert made.shape == (len(rows), 2)
        assert np.isfinite(made).all()
        assert umap_map(rows[:4]).shape == (len(rows[:4]), 2)


@pytest.mark.parametrize("rows", [np.zeros((0, 3)), np.zeros(3), np.full((2, 2), np.nan)])
def test_what_is_no_embedding_is_refused(rows: np.ndarray) -> None:
    for make in (pca_map, umap_map):
        with pytest.raises(ParameterError, match="Received"):
            make(rows)


def test_nearest_items_are_scikit_learns_and_say_what_they_share() -> None:
    frame = made_predictions(60)
    frame.loc[50:, "artist"] = ""
    frame.loc[40:, "album"] = np.nan
    found = NearestNeighbors(n_neighbors=11, metric="cosine").fit(ENDS)
    for row in (0, 30, 45, 59):
        distances, rows = found.kneighbors(ENDS[row : row + 1])
        table = nearest(ENDS, frame, row, 10)
        assert table["row"].tolist() == rows[0, 1:].tolist()
        np.testing.assert_allclose(table["cosine"], 1 - distances[0, 1:])
        every = nearest(ENDS, frame, row, 100)
        assert sorted(every["row"]) == [k for k in range(60) if k != row]
        own = frame.iloc[row]
        for entry in every.itertuples():
            other = frame.iloc[entry.row]
            assert entry.item_id == other["item_id"]
            assert entry.same_artist == (other["artist"] == own["artist"] != "")
            assert entry.same_album == (other["album"] == own["album"])
            assert entry.same_genre == (other["genre_index"] == own["genre_index"])
    few = nearest(ENDS, frame.drop(columns=["artist", "album"]), 0, 3, among=np.array([0, 7, 9]))
    assert sorted(few["row"]) == [7, 9]
    assert not few["same_artist"].any()
    for bad in (-1, 60):
        with pytest.raises(ParameterError, match="Received"):
            nearest(ENDS, frame, bad)
    with pytest.raises(ParameterError, match="Received"):
        nearest(ENDS[:50], frame, 0)


@pytest.mark.slow
def test_umap_keeps_clusters_apart_and_loads_no_tensorflow(
    tmp_path: Path,
) -> None:
    # In a process of its own: what is loaded there is seen, and what it compiles is let go.
    code = """
import sys, warnings
warnings.simplefilter("error")
import numpy as np
from genre_core.analysis.embedding_map import umap_map
rows = np.load(sys.argv[1])
one, two = umap_map(rows), umap_map(rows)
assert (one == two).all() and one.dtype == np.float32
assert umap_map(rows[:5]).shape == (5, 2)
assert not {"tensorflow", "keras"} & {*sys.modules}, "loaded"
np.save(sys.argv[1], one)
"""
    path = tmp_path / "rows.npy"
    np.save(path, ENDS)
    subprocess.run([sys.executable, "-c", code, str(path)], check=True)
    made = np.load(path)
    kinds = np.repeat([0, 1, 2], 20)
    distances = np.linalg.norm(made[:, None] - made, axis=2)
    near = distances.argsort(axis=1)[:, 1:6]
    assert (kinds[near] == kinds[:, None]).mean() > 0.95
