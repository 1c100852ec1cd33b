"""Nearest training covers: right ones, in order, and never those of another network or data set."""

import dataclasses
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.parquet as pq
import pytest

from genre_core.data.catalog import Catalog, load_catalog
from genre_core.errors import CheckpointError, ParameterError
from genre_core.inference.classifier import Classifier
from genre_core.inference.neighbours import (
    DUPLICATE,
    Neighbours,
    load_neighbours,
    write_neighbours,
)
from genre_core.runs.bundle import NEIGHBOURS_FILE, VECTORS_FILE, Bundle, open_bundle
from genre_core.runs.card import save_card
from tests.made_bundles import make_network, write_bundle, write_dataset


def quiet(line: str) -> None:
    assert line


def store(models: Path, catalog: Catalog, name: str = "made.test") -> Bundle:
    data = {"name": catalog.head.name, "digest": catalog.digest}
    bundle = write_bundle(models, name=name, data=data)
    write_neighbours(bundle, catalog, log=quiet)
    return bundle


@pytest.fixture(scope="module")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return write_dataset(tmp_path_factory.mktemp("data") / "data")


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory, catalog: Catalog) -> Bundle:
    return store(tmp_path_factory.mktemp("models"), catalog)


@pytest.fixture
def bundle(tmp_path: Path, stored: Bundle) -> Bundle:
    """A copy that a test may harm."""
    return open_bundle(shutil.copytree(stored.folder, tmp_path / "models" / stored.folder.name))


def made(n: int, d: int, seed: int = 0) -> Neighbours:
    vectors = np.random.default_rng(seed).normal(size=(n, d)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    rows = [[f"item {k}", f"sum {k}", "", "", ["Pop"], "", 0] for k in range(n)]
    columns = ["item_id", "checksum", "title", "artist", "labels", "source", "genre_index"]
    return Neighbours(pd.DataFrame(rows, columns=columns), vectors, "made", "")


def test_exactly_the_training_covers_are_stored_and_no_picture_is(
    bundle: Bundle, catalog: Catalog
) -> None:
    assert bundle.has_neighbours
    near = load_neighbours(bundle)
    train = catalog.frame[catalog.frame["split"] == "train"]
    assert list(near.frame["item_id"]) == list(train["item_id"])
    assert [list(each) for each in near.frame["labels"]] == train["labels"].tolist()
    assert near.frame["genre_index"].tolist() == [0, 1] * (len(train) // 2)
    assert (near.data_name, near.data_digest) == ("made", catalog.digest)
    stored = np.load(bundle.folder / VECTORS_FILE, allow_pickle=False)
    assert stored.dtype == np.float16
    assert stored.nbytes == len(train) * 16 * 2


def test_a_training_cover_finds_itself_first_and_as_a_duplicate(
    bundle: Bundle, catalog: Catalog
) -> None:
    near, classifier = load_neighbours(bundle), Classifier.load(bundle)
    for item_id in near.frame["item_id"]:
        cover = classifier.prepare(catalog.path_of(item_id))
        [embedding] = classifier.embed(cover[np.newaxis])
        first, *others = near.nearest(embedding, k=100)
        assert first.item_id == item_id
        assert first.is_duplicate
        assert len(others) == len(near) - 1
        similarities = [first.similarity, *(each.similarity for each in others)]
        assert similarities == sorted(similarities, reverse=True)
        assert first.title == f"Title {int(item_id[:3])}"
        assert json.loads(json.dumps(first.to_dict()))["labels"] == list(first.labels)


def test_nearest_is_by_cosine_and_not_by_length() -> None:
    near = made(50, 8)
    query = np.random.default_rng(9).normal(size=8)
    found = near.nearest(query, k=50)
    angles = near.vectors @ query / np.linalg.norm(query)
    assert [each.item_id for each in found] == [f"item {k}" for k in np.argsort(-angles)]
    assert [each.item_id for each in near.nearest(1000 * query, k=50)] == [
        each.item_id for each in found
    ]
    np.testing.assert_allclose([each.similarity for each in found], np.sort(angles)[::-1], 1e-5)
    assert near.nearest(query, k=3) == found[:3]


def test_half_precision_still_knows_a_duplicate_and_a_noisy_copy_is_none() -> None:
    near = made(20, 1280)
    halved = dataclasses.replace(near, vectors=near.vectors.astype(np.float16).astype(np.float32))
    for row in range(20):
        assert halved.nearest(near.vectors[row], k=1)[0].is_duplicate
    noisy = near.vectors[3] + np.random.default_rng(1).normal(scale=1e-3, size=1280)
    [copy] = near.nearest(noisy, k=1)
    assert copy.item_id == "item 3"
    assert 0.99 < copy.similarity < DUPLICATE
    assert not copy.is_duplicate
    assert near.nearest(noisy, k=1, checksum="sum 3")[0].is_duplicate


def test_equals_come_in_the_order_of_the_data_set_and_zeros_are_like_nothing() -> None:
    near = made(5, 4)
    near = dataclasses.replace(near, vectors=np.tile(near.vectors[:1], (5, 1)))
    same = near.nearest(near.vectors[0], k=5)
    assert [each.item_id for each in same] == [f"item {k}" for k in range(5)]
    nothing = near.nearest(np.zeros(4), k=5)
    assert {each.similarity for each in nothing} == {0.0}
    assert not any(each.is_duplicate for each in nothing)


@pytest.mark.parametrize(
    ("embedding", "k"),
    [
        (np.ones(4), 0),
        (np.ones(4), -3),
        (np.ones(5), 1),
        (np.ones((1, 4)), 1),
        (np.array([1.0, np.nan, 0, 0]), 1),
        (np.array([np.inf, 0.0, 0, 0]), 1),
    ],
)
def test_bad_questions(embedding: np.ndarray, k: int) -> None:
    with pytest.raises(ParameterError, match="Received"):
        made(5, 4).nearest(embedding, k=k)


def damage_vectors(bundle: Bundle) -> None:
    path = bundle.folder / VECTORS_FILE
    content = bytearray(path.read_bytes())
    content[-3] ^= 1
    path.write_bytes(content)


def cut_vectors(bundle: Bundle) -> None:
    path = bundle.folder / VECTORS_FILE
    path.write_bytes(path.read_bytes()[:-100])


def swap_vectors(bundle: Bundle) -> None:
    path = bundle.folder / VECTORS_FILE
    np.save(path, np.load(path)[::-1])


def pickle_vectors(bundle: Bundle) -> None:
    np.save(bundle.folder / VECTORS_FILE, np.array([{"a": 1}], dtype=object), allow_pickle=True)


def remove_vectors(bundle: Bundle) -> None:
    (bundle.folder / VECTORS_FILE).unlink()


def remove_table(bundle: Bundle) -> None:
    (bundle.folder / NEIGHBOURS_FILE).unlink()


def cut_table(bundle: Bundle) -> None:
    path = bundle.folder / NEIGHBOURS_FILE
    path.write_bytes(path.read_bytes()[:-10])


def rewrite(bundle: Bundle, change: Callable[[pd.DataFrame, dict], object]) -> None:
    path = bundle.folder / NEIGHBOURS_FILE
    table = pq.read_table(path)
    frame, header = table.to_pandas(), json.loads(table.schema.metadata[b"genre_core"])
    change(frame, header)
    made = type(table).from_pandas(frame, preserve_index=False)
    pq.write_table(made.replace_schema_metadata({b"genre_core": json.dumps(header).encode()}), path)


def retitle(bundle: Bundle) -> None:
    rewrite(bundle, lambda frame, header: frame.__setitem__("title", frame["title"].str.upper()))


def drop_a_column(bundle: Bundle) -> None:
    rewrite(bundle, lambda frame, header: frame.pop("labels"))


def another_version(bundle: Bundle) -> None:
    rewrite(bundle, lambda frame, header: header.update(format_version=2))


def no_header(bundle: Bundle) -> None:
    path = bundle.folder / NEIGHBOURS_FILE
    pq.write_table(pq.read_table(path).replace_schema_metadata({}), path)


def another_data_set(bundle: Bundle) -> None:
    save_card(dataclasses.replace(bundle.card, data={"digest": "0" * 64}), bundle.folder)


def another_network(bundle: Bundle) -> None:
    kept = {name: (bundle.folder / name).read_bytes() for name in (NEIGHBOURS_FILE, VECTORS_FILE)}
    network = make_network()
    network.set_weights([weight + 1 for weight in network.get_weights()])
    write_bundle(bundle.folder.parent, network=network, data=bundle.card.data)
    for name, content in kept.items():
        (bundle.folder / name).write_bytes(content)


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        (damage_vectors, f"checksum of {VECTORS_FILE}"),
        (swap_vectors, f"checksum of {VECTORS_FILE}"),
        (cut_vectors, "Error"),
        (pickle_vectors, "allow_pickle"),
        (remove_vectors, f"no {VECTORS_FILE}"),
        (remove_table, f"no {NEIGHBOURS_FILE}"),
        (cut_table, "ArrowInvalid"),
        (retitle, f"content of {NEIGHBOURS_FILE}"),
        (drop_a_column, "labels"),
        (another_version, "another format"),
        (no_header, "KeyError"),
        (another_data_set, "another data set"),
        (another_network, "another network"),
    ],
)
def test_what_does_not_belong_together_is_refused(
    bundle: Bundle, harm: Callable[[Bundle], None], said: str
) -> None:
    load_neighbours(bundle)
    harm(bundle)
    with pytest.raises(CheckpointError, match="Received") as caught:
        load_neighbours(open_bundle(bundle.folder))
    assert said in str(caught.value)


def test_only_the_data_set_on_the_card_is_taken(
    bundle: Bundle, catalog: Catalog, tmp_path: Path
) -> None:
    before = {path.name: path.read_bytes() for path in bundle.folder.iterdir()}
    for other in (write_dataset(tmp_path / "other", n=14), catalog):
        changed = other if other is not catalog else _without_last(catalog)
        with pytest.raises(CheckpointError, match="Received"):
            write_neighbours(bundle, changed, log=quiet)
    assert {path.name: path.read_bytes() for path in bundle.folder.iterdir()} == before


def test_a_network_that_overflows_stores_nothing(tmp_path: Path, catalog: Catalog) -> None:
    network = make_network()
    network.set_weights([np.full_like(weight, 1e30) for weight in network.get_weights()])
    data = {"digest": catalog.digest}
    bundle = write_bundle(tmp_path / "models", network=network, data=data)
    with pytest.raises(CheckpointError, match="finite"):
        write_neighbours(bundle, catalog, log=quiet)
    assert not bundle.has_neighbours
    assert sorted(path.name for path in bundle.folder.iterdir()) == ["card.json", "model.keras"]


def test_writing_again_gives_the_same(bundle: Bundle, catalog: Catalog) -> None:
    before = (bundle.folder / VECTORS_FILE).read_bytes()
    moved = load_catalog(catalog.root)
    write_neighbours(bundle, moved, log=quiet, classifier=Classifier.load(bundle))
    assert (bundle.folder / VECTORS_FILE).read_bytes() == before
    load_neighbours(bundle)


def _without_last(catalog: Catalog) -> Catalog:
    return dataclasses.replace(catalog, frame=catalog.frame.iloc[:-1])
