"""WAV and AIFF files whose headers are wrong about their samples: all that is there is read."""

from __future__ import annotations

import io
import struct

import numpy as np
import pytest
import soundfile

from genre_core.audio import decode_clip
from tests.audio.song_files import music

SR, SECONDS = 44_100, 1.0
Y = music(SR, 2, SECONDS)
KINDS = {
    "WAV, 16 bits": ("WAV", "PCM_16", 4),
    "WAV, 24 bits": ("WAV", "PCM_24", 6),
    "WAV, floats": ("WAV", "FLOAT", 8),
    "AIFF, 16 bits": ("AIFF", "PCM_16", 4),
    "AIFF, 24 bits": ("AIFF", "PCM_24", 6),
}
LIST = b"LIST" + struct.pack("<I", 18) + b"INFOINAM" + struct.pack("<I", 6) + b"Red  \0"


def written(kind: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, Y, SR, KINDS[kind][1], format=KINDS[kind][0])
    return file.getvalue()


def with_size(content: bytes, size: int, *, whole: int | None = None) -> bytes:
    """Let the chunk of samples, and the file if `whole`, say another size (bytes)."""
    form = ">I" if content.startswith(b"FORM") else "<I"
    place = max(content.find(b"data"), content.find(b"SSND")) + 4
    content = content[:place] + struct.pack(form, size) + content[place + 4 :]
    return content if whole is None else content[:4] + struct.pack(form, whole) + content[8:]


def size_of(content: bytes) -> int:
    form = ">I" if content.startswith(b"FORM") else "<I"
    place = max(content.find(b"data"), content.find(b"SSND")) + 4
    return int(struct.unpack(form, content[place : place + 4])[0])


def assert_same(content: bytes, kind: str) -> tuple[str, ...]:
    clip = decode_clip(content, sr=None)
    np.testing.assert_array_equal(clip.y, decode_clip(written(kind), sr=None).y)
    return clip.notes


@pytest.mark.parametrize("size", [0, 8, 30_000])
@pytest.mark.parametrize("kind", KINDS)
def test_what_a_recorder_that_crashed_left_is_read_whole_with_a_note(kind, size):
    [note] = assert_same(with_size(written(kind), size, whole=size and None), kind)
    assert note.startswith(f"The header of the {KINDS[kind][0]} file is wrong about its length")
    [note] = assert_same(with_size(written(kind), size, whole=0), kind)


@pytest.mark.parametrize("seconds", [0.05, 1.0])
def test_a_short_or_silent_recording_of_a_crashed_recorder_is_read_too(seconds):
    y = np.zeros((round(seconds * SR), 2), np.int16) if seconds == 1 else Y[: round(seconds * SR)]
    file = io.BytesIO()
    soundfile.write(file, y, SR, format="WAV")
    clip = decode_clip(with_size(file.getvalue(), 0, whole=0), sr=None)
    assert clip.n_samples == len(y)
    assert "wrong about its length" in clip.notes[0]


@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
@pytest.mark.parametrize("behind", [b"", LIST])
def test_a_long_wav_whose_size_stands_elsewhere_is_right(magic, behind):
    file = io.BytesIO()
    soundfile.write(file, Y, SR, "PCM_16", format="RF64")
    content = with_size(file.getvalue(), 0xFFFFFFFF)
    assert content.startswith(b"RF64")
    assert assert_same(magic + content[4:] + behind, "WAV, 16 bits") == ()


@pytest.mark.parametrize("size", [0x7FFFFFFF, 0x7FFFF024, 0xFFFFFFFF])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("WAV")])
def test_a_program_in_a_pipe_that_cannot_know_the_size_is_no_flaw(kind, size):
    assert assert_same(with_size(written(kind), size, whole=size), kind) == ()


@pytest.mark.parametrize("kind", KINDS)
def test_a_file_that_ends_before_its_samples_do_is_said(kind):
    content = written(kind)
    clip = decode_clip(content[: len(content) // 2], sr=None)
    assert clip.duration_s == pytest.approx(SECONDS / 2, abs=0.01)
    assert "cut short" in clip.notes[0]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("WAV")])
@pytest.mark.parametrize("size", [0, 30_000])
def test_a_chunk_behind_samples_under_a_size_too_small_is_no_sound(kind, size):
    content = with_size(written(kind), size) + LIST
    [note] = assert_same(content, kind)
    assert "wrong about its length" in note


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("WAV")])
@pytest.mark.parametrize("behind", [LIST, b"TAG" + bytes(125), bytes(3_000), b"\x01" * 4_000])
def test_what_is_short_behind_the_samples_is_none_of_them(kind, behind):
    assert assert_same(written(kind) + behind, kind) == ()


@pytest.mark.parametrize("between", [b"", LIST])
@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.startswith("WAV")])
def test_samples_in_two_chunks_are_one_song(kind, between):
    content, frame = written(kind), KINDS[kind][2]
    n = size_of(content)
    start, half = content.index(b"data") + 8, frame * (n // frame // 2)
    samples, rest = content[start : start + n], content[start + n :]
    parts = b"".join(
        b"data" + struct.pack("<I", len(part)) + part + between
        for part in (samples[:half], samples[half:])
    )
    [note] = assert_same(content[: start - 8] + parts + rest, kind)
    assert "wrong about its length" in note


def test_a_header_without_a_block_s_size_is_mended_by_its_other_numbers():
    content = bytearray(written("WAV, 16 bits"))
    content[28:34] = bytes(6)  # bytes a second, bytes of a frame
    assert assert_same(bytes(content), "WAV, 16 bits") == ()
