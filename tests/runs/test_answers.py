"""What a reading of a song says across its networks."""

import numpy as np

from genre_core.runs.answers import SongPrediction, SongReading


def said(scores: list[float] | None, n: int, seconds: float) -> SongPrediction:
    start_s = seconds * np.arange(n)
    probs = np.linspace(0.5, 0.9, n)[:, np.newaxis]
    genres = ("Prog",)
    return SongPrediction(
        model="made",
        genres=genres,
        head="binary",
        start_s=start_s,
        end_s=start_s + seconds,
        logits=probs,
        probs=probs,
        scores=None if scores is None else np.array(scores),
    )


def reading(**predictions: SongPrediction) -> SongReading:
    return SongReading(60.0, (), "", predictions, {}, {})


def test_the_segment_that_is_seen_first_lies_in_the_moment_that_is_named() -> None:
    one = said([0.1, 0.1, 0.1, 0.8, 0.2, 0.9], 6, 10.0)  # alone it would be the last
    two = said([0.1, 0.2, 0.9, 0.95, 0.1, 0.1], 6, 10.0)
    whole = said([0.7], 1, 60.0)  # follows nothing
    naming = said(None, 3, 20.0)
    song = reading(one=one, two=two, whole=whole, naming=naming)
    assert song.most_prog() == (30.0, 40.0)
    assert [song.segment_at_first(name) for name in ("one", "two", "whole", "naming")] == [
        3,
        3,
        0,
        2,
    ]


def test_a_network_alone_names_its_own_moment_and_one_that_follows_nothing_names_none() -> None:
    alone = reading(one=said([0.1, 0.9, 0.2], 3, 20.0), whole=said([0.7], 1, 60.0))
    assert alone.most_prog() == (20.0, 40.0)
    assert alone.segment_at_first("one") == 1
    still = reading(whole=said([0.7], 1, 60.0))
    assert still.most_prog() is None
    assert still.segment_at_first("whole") == 0
