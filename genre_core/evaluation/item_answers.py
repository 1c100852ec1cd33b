"""What a network answers on some items of a data set, with facts of their files, some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from genre_core.audio.clip import Clip
from genre_core.audio.decode import decode_clips
from genre_core.audio.features import song_segments
from genre_core.audio.neutralise import neutralise_clip
from genre_core.audio.segments import Segments
from genre_core.audio.song_facts import SONG_FACTS, song_facts
from genre_core.config import cover_input
from genre_core.data.catalog import Catalog
from genre_core.data.media_files import Each, MediaFile, each_file, use_file
from genre_core.data.song_inputs import cut_clip
from genre_core.data.song_pictures import is_picture, picture_segments
from genre_core.errors import DecodeError, Problem
from genre_core.image.augment import neutralise_cover
from genre_core.image.colour import COLOUR_FEATURES, colour_statistics
from genre_core.image.cover import prepare_cover
from genre_core.image.decode import decode_cover
from genre_core.image.facts import COVER_FACTS, cover_facts
from genre_core.inference.classifier import Classifier
from genre_core.inference.neighbours import unit_length
from genre_core.inference.songs import SongClassifier
from genre_core.metrics.probabilities import probabilities

FACTS_SR = 22_050
"""Of the clips that facts are measured on, whatever rate a network reads."""

FACT_NAMES = {"cover": (*COVER_FACTS, "colourfulness"), "song": SONG_FACTS}
"""Columns of `Answers.facts`, by medium."""

_COLOURFULNESS = COLOUR_FEATURES.index("colourfulness")
_N_THREADS = 2  # Each holds a decoded song.


class Answers(NamedTuple):
    """Of some rows of a table, those that could be read, in their order.

    place [shape=(n,), dtype=int64]: row of each in the table
    logits [shape=(n, n_logits), dtype=float32]: of covers; of songs (n, 0)
    probs [shape=(n, n_genres), dtype=float64]: the network's own, before any calibration; of songs
        the mean over the segments
    vectors [shape=(n, d), dtype=float16]: what the last layer reads, of songs the mean over the
        segments, scaled to length 1
    facts [shape=(n, n_facts), dtype=float32]: named by `FACT_NAMES`; nan where nothing is measured
    colours [shape=(n, n_colours), dtype=float32]: `image.colour_statistics`; of songs (n, 0)
    owner [shape=(m,), dtype=int64]: row in the table of each segment's song; of covers m = 0
    spans [shape=(m, 2), dtype=float64]: start and end of each segment, in seconds
    segments [shape=(m, n_genres), dtype=float32]: scores of each segment
    left_out [shape=(k, 2), dtype=str]: item and reason of each that could not be read
    """

    place: NDArray[np.int64]
    logits: NDArray[np.float32]
    probs: NDArray[np.float64]
    vectors: NDArray[np.float16]
    facts: NDArray[np.float32]
    colours: NDArray[np.float32]
    owner: NDArray[np.int64]
    spans: NDArray[np.float64]
    segments: NDArray[np.float32]
    left_out: NDArray[np.str_]

    @classmethod
    def joined(cls, parts: Iterable[tuple[int, Self]]) -> Self:
        """Join parts, each with the row that it starts at."""
        moved = [
            part._replace(place=part.place + start, owner=part.owner + start)
            for start, part in parts
        ]
        return cls(*(np.concatenate(column) for column in zip(*moved, strict=True)))


def answer_covers(
    classifier: Classifier,
    catalog: Catalog,
    frame: pd.DataFrame,
    *,
    neutralised: bool = False,
    each: Each = lambda _: None,
) -> Answers:
    """Let a network see some covers, as it is served; what cannot be read is left out.

    With `neutralised` each is changed first by `image.augment.neutralise_cover`, decided by its
    checksum; facts are then those of what it became.
    """
    spec = cover_input(classifier.card.input)

    def look(file: MediaFile) -> tuple[NDArray[np.uint8], NDArray[np.float32]] | Problem:
        def use(content: bytes) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
            picture = decode_cover(content, name=file.path.name)
            if neutralised:
                picture = neutralise_cover(picture, _chance_of(file))
            colours = colour_statistics(picture)
            facts = (*cover_facts(picture, len(content)), colours[_COLOURFULNESS])
            return prepare_cover(picture, spec), np.concatenate([facts, colours])

        return use_file(file, use)

    places, results, problems = each_file(look, catalog, frame, each)
    covers = np.array([cover for cover, _ in results], np.uint8).reshape(-1, *spec.shape)
    n_facts = len(FACT_NAMES["cover"])
    numbers = _rows([row for _, row in results], n_facts + len(COLOUR_FEATURES))
    logits, vectors = classifier.run(covers)
    n_genres = len(classifier.genres)
    return Answers(
        place=places,
        logits=logits,
        probs=probabilities(logits, classifier.card.head),
        vectors=unit_length(vectors).astype(np.float16),
        facts=numbers[:, :n_facts],
        colours=numbers[:, n_facts:],
        owner=np.zeros(0, np.int64),
        spans=np.zeros((0, 2)),
        segments=np.zeros((0, n_genres), np.float32),
        left_out=problems,
    )


def answer_songs(
    classifier: SongClassifier,
    catalog: Catalog,
    frame: pd.DataFrame,
    *,
    clip_s: float = 0.0,
    neutralised: bool = False,
    each: Each = lambda _: None,
) -> Answers:
    """Let a network hear some songs, at most two in memory; what cannot be read is left out.

    It hears only the first `clip_s` seconds of each, or the whole song where that is 0; facts are
    those of the whole file. What is no music, by `Clip.no_music`, is left out too: no verdict is
    given on it. With `neutralised` it hears each as `audio.neutralise.neutralise_clip` makes it,
    decided by its checksum; pictures of songs are left out then.
    """
    card, spec = classifier.card, classifier.spec
    n_genres = len(card.genres)

    def look(file: MediaFile) -> _Song | Problem:
        def use(content: bytes) -> _Song:
            clips = decode_clips(content, srs=(FACTS_SR, spec.sr), name=file.path.name)
            _need_music(clips[FACTS_SR])
            clip = cut_clip(clips[spec.sr], clip_s)
            if neutralised:
                clip = neutralise_clip(clip, _chance_of(file))
            segments = song_segments(clip, spec)
            return hear(segments, song_facts(clips[FACTS_SR]))

        def hear(segments: Segments, facts: NDArray[np.float32]) -> _Song:
            logits, vectors = classifier.run(np.ascontiguousarray(segments.inputs))
            spans = np.stack([segments.start_s, segments.end_s], axis=1)
            return _Song(probabilities(logits, card.head), vectors.mean(axis=0), facts, spans)

        if is_picture(file.path):
            if neutralised:
                return Problem(file.item_id, "is a picture of a song, which cannot be neutralised")
            unknown = np.full(len(SONG_FACTS), np.nan, np.float32)
            return hear(picture_segments(file.path, spec), unknown)
        return use_file(file, use)

    places, songs, problems = each_file(look, catalog, frame, each, n_threads=_N_THREADS)
    width = classifier.run(np.zeros((0, *spec.shape), np.float32))[1].shape[1]
    return Answers(
        place=places,
        logits=np.zeros((len(places), 0), np.float32),
        probs=_rows([song.probs.mean(axis=0) for song in songs], n_genres, np.float64),
        vectors=unit_length(_rows([song.vector for song in songs], width)).astype(np.float16),
        facts=_rows([song.facts for song in songs], len(SONG_FACTS)),
        colours=np.zeros((len(places), 0), np.float32),
        owner=np.repeat(places, [len(song.spans) for song in songs]),
        spans=np.concatenate([np.zeros((0, 2)), *(song.spans for song in songs)]),
        segments=_rows([row for song in songs for row in song.probs], n_genres),
        left_out=problems,
    )


def describe_colours(
    catalog: Catalog, frame: pd.DataFrame, *, each: Each = lambda _: None
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    """Describe covers for the plain baseline: rows of those that could be read, and theirs."""

    def look(file: MediaFile) -> NDArray[np.float32] | Problem:
        return use_file(
            file, lambda content: colour_statistics(decode_cover(content, name=file.path.name))
        )

    places, rows, _ = each_file(look, catalog, frame, each)
    return places, _rows(rows, len(COLOUR_FEATURES))


class _Song(NamedTuple):
    probs: NDArray[np.float64]
    vector: NDArray[np.float32]
    facts: NDArray[np.float32]
    spans: NDArray[np.float64]


def _chance_of(file: MediaFile) -> np.random.Generator:
    """Decide what is random of a file by its content alone."""
    return np.random.default_rng(int(file.checksum[:16] or "0", 16))


def _rows(rows: Sequence[NDArray[Any]], width: int, dtype: Any = np.float32) -> NDArray[Any]:
    return np.array(rows, dtype).reshape(-1, width)


def _need_music(clip: Clip) -> None:
    if clip.no_music:
        raise DecodeError(
            "A song must hold music to be judged.",
            received=clip.no_music.rstrip("."),
            cure="Give a song that can be heard.",
        )
