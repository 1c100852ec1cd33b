"""Make two classes of covers in two ways on purpose: the shortcut that study S1 feared."""

from __future__ import annotations

from typing import Literal, get_args

import numpy as np

from genre_core.config import require
from genre_core.image.augment import neutralise_cover
from genre_core.image.edits import CoverEdit, edit_cover
from genre_core.image.picture import Picture

Treatment = Literal["as they are", "scaled apart", "scaled the other way", "neutralised"]
"""How the covers of two classes are made.

as they are : untouched.
scaled apart : those of class 1 are scaled down and up again.
scaled the other way : those of class 0 are instead.
neutralised : scaled apart, and then each changed at random by `augment.neutralise_cover`.
"""

RESCALE = 0.5
"""To which part of the side covers are scaled down; what is lost on the way is not seen easily."""

ALIKE = 0.2
"""To which part `scale_alike` scales. It must go well below `RESCALE`: a cover scaled to half twice
is softer than one scaled once, and their spectra tell the two apart nearly as well as before."""


def treat_covers(
    covers: Picture, genre_index: np.ndarray, treatment: Treatment, *, seed: int = 0
) -> Picture:
    """Make prepared covers [shape=(n, size, size, 3)] of two classes, 0 and 1, in one of the ways.

    `seed` and a cover's place decide what is random.

    Examples
    --------
    >>> covers = np.random.default_rng(0).integers(0, 256, (2, 16, 16, 3), dtype=np.uint8)
    >>> made = treat_covers(covers, np.array([0, 1]), "scaled apart")
    >>> [bool((a == b).all()) for a, b in zip(covers, made)]
    [True, False]
    """
    known = get_args(Treatment)
    require(treatment in known, f"treatment must be one of {known}.", treatment, "Choose one.")
    require(
        len(covers) == len(genre_index),
        "Each cover needs its genre.",
        (len(covers), len(genre_index)),
        "Give both in the same order.",
    )
    made = np.array(covers)
    if treatment == "as they are":
        return made
    scaled_class = 0 if treatment == "scaled the other way" else 1
    for place in np.flatnonzero(np.asarray(genre_index) == scaled_class).tolist():
        made[place] = edit_cover(made[place], CoverEdit(rescale=RESCALE))
    if treatment == "neutralised":
        for place in range(len(made)):
            made[place] = neutralise_cover(made[place], np.random.default_rng((seed, place)))
    return made


def scale_alike(covers: Picture) -> Picture:
    """Scale every cover down and up again, further than any of them was scaled before.

    The cure of the shortcut that `treat_covers` makes, as a step of a network's input: it must be
    taken in training and whenever the network is asked. What is left of two versions of a cover,
    one scaled by `RESCALE` before and one not, is nearly the same. It needs no knowledge of the
    genre, which nobody has when a network is asked; its price is all detail finer than 1 / `ALIKE`
    pixels.

    Examples
    --------
    >>> cover = np.random.default_rng(0).integers(0, 256, (1, 40, 40, 3), dtype=np.uint8)
    >>> softened = treat_covers(cover, np.array([1]), "scaled apart")
    >>> far, near = (
    ...     float(np.abs(a.astype(float) - b).mean())
    ...     for a, b in ((cover, softened), (scale_alike(cover), scale_alike(softened)))
    ... )
    >>> near < far / 20
    True
    """
    made = np.array(covers)
    for place in range(len(made)):
        made[place] = edit_cover(made[place], CoverEdit(rescale=ALIKE))
    return made
