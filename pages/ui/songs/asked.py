"""Which genre's evidence is shown of a song, and how it is told what mattered."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from genre_core.runs.bundle import Bundle

if TYPE_CHECKING:
    from genre_core.runs.answers import SongPrediction


class By(NamedTuple):
    """How it is asked what mattered: by one of `evidence.words.over_time`, and for which genre.

    "" for the method that is usual for the network, and for what `genre_shown` takes by itself.
    """

    method: str = ""
    genre: str = ""


def genre_shown(
    bundle: Bundle, prediction: SongPrediction, index: int | None = None, asked: str = ""
) -> int:
    """Give the genre asked for, where the network knows it; else prog where it is scored.

    Else it is the likeliest one of the song, or of its segment `index`.
    """
    if asked in bundle.card.genres:
        return bundle.card.genres.index(asked)
    if bundle.card.prog_score is not None:
        return bundle.card.genres.index(bundle.card.prog_score.genre)
    return int(np.argmax(prediction.mean_probs if index is None else prediction.probs[index]))
