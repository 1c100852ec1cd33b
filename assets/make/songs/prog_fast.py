"""The fast sections of the progressive song: a riff in 7/8 and a race in 5/4."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from assets.make.songs import instruments as play
from assets.make.songs.melody import DORIAN, degree
from assets.make.songs.score import Stage


def make_riff(rng: np.random.Generator, *, n: int) -> list[int]:
    """Return a riff of `n` eighths as steps of the scale; it begins on the root."""
    return [0, *(int(step) for step in rng.choice((0, 0, 2, 3, 4, 6, 7), n - 1))]


def in_seven(riff: Sequence[int], root: int) -> Callable[[Stage], None]:
    """Return a part that plays the riff once a bar, grouped 2 + 2 + 3."""

    def run(stage: Stage) -> None:
        kit = stage.kit
        for bar in range(stage.n_bars):
            # Every fourth group of bars moves up; the riff itself never changes.
            shift = 3 if (bar // 4) % 4 == 2 else 0
            for k, step in enumerate(riff):
                length = stage.seconds(0.85)
                low = play.bass(degree(root - 24, DORIAN, step + shift), length, stage.sr)
                stage.put(low, bar, k, 0.46, send=0.02)
                high = play.organ(degree(root, DORIAN, step + shift), length, stage.sr)
                stage.put(high, bar, k, 0.2, send=0.12)
            stage.hits(kit.kick, bar, (0, 2, 5.5), 0.6, send=0.02)
            stage.hits(kit.snare, bar, (4,), 0.48, send=0.12)
            stage.hits(kit.hat, bar, range(7), 0.17)
            if bar >= 8 and bar % 2 == 0:
                for beat, step in ((0, 7), (2, 9), (4, 8), (7, 6), (9, 7), (11, 4)):
                    note = degree(root + 12, DORIAN, step + shift)
                    sound = play.lead(note, stage.seconds(1.9), stage.sr)
                    stage.put(sound, bar, beat, 0.2, send=0.25)
            if bar % 8 == 0:
                stage.put(kit.crash, bar, 0, 0.26, send=0.2)

    return run


def in_five(riff: Sequence[int], root: int) -> Callable[[Stage], None]:
    """Return a part with guitars on the riff's eighths, 3 + 2, and a solo above from bar 8 on."""

    def run(stage: Stage) -> None:
        kit = stage.kit
        step = 7
        for bar in range(stage.n_bars):
            for k, at in enumerate(riff):
                note, length = degree(root - 12, DORIAN, at), stage.seconds(0.45)
                chord = play.power_chord(note, length, stage.sr, muted=k not in (0, 6))
                stage.put(chord, bar, k / 2, 0.3, send=0.08)
                low = play.bass(note - 12, length, stage.sr)
                stage.put(low, bar, k / 2, 0.44, send=0.02)
            stage.hits(kit.kick, bar, (0, 1.5, 3, 3.5), 0.58, send=0.02)
            stage.hits(kit.snare, bar, (2, 4), 0.46, send=0.12)
            stage.hits(kit.ride, bar, [k / 2 for k in range(10)], 0.13)
            if bar % 8 == 0:
                stage.put(kit.crash, bar, 0, 0.28, send=0.2)
            for k in range(10 if bar >= 8 else 0):
                step = int(np.clip(step + stage.rng.choice((-2, -1, 1, 1, 2)), 3, 15))
                note = degree(root + 12, DORIAN, step)
                sound = play.solo_guitar(note, stage.seconds(0.55), stage.sr)
                stage.put(sound, bar, k / 2, 0.24, send=0.25)

    return run
