"""An ambient piece: slow pads, wind out of noise, a few bells in a very large room."""

from __future__ import annotations

import numpy as np

from assets.make.songs import instruments as play
from assets.make.songs.melody import MAJOR, degree
from assets.make.songs.oscillators import low_pass, noise
from assets.make.songs.score import Part, Stage

REVERB_S = 5.0
FADE_OUT_S = 5.0

_TEMPO = 60.0


def parts(rng: np.random.Generator) -> list[Part]:
    """Plan the piece: four wide chords over one low note."""
    root = int(rng.integers(48, 55))
    order = [0, *(int(step) for step in rng.permutation((3, 5, 4)))]

    def drift(step: int, n_bells: int) -> Part:
        def hold(stage: Stage) -> None:
            length_beats = stage.n_bars * stage.beats
            # Each chord sounds into the next one.
            length = stage.seconds(length_beats + 3)
            for k in (0, 2, 4, 6, 8):
                pad = play.strings(degree(root, MAJOR, step + k), length, stage.sr, 600.0)
                stage.put(pad, 0, 0, 0.2, send=0.6)
            stage.put(play.strings(root - 12, length, stage.sr, 400.0), 0, 0, 0.35, send=0.3)
            _wind(stage, length_beats)
            for beat in stage.rng.uniform(2, length_beats - 2, n_bells):
                note = degree(root + 24, MAJOR, step + int(stage.rng.choice((0, 2, 4, 8))))
                stage.put(play.bell(note, 3.0, stage.sr), 0, float(beat), 0.06, send=0.9)

        return Part(f"Chord {step + 1}", 4, 4, 4, _TEMPO, hold)

    return [drift(step, n_bells) for step, n_bells in zip(order, (3, 5, 6, 4), strict=True)]


def _wind(stage: Stage, length_beats: int) -> None:
    n = int(stage.seconds(length_beats) * stage.sr)
    t = np.linspace(0, 1, n)
    gusts = np.sin(np.pi * t) * (0.6 + 0.4 * np.sin(2 * np.pi * (2 * t + stage.rng.uniform())))
    wind = low_pass(noise(n, stage.rng), stage.sr, 500, order=1)
    stage.put((wind * gusts).astype(np.float32), 0, 0, 0.12, send=0.5)
