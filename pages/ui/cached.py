"""The app's caches: each bounded, keyed by content, TensorFlow imported only in here.

`list_bundles` is cheap (cards are JSON) and is not cached, so that a model trained a minute ago
shows up at the next click.
"""

from __future__ import annotations

import gc
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import streamlit as st
from PIL import Image

from genre_core import guarded
from genre_core.config import Experiment, cover_input, list_experiments, load_experiment, to_dict
from genre_core.data.catalog import Catalog
from genre_core.data.demo import COVERS_DIR, DemoCover, DemoSong, demo_covers, demo_songs
from genre_core.data.files import sha256_file
from genre_core.errors import GenreError
from genre_core.explain.places import pick_stage
from genre_core.explain.prepared import Prepared, load_prepared, load_stages, network_key
from genre_core.image.cover import prepare_cover
from genre_core.image.decode import decode_cover
from genre_core.image.edits import CoverEdit, edit_cover, shrink_to_edit
from genre_core.jobs import machine
from genre_core.runs.bundle import Bundle, list_bundles, open_bundle
from pages.ui import data_state
from pages.ui.media.choice import Choice

if TYPE_CHECKING:
    import pandas as pd

    from genre_core.explain.activations import ActivationGrid
    from genre_core.explain.blank_maps import BlankMap
    from genre_core.explain.conv_layer import ConvLayer
    from genre_core.explain.places import Stage
    from genre_core.explain.saliency import Saliency
    from genre_core.inference.neighbours import Neighbours
    from genre_core.runs.answers import Prediction

_STORED = "genre_core.data.catalog_index.StoredCatalog"  # pages that show no data do not load it
KEYS = {
    Choice: lambda choice: choice.checksum,
    Bundle: lambda bundle: (
        bundle.name,
        bundle.card.model_sha256,
        repr(bundle.card.calibration),
    ),
    Catalog: lambda catalog: catalog.digest,
    _STORED: lambda catalog: catalog.digest,
    Experiment: lambda experiment: json.dumps(to_dict(experiment), sort_keys=True),
}
"""What tells arguments of a cache apart: a file's content, a network's weights and calibration, a
data set's items.

A retrained network or a changed file of the same name is a new entry.
"""

LOADING = "Loading TensorFlow and the network (first time only, some seconds)"

SHOWN_PX = 640
"""Longest side of a cover on a page; the network reads the file itself."""

GALLERY_PX = 256
"""Longest side of a cover in a gallery."""

MAX_NETWORKS = 12
"""Networks that may stand side by side on a page, some 60 MB each; twice as many stay in memory."""


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


@st.cache_data(max_entries=256, show_spinner=False)
def file_checksum(path: str, changed_ns: int, n_bytes: int) -> str:
    """SHA-256 of a file; computed again when its time or size changes."""
    return sha256_file(Path(path))


@st.cache_resource(max_entries=1, show_spinner=False)
def recipes() -> tuple[Experiment, ...]:
    """Read every shipped experiment, once."""
    return tuple(map(load_experiment, list_experiments()))


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=KEYS)
def cover_read(choice: Choice) -> tuple[np.ndarray, list[str]]:
    """Decode a chosen cover for showing, with notes on what is damaged about its file."""
    notes: list[str] = []
    return _shrunk(_decoded(choice, notes), SHOWN_PX), notes


def cover_picture(choice: Choice) -> np.ndarray:
    """Decode a chosen cover for showing, at most `SHOWN_PX` on its longest side."""
    return cover_read(choice)[0]


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=KEYS)
def small_picture(choice: Choice) -> np.ndarray:
    """Decode a chosen cover for a gallery, at most `GALLERY_PX` on its longest side."""
    return _shrunk(cover_picture(choice), GALLERY_PX)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=KEYS)
def gallery_picture(choice: Choice) -> np.ndarray:
    """Decode a cover for a gallery as `small_picture`; a built-in one in a third of the time.

    JPEG can be decoded at half its size, without the cells that nobody would see.
    """
    if not isinstance(choice.source, Path) or not choice.source.is_relative_to(COVERS_DIR):
        return small_picture(choice)
    with Image.open(choice.source) as image:
        image.draft("RGB", (GALLERY_PX, GALLERY_PX))
        return _shrunk(np.asarray(image.convert("RGB")), GALLERY_PX)


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs=KEYS)
def item_picture(catalog: Catalog, item_id: str) -> np.ndarray:
    """Decode one cover of a data set for a gallery."""
    return _shrunk(guarded.decode_cover(catalog.path_of(item_id)), GALLERY_PX)


def _decoded(choice: Choice, notes: list[str] | None = None) -> np.ndarray:
    decode = guarded.decode_cover if choice.is_own else decode_cover
    return decode(choice.source, name=choice.file, notes=notes)


def shown_width(picture: np.ndarray) -> Literal["stretch"] | int:
    """Return the width to show a picture at: a tall one as it is, so that it fits the window.

    >>> shown_width(np.zeros((600, 640, 3))), shown_width(np.zeros((640, 20, 3)))
    ('stretch', 20)
    """
    height, width = picture.shape[:2]
    return "stretch" if height <= 1.5 * width else max(width, 8)


def _shrunk(picture: np.ndarray, longest_px: int) -> np.ndarray:
    image = Image.fromarray(picture)
    image.thumbnail((longest_px, longest_px), Image.Resampling.LANCZOS)
    return np.asarray(image)


@st.cache_resource(max_entries=1, show_spinner=False)
def libraries() -> None:
    """Load what networks need, and let the garbage collector pass it over from then on.

    After each run of a page Streamlit has Keras clear its session, which forgets the kernels that
    TensorFlow had chosen and goes through all objects: with networks .3 s, in which nobody is
    answered. Nothing is built in a page that would have to be cleared.
    """
    import keras

    from genre_core.inference import classifier, songs  # noqa: F401

    keras.backend.clear_session = lambda: None
    gc.collect()
    gc.freeze()


@st.cache_resource(max_entries=2 * MAX_NETWORKS, show_spinner=LOADING, hash_funcs=KEYS)
def classifier(bundle: Bundle) -> Any:
    """Load a bundle's `Classifier` or `SongClassifier`."""
    libraries()
    from genre_core.inference.classifier import Classifier
    from genre_core.inference.songs import SongClassifier

    reader = SongClassifier if bundle.card.media == "song" else Classifier
    return reader.load(str(bundle.folder))


@st.cache_resource(max_entries=1, show_spinner=False, hash_funcs=KEYS)
def classifier_ahead(bundle: Bundle) -> Any:
    """Load as `classifier`, in a thread without a page: only the outermost cache shows its wait."""
    return classifier(bundle)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=KEYS)
def prepared(choice: Choice) -> Prepared:
    """Look up what networks said of a cover or a song, if it is a built-in one."""
    return load_prepared(choice.checksum)


@st.cache_data(max_entries=512, show_spinner="Reading the cover", hash_funcs=KEYS)
def predict(choice: Choice, bundle: Bundle) -> Prediction:
    """Classify one cover with one model."""
    stored = prepared(choice).prediction(bundle.card)
    return classifier(bundle).classify(_decoded(choice)) if stored is None else stored


@st.cache_data(max_entries=128, show_spinner=False, hash_funcs=KEYS)
def network_input(choice: Choice, bundle: Bundle) -> np.ndarray:
    """Bring a cover to the form the network receives [shape=(size, size, 3), dtype=uint8]."""
    return prepare_cover(_decoded(choice), cover_input(bundle.card.input))


@st.cache_data(max_entries=24, show_spinner=False, hash_funcs=KEYS)
def stages(bundle: Bundle) -> tuple[tuple[Stage, ...], Stage]:
    """List the stages that can be explained, and name the default one."""
    every = load_stages().get(network_key(bundle.card))
    if every is None:
        from genre_core.explain.stages import conv_stages

        every = conv_stages(classifier(bundle).network)
    return every, pick_stage(every)


@st.cache_data(max_entries=256, show_spinner="Asking the network where it looked", hash_funcs=KEYS)
def saliency(choice: Choice, bundle: Bundle, method: str, stage: str, genre_index: int) -> Saliency:
    """Explain one genre of one cover by one method on one stage."""
    stored = prepared(choice).saliency(bundle.card, method, stage, genre_index)
    if stored is not None:
        return stored
    from genre_core.explain.cam import cam_of

    cam = cam_of(classifier(bundle).network, bundle.card.head)
    return cam.explain(network_input(choice, bundle), genre_index, method=method, stage=stage)


@st.cache_data(max_entries=4, show_spinner=False, hash_funcs=KEYS)
def _before_edits(choice: Choice) -> np.ndarray:
    return shrink_to_edit(_decoded(choice))


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=KEYS)
def edited(choice: Choice, edit: CoverEdit) -> np.ndarray:
    """Change a cover, which is at most `MAX_EDIT_PX` on its longest side for this."""
    return edit_cover(_before_edits(choice), edit)


@st.cache_data(max_entries=256, show_spinner="Asking the networks", hash_funcs=KEYS)
def edited_prediction(choice: Choice, edit: CoverEdit, bundle: Bundle) -> Prediction:
    """Classify a changed cover with one model."""
    return classifier(bundle).classify(edited(choice, edit))


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=KEYS)
def edited_saliency(
    choice: Choice, edit: CoverEdit, bundle: Bundle, genre_index: int
) -> tuple[np.ndarray, Saliency]:
    """Prepare a changed cover for one model and explain one genre by Grad-CAM."""
    from genre_core.explain.cam import cam_of

    model = classifier(bundle)
    seen = model.prepare(edited(choice, edit))
    return seen, cam_of(model.network, bundle.card.head).explain(seen, genre_index)


@st.cache_resource(max_entries=4, show_spinner="Reading the training covers", hash_funcs=KEYS)
def neighbours(bundle: Bundle, changed: float) -> Neighbours:
    """Load what a bundle stored of its training covers; `changed` is that file's time."""
    from genre_core.inference.neighbours import load_neighbours

    return load_neighbours(bundle)


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=KEYS)
def embedding(choice: Choice, bundle: Bundle) -> np.ndarray:
    """Embed one cover with one model [shape=(d,)]."""
    cover = network_input(choice, bundle)
    return np.asarray(classifier(bundle).embed(cover[np.newaxis])[0])


@st.cache_data(max_entries=32, show_spinner="Looking into the layer", hash_funcs=KEYS)
def activations(choice: Choice, bundle: Bundle, stage: str) -> ActivationGrid:
    """Draw what the filters of one stage answer, strongest first, as one picture."""
    from genre_core.explain.activations import draw_activations

    return draw_activations(classifier(bundle).network, network_input(choice, bundle), stage)


@st.cache_resource(max_entries=4, show_spinner=LOADING, hash_funcs=KEYS)
def conv_layers(bundle: Bundle) -> tuple[ConvLayer, ...]:
    """Read the kernels of a network, of covers or of songs; the network itself is let go."""
    from genre_core.explain.kernels_store import load_layers

    stored = load_layers(bundle)
    if stored is not None:
        return stored  # of a shipped network, without TensorFlow
    libraries()
    from genre_core.explain.kernels import conv_layers as read
    from genre_core.inference.checkpoint import load_network

    return read(load_network(bundle))


@st.cache_data(max_entries=8, show_spinner="Making three blank heat maps", hash_funcs=KEYS)
def blank_maps(choice: Choice) -> tuple[BlankMap, ...]:
    """Show the three ways to a blank heat map on one cover."""
    from genre_core.explain.blank_maps import blank_maps as show

    return show(_decoded(choice))


@st.cache_data(max_entries=64, show_spinner=False)
def _metrics_of(folder: str, changed: float) -> dict[str, Any]:
    return open_bundle(folder).metrics()


def metrics_of(bundle: Bundle) -> dict[str, Any]:
    """Metrics of a bundle, read again when one of its files changes."""
    return _metrics_of(str(bundle.folder), _changed(bundle))


@st.cache_data(max_entries=16, show_spinner=False)
def _tables_of(folder: str, changed: float) -> tuple[pd.DataFrame, pd.DataFrame]:
    bundle = open_bundle(folder)
    return bundle.history(), bundle.predictions()


def tables_of(bundle: Bundle) -> tuple[pd.DataFrame, pd.DataFrame]:
    """History and predictions of a bundle, as `metrics_of`."""
    return _tables_of(str(bundle.folder), _changed(bundle))


def _changed(bundle: Bundle) -> float:
    return max(path.stat().st_mtime for path in bundle.folder.iterdir())


def dataset(name: str) -> Catalog | None:
    """Find a data set of this machine by its name; None where it is not here.

    It is looked for again when it changes, and every ten minutes: files deep in a folder may.
    """
    return _dataset(name, data_state.state_of(name))


@st.cache_resource(max_entries=4, show_spinner="Looking for the data set", ttl=600)
def _dataset(name: str, state: data_state.State) -> Catalog | None:
    from genre_core.data.importers import find_dataset

    try:
        return find_dataset(name)
    except GenreError:
        return None


def dataset_of(digest: str, name: str) -> Catalog | None:
    """Find the very data set that a card names, as the library's `dataset_of`."""
    return _dataset_of(digest, name, data_state.state_of_imported())


@st.cache_resource(max_entries=4, show_spinner="Looking for the data set", ttl=600)
def _dataset_of(digest: str, name: str, state: data_state.State) -> Catalog | None:
    from genre_core.data import importers

    return importers.dataset_of(digest, name)


def dataset_behind(bundle: Bundle) -> Catalog | None:
    """Find the very data set that a network learnt from, as `dataset_of`."""
    data = bundle.card.data
    return dataset_of(str(data.get("digest", "")), str(data.get("name", "")))


def _items_and_place(catalog: Catalog) -> tuple[str, str]:
    return catalog.digest, str(catalog.root)


@st.cache_data(
    max_entries=8,
    show_spinner=False,
    hash_funcs=KEYS | {Catalog: _items_and_place, _STORED: _items_and_place},
    ttl=30,
)
def training_notes(experiment: Experiment, catalog: Catalog) -> tuple[str, ...]:
    """Check what a training needs of a data set, as `jobs.needs` does, at most twice a minute."""
    from genre_core.jobs.needs import need_for_training

    return need_for_training(experiment, catalog)
