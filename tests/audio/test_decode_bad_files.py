"""Decoding: a bad file gives one clear error, a half-good one its good half and a note."""

import io
import os
import struct
import sys
import zipfile
from pathlib import Path

import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from genre_core.audio import decode_clip, decode_clips, probe_clip, sndfile
from genre_core.audio import source as source_module
from genre_core.errors import DecodeError, ParameterError
from tests.audio.song_files import FFMPEG, SNDFILE, encoded, music


def picture(kind: str) -> bytes:
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    Image.fromarray(pixels).save(file, kind)
    return file.getvalue()


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("song.wav", encoded(music(8_000, 1, 0.1), 8_000))
    return file.getvalue()


def wav(sr: int = 8_000, n_channels: int = 1, samples: bytes = bytes(64)) -> bytes:
    """WAV with any header, 16 bits."""
    form = struct.pack("<HHIIHH", 1, n_channels, sr, sr * 2 * n_channels, 2 * n_channels, 16)
    chunks = b"fmt " + struct.pack("<I", 16) + form
    chunks += b"data" + struct.pack("<I", len(samples)) + samples
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


BAD = {
    "empty": (b"", "0 bytes"),
    "text": (b"I am no song, I am text.\n" * 20, "text"),
    "text in Greek, cut inside a letter": (b"!" + "αβγδ".encode() * 2_000, "text"),
    "UTF-16 text, which begins like MPEG": ("Καλημέρα".encode("utf-16") * 50, "no known sound"),
    "web page": (b"<!DOCTYPE html><html>404</html>", "web page"),
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", "PDF"),
    "npy": (b"\x93NUMPY\x01\x00v\x00{'descr'", "NumPy"),
    "zip": (zipped(), "zip"),
    "jpeg": (picture("JPEG"), "JPEG picture"),
    "png": (picture("PNG"), "PNG picture"),
    "webp": (picture("WEBP"), "WebP picture"),
    "avif": (picture("AVIF"), "AVIF"),
    "midi": (b"MThd\x00\x00\x00\x06\x00\x01\x00\x02\x01\xe0", "MIDI"),
    "wma": (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11" + bytes(200), "Windows Media"),
    "noise": (np.random.default_rng(0).bytes(50_000), "no known sound"),
    "zeros": (bytes(50_000), "no known sound"),
    "one byte": (b"\xff", "no known sound"),
    "noise behind a tag": (
        b"ID3\x03\x00\x00\x00\x00\x00\x0a" + bytes(10) + np.random.default_rng(1).bytes(9_000),
        "damaged, cut or odd MP3",
    ),
    "a tag and no more": (b"ID3\x03\x00\x00\x00\x00\x00\x0a" + bytes(10), "MP3"),
    "playlist": (b"#EXTM3U\n#EXTINF:1\nhttp://localhost/a.ts\n", "text"),
    "flac magic alone": (b"fLaC", "damaged, cut or odd FLAC"),
    "ogg magic alone": (b"OggS" + bytes(60), "damaged, cut or odd Ogg"),
    "riff magic alone": (b"RIFF\x24\x00\x00\x00WAVE", "damaged, cut or odd WAV"),
    "mp4 magic alone": (b"\x00\x00\x00\x18ftypM4A \x00\x00\x00\x00M4A mp42", "MP4"),
    "webm magic alone": (b"\x1a\x45\xdf\xa3" + bytes(60), "damaged, cut or odd WebM"),
    "M4A cut before its index": (encoded(music(), 44_100, "m4a")[:-3_000], "cut or odd MP4"),
    "no sample": (wav(samples=b""), "without a sample"),
    "no sample, AIFF": (encoded(music()[:0], 44_100, "aiff"), "without a sample"),
    "rate of 0 Hz": (wav(sr=0), ""),
    "rate of 999 Hz": (wav(sr=999), "999 Hz"),
    "rate of 2 GHz": (wav(sr=2_000_000_000), "2000000000 Hz"),
    "no channel": (wav(n_channels=0), ""),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_content_gives_one_clear_error(case):
    content, expected = BAD[case]
    with pytest.raises(DecodeError, match=r"Received song\.mp3: ") as caught:
        decode_clips(content, name="song.mp3")
    assert expected in caught.value.received
    assert caught.value.cure.endswith(".")
    assert "<none>" not in str(caught.value)


def test_a_film_without_sound_is_named():
    import av

    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        stream = output.add_stream("mpeg4", rate=5)
        stream.width = stream.height = 32
        stream.pix_fmt = "yuv420p"
        frame = av.VideoFrame.from_ndarray(np.zeros((32, 32, 3), np.uint8), "rgb24")
        for each in (frame, None):
            output.mux(stream.encode(each))
    with pytest.raises(DecodeError, match=r"Received bytes: MP4 without sound"):
        decode_clip(file.getvalue())


def test_bad_places(tmp_path):
    (tmp_path / "album").mkdir()
    cases = {
        tmp_path / "album": "a folder",
        tmp_path / "nowhere.mp3": "no such file",
        "": "folder",
        "a\x00b.mp3": "no such file",
        "x" * 5000 + ".mp3": "too long",
        "https://example.org/song.mp3": "no such file",
    }
    for source, expected in cases.items():
        for call in (decode_clip, probe_clip):
            with pytest.raises(DecodeError, match="Received") as caught:
                call(source)
            assert expected in caught.value.received.lower()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_refused_and_does_not_block(tmp_path):
    os.mkfifo(tmp_path / "song.mp3")
    with pytest.raises(DecodeError, match=r"Received song\.mp3: not a plain file"):
        decode_clip(tmp_path / "song.mp3")


def test_a_heavy_file_is_not_read(tmp_path):
    path = tmp_path / "song.wav"
    with path.open("wb") as file:
        file.truncate(300 * 2**20)  # sparse: takes no disk
    with pytest.raises(DecodeError, match=r"at most 200 MB\. Received song\.wav: 300\.0 MB"):
        decode_clip(path)


def test_heavy_bytes_and_uploads_are_refused(monkeypatch):
    monkeypatch.setattr(source_module, "MAX_BYTES", 1_000)
    content = encoded(music(8_000, 1, 0.5), 8_000)
    for source in (content, io.BytesIO(content)):
        with pytest.raises(DecodeError, match=r"at most 0 MB\. Received"):
            decode_clip(source)


@pytest.mark.parametrize("source", [None, 3, music(), ["a.mp3"], io.StringIO("x")])
def test_other_types_are_a_parameter_error(source):
    with pytest.raises(ParameterError, match="Received"):
        decode_clip(source)


def test_a_closed_upload_is_an_error():
    upload = io.BytesIO(encoded(music(8_000, 1, 0.1), 8_000))
    upload.close()
    with pytest.raises(DecodeError, match=r"Received an open file: .*closed"):
        decode_clip(upload)


# ---- bounds ------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*SNDFILE, *FFMPEG])
def test_a_song_that_is_too_long_is_refused(kind):
    content = encoded(music(48_000, 1, 2.0), 48_000, kind)
    assert decode_clip(content, max_s=2.1).duration_s >= 2
    with pytest.raises(DecodeError, match=r"at most 1 s .*Received bytes: a longer one"):
        decode_clip(content, max_s=1.0)


def test_samples_are_counted_whatever_the_header_claims(monkeypatch):
    content = encoded(music(44_100, 2, 2.0), 44_100, "flac")
    read = sndfile.Reading

    def claiming_nothing(container, codec, sr, n_channels, n_claimed, blocks):
        return read(container, codec, sr, n_channels, None, blocks)

    monkeypatch.setattr(sndfile, "Reading", claiming_nothing)
    assert decode_clip(content, max_s=2.0).n_samples == 44_100
    with pytest.raises(DecodeError, match="Received"):
        decode_clip(content, max_s=1.999)


def test_a_header_that_claims_too_much_costs_no_memory():
    content = bytearray(encoded(music(44_100, 2, 1.0), 44_100, "flac"))
    content[21] |= 0x0F  # the upper bits of STREAMINFO's count: 36 bits, here 19 days
    content[22:26] = b"\xff" * 4
    assert probe_clip(bytes(content)).duration_s > 86_400
    clip = decode_clip(bytes(content))
    assert clip.duration_s == pytest.approx(1.0)
    assert "cut short" in clip.notes[0]


def test_numbers_that_grow_infinite_on_the_way_are_far_too_large():
    y = np.tile(np.array([[3e38], [-3e38], [-3e38]], np.float32), (20_000, 1))
    clip = decode_clip(encoded(y, 44_100, "wav-float"))
    assert np.isfinite(clip.y).all()
    assert "times full scale" in clip.no_music


@pytest.mark.parametrize("kind", ["wav-float", "wav-double"])
@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_samples_that_are_no_numbers_leave_no_verdict(value, kind):
    y = music(8_000, 1, 60.0)
    y[[5, 50 * 8_000]] = value
    clip = decode_clip(encoded(y, 8_000, kind), sr=None)
    assert clip.no_music == "No verdict: 2 of its samples are NaN or infinite."
    is_same = np.isclose(clip.y, y[:, 0], atol=1e-6)
    np.testing.assert_array_equal(np.flatnonzero(~is_same), [5, 50 * 8_000])
    assert np.isfinite(clip.y).all()


# ---- half-good files ---------------------------------------------------------------------------


@pytest.mark.parametrize("part", [0.3, 0.6, 0.9])
@pytest.mark.parametrize("kind", [*SNDFILE, "webm"])
def test_a_cut_file_gives_its_good_part_and_a_note(kind, part):
    whole = encoded(music(48_000, 2, 6.0), 48_000, kind)
    expected, clip = (
        decode_clip(whole, sr=None),
        decode_clip(whole[: int(len(whole) * part)], sr=None),
    )
    # Pages of Ogg are whole or lost; MP3's rate of bits varies.
    assert part * 6 - 1.2 < clip.duration_s < part * 6 + 0.5
    n = clip.n_samples - 3_000  # the last frame may be filled up or faded out
    np.testing.assert_allclose(clip.y[:n], expected.y[:n], atol=1e-5)
    assert len(clip.notes) == 1
    assert clip.notes[0].startswith("The file is cut short")


def test_a_cut_file_says_how_much_is_missing():
    content = encoded(music(44_100, 2, 4.0), 44_100, "flac")
    assert "of the 4 s that its header claims" in decode_clip(content[: len(content) // 2]).notes[0]


@pytest.mark.parametrize("kind", [*SNDFILE, *FFMPEG])
def test_damage_in_the_middle_never_escapes_as_something_else(kind):
    content = bytearray(encoded(music(48_000, 2, 3.0), 48_000, kind))
    middle = len(content) // 2
    content[middle : middle + 3_000] = np.random.default_rng(2).bytes(3_000)
    try:
        clip = decode_clip(bytes(content))
    except DecodeError as error:
        assert "Received" in str(error)  # noqa: PT017 - either end is right, floats may be NaN
    else:
        assert 1.0 < clip.duration_s < 3.2
        assert np.isfinite(clip.y).all()


def test_huge_numbers_are_no_infinity():
    y = np.full((4_000, 1), 1e30, np.float32)  # their squares are infinite in float32
    np.testing.assert_array_equal(decode_clip(encoded(y, 8_000, "wav-float"), sr=None).y, y[:, 0])


@settings(max_examples=60)
@given(kind=st.sampled_from([*SNDFILE, *FFMPEG]), data=st.data())
def test_any_damage_gives_a_clip_or_our_error(kind, data):
    content = bytearray(SMALL[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(1, len(content))) :]
    try:
        clips = decode_clips(bytes(content))
    except DecodeError as error:
        assert "Received bytes: " in str(error)  # noqa: PT017 - either end is right
    else:
        assert all(np.isfinite(clip.y).all() for clip in clips.values())


SMALL = {kind: encoded(music(48_000, 1, 0.2), 48_000, kind) for kind in (*SNDFILE, *FFMPEG)}


@pytest.mark.skipif(sys.platform != "linux", reason="Linux lists open files there")
def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    bad = tmp_path / "bad.wav"
    bad.write_bytes(b"RIFF\x10\0\0\0WAVEjunk" + b"\0" * 300)
    good = tmp_path / "good.wav"
    soundfile.write(good, np.zeros(100, np.float32), 8_000)
    n_open = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        decode_clip(good)
        with pytest.raises(DecodeError, match="Received"):
            decode_clip(bad)
    assert len(list(Path("/proc/self/fd").iterdir())) == n_open


def test_a_place_before_the_start_is_no_exception() -> None:
    file = source_module.Nameless(io.BytesIO(b"abcdef"))
    assert file.seek(4) == 4
    assert file.seek(-1) == 4
    assert file.read(1) == b"e"
    assert file.seek(-2, 2) == 4
