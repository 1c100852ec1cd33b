"""From a song to a score a segment: the app, the command line and the evaluation use this."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import keras
import numpy as np

from genre_core.audio.clip import Clip
from genre_core.audio.decode import decode_clip
from genre_core.audio.features import song_segments
from genre_core.audio.segments import Segments
from genre_core.config import Head, song_input
from genre_core.errors import DecodeError
from genre_core.inference.served import Served
from genre_core.inference.trunk import Trunk, find_trunk
from genre_core.metrics.calibration import Calibration
from genre_core.metrics.probabilities import probabilities
from genre_core.metrics.references import Place, References, places
from genre_core.metrics.votes import Verdict, judge, most_prog, rank_score
from genre_core.runs.card import Card


@dataclass(frozen=True, slots=True, eq=False)
class SongPrediction:
    """What one network says of one song, segment by segment.

    genres, head: the taxonomy, and how the logits became `probs`
    start_s, end_s [shape=(n,), dtype=float64]: place of each segment in the song
    logits [shape=(n, n_logits), dtype=float32]: the network's own output
    probs [shape=(n, n_genres), dtype=float64]: scores, in the order of `genres`: only songs have
        labels, so nothing says how often a segment's would be right
    scores [shape=(n,), dtype=float64]: prog score of each segment, 0 to 1; None where the network
        says nothing of it
    calibration: turns the mean over the segments into the song's probabilities; None where these
        are scores too
    """

    model: str
    genres: tuple[str, ...]
    head: Head
    start_s: np.ndarray
    end_s: np.ndarray
    logits: np.ndarray
    probs: np.ndarray
    scores: np.ndarray | None
    calibration: Calibration | None = None

    def __len__(self) -> int:
        return len(self.start_s)

    @property
    def mean_probs(self) -> np.ndarray:
        """Probabilities of the song [shape=(n_genres,)]: the mean over the segments, calibrated."""
        mean = self.probs.mean(axis=0)
        if self.calibration is None:
            return np.asarray(mean)
        return np.asarray(self.calibration.apply(mean[np.newaxis], self.head)[0])

    @property
    def genre(self) -> str:
        """The genre of the highest mean over the segments."""
        return self.genres[int(np.argmax(self.probs.mean(axis=0)))]

    def ranking(self) -> list[tuple[str, float]]:
        """Every genre with the song's probability, likeliest first."""
        means = self.mean_probs
        return [(self.genres[i], float(means[i])) for i in np.argsort(-means, kind="stable")]

    @property
    def prog_score(self) -> float | None:
        """Mean score over the segments; None without scores."""
        return None if self.scores is None else float(self.scores.mean())

    @property
    def most_prog(self) -> tuple[float, float, float] | None:
        """Start, end and mean score of the most prog moment; None without scores."""
        if self.scores is None:
            return None
        return most_prog(self.scores, self.start_s, self.end_s)

    def verdict(self, threshold: float) -> Verdict | None:
        """Judge whether it is prog by majority and by mean; None without scores."""
        return None if self.scores is None else judge(self.scores, threshold=threshold)

    def places(self, references: References | None) -> list[Place]:
        """Give its place among the network's references, genre by genre; empty without any."""
        if self.prog_score is None or references is None:
            return []
        return places(references, self.prog_score)

    def to_dict(
        self, threshold: float | None = None, references: References | None = None
    ) -> dict[str, Any]:
        """Plain values for JSON; what only a threshold decides is null without one."""
        verdict = self.verdict(0.0 if threshold is None else threshold)
        judged = None if verdict is None else verdict.to_dict()
        if judged is not None and threshold is None:
            judged |= dict.fromkeys(("n_above", "share", "threshold", "by_majority", "by_mean"))
        moment = self.most_prog
        segments = [
            {
                "start_s": round(float(self.start_s[i]), 3),
                "end_s": round(float(self.end_s[i]), 3),
                "genre": self.genres[int(np.argmax(self.probs[i]))],
                "prog": None if self.scores is None else round(float(self.scores[i]), 4),
            }
            for i in range(len(self))
        ]
        return {
            "model": self.model,
            "genre": self.genre,
            "calibrated": self.calibration is not None,
            "probs": {genre: round(p, 4) for genre, p in self.ranking()},
            "percentiles": [place.to_dict() for place in self.places(references)],
            "most_prog": None
            if moment is None
            else dict(
                zip(("start_s", "end_s", "mean"), (round(one, 4) for one in moment), strict=True)
            ),
            "verdict": judged,
            "segments": segments,
        }


class SongClassifier(Served):
    """A network of songs with its card, ready to be fed; one of covers is refused."""

    batch_size = 16  # musicnn takes 9 MB a segment for its first maps alone

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
        return find_trunk(self.network, batch_size=self.batch_size)

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
        probs = probabilities(logits, self.card.head)
        return SongPrediction(
            self.name,
            self.genres,
            self.card.head,
            segments.start_s,
            segments.end_s,
            logits,
            probs,
            prog_scores(probs, self.card),
            self.card.calibration,
        )

    def _shared_logits(
        self, inputs: np.ndarray, shared: dict[str, np.ndarray] | None
    ) -> np.ndarray:
        if shared is None or self.trunk is None:
            return self.logits(inputs)
        given = shared.get(self.trunk.digest)
        if given is None:
            given = shared[self.trunk.digest] = self.trunk.run(inputs)
        return self.trunk.finish(given)


def prog_scores(probs: np.ndarray, card: Card) -> np.ndarray | None:
    """Read the prog score of each segment off the probabilities, as the card says.

    Of `probs` [shape=(n, n_genres)] the column of `card.prog_score.genre` counts, stretched where
    the card has the value that becomes .5. Returns [shape=(n,), dtype=float64], or None where the
    card names no genre.
    """
    if card.prog_score is None:
        return None
    values = np.asarray(probs[:, card.genres.index(card.prog_score.genre)], dtype=np.float64)
    half_at = card.prog_score.half_at
    return values if half_at is None else rank_score(values, half_at)
