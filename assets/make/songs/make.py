"""One call makes a whole song from a style and a seed."""

from __future__ import annotations

import difflib
import itertools
import math
import zlib
from dataclasses import dataclass
from types import ModuleType

import numpy as np

from assets.make.songs import ambient, instruments, metal, pop, prog
from assets.make.songs.drums import Kit
from assets.make.songs.mixing import Mix
from assets.make.songs.oscillators import Sound
from assets.make.songs.score import Part, Stage
from genre_core.config import require
from genre_core.data.demo import Section
from genre_core.errors import ParameterError, describe

_STYLES: dict[str, ModuleType] = {"prog": prog, "pop": pop, "metal": metal, "ambient": ambient}

STYLES: tuple[str, ...] = tuple(_STYLES)
"""Every style that `make_song` can play."""

SHORTEST_S, LONGEST_S = 2.0, 1200.0


@dataclass(frozen=True, slots=True)
class SongInfo:
    """What a made song consists of.

    Parameters
    ----------
    style : str
    seed : int
    sr : int
        Samples a second.
    sections : tuple of Section
        In order; they tile the song from 0 to its end.
    """

    style: str
    seed: int
    sr: int
    sections: tuple[Section, ...]

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.sections[-1].end_s


def make_song(
    style: str, seed: int = 0, *, sr: int = 22050, duration_s: float | None = None
) -> tuple[Sound, SongInfo]:
    """Play one song.

    The same style, seed, rate and length give the same samples on one machine.

    Parameters
    ----------
    style : str
        "prog" (87 s of 4/4, 7/8 and 5/4), "pop" (a minute), "metal" (45 s) or
        "ambient" (a minute).
    seed : int
        0 or more; chooses key, tunes, riffs and the tuning of the drums.
    sr : int
        Samples a second, 8,000 to 48,000.
    duration_s : float, optional
        2 to 1,200 s: the song is cut and faded there, or begun again. Its own length by default.

    Returns
    -------
    y : ndarray [shape=(n,), dtype=float32]
        Mono, within [-0.97, 0.97], at the same level for every style, faded at its end.
    info : SongInfo
        With the sections.

    Raises
    ------
    ParameterError
        Unknown style, or a seed, rate or length out of range.

    Examples
    --------
    >>> y, info = make_song("pop", duration_s=5, sr=8000)
    >>> y.shape, [(part.name, part.metre) for part in info.sections]
    ((40000,), [('Intro', '4/4'), ('Verse', '4/4')])
    >>> make_song("popp")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: style must be one that can be played. \
Received 'popp' (str). Did you mean 'pop'?
    """
    if style not in _STYLES:
        near = difflib.get_close_matches(str(style), STYLES, n=1, cutoff=0.5)
        cure = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(STYLES)}."
        raise ParameterError(
            "style must be one that can be played.", received=describe(style), cure=cure
        )
    require(seed >= 0, "seed must be 0 or more.", seed, "Give a whole number.")
    require(8000 <= sr <= 48000, "sr must lie in [8000, 48000] Hz.", sr, "Try 22050.")
    if duration_s is not None:
        require(
            SHORTEST_S <= duration_s <= LONGEST_S,
            f"duration_s must lie in [{SHORTEST_S:g}, {LONGEST_S:g}] s.",
            duration_s,
            "Leave it out for the song's own length.",
        )
    # The style is part of the seed, so that equal seeds do not share their key across styles.
    rng = np.random.default_rng([seed, zlib.crc32(style.encode())])
    plan = _STYLES[style].parts(rng)
    played = _laid_out(plan, duration_s)
    end_s = played[-1][1].end_s
    mix = Mix(math.ceil(end_s * sr), sr)
    kit = Kit(sr, rng)
    for part, section in played:
        part.play(Stage(section, part.n_bars, mix, kit, rng, sr))
    instruments.forget()
    y = mix.master(
        rng,
        reverb_s=_STYLES[style].REVERB_S,
        fade_in_s=0.02,
        fade_out_s=min(_STYLES[style].FADE_OUT_S, end_s / 4),
    )
    return y, SongInfo(style, seed, sr, tuple(section for _, section in played))


def _laid_out(plan: list[Part], duration_s: float | None) -> list[tuple[Part, Section]]:
    """Put the parts one after the other; begin again or cut where a length is asked for."""
    placed: list[tuple[Part, Section]] = []
    start_s = 0.0
    for part in plan if duration_s is None else itertools.cycle(plan):
        section = part.at(start_s)
        if duration_s is not None and section.end_s >= duration_s - 1e-9:
            last = Section(section.name, start_s, duration_s, part.beats, part.unit, part.tempo_bpm)
            return [*placed, (part, last)]
        placed.append((part, section))
        start_s = section.end_s
    return placed
