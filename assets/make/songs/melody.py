"""Scales, chords and tunes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

MAJOR = (0, 2, 4, 5, 7, 9, 11)
MINOR = (0, 2, 3, 5, 7, 8, 10)
DORIAN = (0, 2, 3, 5, 7, 9, 10)
PHRYGIAN = (0, 1, 3, 5, 7, 8, 10)


def degree(root: int, scale: Sequence[int], step: int) -> int:
    """Return the MIDI note of a scale's step; 0 is the root, 7 the octave, -1 the note below.

    Examples
    --------
    >>> degree(60, MAJOR, 2), degree(60, MAJOR, 7), degree(60, MAJOR, -1)
    (64, 72, 59)
    """
    octave, place = divmod(step, len(scale))
    return root + 12 * octave + scale[place]


def triad(root: int, scale: Sequence[int], step: int) -> tuple[int, int, int]:
    """Return the three notes of the chord on a step of a scale.

    Examples
    --------
    >>> triad(60, MAJOR, 0)
    (60, 64, 67)
    """
    first, second, third = (degree(root, scale, step + k) for k in (0, 2, 4))
    return first, second, third


def tune(
    rng: np.random.Generator,
    lengths: Sequence[float],
    *,
    low: int,
    high: int,
    chord_steps: Sequence[int] = (0, 2, 4),
) -> list[tuple[float, float, int]]:
    """Make up a tune: small steps and now and then a leap, long notes on notes of the chord.

    Parameters
    ----------
    rng : numpy.random.Generator
    lengths : sequence of float
        Beats of each note; negative is a rest.
    low, high : int
        Lowest and highest step of the scale.
    chord_steps : sequence of int
        Steps within the octave on which a note of a beat or more comes to rest.

    Returns
    -------
    list of (float, float, int)
        Beat from 0, length in beats, step of the scale.

    Examples
    --------
    >>> notes = tune(np.random.default_rng(0), (1, -1, 2), low=0, high=7)
    >>> [(beat, length) for beat, length, _ in notes]
    [(0.0, 1.0), (2.0, 2.0)]
    """
    notes = []
    beat, step = 0.0, int(rng.choice(chord_steps))
    for length in lengths:
        if length > 0:
            step += int(rng.choice((-2, -1, -1, 0, 1, 1, 2, 4)))
            step = step - 4 if step > high else step + 4 if step < low else step
            if length >= 1:
                resting = [s for s in range(low, high + 1) if s % 7 in chord_steps]
                step = resting[int(np.argmin(np.abs(np.array(resting) - step)))]
            notes.append((beat, float(length), step))
        beat += abs(length)
    return notes
