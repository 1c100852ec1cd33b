"""A metal song: overdriven power chords, double kick drum, a slow breakdown."""

from __future__ import annotations

import numpy as np

from assets.make.songs import instruments as play
from assets.make.songs.melody import PHRYGIAN, degree
from assets.make.songs.score import Part, Stage

REVERB_S = 0.9
FADE_OUT_S = 1.5

_TEMPO = 170.0
_GALLOP = (0, 0.5, 0.75, 1, 1.5, 1.75, 2, 2.5, 2.75, 3)


def parts(rng: np.random.Generator) -> list[Part]:
    """Plan the song: a low root, a riff out of the darkest scale."""
    root = int(rng.integers(38, 42))
    steps = [0, *(int(step) for step in rng.choice((1, 2, 3, 4, 5), 3))]

    def riff(stage: Stage) -> None:
        for bar in range(stage.n_bars):
            _gallop(stage, bar, root, steps)
            _drums(stage, bar)
        stage.put(stage.kit.crash, 0, 0, 0.34, send=0.2)

    def chorus(stage: Stage) -> None:
        for bar in range(stage.n_bars):
            note = degree(root, PHRYGIAN, steps[(bar // 2) % 4])
            for beat in (0, 2.5):
                length = stage.seconds(2.5 if beat == 0 else 1.5)
                stage.put(play.power_chord(note, length, stage.sr), bar, beat, 0.34)
                stage.put(play.bass(note, length, stage.sr), bar, beat, 0.24, send=0)
            _drums(stage, bar, is_double=True)
            stage.hits(stage.kit.crash, bar, (0,), 0.24, send=0.15)

    def solo(stage: Stage) -> None:
        step = 7
        for bar in range(stage.n_bars):
            _gallop(stage, bar, root, steps)
            _drums(stage, bar, is_double=True)
            for k in range(8):
                step = int(np.clip(step + stage.rng.choice((-2, -1, 1, 1, 2)), 4, 16))
                note = degree(root + 24, PHRYGIAN, step)
                sound = play.solo_guitar(note, stage.seconds(0.55), stage.sr)
                stage.put(sound, bar, k / 2, 0.3, send=0.2)

    def breakdown(stage: Stage) -> None:
        for bar in range(stage.n_bars):
            for beat in (0, 0.75, 1.5, 2.5, 3.25):
                chord = play.power_chord(root, stage.seconds(0.6), stage.sr, muted=beat != 2.5)
                stage.put(chord, bar, beat, 0.42)
                stage.put(play.bass(root, stage.seconds(0.6), stage.sr), bar, beat, 0.24, send=0)
                stage.hits(stage.kit.kick, bar, (beat,), 0.5)
            stage.hits(stage.kit.snare, bar, (2,), 0.5, send=0.25)
            stage.hits(stage.kit.ride, bar, (0, 1, 2, 3), 0.2)

    return [
        Part("Riff", 4, 4, 4, _TEMPO, riff),
        Part("Verse", 8, 4, 4, _TEMPO, riff),
        Part("Chorus", 8, 4, 4, _TEMPO, chorus),
        Part("Breakdown", 4, 4, 4, _TEMPO, breakdown),
        Part("Solo", 4, 4, 4, _TEMPO, solo),
        Part("Last chorus", 4, 4, 4, _TEMPO, chorus),
    ]


def _gallop(stage: Stage, bar: int, root: int, steps: list[int]) -> None:
    for k, beat in enumerate(_GALLOP):
        is_last = k == len(_GALLOP) - 1
        note = degree(root, PHRYGIAN, steps[bar % 4]) if is_last else root
        length = stage.seconds(1.0 if is_last else 0.3)
        chord = play.power_chord(note, length, stage.sr, muted=not is_last)
        stage.put(chord, bar, beat, 0.36, send=0.06)
        stage.put(play.bass(note, length, stage.sr), bar, beat, 0.2, send=0)


def _drums(stage: Stage, bar: int, *, is_double: bool = False) -> None:
    kit = stage.kit
    kicks = [k / 4 for k in range(16)] if is_double or bar % 4 == 3 else list(_GALLOP)
    stage.hits(kit.kick, bar, kicks, 0.34, send=0.01)
    stage.hits(kit.snare, bar, (1, 3), 0.5, send=0.1)
    stage.hits(kit.ride, bar, (0, 0.5, 1, 1.5, 2, 2.5, 3, 3.5), 0.14)
