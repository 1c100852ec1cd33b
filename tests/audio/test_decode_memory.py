"""Decoding long songs: the memory of the result, and little more."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import soundfile

PROJECT = Path(__file__).resolve().parents[2]

# Linux counts the peak of memory that was really touched; clear_refs forgets that of importing.
CODE = """
import json, sys
from pathlib import Path
from genre_core.audio.decode import decode_clip

def kilobytes(name):
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(name))

decode_clip(sys.argv[1])
before = kilobytes("VmRSS")
Path("/proc/self/clear_refs").write_text("5")
clip = decode_clip(sys.argv[2])
print(json.dumps([clip.duration_s, clip.y.nbytes, (kilobytes("VmHWM") - before) * 1024]))
"""


def peak_of(short: Path, long: Path) -> tuple[float, int, int]:
    """Seconds, bytes of the samples and peak of memory over an idle process."""
    done = subprocess.run(
        [sys.executable, "-c", CODE, str(short), str(long)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    )
    return tuple(json.loads(done.stdout))


def write(path: Path, seconds: int, sr: int = 8_000) -> Path:
    rng = np.random.default_rng(0)
    with soundfile.SoundFile(path, "w", sr, 1, format="FLAC", subtype="PCM_16") as file:
        for _ in range(seconds // 20):
            file.write(rng.uniform(-0.1, 0.1, 20 * sr).astype(np.float32))
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc of Linux")
@pytest.mark.slow
@pytest.mark.parametrize("minutes", [20, pytest.param(120, marks=pytest.mark.sweep)])
def test_a_long_song_takes_the_memory_of_its_samples(tmp_path, minutes):
    short, long = write(tmp_path / "a.flac", 20), write(tmp_path / "b.flac", minutes * 60)
    seconds, n_bytes, peak = peak_of(short, long)
    assert seconds == minutes * 60
    assert n_bytes == minutes * 60 * 22_050 * 4
    # 635 MB at two hours; doubling on the way would be 1.2 GB.
    assert n_bytes * 0.9 < peak < n_bytes + 60e6
    assert peak < 1e9


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc of Linux")
@pytest.mark.slow
def test_a_long_song_without_a_length_takes_no_more(tmp_path):
    # A stream of unknown length: FLAC's count of samples set to 0.
    short, long = write(tmp_path / "a.flac", 20), write(tmp_path / "b.flac", 20 * 60)
    content = bytearray(long.read_bytes())
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    long.write_bytes(content)
    seconds, n_bytes, peak = peak_of(short, long)
    assert seconds == 20 * 60
    assert peak < n_bytes + 60e6
