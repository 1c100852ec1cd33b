"""The caches of songs: each bounded, keyed by content, TensorFlow imported only in here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from genre_core import guarded
from genre_core.audio.tags import Tags, read_tags
from genre_core.config import song_input
from genre_core.metrics.references import Place
from genre_core.metrics.references import places as place_among
from genre_core.runs.answers import SongReading, feature_key
from genre_core.runs.bundle import REFERENCES_FILE, Bundle, list_bundles
from genre_core.runs.references import StoredReferences, load_references
from genre_core.turns import READINGS
from pages.ui.cached import KEYS, classifier, classifier_ahead
from pages.ui.cached import prepared as stored_answers
from pages.ui.evidence.words import over_time
from pages.ui.media.choice import Choice
from pages.ui.problems import plain
from pages.ui.songs.asked import By, genre_shown
from pages.ui.songs.hearing import Hearing, aside, has_ended

if TYPE_CHECKING:
    from genre_core.audio.overview import Overview
    from genre_core.audio.segment_picture import SegmentPicture
    from genre_core.audio.segments import Segments
    from genre_core.explain.cam import Cam
    from genre_core.explain.exciting import Patch
    from genre_core.explain.families import FamilyShares
    from genre_core.explain.lru_store import LruStore
    from genre_core.explain.peaks import Peaks
    from genre_core.explain.prepared import Strip

MAX_SONGS = 4
"""Songs in memory at once, with what networks read of them: some 40 MB for four minutes."""

MAX_STRIPS = 32
"""What mattered to a network over a song: some 20 kB each."""

_BEGUN = "hearing_begun"

PATIENCE_S = 0.3
"""Wait for a reading before the page shows how far it is: of a short song that would only flash."""


def bundles() -> tuple[Bundle, ...]:
    """Every bundle for songs that can predict, those with a prog score first."""
    networks = list_bundles(media="song", need_network=True)
    return tuple(sorted(networks, key=lambda bundle: bundle.card.prog_score is None))


@st.cache_data(max_entries=64, show_spinner=False, hash_funcs=KEYS)
def tags(choice: Choice) -> Tags:
    """Read a song's tags and its embedded cover."""
    is_known = stored_answers(choice).overview() is not None
    return (read_tags if is_known else guarded.read_tags)(choice.source, name=choice.file)


def references(bundle: Bundle) -> StoredReferences | None:
    """Read a network's references, anew when their file changes; None without any."""
    path = bundle.folder / REFERENCES_FILE
    return _references(bundle, path.stat().st_mtime_ns if path.is_file() else 0)


@st.cache_resource(max_entries=32, show_spinner=False, hash_funcs=KEYS)
def _references(bundle: Bundle, changed_ns: int) -> StoredReferences | None:
    return load_references(bundle) if changed_ns else None


def places(bundle: Bundle, score: float) -> tuple[Place, ...]:
    """Give a score's place among a network's references, kept for the next rerun."""
    path = bundle.folder / REFERENCES_FILE
    return _places(bundle, path.stat().st_mtime_ns if path.is_file() else 0, score)


@st.cache_data(max_entries=256, show_spinner=False, hash_funcs=KEYS)
def _places(bundle: Bundle, changed_ns: int, score: float) -> tuple[Place, ...]:
    stored = _references(bundle, changed_ns)
    return () if stored is None else tuple(place_among(stored.songs, score))


def hearing(choice: Choice, chosen: Sequence[Bundle]) -> Hearing | None:
    """Let networks begin to hear a song, if they did not; None where `read` answers at once."""
    _, _, missing = _stored(choice, chosen)
    if not missing:
        return None
    begun = _hearing(choice, missing)
    return None if begun.wait(PATIENCE_S) else begun


def _hearing(choice: Choice, missing: Sequence[Bundle]) -> Hearing:
    """Find a song's hearing, or begin one; until its end the visitor's own session holds it too.

    Otherwise more visitors than songs fit into memory would begin one another's anew for ever.
    """
    key, load = _hearing_key(choice, missing), [partial(classifier_ahead, one) for one in missing]
    whose, own = st.session_state.get(_BEGUN, (None, None))
    mine = own if whose == key else None
    begun = _hearings().get(key, lambda: mine or Hearing(choice, load))
    if begun.was_left_alone:
        _hearings().drop(key)
        begun = _hearings().get(key, lambda: Hearing(choice, load))
    st.session_state[_BEGUN] = (None, None) if begun.wait(0) else (key, begun)
    return begun


def _hearing_key(choice: Choice, missing: Sequence[Bundle]) -> tuple[Any, ...]:
    return (choice.checksum, *(KEYS[Bundle](bundle) for bundle in missing))


@st.cache_resource(max_entries=MAX_SONGS, show_spinner="Reading the song", hash_funcs=KEYS)
def looked(choice: Choice, _hearing: Hearing | None = None) -> tuple[Overview, float]:
    """Decode a song to play and to look at, and tell its length in s; no network is needed.

    Who hears it decodes it too: once for both, unless it still has networks to load.
    """
    from genre_core.audio.overview import overview

    if _hearing is not None and (seen := _hearing.looked()) is not None:
        return seen

    clip = guarded.decode_clip(choice.source, name=choice.file)
    return overview(clip), clip.duration_s


def read(choice: Choice, chosen: Sequence[Bundle]) -> tuple[SongReading, Overview]:
    """Say what networks make of a song: those whose answer is not stored are asked.

    Raises `DecodeError` for what is no readable song, `CheckpointError` for a damaged bundle.
    """
    known, overview, missing = _stored(choice, chosen)
    if known is None or overview is None:
        return _heard(choice, chosen), looked(choice)[0]
    if missing:
        heard = _heard(choice, missing)
        known = replace(heard, predictions=known.predictions | heard.predictions)
    return known, overview


def _stored(
    choice: Choice, chosen: Sequence[Bundle]
) -> tuple[SongReading | None, Overview | None, Sequence[Bundle]]:
    """Find what is stored of a song, and the networks that have to be asked."""
    stored = stored_answers(choice)
    known, overview = stored.reading(bundle.card for bundle in chosen), stored.overview()
    if known is None or overview is None:
        return None, None, chosen
    return known, overview, [one for one in chosen if one.name not in known.predictions]


@st.cache_resource(max_entries=1, show_spinner=False)
def _hearings() -> LruStore[tuple[Any, ...], Hearing]:
    from genre_core.explain.lru_store import LruStore

    return LruStore(MAX_SONGS)


def _heard(choice: Choice, missing: Sequence[Bundle]) -> SongReading:
    """Wait until networks have heard a song; what went wrong is tried again the next time."""
    begun = _hearing(choice, missing)
    with st.spinner("Letting the networks hear it") if not begun.wait(0) else nullcontext():
        begun.wait(float("inf"))
    if begun.has_failed:
        _hearings().drop(_hearing_key(choice, missing))
    return begun.result()


@dataclass(frozen=True, slots=True, eq=False)
class Mattered:
    """What mattered to a network over a song's time; all arrays [shape=(n,)]."""

    values: np.ndarray | None
    """In [0, 1]; None where the network has no map."""
    start_s: np.ndarray
    end_s: np.ndarray
    note: str
    """How to read it, or why there is none."""


@dataclass(frozen=True, slots=True, eq=False)
class SegmentView:
    """What a network read of one segment, and how to read its picture."""

    picture: SegmentPicture | None
    """None where there is nothing to be seen."""
    heat: np.ndarray | None
    """Where in it the network looked, of the picture's shape, in [0, 1]."""
    note: str


def strip(choice: Choice, bundle: Bundle, song: SongReading, by: By) -> Mattered | None:
    """Ask a network what mattered at each moment.

    None where that is not stored and `strip_has_come` does not hold yet.
    """
    genre_index = genre_shown(bundle, song.predictions[bundle.name], asked=by.genre)
    found = None if by.method else stored_answers(choice).strip(bundle.card, genre_index)
    if found is None:
        key = _strip_key(choice, bundle, song, by)
        if key not in _strips():
            return None
        begun = _strip_begun(choice, bundle, song, by)
        if not has_ended(begun, 0):
            return None
        if begun.exception() is not None:
            _strips().drop(key)  # tried again the next time
        found = begun.result()
    values, start_s, end_s = found
    genre = plain(bundle.card.genres[genre_index])
    if values is None:
        note = (
            f"{plain(bundle.card.title)} reads statistics of each segment, not its course in time, "
            "so it cannot show which moments mattered."
        )
    else:
        note = (
            f"The strip shows which moments spoke for *{genre}* ({over_time(bundle)[by.method]}, "
            "explained in About), weighted by the segment's own score."
        )
    return Mattered(values, start_s, end_s, note)


def segment(choice: Choice, bundle: Bundle, song: SongReading, index: int, by: By) -> SegmentView:
    """Show what a network read of one segment, and where in it it looked."""
    from genre_core.audio.segment_picture import segment_picture

    spec = song_input(bundle.card.input)
    genre_index = genre_shown(bundle, song.predictions[bundle.name], index, by.genre)
    stored = stored_answers(choice)
    found = None if by.method else stored.segment(bundle.card, index, genre_index)
    if found is None:
        cam = None if stored.has_maps(bundle.card) is False else song_cam(bundle)
        if cam is None:
            note = "This network reads statistics of a segment: there is no picture of them."
            return SegmentView(None, None, note)
        inputs = _segments(choice, bundle, song).inputs[index]
        [heat], [located] = cam.maps(
            inputs[np.newaxis],
            genre_index,
            method=by.method or None,
            time_axis=int(spec.layout == "frequency_time"),
        )
        found = inputs, heat, bool(located)
    inputs, heat, is_located = found
    drawn = segment_picture(inputs, spec, cam=heat)
    genre = plain(bundle.card.genres[genre_index])
    note = (
        f"What the network read of this segment; outlined, where it looked for *{genre}*."
        if is_located
        else f"What the network read of this segment. Nothing in it speaks for *{genre}*: no map."
    )
    return SegmentView(drawn, drawn.cam if drawn is not None and is_located else None, note)


def segment_test(
    test: Callable[..., Any],
    choice: Choice,
    bundle: Bundle,
    song: SongReading,
    index: int,
    by: By,
) -> Any:
    """Make one of the tests of `evidence.cached` on a segment; None of a network without maps."""
    if not has_maps(choice, bundle):
        return None
    return test(
        (choice.checksum, index),
        bundle,
        by.method,
        genre_shown(bundle, song.predictions[bundle.name], index, by.genre),
        segment_inputs(choice, bundle, song, index),
    )


def has_maps(choice: Choice, bundle: Bundle) -> bool:
    """Tell whether a network has maps of where it looks in a song."""
    stored = stored_answers(choice).has_maps(bundle.card)
    return song_cam(bundle) is not None if stored is None else stored


def has_families(bundle: Bundle) -> bool:
    """Tell whether a network reads families of features, standardized, and no spectrogram."""
    spec = song_input(bundle.card.input)
    return spec.features in ("frames_205", "statistics_423") and bool(spec.offsets)


@st.cache_data(max_entries=32, show_spinner="Asking the network", hash_funcs=KEYS)
def families(
    choice: Choice, bundle: Bundle, index: int, genre_index: int, _song: SongReading
) -> FamilyShares:
    """Ask which families of features spoke for a genre in one segment."""
    from genre_core.explain.families import family_shares

    inputs, spec = segment_inputs(choice, bundle, _song, index), song_input(bundle.card.input)
    network, head = classifier(bundle).network, bundle.card.head
    return family_shares(network, head, inputs, spec, genre_index)


def segment_inputs(choice: Choice, bundle: Bundle, song: SongReading, index: int) -> np.ndarray:
    """Give what a network reads of one segment [shape=spec.shape]."""
    return np.ascontiguousarray(_segments(choice, bundle, song).inputs[index])


def _segments(choice: Choice, bundle: Bundle, song: SongReading) -> Segments:
    """Cut the segments that a network heard; of a stored answer they are computed first."""
    spec = song_input(bundle.card.input)
    return song.segments(spec) if feature_key(spec) in song.features else prepared(choice, bundle)


def song_cam(bundle: Bundle) -> Cam | None:
    """Give what makes a network's heat maps; None where it reads nothing that has any."""
    from genre_core.explain.cam import cam_of, has_maps

    network = classifier(bundle).network
    return cam_of(network, bundle.card.head) if has_maps(network) else None


@st.cache_resource(max_entries=1, show_spinner=False)
def _strips() -> LruStore[tuple[Any, ...], Future[Strip]]:
    from genre_core.explain.lru_store import LruStore

    return LruStore(MAX_STRIPS)


def strip_has_come(choice: Choice, bundle: Bundle, song: SongReading, by: By) -> bool:
    """Have a thread find what mattered, and tell whether `strip` has an answer, or an error."""
    return has_ended(_strip_begun(choice, bundle, song, by), PATIENCE_S)


def _strip_begun(choice: Choice, bundle: Bundle, song: SongReading, by: By) -> Future[Strip]:
    key = _strip_key(choice, bundle, song, by)
    shown = genre_shown(bundle, song.predictions[bundle.name], asked=by.genre)
    work = partial(_strip, choice, bundle, shown, song, by.method)
    return _strips().get(key, lambda: aside("strip", work))


def _strip_key(choice: Choice, bundle: Bundle, song: SongReading, by: By) -> tuple[Any, ...]:
    shown = genre_shown(bundle, song.predictions[bundle.name], asked=by.genre)
    return choice.checksum, KEYS[Bundle](bundle), shown, by.method


def _strip(
    choice: Choice, bundle: Bundle, genre_index: int, song: SongReading, method: str
) -> Strip:
    from genre_core.explain.song_strip import cam_strip

    cam, spec, prog = song_cam(bundle), song_input(bundle.card.input), bundle.card.prog_score
    if cam is None:
        return None, np.empty(0), np.empty(0)
    prediction = song.predictions[bundle.name]
    is_prog = prog is not None and bundle.card.genres[genre_index] == prog.genre
    scores = np.asarray(prediction.scores if is_prog else prediction.probs[:, genre_index])
    mattered = cam_strip(
        cam,
        _segments(choice, bundle, song),
        scores,
        spec,
        genre_index=genre_index,
        method=method or None,
    )
    return mattered.values, mattered.start_s, mattered.end_s


@st.cache_resource(max_entries=12, show_spinner="Reading the songs", hash_funcs=KEYS)
def prepared(choice: Choice, bundle: Bundle) -> Segments:
    """Give a song as a network reads it."""
    model = classifier(bundle)
    clip = guarded.decode_clip(choice.source, sr=model.spec.sr, name=choice.file)
    with READINGS:
        return model.prepare(clip)


@st.cache_resource(max_entries=8, show_spinner="Asking every kernel", hash_funcs=KEYS)
def peaks(bundle: Bundle, layer: str, choices: Sequence[Choice]) -> Peaks:
    """Find what each kernel of a layer answers in each song."""
    from genre_core.explain.exciting import layer_peaks

    songs = [prepared(choice, bundle).inputs for choice in choices]
    return layer_peaks(classifier(bundle).network, layer, songs)


def patches(
    bundle: Bundle, peaks: Peaks, kernel: int, choices: Sequence[Choice], n: int
) -> tuple[Patch, ...]:
    """Cut out what excites a kernel most."""
    from genre_core.explain.exciting import exciting_patches

    songs = [prepared(choice, bundle).inputs for choice in choices]
    return exciting_patches(classifier(bundle).network, peaks, kernel, songs, n=n)
