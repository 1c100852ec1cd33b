"""What networks say of a cover or a song: read off their logits by the card, without a network."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from genre_core.audio.segments import Segments
from genre_core.audio.spill import OnDisk
from genre_core.config import Head, SongInput
from genre_core.metrics.calibration import Calibration
from genre_core.metrics.probabilities import predicted, probabilities
from genre_core.metrics.references import Place, References, places
from genre_core.metrics.votes import Verdict, judge, most_prog, rank_score, shared_most_prog
from genre_core.runs.card import Card


@dataclass(frozen=True, slots=True)
class Prediction:
    """What one network says of one cover.

    `probs` [shape=(n_genres,)] are in the order of `genres`, calibrated where `is_calibrated`,
    otherwise scores; `logits` [shape=(n_logits,)] the network's own output, which `head` says how
    to read.
    """

    model: str
    genres: tuple[str, ...]
    probs: np.ndarray
    logits: np.ndarray
    head: Head
    is_calibrated: bool = False

    @property
    def genre_index(self) -> int:
        """Place of the answer: the genre of the network's own highest output.

        Of a network with class weights another genre may be more probable: the answer counts rare
        genres as much as common ones (`metrics.calibration.Calibration`).
        """
        return int(predicted(probabilities(self.logits[np.newaxis], self.head))[0])

    @property
    def probability(self) -> float:
        """What is given to the answer."""
        return float(self.probs[self.genre_index])

    @property
    def genre(self) -> str:
        """The answer."""
        return self.genres[self.genre_index]

    def ranking(self) -> list[tuple[str, float]]:
        """Every genre with its probability, likeliest first."""
        order = np.argsort(-self.probs, kind="stable")
        return [(self.genres[i], float(self.probs[i])) for i in order]

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        return {
            "model": self.model,
            "genre": self.genre,
            "head": self.head,
            "calibrated": self.is_calibrated,
            "probs": {genre: float(p) for genre, p in zip(self.genres, self.probs, strict=True)},
            "logits": [float(value) for value in self.logits],
        }


def cover_answer(card: Card, logits: NDArray[np.float32]) -> Prediction:
    """Read a network's logits of one cover [shape=(n_logits,)] as its card says."""
    [probs] = card.calibrated(probabilities(logits[np.newaxis], card.head))
    is_calibrated = card.calibration is not None
    return Prediction(card.name, card.genres, probs, logits, card.head, is_calibrated)


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
    def middle_s(self) -> np.ndarray:
        """Middle of each segment in the song [shape=(n,)]."""
        return np.asarray((self.start_s + self.end_s) / 2)

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


def song_answer(
    card: Card,
    logits: NDArray[np.float32],
    start_s: NDArray[np.float64],
    end_s: NDArray[np.float64],
) -> SongPrediction:
    """Read a network's logits of a song's segments [shape=(n, n_logits)] as its card says."""
    probs = probabilities(logits, card.head)
    scores = prog_scores(probs, card)
    return SongPrediction(
        card.name, card.genres, card.head, start_s, end_s, logits, probs, scores, card.calibration
    )


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


@dataclass(frozen=True, slots=True, eq=False)
class SongReading:
    """What several networks made of one song, and what they read of it.

    notes: what was odd about the file, and `no_music`
    no_music: why there are no predictions, though the song could be read; "" where there are
    predictions: by the name of the bundle
    features: by `feature_key`: what was computed once and shared; of a song longer than `LONG_S` in
        temporary files
    n_samples: length of the song at each sample rate that was used
    """

    duration_s: float
    notes: tuple[str, ...]
    no_music: str
    predictions: dict[str, SongPrediction]
    features: dict[str, NDArray[np.float32] | OnDisk]
    n_samples: dict[int, int]

    def most_prog(self) -> tuple[float, float] | None:
        """Start and end of the moment that is most prog to all networks that follow the song."""
        following = [
            (own.scores, own.start_s, own.end_s)
            for own in self.predictions.values()
            if own.scores is not None and len(own) > 1
        ]
        if len(following) == 1:
            return most_prog(*following[0])[:2]
        return shared_most_prog(following)

    def segment_looked_at(self, name: str, chosen: int | None) -> int:
        """Give the place of the segment that somebody chose, or of the one that comes first."""
        return self.segment_at_first(name) if chosen is None else chosen

    def segment_at_first(self, name: str) -> int:
        """Give the place of the segment that is looked at unless somebody chooses another.

        Of a network with a prog score it is its highest within `most_prog`, so that what is shown
        agrees with what is said of the song; of another the one that it is surest of.
        """
        own = self.predictions[name]
        if own.scores is None:
            return int(np.argmax(own.probs.max(axis=1)))
        start_s, end_s = self.most_prog() or (-np.inf, np.inf)
        is_inside = (start_s <= own.middle_s) & (own.middle_s < end_s)
        if not is_inside.any():
            return int(np.argmin(np.abs(own.middle_s - (start_s + end_s) / 2)))
        return int(np.argmax(np.where(is_inside, own.scores, -np.inf)))

    def segments(self, spec: SongInput) -> Segments:
        """Cut again what a network of this `spec` was fed with, without computing it again."""
        from genre_core.audio.features import segments_of

        kept = self.features[feature_key(spec)]
        features = kept.read() if isinstance(kept, OnDisk) else kept
        return segments_of(features, spec, self.n_samples[spec.sr])


def feature_key(spec: SongInput) -> str:
    """Name what `song_features` computes: specs with the same key share it."""
    # Loops that numba compiles take a second to load, which no stored answer needs.
    from genre_core.audio.features import feature_settings

    return json.dumps(feature_settings(spec), sort_keys=True)
