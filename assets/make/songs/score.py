"""Where a note stands: sections with their metre and tempo, and the stage that notes are put on."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from assets.make.songs.drums import Kit
from assets.make.songs.mixing import Mix
from assets.make.songs.oscillators import Sound
from genre_core.data.demo import Section


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a song as it is planned: `play` puts its notes on the stage."""

    name: str
    n_bars: int
    beats: int
    unit: int
    tempo_bpm: float
    play: Callable[[Stage], None]

    def at(self, start_s: float) -> Section:
        """Return the section that this part becomes when it begins at `start_s`."""
        one = Section(self.name, start_s, start_s, self.beats, self.unit, self.tempo_bpm)
        end_s = start_s + self.n_bars * one.bar_s
        return Section(self.name, start_s, end_s, self.beats, self.unit, self.tempo_bpm)


class Stage:
    """What a part writes on: its own beats are counted from 0, notes go into the mix.

    Parameters
    ----------
    section : Section
        Where and how fast.
    n_bars : int
    mix : Mix
    kit : Kit
    rng : numpy.random.Generator
        For every choice, and for the small faults of hands.
    sr : int
    """

    def __init__(
        self,
        section: Section,
        n_bars: int,
        mix: Mix,
        kit: Kit,
        rng: np.random.Generator,
        sr: int,
    ) -> None:
        self.section, self.n_bars, self.kit, self.rng, self.sr = section, n_bars, kit, rng, sr
        self.beats = section.beats
        self.beat_s = section.bar_s / section.beats
        self._mix = mix

    def seconds(self, beats: float) -> float:
        """Return how long some beats last, rounded so that equal notes are made once."""
        return round(beats * self.beat_s, 4)

    def put(
        self,
        sound: Sound,
        bar: int,
        beat: float,
        gain: float,
        *,
        send: float = 0.1,
        loose: bool = True,
    ) -> None:
        """Let a sound begin at a beat of a bar.

        Parameters
        ----------
        sound : ndarray [shape=(n,)]
        bar : int
        beat : float
            From 0; may run past the bar's end.
        gain : float
        send : float
            Share that goes into the reverb.
        loose : bool
            Play it a few milliseconds off, as hands do.
        """
        start_s = self.section.start_s + bar * self.section.bar_s + beat * self.beat_s
        if loose:
            start_s += float(np.clip(self.rng.normal(0, 0.003), -0.007, 0.007))
            gain *= float(self.rng.uniform(0.88, 1.0))
        self._mix.add(sound, max(0.0, start_s), gain, send)

    def hits(
        self, sound: Sound, bar: int, beats: Iterable[float], gain: float, send: float = 0.06
    ) -> None:
        """Let one drum sound at several beats of a bar."""
        for beat in beats:
            self.put(sound, bar, beat, gain, send=send)
