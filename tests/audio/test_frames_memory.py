"""Frames of long songs: the memory of the result, and little more."""

import json
import sys

import pytest

from tests.made_forks import said_by

# Linux counts the peak of memory that was really touched; clear_refs forgets that of the warm-up.
CODE = """
import json, sys
from pathlib import Path
import numpy as np
from genre_core.audio.frames import frames_205
from tests.audio.made_songs import made_song

def kilobytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

minute = made_song(60 * 22_050, 22_050)
frames_205(minute, n_threads=2)
y = np.tile(minute, int(sys.argv[1]))
before = kilobytes("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
frames = frames_205(y, n_threads=2)
print(json.dumps([frames.nbytes, (kilobytes("VmHWM") - before) * 1024]))
"""


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc of Linux")
@pytest.mark.slow
@pytest.mark.parametrize("minutes", [20])
def test_a_long_song_takes_the_memory_of_its_frames(minutes):
    n_bytes, peak = json.loads(said_by(CODE, str(minutes), env={}))
    # 42 MB; all power spectra would be 212 MB, all octaves 106 MB.
    assert n_bytes == (1 + minutes * 60 * 22_050 // 512) * 205 * 4
    assert n_bytes * 0.9 < peak < n_bytes + 60e6
