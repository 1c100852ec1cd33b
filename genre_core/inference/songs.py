"""From a song to a score a segment: the app, the command line and the evaluation use this."""

from __future__ import annotations

import functools
from pathlib import Path

import keras
import numpy as np

from genre_core.audio.clip import Clip
from genre_core.audio.decode import decode_clip
from genre_core.audio.features import song_segments
from genre_core.audio.segments import Segments
from genre_core.config import song_input
from genre_core.errors import DecodeError
from genre_core.inference.served import Served
from genre_core.inference.trunk import Trunk, find_trunk
from genre_core.runs.answers import SongPrediction, song_answer
from genre_core.runs.card import Card


class SongClassifier(Served):
    """A network of songs with its card, ready to be fed; one of covers is refused."""

    batch_size = 16
    body_batch_size = 4
    """Of shared bodies: musicnn's first maps take 9 MB a segment, and few at once are faster."""

    def __init__(self, network: keras.Model, card: Card) -> None:
        self.spec = song_input(card.input)
        super().__init__(network, card)

    def prepare(self, source: str | Path | bytes | Clip) -> Segments:
        """Turn a file, its bytes or a decoded clip into the network's inputs.

        Raises `DecodeError` for what is not a song that can be read or no music
        (`Clip.no_music`), `ParameterError` for a clip of another sample rate than `spec.sr`.
        """
        clip = source if isinstance(source, Clip) else decode_clip(source, sr=self.spec.sr)
        if clip.no_music:
            raise DecodeError(
                "A song must hold music to be judged.",
                received=clip.no_music.rstrip("."),
                cure="Give a song that can be heard.",
            )
        return song_segments(clip, self.spec)

    @functools.cached_property
    def trunk(self) -> Trunk | None:
        """The network in a body that others may share and its own tail, if it can be cut."""
        return find_trunk(self.network, batch_size=self.body_batch_size)

    def classify(
        self,
        source: str | Path | bytes | Clip | Segments,
        *,
        shared: dict[str, np.ndarray] | None = None,
    ) -> SongPrediction:
        """Classify one song (or what was prepared of it), from the file to a score a segment.

        `shared` holds what bodies gave for the same segments, by digest: used where a network
        before had the same body, and filled for those that come. Raises `DecodeError`: not a song
        that can be read.
        """
        segments = source if isinstance(source, Segments) else self.prepare(source)
        logits = self._shared_logits(segments.inputs, shared)
        return song_answer(self.card, logits, segments.start_s, segments.end_s)

    def _shared_logits(
        self, inputs: np.ndarray, shared: dict[str, np.ndarray] | None
    ) -> np.ndarray:
        if shared is None or self.trunk is None:
            return self.logits(inputs)
        given = shared.get(self.trunk.digest)
        if given is None:
            given = shared[self.trunk.digest] = self.trunk.run(inputs)
        return self.trunk.finish(given)
