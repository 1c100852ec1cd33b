"""Places of a data set that excite kernels most, as a run: found, kept through a stop."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from genre_core.data.catalog import Catalog
from genre_core.data.files import sha256_file
from genre_core.errors import CheckpointError, DatasetError, ParameterError
from genre_core.explain import top_places
from genre_core.explain.exciting_store import (
    exciting_path,
    list_exciting,
    load_exciting,
)
from genre_core.jobs import exciting
from genre_core.jobs.exciting import exciting_request
from genre_core.jobs.run_worker import carry_out
from genre_core.runs.bundle import Bundle
from genre_core.runs.run_folder import RunFolder, new_run
from tests.made_bundles import SIZE, make_network, write_bundle, write_dataset
from tests.made_song_bundles import write_song_bundle
from tests.made_songs_set import STATISTICS

PLACE = (20, 33)


@pytest.fixture
def bundle(genre_home: Path) -> Bundle:
    """Kernel 3 of conv_1 answers to a red dot, kernel 4 to nothing."""
    network = make_network()
    conv = network.get_layer("conv_1")
    weights, bias = conv.get_weights()
    weights[..., 3] = 0
    middle = weights.shape[0] // 2
    weights[:, :, 0, 3], bias[3] = -0.125, 0
    weights[middle, middle, 0, 3] = 1
    weights[..., 4], bias[4] = 0, -1  # never answers
    conv.set_weights([weights, bias])
    return write_bundle(genre_home / "models", network=network)


@pytest.fixture
def covers(tmp_path: Path) -> Catalog:
    """24 covers of one colour each; on the eighth there is a red dot."""
    catalog = write_dataset(tmp_path / "covers", 24)
    frame = catalog.frame
    for k, path in enumerate(frame["path"]):
        pixels = np.full((SIZE, SIZE, 3), 5 * k, np.uint8)
        if k == 7:
            pixels[PLACE] = (255, 0, 0)
        Image.fromarray(pixels).save(catalog.root / path)
        frame.loc[k, "checksum"] = sha256_file(catalog.root / path)
    catalog = Catalog(catalog.head, catalog.root, frame)
    catalog.save(catalog.root)
    return catalog


def asked(bundle: Bundle, catalog: Catalog, **more: int) -> RunFolder:
    run = new_run(exciting_request(str(bundle.folder), str(catalog.root), **more))
    carry_out(run)
    return run


def test_a_planted_dot_is_found_at_its_place(bundle: Bundle, covers: Catalog) -> None:
    run = asked(bundle, covers)
    assert run.status().result == bundle.name
    [facts] = list_exciting(bundle.card)
    assert (facts.n_items, facts.n_segments, facts.left_out) == (24, 24, 0)
    assert facts.data["digest"] == covers.digest
    assert facts.layers == ("conv_1", "conv_2", "conv_3")
    found = load_exciting(facts, "conv_1")
    assert found.item_ids[3, 0] == "007.png"
    (top, bottom), (left, right) = found.spans[3, 0].tolist()
    assert top <= PLACE[0] < bottom
    assert left <= PLACE[1] < right
    assert bottom - top <= 5
    assert found.values[3, 0] > 2 * found.values[3, 1]
    assert (np.diff(found.values, axis=1) <= 0).all()
    assert (found.n_places(4), found.item_ids[4, 0]) == (0, "")
    assert found.n_silent >= 1
    for kernel in range(8):
        ids = found.item_ids[kernel][: found.n_places(kernel)].tolist()
        assert len(set(ids)) == len(ids)


def test_a_stopped_run_reads_on(
    bundle: Bundle, covers: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(bundle, covers)
    [facts] = list_exciting(bundle.card)
    whole = load_exciting(facts, "conv_2")
    exciting_path(facts.model_sha256, facts.data["digest"]).unlink()
    monkeypatch.setattr(exciting, "_AT_ONCE", {"cover": 6})
    read, calls = exciting._inputs, []

    def stops(*arguments: object) -> object:
        calls.append(1)
        if len(calls) == 15:
            raise KeyboardInterrupt
        return read(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(exciting, "_inputs", stops)
    run = new_run(exciting_request(bundle.name, str(covers.root)))
    with pytest.raises(KeyboardInterrupt):
        carry_out(run)
    assert run.status().state == "stopped"
    assert "what was read is kept" in run.status().text
    assert list_exciting(bundle.card) == ()
    calls.clear()
    monkeypatch.setattr(exciting, "_inputs", lambda *own: calls.append(1) or read(*own))
    carry_out(run)
    assert len(calls) == 12  # two parts of four were kept
    [again] = list_exciting(bundle.card)
    assert again == facts
    found = load_exciting(again, "conv_2")
    np.testing.assert_array_equal(found.item_ids, whole.item_ids)
    np.testing.assert_array_equal(found.spans, whole.spans)


def test_a_limit_draws_items_and_what_cannot_be_read_is_counted(
    bundle: Bundle, covers: Catalog
) -> None:
    (covers.root / "003.png").write_bytes(b"no picture")
    asked(bundle, covers, limit=23)
    [facts] = list_exciting(bundle.card)
    assert facts.n_items + facts.left_out == 23
    asked(bundle, covers)
    [facts] = list_exciting(bundle.card)  # of the same data: the newest
    assert (facts.n_items, facts.left_out) == (23, 1)
    for path in covers.root.glob("*.png"):
        path.unlink()
    with pytest.raises(DatasetError, match="none of 24"):
        asked(bundle, covers)


def test_songs_are_read_evenly_and_their_segments_are_named(
    genre_home: Path, song_set: Catalog, kept_features: None
) -> None:
    bundle = write_song_bundle(genre_home / "models")
    asked(bundle, song_set, limit=2 * len(song_set))
    [facts] = list_exciting(bundle.card)
    assert (facts.media, facts.n_items) == ("song", len(song_set))
    assert facts.n_segments == 2 * len(song_set)
    found = load_exciting(facts, "conv_2")
    assert found.n_silent < 8
    assert found.segments.max() > 0


def test_memory_does_not_grow_with_the_data_set(
    bundle: Bundle, covers: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more than a part's items are ever held: each part is asked before the next is read."""
    monkeypatch.setattr(exciting, "_AT_ONCE", {"cover": 4})
    asked_of, read = [], top_places.TopReader.read

    def counted(reader: object, items: object) -> object:
        some = list(items)  # type: ignore[call-overload]
        asked_of.append(len(some))
        return read(reader, some)  # type: ignore[arg-type]

    monkeypatch.setattr(top_places.TopReader, "read", counted)
    asked(bundle, covers)
    assert asked_of == [4] * 6


def test_bad_requests_are_messages(bundle: Bundle, covers: Catalog, genre_home: Path) -> None:
    with pytest.raises(ParameterError, match="At least one item is read"):
        exciting_request(bundle.name, str(covers.root), limit=0)
    with pytest.raises(CheckpointError, match="Received"):
        exciting_request("none", str(covers.root))
    song = write_song_bundle(genre_home / "models")
    with pytest.raises(ParameterError, match="The data must hold songs"):
        asked(song, covers)


def test_a_damaged_store_is_a_message(bundle: Bundle, covers: Catalog) -> None:
    asked(bundle, covers)
    [facts] = list_exciting(bundle.card)
    with pytest.raises(CheckpointError, match="conv_9"):
        load_exciting(facts, "conv_9")
    path = exciting_path(facts.model_sha256, facts.data["digest"])
    for content in (b"", b"PK", path.read_bytes()[:900]):
        path.write_bytes(content)
        with pytest.raises(CheckpointError, match="Received"):
            list_exciting(bundle.card)


def test_a_network_without_kernels_of_two_axes_is_refused(
    genre_home: Path, song_set: Catalog
) -> None:
    from tests.made_songs_set import write_song_bundle as write_tiny

    bundle = write_tiny(genre_home / "models", "tiny.statistics", STATISTICS)
    with pytest.raises(ParameterError, match="convolutional network"):
        asked(bundle, song_set)
