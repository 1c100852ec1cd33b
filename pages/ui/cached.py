"""The only caches of the app: each bounded, keyed by checksums, TensorFlow imported only in here.

`list_bundles` is cheap (cards are JSON) and is not cached, so that a model trained a minute ago
shows up at the next click.
"""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from genre_core.data.demo import DemoCover, DemoSong, demo_covers, demo_songs
from genre_core.data.files import sha256_file
from genre_core.errors import GenreError
from genre_core.image.decode import decode_cover
from genre_core.image.edits import CoverEdit, edit_cover, shrink_to_edit
from genre_core.jobs import machine
from genre_core.lessons.stored import load_lesson
from genre_core.runs.bundle import Bundle, find_bundle, list_bundles

if TYPE_CHECKING:
    from genre_core.data.catalog import Catalog
    from genre_core.explain.activations import ActivationGrid
    from genre_core.explain.blank_maps import BlankMap
    from genre_core.explain.kernels import ConvLayer
    from genre_core.explain.saliency import Saliency
    from genre_core.explain.stages import Stage
    from genre_core.inference.classifier import Prediction
    from genre_core.inference.neighbours import Neighbours
    from pages.ui.media.choice import Choice

LOADING = "Loading TensorFlow and the network (first time only, some seconds)"

SHOWN_PX = 640
"""Longest side of a cover on a page; the network reads the file itself."""

GALLERY_PX = 256
"""Longest side of a cover in a gallery."""

MAX_NETWORKS = 12
"""Networks in memory at once: all that may stand side by side, some 60 MB each."""


def bundles() -> tuple[Bundle, ...]:
    """Every bundle for covers that can predict, shipped ones first."""
    return list_bundles(media="cover", need_network=True)


def records() -> tuple[Bundle, ...]:
    """Every bundle with its figures, also of networks too large to ship; covers first."""
    return (*list_bundles(media="cover"), *list_bundles(media="song"))


@st.cache_data(max_entries=1, show_spinner=False)
def gpu_names() -> tuple[str, ...]:
    """Name the machine's GPUs, once."""
    return machine.gpu_names()


@st.cache_data(max_entries=1, show_spinner=False)
def built_in_covers() -> tuple[tuple[DemoCover, str], ...]:
    """List the built-in covers with their files' checksums."""
    return tuple((cover, sha256_file(cover.path)) for cover in demo_covers())


@st.cache_data(max_entries=1, show_spinner=False)
def built_in_songs() -> tuple[tuple[DemoSong, str], ...]:
    """List the built-in songs with their files' checksums."""
    return tuple((song, sha256_file(song.path)) for song in demo_songs())


@st.cache_data(max_entries=64, show_spinner=False)
def picture(checksum: str, _source: Path | bytes, name: str) -> np.ndarray:
    """Decode a cover for showing, at most `SHOWN_PX` on its longest side."""
    image = Image.fromarray(decode_cover(_source, name=name))
    image.thumbnail((SHOWN_PX, SHOWN_PX), Image.Resampling.LANCZOS)
    return np.asarray(image)


def cover_picture(choice: Choice) -> np.ndarray:
    """Decode a chosen cover for showing; raises `DecodeError`."""
    return picture(choice.checksum, choice.source, choice.file)


@st.cache_resource(max_entries=2 * MAX_NETWORKS, show_spinner=LOADING)
def classifier(name: str, model_sha256: str) -> Any:
    """Load a bundle's `Classifier` or `SongClassifier`; a retrained one is a new entry."""
    from genre_core.inference.classifier import Classifier
    from genre_core.inference.songs import SongClassifier

    bundle = find_bundle(name)
    reader = SongClassifier if bundle.card.media == "song" else Classifier
    return reader.load(str(bundle.folder))


@st.cache_data(max_entries=512, show_spinner="Reading the cover")
def prediction(
    checksum: str, _source: Path | bytes, _title: str, name: str, model_sha256: str
) -> Prediction:
    """Classify one cover with one model."""
    return classifier(name, model_sha256).classify(_source)


def predict(choice: Choice, bundle: Bundle) -> Prediction:
    """Classify what a picker gave with a bundle."""
    return prediction(
        choice.checksum, choice.source, choice.file, bundle.name, bundle.card.model_sha256
    )


@st.cache_data(max_entries=128, show_spinner=False)
def network_input(checksum: str, _source: Path | bytes, name: str, model_sha256: str) -> np.ndarray:
    """Bring a cover to the form the network receives [shape=(size, size, 3), dtype=uint8]."""
    return classifier(name, model_sha256).prepare(_source)


@st.cache_data(max_entries=8, show_spinner=False)
def stages(name: str, model_sha256: str) -> tuple[tuple[Stage, ...], Stage]:
    """List the stages that can be explained, and name the default one."""
    from genre_core.explain.stages import conv_stages, default_stage

    network = classifier(name, model_sha256).network
    every = conv_stages(network)
    default = default_stage(network)
    by_name = {stage.name: stage for stage in every}
    return every, by_name[getattr(default, "name", default)]


@st.cache_data(max_entries=256, show_spinner="Asking the network where it looked")
def saliency(
    checksum: str,
    _source: Path | bytes,
    name: str,
    model_sha256: str,
    method: str,
    stage: str,
    genre_index: int,
) -> Saliency:
    """Explain one genre of one cover by one method on one stage."""
    from genre_core.explain.cam import cam_of

    model = classifier(name, model_sha256)
    cover = network_input(checksum, _source, name, model_sha256)
    cam = cam_of(model.network, model.card.head)
    return cam.explain(cover, genre_index, method=method, stage=stage)


@st.cache_data(max_entries=4, show_spinner=False)
def before_edits(checksum: str, _source: Path | bytes) -> np.ndarray:
    """Decode a cover for edits, at most `MAX_EDIT_PX` on its longest side."""
    return shrink_to_edit(decode_cover(_source))


@st.cache_data(max_entries=8, show_spinner=False)
def edited(checksum: str, _source: Path | bytes, edit: CoverEdit) -> np.ndarray:
    """Change a cover."""
    return edit_cover(before_edits(checksum, _source), edit)


@st.cache_data(max_entries=256, show_spinner="Asking the networks")
def edited_prediction(
    checksum: str, _source: Path | bytes, edit: CoverEdit, name: str, model_sha256: str
) -> Prediction:
    """Classify a changed cover with one model."""
    return classifier(name, model_sha256).classify(edited(checksum, _source, edit))


@st.cache_data(max_entries=64, show_spinner=False)
def edited_saliency(
    checksum: str,
    _source: Path | bytes,
    edit: CoverEdit,
    name: str,
    model_sha256: str,
    genre_index: int,
) -> tuple[np.ndarray, Saliency]:
    """Prepare a changed cover for one model and explain one genre by Grad-CAM."""
    from genre_core.explain.cam import cam_of

    model = classifier(name, model_sha256)
    seen = model.prepare(edited(checksum, _source, edit))
    return seen, cam_of(model.network, model.card.head).explain(seen, genre_index)


@st.cache_resource(max_entries=4, show_spinner="Reading the training covers")
def neighbours(folder: str, model_sha256: str, changed: float) -> Neighbours:
    """Load what a bundle stored of its training covers; `changed` is that file's time."""
    from genre_core.inference.neighbours import load_neighbours
    from genre_core.runs.bundle import open_bundle

    return load_neighbours(open_bundle(folder))


@st.cache_data(max_entries=64, show_spinner=False)
def embedding(checksum: str, _source: Path | bytes, name: str, model_sha256: str) -> np.ndarray:
    """Embed one cover with one model [shape=(d,)]."""
    cover = network_input(checksum, _source, name, model_sha256)
    return np.asarray(classifier(name, model_sha256).embed(cover[np.newaxis])[0])


@st.cache_data(max_entries=32, show_spinner="Looking into the layer")
def activations(
    checksum: str, _source: Path | bytes, name: str, model_sha256: str, stage: str
) -> ActivationGrid:
    """Draw what the filters of one stage answer, strongest first, as one picture."""
    from genre_core.explain.activations import draw_activations

    cover = network_input(checksum, _source, name, model_sha256)
    network = classifier(name, model_sha256).network
    return draw_activations(network, cover, stage)


@st.cache_resource(max_entries=4, show_spinner=LOADING)
def conv_layers(name: str, model_sha256: str) -> tuple[ConvLayer, ...]:
    """Read the kernels of a network, of covers or of songs; the network itself is let go."""
    from genre_core.explain.kernels import conv_layers as read
    from genre_core.inference.checkpoint import load_network

    return read(load_network(find_bundle(name)))


@st.cache_data(max_entries=16, show_spinner=False)
def figures_of(folder: str, changed: float) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Metrics, history and predictions of a bundle; `changed` is the newest file's time."""
    from genre_core.runs.bundle import open_bundle

    bundle = open_bundle(folder)
    return bundle.metrics(), bundle.history(), bundle.predictions()


@st.cache_resource(max_entries=4, show_spinner="Looking for the data set", ttl="10m")
def dataset(name: str) -> Catalog | None:
    """Find a data set of this machine by its name; None where it is not here."""
    from genre_core.data.importers import find_dataset

    try:
        return find_dataset(name)
    except GenreError:
        return None


@st.cache_resource(max_entries=4, show_spinner="Looking for the data set", ttl="10m")
def dataset_of(digest: str, name: str) -> Catalog | None:
    """Find the very data set that a card names, under whatever name; None where it is not here.

    Only imported ones are looked at: importing takes minutes, which no visit may cost.
    """
    from genre_core.data.catalog import CATALOG_FILE, load_catalog
    from genre_core.data.home import home
    from genre_core.data.importers import list_datasets

    for each in sorted(list_datasets(), key=lambda known: known != name):
        folder = home() / "datasets" / each
        if (folder / CATALOG_FILE).is_file():
            with contextlib.suppress(GenreError):
                catalog = load_catalog(folder)
                if catalog.digest == digest:
                    return catalog
    return None


def results_of(bundle: Bundle) -> tuple[dict[str, Any], pd.DataFrame, pd.DataFrame]:
    """Metrics, history and predictions of a bundle, read again when one of its files changes."""
    changed = max(path.stat().st_mtime for path in bundle.folder.iterdir())
    return figures_of(str(bundle.folder), changed)


@st.cache_data(max_entries=256, show_spinner=False)
def item_picture(digest: str, item_id: str, _catalog: Catalog) -> np.ndarray:
    """Decode one cover of a data set for a gallery."""
    path = _catalog.path_of(item_id)
    image = Image.fromarray(decode_cover(path))
    image.thumbnail((GALLERY_PX, GALLERY_PX), Image.Resampling.LANCZOS)
    return np.asarray(image)


def behind_cell(predictions: pd.DataFrame, true: int, predicted: int) -> pd.DataFrame:
    """Select the test covers of one cell, the surest first, with the column `probability`."""
    rows = (predictions["genre_index"] == true) & (predictions["predicted"] == predicted)
    if "split" in predictions:
        rows &= predictions["split"] == "test"
    found = predictions[rows].copy()
    column = f"prob_{predicted}"
    found["probability"] = found[column] if column in found else float("nan")
    return found.sort_values("probability", ascending=False)


@st.cache_data(max_entries=8, show_spinner="Making three blank heat maps")
def blank_maps(checksum: str, _source: Path | bytes) -> tuple[BlankMap, ...]:
    """Show the three ways to a blank heat map on one cover."""
    from genre_core.explain.blank_maps import blank_maps as show

    return show(decode_cover(_source))


def lesson(name: str) -> dict[str, Any]:
    """Read a lesson's stored result; small, and read anew so that a new run shows at once."""
    return load_lesson(name)
