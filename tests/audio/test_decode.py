"""Decoding: librosa's samples from every format, and laws that hold for each of them."""

import io
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import av
import librosa
import numpy as np
import pytest
import soundfile

from genre_core.audio import Clip, decode_clip, decode_clips, ffmpeg, probe_clip, reading, sndfile
from genre_core.audio.ffmpeg import read_ffmpeg
from genre_core.audio.parts import Part
from genre_core.audio.reading import Mix
from genre_core.audio.source import open_sound
from genre_core.errors import ParameterError
from tests.audio.song_files import FFMPEG, SNDFILE, encoded, music

PROJECT = Path(__file__).resolve().parents[2]

# Every format; MP3 has two channels at most, Opus a few rates.
CASES = [
    *((kind, 48_000, 2) for kind in SNDFILE),
    *((kind, 8_000, 1) for kind in SNDFILE),
    *((kind, 44_100, 2) for kind in SNDFILE if kind != "opus"),
    *(("wav", 44_100, n_channels) for n_channels in (1, 3, 4, 5, 6, 7, 8, 12)),
    ("wav-float", 192_000, 8),
    ("flac", 192_000, 2),
    ("flac", 96_000, 8),
    ("aiff", 11_025, 4),
    ("ogg", 32_000, 6),
    ("mp3", 22_050, 2),
    ("wav", 22_050, 1),
    ("wav", 16_000, 2),
    ("wav", 44_056, 1),
]


@pytest.mark.parametrize(("kind", "own_sr", "n_channels"), CASES)
def test_samples_are_those_of_librosa(kind, own_sr, n_channels):
    content = encoded(music(own_sr, n_channels, 1.3), own_sr, kind)
    clips = decode_clips(content, srs=(22_050, 16_000, 8_000))
    for sr, clip in clips.items():
        expected, _ = librosa.load(io.BytesIO(content), sr=sr)
        # Exact: the same decoder, the same mean, the same resampler in other blocks.
        np.testing.assert_array_equal(clip.y, expected)
        assert clip.sr == sr
        assert clip.notes == ()


@pytest.mark.parametrize("kind", SNDFILE)
def test_the_own_rate_is_kept_on_demand(kind):
    content = encoded(music(48_000, 2, 0.7), 48_000, kind)
    clip = decode_clip(content, sr=None)
    expected, own_sr = librosa.load(io.BytesIO(content), sr=None)
    np.testing.assert_array_equal(clip.y, expected)
    assert clip.sr == own_sr == 48_000


@pytest.mark.parametrize("n_channels", [1, 2])
@pytest.mark.parametrize(
    ("kind", "own_sr"),
    [("m4a", 44_100), ("m4a", 8_000), ("mp4", 48_000), ("alac", 44_100), ("webm", 48_000)],
)
def test_containers_give_the_sound_that_was_written(kind, own_sr, n_channels):
    y = music(own_sr, n_channels, 2.0)
    content = encoded(y, own_sr, kind)
    own = decode_clip(content, sr=None)
    mono = y.mean(axis=1)
    # AAC pads its end to whole frames of 1,024 samples.
    assert len(mono) <= own.n_samples <= len(mono) + 1024
    inner = slice(2_000, len(mono) - 4_000)
    error = np.sqrt(np.mean((own.y[inner] - mono[inner]) ** 2))
    # One sample's shift would be 1e-4 for ALAC; lossy codecs leave out noise (0.02 of 0.3).
    assert error < (2e-5 if kind == "alac" else 0.04)
    expected = librosa.resample(own.y, orig_sr=own_sr, target_sr=22_050)
    np.testing.assert_array_equal(decode_clip(content).y, expected)


@pytest.mark.parametrize("kind", ["wav", "wav-8", "wav-24", "wav-float", "flac", "aiff", "ogg"])
def test_both_decoders_agree(kind):
    content = encoded(music(44_100, 2, 0.5), 44_100, kind)
    with open_sound(content) as sound:
        container = probe_clip(content).container
        with read_ffmpeg(Part(sound), container, Mix()) as other:
            y = np.concatenate([block.copy() for block in other.blocks])
    # Vorbis is computed in floats: two decoders round apart.
    np.testing.assert_allclose(y, decode_clip(content, sr=None).y, atol=1e-6)
    assert other.notes == []


# ---- laws --------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", [*SNDFILE, *FFMPEG])
def test_the_length_is_the_songs(kind):
    clip = decode_clip(encoded(music(48_000, 2, 1.5), 48_000, kind))
    assert clip.duration_s == pytest.approx(1.5, abs=0.05 if kind in FFMPEG else 1e-4)
    assert clip.notes == ()
    assert clip.y.flags["OWNDATA"]
    assert clip.y.flags["C_CONTIGUOUS"]


@pytest.mark.parametrize("own_sr", [8_000, 22_050, 44_100, 192_000])
@pytest.mark.parametrize("n", [1, 2, 3, 255, 256, 257, 4_097])
def test_a_clip_has_librosas_number_of_samples(own_sr, n):
    content = encoded(music(own_sr, 1, 1.0)[:n], own_sr, "wav-float")
    clip = decode_clip(content)
    assert clip.n_samples == int(np.ceil(n * (22_050 / own_sr)))
    np.testing.assert_array_equal(clip.y, librosa.load(io.BytesIO(content), sr=22_050)[0])


@pytest.mark.parametrize("n_channels", [2, 3, 5, 8])
def test_equal_channels_are_one(n_channels):
    one = music(44_100, 1, 0.5)
    alone = decode_clip(encoded(one, 44_100, "wav"))
    many = decode_clip(encoded(np.repeat(one, n_channels, axis=1), 44_100, "wav"))
    # A sum of three equal floats rounds; of two it does not.
    np.testing.assert_allclose(many.y, alone.y, atol=0 if n_channels in (2, 8) else 1e-7)


@pytest.mark.parametrize("kind", ["wav", "flac", "mp3", "ogg", "opus", "m4a"])
@pytest.mark.parametrize("weaker", [0, 1])
def test_of_opposite_channels_the_louder_is_read(kind, weaker):
    one = music(48_000, 1, 2.0)
    sides = [one, -one]
    sides[weaker] = 0.9 * sides[weaker]
    clip = decode_clip(encoded(np.hstack(sides), 48_000, kind), sr=None)
    assert np.std(clip.y) == pytest.approx(np.std(one), rel=0.05)
    assert clip.notes == (
        f"The two channels cancel each other out: the {('right', 'left')[weaker]} one was read.",
    )


def test_of_opposite_channels_around_a_constant_one_is_read():
    y = music(44_100, 1, 2.0)
    both = 0.5 * np.concatenate([y, -y], axis=1) + np.float32(0.4)
    clip = decode_clip(encoded(both, 44_100, "wav-float"), sr=None)
    np.testing.assert_array_equal(clip.y, both[:, 0])
    assert "cancel each other out" in clip.notes[0]


@pytest.mark.parametrize(
    "signs", [(1, -1, 0), (0.9, -0.9, 1, -1), (0.9, 0.8, -1, -0.7), (0, 1, 0, -1, 0, 0)]
)
def test_of_many_channels_that_cancel_each_other_out_the_loudest_is_read(signs):
    one = music(48_000, 1, 2.0)
    clip = decode_clip(encoded(one * np.array(signs, np.float32), 48_000, "wav-24"), sr=None)
    number = int(np.argmax(np.abs(signs)))
    np.testing.assert_allclose(clip.y, one[:, 0] * signs[number], atol=1e-6)
    assert clip.notes == (
        f"The {len(signs)} channels cancel each other out: number {number + 1} was read.",
    )
    some = decode_clip(encoded(one * np.eye(6, dtype=np.float32)[2], 48_000), sr=None)
    assert some.notes == decode_clip(encoded(music(48_000, 6, 2.0), 48_000)).notes == ()


@pytest.mark.parametrize("kind", ["wav", "flac"])
@pytest.mark.parametrize(
    ("start", "stop", "side", "share"),
    [
        (0, 1, -0.9, 0),  # all of it: said otherwise
        (0.5, 1, -0.98, 50),
        (0.25, 0.5, -1, 25),
        (0.5, 0.55, -1, None),  # too short to be read otherwise
        (0.5, 1, -0.5, None),  # something of it stays
    ],
)
def test_opposite_channels_in_a_part_are_told(kind, start, stop, side, share, monkeypatch):
    monkeypatch.setattr(sndfile, "BLOCK_VALUES", 2 * 1_024)
    one = music(8_000, 1, 8.2)[: 64 * 1_024]
    other = one.copy()
    n = len(one)
    other[int(start * n) : int(stop * n)] *= side
    clip = decode_clip(encoded(np.hstack([one, other]), 8_000, kind), sr=None)
    if share is None:
        np.testing.assert_allclose(clip.y, ((one + other) / 2)[:, 0], atol=1e-3)
        assert clip.notes == ()
        return
    np.testing.assert_allclose(clip.y, one[:, 0], atol=1e-3)
    part = f" in {share} % of it" if share else ""
    assert clip.notes == (f"The two channels cancel each other out{part}: the left one was read.",)


@pytest.mark.parametrize("weaker", [0.0, -0.3, 0.3])
def test_channels_that_do_not_cancel_out_are_averaged(weaker):
    one = music(44_100, 1, 0.5)
    clip = decode_clip(encoded(np.hstack([one, weaker * one]), 44_100, "wav-float"), sr=None)
    np.testing.assert_allclose(clip.y, one[:, 0] * (1 + weaker) / 2, atol=1e-6)
    assert clip.notes == ()


@pytest.mark.parametrize("kind", SNDFILE)
@pytest.mark.parametrize("n_values", [1, 5_000])
def test_the_size_of_blocks_changes_nothing(kind, n_values, monkeypatch):
    content = encoded(music(48_000, 2, 1.1), 48_000, kind)
    expected = decode_clips(content)
    monkeypatch.setattr(sndfile, "BLOCK_VALUES", n_values)
    for sr, clip in decode_clips(content).items():
        np.testing.assert_array_equal(clip.y, expected[sr].y)


def test_a_claim_that_is_too_small_does_not_cut(monkeypatch):
    content = encoded(music(44_100, 2, 2.0), 44_100, "flac")
    expected = decode_clips(content)
    read = sndfile.Reading

    def claiming_less(container, codec, sr, n_channels, n_claimed, blocks):
        return read(container, codec, sr, n_channels, n_claimed // 50, blocks)

    monkeypatch.setattr(sndfile, "Reading", claiming_less)
    for sr, clip in decode_clips(content).items():
        np.testing.assert_array_equal(clip.y, expected[sr].y)


def test_silence_is_a_song():
    for kind in (*SNDFILE, *FFMPEG):
        clip = decode_clip(encoded(np.zeros((48_000, 2), np.float32), 48_000, kind))
        assert np.abs(clip.y).max() < 1e-4
        assert clip.notes == ()
    assert decode_clip(encoded(np.zeros((99, 1), np.float32), 8_000, "wav")).is_silent


def test_floats_over_full_scale_are_kept():
    y = np.full((100, 1), 3.5, np.float32)
    np.testing.assert_array_equal(decode_clip(encoded(y, 8_000, "wav-float"), sr=None).y, 3.5)


# ---- content, not name; every kind of source ---------------------------------------------------


@pytest.mark.parametrize("name", ["song.raw", "song.jpg", "song.txt", "song", "song.mp3", "a.vox"])
@pytest.mark.parametrize("kind", ["wav", "mp3", "ogg", "m4a", "webm", "flac"])
def test_the_content_decides_not_the_name(tmp_path, kind, name):
    content = encoded(music(48_000, 1, 0.4), 48_000, kind)
    (tmp_path / name).write_bytes(content)
    np.testing.assert_array_equal(decode_clip(tmp_path / name).y, decode_clip(content).y)


@pytest.mark.parametrize("kind", ["wav", "mp3", "m4a"])
def test_every_kind_of_source_gives_the_same(tmp_path, kind):
    content = encoded(music(44_100, 2, 0.4), 44_100, kind)
    path = tmp_path / "söng ♪.bin"
    path.write_bytes(content)
    expected = decode_clip(content).y
    upload = io.BytesIO(content)
    upload.seek(7)
    with path.open("rb") as opened:
        for source in (path, str(path), bytearray(content), memoryview(content), upload, opened):
            np.testing.assert_array_equal(decode_clip(source).y, expected)
    assert upload.tell() == 7
    assert not upload.closed


@pytest.mark.parametrize("kind", ["mp3", "flac", "aac"])
def test_a_tag_in_front_is_passed_over(kind):
    content = encoded(music(44_100, 2, 0.4), 44_100, kind)
    tag = b"ID3\x03\x00\x00\x00\x00\x1f\x76" + bytes(0x1F << 7 | 0x76)
    np.testing.assert_array_equal(decode_clip(tag + content).y, decode_clip(content).y)


def test_threads_decode_at_once():
    contents = [encoded(music(44_100, 2, 0.5, seed=k), 44_100, "mp3") for k in range(4)]
    alone = [decode_clip(content).y for content in contents]
    with ThreadPoolExecutor(4) as pool:
        together = list(pool.map(decode_clip, contents * 3))
    for k, clip in enumerate(together):
        np.testing.assert_array_equal(clip.y, alone[k % 4])


def test_importing_the_room_loads_no_decoder():
    code = "import genre_core.audio, sys; "
    code += "print(sorted({'av', 'librosa', 'mutagen', 'numba', 'soundfile'} & set(sys.modules)))"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"


# ---- facts, arguments --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "container", "codec"),
    [
        ("wav", "WAV", "PCM 16 bit"),
        ("wav-8", "WAV", "PCM 8 bit"),
        ("wav-float", "WAV", "32-bit float"),
        ("wav-rf64", "WAV", "PCM 16 bit"),
        ("flac-24", "FLAC", "PCM 24 bit"),
        ("ogg", "Ogg", "Vorbis"),
        ("opus", "Ogg", "Opus"),
        ("mp3", "MP3", "MP3"),
        ("aiff", "AIFF", "PCM 16 bit"),
        ("m4a", "MP4", "AAC"),
        ("alac", "MP4", "ALAC"),
        ("aac", "AAC", "AAC"),
        ("webm", "WebM", "Opus"),
    ],
)
def test_facts_come_without_decoding(kind, container, codec):
    content = encoded(music(48_000, 2, 1.5), 48_000, kind)
    facts = probe_clip(content)
    assert (facts.container, facts.codec, facts.sr, facts.n_channels) == (
        container,
        codec,
        48_000,
        2,
    )
    assert facts.n_bytes == len(content)
    assert facts.duration_s == pytest.approx(1.5, abs=0.05 if kind == "aac" else 0.03)


@pytest.mark.parametrize("sr", [0, 999, 768_001, -1, 22_050.0, True, "22050"])
def test_a_rate_out_of_range_is_a_parameter_error(sr):
    with pytest.raises(ParameterError, match=r"^sr must .* Received"):
        decode_clip(encoded(music(8_000, 1, 0.1), 8_000), sr=sr)


@pytest.mark.parametrize("max_s", [0, -1, 7_201, float("nan"), True])
def test_a_bound_out_of_range_is_a_parameter_error(max_s):
    with pytest.raises(ParameterError, match=r"^max_s must .* Received"):
        decode_clip(encoded(music(8_000, 1, 0.1), 8_000), max_s=max_s)


@pytest.mark.parametrize("srs", [(), (22_050, None), (22_050, 1)])
def test_rates_out_of_range_are_a_parameter_error(srs):
    with pytest.raises(ParameterError, match="Received"):
        decode_clips(encoded(music(8_000, 1, 0.1), 8_000), srs=srs)


@pytest.mark.parametrize(
    ("y", "sr"),
    [
        (np.zeros((2, 5), np.float32), 22_050),
        (np.zeros(5), 22_050),
        (np.zeros(0, np.float32), 22_050),
        ([0.0], 22_050),
        (np.zeros(5, np.float32), 0),
        (np.zeros(5, np.float32), 22_050.0),
        (np.zeros(5, np.float32), True),
    ],
)
def test_a_clip_of_something_else_is_a_parameter_error(y, sr):
    with pytest.raises(ParameterError, match="Received"):
        Clip(y, sr)


def test_the_mean_of_many_channels_is_numpys():
    block = np.random.default_rng(0).uniform(-1, 1, (500, 12)).astype(np.float32)
    for n_channels in range(1, 13):
        part = np.ascontiguousarray(block[:, :n_channels])
        np.testing.assert_array_equal(reading.to_mono(part), np.mean(part, axis=1))


def test_soundfile_is_the_second_source_of_the_own_rate(tmp_path):
    path = tmp_path / "a.wav"
    path.write_bytes(encoded(music(44_100, 1, 0.3), 44_100, "wav"))
    y, sr = soundfile.read(path, dtype="float32")
    clip = decode_clip(path, sr=None)
    np.testing.assert_array_equal(clip.y, y)
    assert clip.sr == sr


@pytest.mark.parametrize("layout", ["mono", "stereo", "5.1", "6.1"])
@pytest.mark.parametrize("kind", ["fltp", "flt", "s16p", "s16"])
def test_frames_of_several_channels_are_floats(layout, kind):
    n_channels = av.AudioLayout(layout).nb_channels
    y = (1_000 * np.arange(10 * n_channels).reshape(10, n_channels)).astype(np.int16)
    y = y if kind.startswith("s16") else (y / 2**15).astype(np.float32)
    given = y.T if kind.endswith("p") else y.reshape(1, -1)
    frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(given), kind, layout)
    frame.sample_rate = 44_100
    expected = y / 2**15 if kind.startswith("s16") else y
    np.testing.assert_array_equal(ffmpeg._to_float(frame), expected.astype(np.float32))


@pytest.mark.parametrize("kind", ["fltp", "s16"])
def test_more_channels_than_a_frame_has_places_for_are_damage(kind):
    frame = av.AudioFrame(kind, "22.2", 10)  # what follows the eighth place is no sound
    frame.sample_rate = 44_100
    assert ffmpeg._to_float(frame) is None
