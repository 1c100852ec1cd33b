"""Whole songs: what follows a seam, a hole or a wrong count is read; damage is said."""

from __future__ import annotations

import io
import struct

import av
import numpy as np
import pytest

from genre_core.audio import decode_clip, probe_clip
from genre_core.errors import DecodeError
from tests.audio.song_files import encoded, music, varying_mp3

SECONDS = 4.0
JOINABLE = ("mp3", "aac", "ogg", "opus", "flac", "wav", "wav-float", "aiff", "m4a", "alac")
STREAMED = ("mp3", "aac", "ogg", "opus", "flac")
RNG = np.random.default_rng(0)


def song(kind: str, sr: int = 48_000, n_channels: int = 2) -> bytes:
    key = (kind, sr, n_channels)
    if key not in _MADE:
        _MADE[key] = encoded(music(sr, n_channels, SECONDS), sr, kind)
    return _MADE[key]


_MADE: dict[tuple[str, int, int], bytes] = {}


def lame(*, tagged: bool, sr: int = 44_100) -> bytes:
    """MP3 of varying bits that begins quietly: its first frames tell of too few bytes a second."""
    y = music(sr, 2, SECONDS)
    y[: len(y) // 3] = 0
    return varying_mp3(y, sr, tagged=tagged)


def with_count(content: bytes, n_frames: int) -> bytes:
    """Let an MP3's Xing tag count other frames than it has."""
    place = max(content.find(b"Xing"), content.find(b"Info"))
    return content[: place + 8] + struct.pack(">I", n_frames) + content[place + 12 :]


def assert_whole(content: bytes, seconds: float, *, within: float = 0.15) -> tuple[str, ...]:
    clip = decode_clip(content, sr=None)
    assert clip.duration_s == pytest.approx(seconds, abs=within)
    return clip.notes


# ---- counts that cannot be trusted -------------------------------------------------------------


def test_an_mp3_of_varying_bits_without_a_count_is_read_to_its_end():
    content = lame(tagged=False)
    assert b"Xing" not in content
    assert assert_whole(content, SECONDS) == ()
    assert probe_clip(content).duration_s == pytest.approx(SECONDS, abs=0.1)


@pytest.mark.parametrize("n_frames", [1, 50])
def test_a_count_that_is_too_small_costs_nothing(n_frames):
    content = lame(tagged=True)
    wrong = decode_clip(with_count(content, n_frames))
    np.testing.assert_array_equal(wrong.y, decode_clip(content).y)
    assert wrong.notes == ()


def test_a_count_that_is_too_large_is_said():
    [note] = assert_whole(with_count(lame(tagged=True), 5_000), SECONDS)
    assert "header claims" in note
    assert probe_clip(with_count(lame(tagged=True), 5_000)).duration_s < SECONDS + 0.1


def test_a_flac_that_claims_less_is_read_to_its_end():
    content = bytearray(song("flac"))
    content[21] &= 0xF0
    content[22:26] = struct.pack(">I", 48_000)
    assert_whole(bytes(content), SECONDS, within=0)


# ---- several songs in one file -----------------------------------------------------------------


@pytest.mark.parametrize("kind", JOINABLE)
def test_joined_files_are_read_one_after_the_other(kind):
    one = song(kind)
    alone = decode_clip(one, sr=None)
    joined = decode_clip(one + one + one, sr=None)
    assert joined.notes == ()
    if kind == "aac":  # one stream, whose frames overlap at the seams
        assert joined.duration_s == pytest.approx(3 * alone.duration_s, abs=0.05)
    else:
        np.testing.assert_array_equal(joined.y, np.tile(alone.y, 3))
    if kind != "flac":  # its headers would have to be looked for in the whole file
        assert probe_clip(one * 3).duration_s == pytest.approx(joined.duration_s, abs=0.15)


@pytest.mark.parametrize("kind", ["mp3", "aac", "ogg", "opus", "flac", "wav", "m4a"])
def test_a_part_at_another_rate_is_brought_to_the_first_ones(kind):
    other = 24_000 if kind == "opus" else 32_000
    content = song(kind) + song(kind, other, 1)
    clip = decode_clip(content, sr=None)
    assert clip.sr == 48_000
    assert clip.duration_s == pytest.approx(2 * SECONDS, abs=0.15)
    if kind != "opus":  # always decoded at 48,000 Hz
        assert clip.notes == ("Part of the file is at 32000 Hz: it was resampled to 48000 Hz.",)


@pytest.mark.parametrize("between", [b"TAG" + bytes(125), b"ID3\x03\0\0\0\0\0\x0a" + bytes(10)])
def test_tags_between_joined_mp3s_are_no_damage(between):
    assert assert_whole(song("mp3") + between + song("mp3"), 2 * SECONDS) == ()


def test_streams_that_begin_together_are_one_song():
    file = io.BytesIO()
    with av.open(file, "w", format="ogg") as output:
        names = ("flac", "libopus")
        for stream in [output.add_stream(name, rate=48_000, layout="mono") for name in names]:
            kind = "s16" if stream.name == "flac" else "flt"
            y = music(48_000, 1, 2.0).T
            y = (y * 9_000).astype(np.int16) if kind == "s16" else np.ascontiguousarray(y)
            frame = av.AudioFrame.from_ndarray(y, kind, "mono")
            frame.sample_rate, frame.pts = 48_000, 0
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
    assert_whole(file.getvalue(), 2.0)


# ---- holes -------------------------------------------------------------------------------------

FILLINGS = {
    "zeros": bytes,
    "ones": lambda n: b"\xff" * n,
    "noise": RNG.bytes,
    "gone": lambda _: b"",
}


@pytest.mark.parametrize("filling", FILLINGS)
@pytest.mark.parametrize("place", [0.3, 0.7])
@pytest.mark.parametrize("kind", STREAMED)
def test_what_follows_a_hole_is_read_too(kind, place, filling):
    content = song(kind)
    start, n_bytes = int(place * len(content)), len(content) // 20
    holed = content[:start] + FILLINGS[filling](n_bytes) + content[start + n_bytes :]
    # Pages of Ogg last a second and go as a whole, one at each end of the hole.
    lost = (0.05 * SECONDS, 2.6 if kind in ("ogg", "opus") else 0.5)
    clip = decode_clip(holed, sr=None)
    assert SECONDS - lost[1] < clip.duration_s < SECONDS - lost[0] + 0.12
    assert any("damaged" in note for note in clip.notes)
    # The end is the end.
    end = decode_clip(content, sr=None).y[-10_000:-4_000]
    if kind in ("mp3", "flac"):
        np.testing.assert_allclose(clip.y[-10_000:-4_000], end, atol=1e-4)


def test_what_follows_a_lost_fragment_of_mp4_is_read_too():
    file = io.BytesIO()
    options = {"movflags": "frag_every_frame+empty_moov+default_base_moof"}
    with av.open(file, "w", format="mp4", options=options) as output:
        stream = output.add_stream("aac", rate=48_000, layout="mono")
        for start in range(0, 48_000 * 3, 1_024):
            part = np.ascontiguousarray(music(48_000, 1, 3.0)[start : start + 1_024].T)
            frame = av.AudioFrame.from_ndarray(part, "fltp", "mono")
            frame.sample_rate, frame.pts = 48_000, start
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    content = file.getvalue()
    middle, n_bytes = len(content) // 2, len(content) // 20
    notes = assert_whole(content[:middle] + bytes(n_bytes) + content[middle + n_bytes :], 2.85)
    assert any("damaged" in note for note in notes)


# ---- what stands before the first frame --------------------------------------------------------

BEFORE = {
    "a newline": b"\n",
    "noise": RNG.bytes(5_000),
    "much noise": RNG.bytes(100_000),
    "ones": b"\xff" * 777,
    "zeros": bytes(20_000),
    "an answer": b"HTTP/1.0 200 OK\r\nContent-Type: audio/mpeg\r\nicy-name: x\r\n\r\n",
    "a tag, then noise": b"ID3\x03\0\0\0\0\0\x10" + bytes(16) + RNG.bytes(500),
}


@pytest.mark.parametrize("before", BEFORE)
@pytest.mark.parametrize("kind", ["mp3", "aac"])
def test_anything_may_stand_before_the_first_frame(kind, before):
    content = song(kind)
    clip = decode_clip(BEFORE[before] + content, sr=None)
    expected = decode_clip(content, sr=None)
    assert clip.duration_s == pytest.approx(expected.duration_s, abs=0.05)
    assert clip.notes == ()
    if kind == "mp3":
        np.testing.assert_array_equal(clip.y, expected.y)


@pytest.mark.parametrize("kind", ["ogg", "opus", "flac", "wav"])
@pytest.mark.parametrize("before", ["a newline", "noise", "an answer"])
def test_sounds_with_a_magic_number_are_found_too(kind, before):
    content = song(kind)
    clip = decode_clip(BEFORE[before] + content)
    np.testing.assert_array_equal(clip.y, decode_clip(content).y)


@pytest.mark.parametrize("share", [0.1, 0.35, 0.5, 0.77])
@pytest.mark.parametrize("n_bytes", [1, 33, 157])
@pytest.mark.parametrize("kind", ["mp3", "aac"])
def test_a_piece_of_a_stream_is_read(kind, share, n_bytes):
    content = song(kind)
    piece = content[int(share * len(content)) + n_bytes :]
    assert assert_whole(piece, (1 - share) * SECONDS, within=0.3) == ()


def test_a_piece_of_an_ogg_stream_before_the_next_is_said():
    content = song("ogg")
    [note] = assert_whole(content[len(content) // 2 :] + content, SECONDS)
    assert "left out" in note


@pytest.mark.parametrize(
    "content",
    [
        RNG.bytes(400_000),
        RNG.bytes(9_000) + song("mp3")[-4_000:] + RNG.bytes(9_000),
        (music(44_100, 2, 3.0) * 32_767).astype("<i2").tobytes(),
        b"\xff" * 300_000,
        b"\xff\xd8\xff\xe0" + bytes(100) + song("mp3"),
        b"PK\x03\x04" + bytes(100) + song("mp3"),
    ],
    ids=["noise", "a few frames in noise", "samples", "ones", "a picture", "an archive"],
)
def test_what_is_no_song_is_still_refused(content):
    with pytest.raises(DecodeError, match="Received"):
        decode_clip(content)


# ---- films, and tracks -------------------------------------------------------------------------


@pytest.mark.parametrize("default", [0, 1, None], ids=["first", "second", "both"])
@pytest.mark.parametrize(("container", "codec"), [("mp4", "aac"), ("matroska", "libopus")])
def test_the_track_marked_as_the_default_is_read(container, codec, default):
    file = io.BytesIO()
    lengths = (2.0, 3.0)
    with av.open(file, "w", format=container) as output:
        streams = [output.add_stream(codec, rate=48_000, layout="mono") for _ in lengths]
        for number, stream in enumerate(streams):  # films mark all of them, unless told otherwise
            is_default = default in (number, None)
            kind = av.stream.Disposition
            stream.disposition = kind.default if is_default else kind.comment
            stream.bit_rate = (48_000, 128_000)[number]
        for stream, seconds in zip(streams, lengths, strict=True):
            y = np.ascontiguousarray(music(48_000, 1, seconds).T)
            frame = av.AudioFrame.from_ndarray(y, "fltp" if codec == "aac" else "flt", "mono")
            frame.sample_rate, frame.pts = 48_000, 0
            output.mux(stream.encode(frame))
            output.mux(stream.encode(None))
    notes = assert_whole(file.getvalue(), lengths[default or 0])
    assert notes == (f"The file has 2 sound tracks: number {(default or 0) + 1} was read.",)
