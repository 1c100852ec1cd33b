"""A pop song: four chords in 4/4, verse and chorus."""

from __future__ import annotations

import numpy as np

from assets.make.songs import instruments as play
from assets.make.songs.melody import MAJOR, degree, triad, tune
from assets.make.songs.mixing import echoed
from assets.make.songs.score import Part, Stage

REVERB_S = 1.3
FADE_OUT_S = 2.0

_TEMPO = 112.0
_CHORDS = (0, 4, 5, 3)  # I, V, vi, IV
_VERSE = (0.5, 0.5, 1, -0.5, 0.5, 0.5, 0.5, 1, 1, -2)
_CHORUS = (1.5, 0.5, 1, 1, 0.5, 0.5, 1, 2)


def parts(rng: np.random.Generator) -> list[Part]:
    """Plan the song: key, tunes, and who plays where."""
    root = int(rng.integers(57, 65))
    verse = tune(rng, _VERSE, low=0, high=7)
    chorus = tune(rng, _CHORUS, low=4, high=11)

    def intro(stage: Stage) -> None:
        for bar in range(stage.n_bars):
            _chords(stage, bar, root, gain=0.2)
            stage.hits(stage.kit.hat, bar, (0, 1, 2, 3), 0.14)
        _fill(stage, stage.n_bars - 1)

    def sing(stage: Stage) -> None:
        for bar in range(stage.n_bars):
            _beat(stage, bar, is_open=False)
            _chords(stage, bar, root, gain=0.17)
            _bass(stage, bar, root)
        _tune(stage, verse, root, gain=0.2)
        _fill(stage, stage.n_bars - 1)

    def lift(stage: Stage) -> None:
        stage.put(stage.kit.crash, 0, 0, 0.3, send=0.2)
        for bar in range(stage.n_bars):
            _beat(stage, bar, is_open=True)
            _chords(stage, bar, root, gain=0.13)
            _bass(stage, bar, root)
            for note in triad(root, MAJOR, _CHORDS[bar % 4]):
                long = play.strings(note, stage.seconds(4), stage.sr, 2600.0)
                stage.put(long, bar, 0, 0.13, send=0.3)
        _tune(stage, chorus, root, gain=0.24)

    return [
        Part("Intro", 2, 4, 4, _TEMPO, intro),
        Part("Verse", 8, 4, 4, _TEMPO, sing),
        Part("Chorus", 8, 4, 4, _TEMPO, lift),
        Part("Second verse", 4, 4, 4, _TEMPO, sing),
        Part("Last chorus", 6, 4, 4, _TEMPO, lift),
    ]


def _beat(stage: Stage, bar: int, *, is_open: bool) -> None:
    kit = stage.kit
    stage.hits(kit.kick, bar, (0, 1.5, 2) if is_open else (0, 2), 0.62, send=0.02)
    stage.hits(kit.snare, bar, (1, 3), 0.4, send=0.12)
    for k in range(8):
        accent = 0.16 if k % 2 == 0 else 0.1
        stage.put(kit.hat, bar, k / 2, accent)
    if is_open:
        stage.hits(kit.open_hat, bar, (0.5, 1.5, 2.5, 3.5), 0.1)


def _fill(stage: Stage, bar: int) -> None:
    for k, drum in enumerate((stage.kit.snare, *stage.kit.toms)):
        stage.hits(drum, bar, (3 + k / 4,), 0.34, send=0.15)


def _chords(stage: Stage, bar: int, root: int, *, gain: float) -> None:
    for beat, length in ((0, 1.5), (1.5, 1.0), (2.5, 1.5)):
        for note in triad(root, MAJOR, _CHORDS[bar % 4]):
            stage.put(play.keys(note, stage.seconds(length), stage.sr), bar, beat, gain, send=0.2)


def _bass(stage: Stage, bar: int, root: int) -> None:
    low = degree(root - 24, MAJOR, _CHORDS[bar % 4])
    low = low - 12 if low > 45 else low
    for k in range(8):
        note = low + 12 if k == 7 else low
        stage.put(play.bass(note, stage.seconds(0.5), stage.sr), bar, k / 2, 0.36, send=0.02)


def _tune(stage: Stage, notes: list[tuple[float, float, int]], root: int, *, gain: float) -> None:
    # Two bars of tune over four chords, moved down a step the second time: a question, an answer.
    for bar in range(0, stage.n_bars - 1, 2):
        shift = -1 if bar % 4 else 0
        for beat, length, step in notes:
            note = degree(root + 12, MAJOR, step + shift)
            sound = play.lead(note, stage.seconds(0.92 * length), stage.sr)
            sound = echoed(sound, stage.sr, stage.seconds(0.75), feedback=0.3, n=2)
            stage.put(sound, bar, beat, gain, send=0.25)
