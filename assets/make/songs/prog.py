"""A progressive rock song: seven sections in 4/4, 7/8, 6/8 and 5/4 at five tempi."""

from __future__ import annotations

import numpy as np

from assets.make.songs import instruments as play
from assets.make.songs import prog_fast as fast
from assets.make.songs.melody import DORIAN, degree, triad, tune
from assets.make.songs.score import Part, Stage

REVERB_S = 2.6
FADE_OUT_S = 5.0

_MEADOW = (0, 3, 5, 4, 0, 2, 3, 4)


def parts(rng: np.random.Generator) -> list[Part]:
    """Plan the song: one key, one riff in seven that comes back, one slow tune."""
    root = int(rng.integers(48, 55))
    riff = fast.make_riff(rng, n=7)
    race = fast.make_riff(rng, n=10)
    song = tune(rng, (2, 1, 1, 3, 1, 1.5, 0.5, 2, -1, 1, 2, 4, -4), low=2, high=11)

    def intro(stage: Stage) -> None:
        for bar in range(stage.n_bars):
            step = (0, 5, 3, 4, 0, 4)[bar % 6]
            chord = triad(root, DORIAN, step)
            stage.put(play.organ(chord[0] - 12, stage.seconds(4), stage.sr), bar, 0, 0.2, send=0.5)
            for k in range(8):
                note = (*chord, chord[1] + 12)[(0, 1, 2, 3, 2, 3, 2, 1)[k]] + 12
                sound = play.organ(note, stage.seconds(0.55), stage.sr)
                stage.put(sound, bar, k / 2, 0.2, send=0.5)
        for k in range(8):  # a roll that leads into the riff
            stage.hits(stage.kit.toms[k // 3], stage.n_bars - 1, (2 + k / 4,), 0.1 + 0.04 * k, 0.3)

    def meadow(stage: Stage) -> None:
        for bar in range(stage.n_bars):
            chord = triad(root, DORIAN, _MEADOW[bar % 8])
            for note in (chord[0] - 12, *chord):
                sound = play.strings(note, stage.seconds(4.3), stage.sr)
                stage.put(sound, bar, 0, 0.12, send=0.5)
            soft = play.bass(chord[0] - 24, stage.seconds(1.8), stage.sr, 0.2)
            stage.hits(soft, bar, (0, 2), 0.26)
            stage.hits(stage.kit.ride, bar, (0, 1, 2, 3), 0.05, send=0.3)
        for bar in range(1, stage.n_bars - 4, 5):
            for beat, length, step in song:
                note = degree(root + 12, DORIAN, step)
                sound = play.flute(note, stage.seconds(length), stage.sr)
                stage.put(sound, bar, beat, 0.27, send=0.55)

    def climb(stage: Stage) -> None:
        for bar in range(stage.n_bars):
            gain = 0.1 + 0.02 * bar
            for k in range(6):
                note = degree(root, DORIAN, bar + (0, 2, 4, 7, 4, 2)[k])
                sound = play.organ(note, stage.seconds(0.9), stage.sr)
                stage.put(sound, bar, k, gain, send=0.3)
            low = play.bass(degree(root - 24, DORIAN, bar), stage.seconds(3), stage.sr)
            stage.hits(low, bar, (0, 3), 0.4)
            stage.hits(stage.kit.snare, bar, [k / 2 for k in range(12)], 0.04 + 0.03 * bar)
            stage.hits(stage.kit.kick, bar, (0, 3), 0.5)

    def finale(stage: Stage) -> None:
        kit = stage.kit
        for bar in range(stage.n_bars):
            chord = triad(root, DORIAN, _MEADOW[bar % 8])
            for note in (*chord, chord[0] + 12, chord[1] + 12):
                sound = play.strings(note, stage.seconds(4.4), stage.sr, 2600.0)
                stage.put(sound, bar, 0, 0.13, send=0.5)
            stage.put(play.organ(chord[0], stage.seconds(4), stage.sr), bar, 0, 0.14, send=0.4)
            low = play.bass(chord[0] - 24, stage.seconds(1.4), stage.sr)
            stage.hits(low, bar, (0, 1.5, 2.5), 0.42)
            stage.hits(kit.kick, bar, (0, 2.5), 0.6)
            stage.hits(kit.snare, bar, (1, 3), 0.45, send=0.3)
            stage.hits(kit.ride, bar, [k / 2 for k in range(8)], 0.12)
            if bar % 4 == 0:
                stage.put(kit.crash, bar, 0, 0.28, send=0.3)
        for bar in range(0, stage.n_bars - 4, 5):
            for beat, length, step in song:
                note = degree(root + 12, DORIAN, step)
                sound = play.lead(note, stage.seconds(length), stage.sr, "saw")
                stage.put(sound, bar, beat, 0.32, send=0.4)

    return [
        Part("Organ intro", 6, 4, 4, 76.0, intro),
        Part("Riff in seven", 24, 7, 8, 144.0, fast.in_seven(riff, root)),
        Part("Quiet meadow", 14, 4, 4, 66.0, meadow),
        Part("Climb", 8, 6, 8, 100.0, climb),
        Part("Race in five", 24, 5, 4, 168.0, fast.in_five(race, root)),
        Part("Riff in seven again", 16, 7, 8, 144.0, fast.in_seven(riff, root)),
        Part("Finale", 16, 4, 4, 72.0, finale),
    ]
