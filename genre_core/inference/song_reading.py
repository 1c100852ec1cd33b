"""One song through several networks: decoded once, each kind of features computed once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.clip import Clip
from genre_core.audio.features import song_features
from genre_core.audio.source import SoundSource
from genre_core.audio.spill import OnDisk
from genre_core.config import SongInput
from genre_core.guarded import decode_clips, probe_clip
from genre_core.inference.songs import SongClassifier
from genre_core.runs.answers import SongPrediction, SongReading, feature_key
from genre_core.turns import FEATURES, READINGS

LONG_S = 1_800.0
"""A longer song is decoded once a rate, so that two rates are never in memory together, and its
features wait on the disk for their networks."""

_T = TypeVar("_T")


def read_song(
    source: SoundSource,
    classifiers: Sequence[SongClassifier],
    *,
    name: str = "",
    look: Callable[[Clip], _T] | None = None,
    progress: Callable[[float, str], None] | None = None,
    each: Callable[[SongPrediction], None] | None = None,
) -> tuple[SongReading, _T | None]:
    """Let several networks read one song, and `look` at its clip.

    Parameters
    ----------
    source : path, bytes or binary file
        The song.
    classifiers : sequence of SongClassifier
        May be empty: then only `look` is called.
    name : str
        What the song is called in messages.
    look : callable, optional
        Takes the clip at 22,050 Hz, which is not kept, for a picture of it or the like; what it
        gives is returned beside the reading.
    progress : callable, optional
        `progress(share, text)`, share rising from 0 to 1; what it raises ends the reading.
    each : callable, optional
        Takes what a network said as soon as it is known; of a song up to `LONG_S` that is as soon
        as what it reads is computed.

    Raises
    ------
    DecodeError
        Not a song that can be read.

    Notes
    -----
    Of what is no music (`Clip.no_music`: silence, noise, a moment) nothing is predicted.
    Features are computed while networks hear those before: neither fills all cores by itself.
    Threads that read songs take turns (`FEATURES`, `READINGS`), so that none waits for the whole
    of another's.
    Memory: the samples at one rate (two for songs up to `LONG_S`), the features (of a longer song
    one kind at a time, the others wait on the disk), and one batch. Two hours need less than 1 GB.
    """
    tell = progress or (lambda _share, _text: None)
    kinds: dict[str, list[SongClassifier]] = {}
    for model in classifiers:
        kinds.setdefault(feature_key(model.spec), []).append(model)
    steps = len(kinds) + len(classifiers) + 1
    done = 0
    features: dict[str, NDArray[np.float32] | OnDisk] = {}
    n_samples: dict[int, int] = {}
    so_far = SongReading(0.0, (), "", {}, features, n_samples)
    # Heads on one frozen network read the same segments: its body runs once for all of them.
    shared: dict[SongInput, dict[str, np.ndarray]] = {}
    looked: _T | None = None
    notes: tuple[str, ...] = ()
    no_music = ""

    def ask(models: Sequence[SongClassifier]) -> None:
        nonlocal done
        for model in models:
            done += 1
            tell(done / steps, model.card.title)
            with READINGS:
                said = model.classify(
                    so_far.segments(model.spec), shared=shared.setdefault(model.spec, {})
                )
            so_far.predictions[model.name] = said
            if each is not None:
                each(said)

    def compute(clip: Clip, key: str) -> NDArray[np.float32]:
        with FEATURES:
            return song_features(clip, kinds[key][0].spec)

    def tell_of(key: str) -> None:
        nonlocal done
        done += 1
        tell(done / steps, _WORDS[kinds[key][0].spec.features])

    tell(0.0, "reading the file")
    rates = {22_050, *(model.spec.sr for model in classifiers)}
    coming: dict[str, Future[NDArray[np.float32]]] = {}
    with ThreadPoolExecutor(1) as ahead:
        try:
            for clip in _clips(source, rates, name):
                n_samples[clip.sr] = clip.n_samples
                notes, no_music = clip.notes, no_music or clip.no_music
                if clip.sr == 22_050 and look is not None:
                    looked = look(clip)  # first: somebody waits to see and hear it
                own = [key for key, models in kinds.items() if models[0].spec.sr == clip.sr]
                for key in [] if no_music else own:
                    if clip.duration_s <= LONG_S:
                        coming[key] = ahead.submit(compute, clip, key)
                    else:
                        tell_of(key)
                        features[key] = _on_disk(compute(clip, key))
                del clip  # or its samples would be there while those at the next rate are decoded
            for key, future in () if no_music else coming.items():
                tell_of(key)
                features[key] = future.result()
                ask(kinds[key])
        finally:
            ahead.shutdown(cancel_futures=True)
    if not no_music:
        ask([model for model in classifiers if model.name not in so_far.predictions])
    tell(1.0, "done")
    reading = replace(
        so_far,
        duration_s=n_samples[22_050] / 22_050,
        notes=(*notes, no_music) if no_music else notes,
        no_music=no_music,
        predictions={}
        if no_music
        else {model.name: so_far.predictions[model.name] for model in classifiers},
    )
    return reading, looked


_WORDS = {
    "frames_205": "205 features a frame",
    "statistics_423": "205 features a frame",
    "mel_128": "mel bands of each second",
    "stft_db": "spectrogram up to 4 kHz",
    "log_mel_96": "mel bands for the taggers",
    "log_picture": "picture of the middle minute",
}


def _clips(source: SoundSource, rates: Iterable[int], name: str) -> Iterator[Clip]:
    ordered = sorted(rates, reverse=True)
    claimed = probe_clip(source, name=name).duration_s
    at_once = claimed is not None and claimed <= LONG_S
    for some in [ordered] if at_once else [[rate] for rate in ordered]:
        yield from decode_clips(source, srs=some, name=name).values()


def _on_disk(features: NDArray[np.float32]) -> NDArray[np.float32] | OnDisk:
    try:
        return OnDisk(features)
    except OSError:  # No room there: then they take memory.
        return features
