"""Containers that are rare, start late, or say something wrong about the sound in them."""

from __future__ import annotations

import io
import re
import struct

import av
import numpy as np
import pytest
import soundfile

from genre_core.audio import decode_clip, matroska, ogg, read_tags, riff
from genre_core.audio.chunks import find_pieces
from genre_core.audio.mpeg import find_frames
from genre_core.audio.parts import Part, joined_flac
from genre_core.audio.source import of_bytes
from genre_core.errors import DecodeError
from tests.audio.song_files import encoded, music, varying_mp3

SR, SECONDS = 48_000, 2.0
Y = music(SR, 2, SECONDS)
RNG = np.random.default_rng(0)
TAG = b"ID3\x03\0\0\0\0\x01\0" + bytes(128)


def by_sndfile(kind: str, subtype: str = "PCM_16") -> bytes:
    file = io.BytesIO()
    soundfile.write(file, Y, SR, subtype, format=kind)
    return file.getvalue()


_FORMS = {"aac": "fltp", "libmp3lame": "fltp", "libopus": "flt", "flac": "s16"}


def by_ffmpeg(kind: str, codec: str, **options: str) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format=kind, options=options) as output:
        stream = output.add_stream(codec, rate=SR, layout="stereo")
        stream.codec_context.format = form = _FORMS[codec]
        planes = Y.T if form.endswith("p") else Y.reshape(1, -1)
        planes = planes if form.startswith("flt") else np.round(planes * 32_767).astype(np.int16)
        step = 1024 if form.endswith("p") else 2048
        for start in range(0, planes.shape[1], step):
            part = np.ascontiguousarray(planes[:, start : start + step])
            frame = av.AudioFrame.from_ndarray(part, form, "stereo")
            frame.sample_rate, frame.pts = SR, start // (step // 1024)
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


CLAIMS = {  # where a header says how long the samples are, and how
    "AU": (b".snd", 8, ">I", 0),
    "CAF": (b"data", 4, ">q", 4),
    "W64": (b"data\xf3\xac", 16, "<Q", 24),
}


def with_claim(content: bytes, kind: str, n_bytes: int) -> bytes:
    mark, after, form, more = CLAIMS[kind]
    place = content.index(mark) + after
    number = struct.pack(form, n_bytes + (more if n_bytes > 0 else 0))
    return content[:place] + number + content[place + len(number) :]


# ---- AU, CAF, Wave64 ---------------------------------------------------------------------------


@pytest.mark.parametrize("subtype", ["PCM_16", "PCM_24", "FLOAT", "ULAW"])
@pytest.mark.parametrize("kind", CLAIMS)
def test_samples_are_those_of_the_wav(kind, subtype):
    clip = decode_clip(by_sndfile(kind, subtype))
    np.testing.assert_array_equal(clip.y, decode_clip(by_sndfile("WAV", subtype)).y)
    assert clip.notes == ()


@pytest.mark.parametrize("claim", [0, 4_000, 1 << 30])
@pytest.mark.parametrize("kind", CLAIMS)
def test_a_header_that_is_wrong_costs_no_sample_and_is_said(kind, claim):
    content = by_sndfile(kind)
    clip = decode_clip(with_claim(content, kind, claim))
    np.testing.assert_array_equal(clip.y, decode_clip(content).y)
    [note] = clip.notes
    assert ("cut short" if claim == 1 << 30 else "wrong about its length") in note


@pytest.mark.parametrize(("kind", "claim"), [("AU", 0xFFFFFFFF), ("CAF", -1)])
def test_a_length_that_is_left_open_is_no_flaw(kind, claim):
    content = by_sndfile(kind)
    clip = decode_clip(with_claim(content, kind, claim))
    np.testing.assert_array_equal(clip.y, decode_clip(content).y)
    assert clip.notes == ()


@pytest.mark.parametrize("kind", CLAIMS)
def test_joined_and_cut_ones(kind):
    content = by_sndfile(kind)
    alone = decode_clip(content, sr=None)
    joined = decode_clip(content + content, sr=None)
    np.testing.assert_array_equal(joined.y, np.tile(alone.y, 2))
    cut = decode_clip(content[: len(content) // 2], sr=None)
    assert cut.duration_s == pytest.approx(SECONDS / 2, abs=0.05)
    assert "cut short" in cut.notes[0]
    for after in (TAG, bytes(500)):
        assert decode_clip(content + after, sr=None).notes == ()


def test_a_header_without_an_end_does_not_hang():
    for kind in CLAIMS:
        for content in (b"\xff" * 100, bytes(100), by_sndfile(kind)[:30]):
            assert len(find_pieces(content, kind)) == 1


def test_texts_of_rare_files_are_read():
    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", SR, 2, format="CAF") as sound:
        sound.title = "Starless"
        sound.write(Y)
    assert read_tags(file.getvalue()).title == "Starless"


@pytest.mark.parametrize("kind", ["au", "3gp"])
def test_texts_that_ffmpeg_wrote_are_read(kind):
    file = io.BytesIO()
    with av.open(file, "w", format=kind) as output:
        output.metadata["title"], output.metadata["artist"] = "Séance", "Kïng"
        stream = output.add_stream("aac" if kind == "3gp" else "pcm_s16be", rate=SR, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts = SR, 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    tags = read_tags(file.getvalue())
    assert (tags.title, tags.artist, tags.notes) == ("Séance", "Kïng", ())


# ---- frames ------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def loas() -> bytes:
    return by_ffmpeg("latm", "aac")


@pytest.mark.parametrize("before", [b"", b"\n", TAG, RNG.bytes(3_000)])
def test_aac_in_loas_is_read(loas, before):
    clip = decode_clip(before + loas)
    assert clip.duration_s == pytest.approx(SECONDS, abs=0.1)
    assert clip.notes == ()
    assert decode_clip(2 * loas).duration_s == pytest.approx(2 * SECONDS, abs=0.2)


def test_a_hole_in_loas_is_said(loas):
    middle = len(loas) // 2
    clip = decode_clip(loas[:middle] + bytes(2_000) + loas[middle + 2_000 :])
    assert clip.duration_s > 0.8 * SECONDS
    assert "damaged" in clip.notes[0]


PLAIN = by_ffmpeg("mp3", "libmp3lame", write_xing="0")


def free_format() -> bytes:
    """Give an MP3 of one bitrate whose headers do not tell it: frames are as long as before."""
    content = bytearray(PLAIN)
    [run], _ = find_frames(PLAIN, "MP3")
    step = (run.stop - run.start) // run.n_frames
    for start in range(run.start, run.stop, step):
        content[start + 2] &= 0x0F
    return bytes(content[run.start :])


@pytest.mark.parametrize("before", [b"", b"\n", TAG])
def test_an_mp3_of_a_free_bitrate_is_the_same_song(before):
    content = free_format()
    clip = decode_clip(before + content)
    np.testing.assert_array_equal(clip.y, decode_clip(PLAIN).y)
    assert clip.notes == ()
    assert decode_clip(PLAIN + content).n_samples == pytest.approx(2 * clip.n_samples, abs=2_000)


@pytest.mark.parametrize("kind", ["mp3", "aac", "ogg", "opus"])
def test_a_file_that_ends_inside_its_last_frame_or_page_is_said(kind):
    content = encoded(Y, SR, kind)
    [note] = decode_clip(content[:-9]).notes
    assert "cut short" in note


# ---- WAV ---------------------------------------------------------------------------------------


def test_mp3_of_varying_bits_inside_wav_is_read_to_its_end():
    quiet = Y.copy()
    quiet[: len(Y) // 2] = 0  # a guess from the first frames would be far too short
    frames = varying_mp3(quiet, SR, tagged=False)
    form = struct.pack("<HHIIHHHHIHHH", 0x55, 2, SR, 16_000, 1, 0, 12, 1, 2, 1152, 1, 1393)
    wav = b"fmt " + struct.pack("<I", len(form)) + form
    wav += b"data" + struct.pack("<I", len(frames)) + frames
    clip = decode_clip(b"RIFF" + struct.pack("<I", 4 + len(wav)) + b"WAVE" + wav)
    assert clip.duration_s == pytest.approx(SECONDS, abs=0.1)
    np.testing.assert_array_equal(clip.y, decode_clip(frames).y)


@pytest.mark.parametrize("long_size", [0, 2**64 - 1])
@pytest.mark.parametrize("magic", [b"RF64", b"BW64"])
def test_sizes_of_a_long_wav_that_were_never_filled_in(magic, long_size):
    content = bytearray(by_sndfile("RF64"))
    place = content.index(b"ds64") + 8
    content[:4] = magic
    right = decode_clip(by_sndfile("WAV"))
    if magic == b"BW64":
        clip = decode_clip(bytes(content))
        assert clip.notes == ()
        np.testing.assert_array_equal(clip.y, right.y)
    content[place : place + 24] = struct.pack("<QQQ", *[long_size] * 3)
    clip = decode_clip(bytes(content))
    np.testing.assert_array_equal(clip.y, right.y)
    assert "wrong about its length" in clip.notes[0]


@pytest.mark.parametrize("padding", [b"", b"\0"])
def test_an_odd_chunk_may_lack_its_padding(padding):
    wav = by_sndfile("WAV")
    odd = wav[:12] + b"JUNK" + struct.pack("<I", 5) + b"12345" + padding + wav[12:]
    clip = decode_clip(odd)
    np.testing.assert_array_equal(clip.y, decode_clip(wav).y)
    assert clip.notes == ()


# ---- WebM and Matroska -------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["webm", "live", "flac"])
def film(request: pytest.FixtureRequest) -> bytes:
    if request.param == "flac":
        return by_ffmpeg("matroska", "flac")
    options = {"live": "1"} if request.param == "live" else {}
    return by_ffmpeg("webm", "libopus", **options)


@pytest.mark.parametrize("filling", [bytes, RNG.bytes, lambda _: b""], ids=["0", "noise", "gone"])
@pytest.mark.parametrize("place", [0.2, 0.7])
def test_what_follows_a_hole_in_a_cluster_is_read_too(film, place, filling):
    start, n = int(place * len(film)), len(film) // 20
    clip = decode_clip(film[:start] + filling(n) + film[start + n :])
    assert 0.8 * SECONDS < clip.duration_s < SECONDS + 0.05
    assert "damaged" in clip.notes[0]


def test_a_recording_that_broke_off_is_said(film):
    clip = decode_clip(film[: len(film) * 2 // 3])
    assert clip.duration_s == pytest.approx(SECONDS * 2 / 3, abs=0.15)
    assert any("cut short" in note for note in clip.notes)
    assert decode_clip(film).notes == decode_clip(film + bytes(3_000)).notes == ()


def test_joined_recordings_of_other_codecs(film):
    other = by_ffmpeg("matroska", "aac")
    clip = decode_clip(film + other + film)
    assert clip.duration_s == pytest.approx(3 * SECONDS, abs=0.3)
    assert clip.notes == ()


# ---- what stands before ------------------------------------------------------------------------

WHOLE = {
    **{kind: by_sndfile(kind) for kind in ("WAV", "RF64", "AIFF", "AU", "CAF", "W64")},
    "M4A": encoded(Y, SR, "m4a"),
    "WebM": encoded(Y, SR, "webm"),
    "Ogg": encoded(Y, SR, "ogg"),
    "FLAC": encoded(Y, SR, "flac"),
    "MP3": encoded(Y, SR, "mp3"),
}


@pytest.mark.parametrize(
    "before",
    [b"\n", b"\xef\xbb\xbf", RNG.bytes(3_000), bytes(4_096), TAG, b"ID3\x03\0\0\x7f\x7f\x7f\x7f"],
    ids=["newline", "mark", "noise", "zeros", "tag", "endless tag"],
)
@pytest.mark.parametrize("kind", WHOLE)
def test_anything_may_stand_before_a_sound(kind, before):
    clip = decode_clip(before + WHOLE[kind])
    np.testing.assert_array_equal(clip.y, decode_clip(WHOLE[kind]).y)
    assert clip.notes == ()


# ---- two flaws ---------------------------------------------------------------------------------


def test_a_cut_flac_that_claims_less_is_said():
    content = bytearray(WHOLE["FLAC"])
    content[21] &= 0xF0
    content[22:26] = struct.pack(">I", SR // 4)
    clip = decode_clip(bytes(content[: len(content) * 2 // 3]))
    assert clip.duration_s > SECONDS / 2
    assert "cut short" in clip.notes[0]


@pytest.mark.parametrize("kind", ["Ogg", "M4A", "MP3"])
def test_what_stands_behind_a_song_is_said_where_it_is_much(kind):
    for after in (bytes(100_000), b"TAG" + bytes(125)):
        clip = decode_clip(WHOLE[kind] + after)
        assert clip.notes == ()
        assert clip.duration_s == pytest.approx(SECONDS, abs=0.05)
    [note] = decode_clip(WHOLE[kind] + RNG.bytes(100_000)).notes
    assert note.startswith("The file is damaged: 100,000 bytes")


@pytest.mark.parametrize(
    ("module", "bound", "content"),
    [
        (matroska, "_MOST_ELEMENTS", WHOLE["WebM"] + 100 * b"\xec\x80"),
        (ogg, "_MOST_PAGES", WHOLE["Ogg"] + 100 * (b"OggS" + bytes(23))),
        (ogg, "_MOST_CHECKED", WHOLE["Ogg"] + 100 * b"OggS\0"),
    ],
    ids=["WebM", "Ogg", "no Ogg"],
)
def test_countless_pieces_are_not_all_looked_at(module, bound, content, monkeypatch):
    monkeypatch.setattr(module, bound, 50)
    clip = decode_clip(content)
    assert clip.duration_s == pytest.approx(SECONDS, abs=0.05)
    assert not any("another sound file" in note for note in clip.notes)


@pytest.mark.parametrize("kind", ["WAV", "AIFF"])
def test_countless_chunks_are_refused(kind, monkeypatch):
    monkeypatch.setattr(riff, "_MOST_CHUNKS", 50)
    assert decode_clip(WHOLE[kind]).notes == ()
    content = WHOLE[kind][:12] + 100 * b"JUNK\0\0\0\0" + WHOLE[kind][12:]
    with pytest.raises(DecodeError, match="at most 50 chunks"):
        decode_clip(content)
    assert "at most 50 chunks" in read_tags(content).notes[0]


def test_pages_of_a_stream_that_never_began_are_said():
    content = WHOLE["Ogg"]
    pages = [found.start() for found in re.finditer(b"OggS", content)]
    last = pages[-1]
    clip = decode_clip(content[: last + 14] + b"abcd" + content[last + 18 :])
    assert clip.duration_s < SECONDS
    assert any("are no Ogg" in note for note in clip.notes)


@pytest.mark.parametrize("n_files", [1, 2])
def test_a_flac_with_nothing_but_the_first_block_is_read(n_files):
    content = WHOLE["FLAC"]
    place, is_last = 4, False
    while not is_last:
        is_last = bool(content[place] & 0x80)
        place += 4 + int.from_bytes(content[place + 1 : place + 4], "big")
    bare = b"fLaC\x80" + content[5:42] + content[place:]
    assert decode_clip(n_files * bare).duration_s == pytest.approx(n_files * SECONDS, abs=1e-3)
    part = Part(of_bytes(bare[4:], ""))  # as FFmpeg, but nobody else, finds some
    assert joined_flac(part) == [part]


@pytest.mark.parametrize("n_lost", [0, 3_000])
def test_a_flac_that_claims_less_is_said_and_so_is_a_hole_in_it(n_lost):
    content = bytearray(WHOLE["FLAC"])
    content[21] &= 0xF0
    content[22:26] = struct.pack(">I", SR // 4)
    middle = len(content) // 2
    clip = decode_clip(bytes(content[:middle] + content[middle + n_lost :]))
    assert clip.duration_s > SECONDS / 2
    assert "wrong about its length" in clip.notes[-1]
    assert len(clip.notes) == 1 + bool(n_lost)


def test_bytes_put_into_an_m4a_leave_what_stands_before_them():
    content = WHOLE["M4A"]
    middle = content.index(b"mdat") + 4 + (content.index(b"moov") - content.index(b"mdat")) // 2
    clip = decode_clip(content[:middle] + bytes(500) + content[middle:])
    assert clip.duration_s > SECONDS / 3
    assert any("500 bytes inside it are no MP4" in note for note in clip.notes)


@pytest.mark.parametrize("tag", [0xFF, 0x1600])
def test_aac_inside_wav_is_read(tag):
    frames = encoded(Y, SR, "aac")
    form = struct.pack("<HHIIHH", tag, 2, SR, 16_000, 1, 0)
    chunks = b"fmt " + struct.pack("<I", len(form)) + form
    chunks += b"data" + struct.pack("<I", len(frames)) + frames
    clip = decode_clip(b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks)
    np.testing.assert_array_equal(clip.y, decode_clip(frames).y)


def test_an_m4a_without_its_index_says_so():
    with pytest.raises(DecodeError, match="its index is missing, which recorders write last"):
        decode_clip(WHOLE["M4A"][: len(WHOLE["M4A"]) // 2])
