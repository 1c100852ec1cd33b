"""A song that turns progressive and back twice, so that scores over time have something to show.

Which passages raise the scores of the shipped networks was measured on every kind that is played
here: organ and taped strings without drums do, a dance beat and fast guitars do not, in whatever
metre. `tests/test_shipped_songs.py` holds the song to it.
"""

from __future__ import annotations

import numpy as np

from assets.make.songs import instruments as play
from assets.make.songs.melody import DORIAN, MINOR, degree, triad, tune
from assets.make.songs.score import Part, Stage

REVERB_S = 2.6
FADE_OUT_S = 4.0

_SEVEN = (0, 2, 3, 1, 2, 3, 2)
"""Notes of the chord that the organ plays in a bar of seven, 2 + 2 + 3."""


def parts(rng: np.random.Generator) -> list[Part]:
    """Plan the song: one key, a dance verse, an organ in seven, a race in five, a quiet close."""
    root = int(rng.integers(48, 55))
    race = [0, *(int(step) for step in rng.choice((0, 0, 2, 3, 4, 6, 7), 9))]
    song = tune(rng, (2, 1, 1, 3, 1, 1.5, 0.5, 2, -1, 1, 2, 4), low=2, high=11)

    def dance(stage: Stage) -> None:
        kit = stage.kit
        for bar in range(stage.n_bars):
            low = degree(root - 12, MINOR, (0, 0, 5, 3)[bar % 4])
            stage.hits(kit.kick, bar, range(4), 0.7, send=0.01)
            stage.hits(kit.open_hat, bar, (0.5, 1.5, 2.5, 3.5), 0.2)
            stage.hits(kit.snare, bar, (1, 3), 0.35, send=0.05)
            for k in range(8):
                sound = play.bass(low, stage.seconds(0.4), stage.sr)
                stage.put(sound, bar, k / 2, 0.45, send=0)
            for k in range(16):
                note = degree(root + 12, MINOR, (0, 2, 4, 7)[k % 4])
                stage.put(play.lead(note, stage.seconds(0.2), stage.sr, "saw"), bar, k / 4, 0.14)

    def seven(stage: Stage) -> None:
        for bar in range(stage.n_bars):
            chord = triad(root, DORIAN, (0, 5, 3, 4)[bar // 2 % 4])
            _tapes(stage, bar, chord, gain=0.1)
            held = play.organ(chord[0] - 12, stage.seconds(6.8), stage.sr)
            stage.put(held, bar, 0, 0.22, send=0.5)
            for k, place in enumerate(_SEVEN):
                note = (*chord, chord[1] + 12)[place] + 12
                sound = play.organ(note, stage.seconds(0.9), stage.sr)
                stage.put(sound, bar, k, 0.24 if k in (0, 2, 4) else 0.18, send=0.5)

    def five(stage: Stage) -> None:
        kit, step = stage.kit, 7
        for bar in range(stage.n_bars):
            for k, at in enumerate(race):
                note, length = degree(root - 12, DORIAN, at), stage.seconds(0.45)
                chord = play.power_chord(note, length, stage.sr, muted=k not in (0, 6))
                stage.put(chord, bar, k / 2, 0.3, send=0.08)
                stage.put(play.bass(note - 12, length, stage.sr), bar, k / 2, 0.44, send=0.02)
            stage.hits(kit.kick, bar, (0, 1.5, 3, 3.5), 0.58, send=0.02)
            stage.hits(kit.snare, bar, (2, 4), 0.46, send=0.12)
            stage.hits(kit.ride, bar, [k / 2 for k in range(10)], 0.13)
            if bar % 4 == 0:
                stage.put(kit.crash, bar, 0, 0.28, send=0.2)
            for k in range(10 if bar >= 4 else 0):
                step = int(np.clip(step + stage.rng.choice((-2, -1, 1, 1, 2)), 3, 15))
                note = degree(root + 12, DORIAN, step)
                sound = play.solo_guitar(note, stage.seconds(0.55), stage.sr)
                stage.put(sound, bar, k / 2, 0.2, send=0.25)

    def close(stage: Stage) -> None:
        for bar in range(stage.n_bars):
            chord = triad(root, DORIAN, (0, 3, 5, 4)[bar % 4])
            _tapes(stage, bar, chord, gain=0.14)
            for k in range(8):
                note = (*chord, chord[1] + 12)[(0, 1, 2, 3, 2, 3, 2, 1)[k]] + 12
                sound = play.organ(note, stage.seconds(0.55), stage.sr)
                stage.put(sound, bar, k / 2, 0.16, send=0.5)
        for beat, length, step in song:
            note = degree(root + 12, DORIAN, step)
            stage.put(play.flute(note, stage.seconds(length), stage.sr), 1, beat, 0.2, send=0.5)

    return [
        Part("Dance verse", 10, 4, 4, 126.0, dance),
        Part("Organ in seven", 12, 7, 8, 96.0, seven),
        Part("Race in five", 11, 5, 4, 168.0, five),
        Part("Organ and flute", 6, 4, 4, 66.0, close),
    ]


def _tapes(stage: Stage, bar: int, chord: tuple[int, int, int], *, gain: float) -> None:
    for note in (chord[0] - 12, *chord):
        sound = play.strings(note, stage.seconds(stage.beats + 0.3), stage.sr)
        stage.put(sound, bar, 0, gain, send=0.5)
