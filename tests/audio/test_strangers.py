"""What stands before a sound or behind it, and numbers in a file that cannot be."""

from __future__ import annotations

import io
import re
import struct
from functools import reduce

import av
import numpy as np
import pytest
import soundfile

from genre_core.audio import chunks, decode_clip, flac, matroska, mp4, ogg, parts, read_tags
from genre_core.audio.source import of_bytes
from genre_core.errors import DecodeError
from tests.audio.song_files import _by_ffmpeg, encoded, music

SR, SECONDS = 48_000, 2.0
Y = music(SR, 2, SECONDS)
RNG = np.random.default_rng(0)
TAG = b"ID3\x03\0\0\0\0\x01\0" + bytes(128)


def by_sndfile(kind: str) -> bytes:
    file = io.BytesIO()
    soundfile.write(file, Y, SR, "PCM_16", format=kind)
    return file.getvalue()


WHOLE = {
    **{kind: by_sndfile(kind) for kind in ("WAV", "AIFF", "AU", "CAF", "W64")},
    **{kind: encoded(Y, SR, kind.lower()) for kind in ("FLAC", "Ogg", "MP3", "AAC", "WebM")},
    "MP4": encoded(Y, SR, "m4a"),
}
SAMPLES = {kind: decode_clip(content, sr=None).y for kind, content in WHOLE.items()}


# ---- behind it ---------------------------------------------------------------------------------

OTHERS = ("MP3", "AAC", "FLAC", "Ogg", "MP4", "WebM", "WAV")
PAIRS = [  # but for those that are joined, and read
    (kind, other)
    for kind in WHOLE
    for other in OTHERS
    if other != kind and (kind, other) != ("AIFF", "WAV")
]


@pytest.mark.parametrize("between", [b"", TAG], ids=["", "a tag"])
@pytest.mark.parametrize(("kind", "other"), PAIRS)
def test_another_sound_file_behind_one_is_said_and_not_taken_for_its_samples(kind, other, between):
    behind = WHOLE[other] if kind != "FLAC" else 2 * WHOLE[other]  # its decoder reads ahead
    clip = decode_clip(WHOLE[kind] + between + behind, sr=None)
    np.testing.assert_array_equal(clip.y, SAMPLES[kind])
    [note] = clip.notes
    assert note.startswith(f"Behind the {kind} stands another sound file ({other}), which was not")


@pytest.mark.parametrize("kind", ["WAV", "AIFF", "AU", "FLAC"])
@pytest.mark.parametrize("n_bytes", [1_000, 500_001])
def test_padding_and_a_tag_are_no_sound_file(kind, n_bytes):
    for behind in (bytes(n_bytes), TAG, b"TAG" + bytes(125)):
        assert decode_clip(WHOLE[kind] + behind).notes == ()


@pytest.mark.parametrize("step", [-1, 1])
def test_samples_under_a_count_too_small_are_no_sound_file(step):
    y = np.full((SR, 2), step, np.int16)  # bytes of ones look like frames
    y[::3, 1] = 0
    file = io.BytesIO()
    soundfile.write(file, y, SR, format="WAV")
    content = bytearray(file.getvalue())
    content[40:44] = struct.pack("<I", 4_000)
    assert_all_samples(bytes(content))


@pytest.mark.parametrize(("head", "n_times"), [("fffb9064", 1), ("fffb0064", 20)])
def test_samples_that_look_like_a_frame_or_like_free_ones_are_no_sound_file(head, n_times):
    content = bytearray(by_sndfile("WAV"))
    content[40:44] = struct.pack("<I", 4_000)
    for place in range(4_044, 4_044 + 400 * n_times, 400):
        content[place : place + 4] = bytes.fromhex(head)
    assert_all_samples(bytes(content))


def assert_all_samples(content: bytes) -> None:
    clip = decode_clip(content, sr=None)
    assert clip.n_samples == (len(content) - 44) // 4
    assert "wrong about its length" in clip.notes[0]


# ---- before it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", WHOLE)
def test_a_megabyte_may_stand_before_a_sound(kind):
    clip = decode_clip(RNG.bytes(1_000_000) + WHOLE[kind], sr=None)
    np.testing.assert_array_equal(clip.y, SAMPLES[kind])
    assert clip.notes == ()


def test_noise_that_begins_like_a_sound_is_none():
    marks = (b"OggS", b"fLaC", b"ftyp", b"RIFF", b".snd")
    noise = b"".join(RNG.bytes(20_000) + mark for mark in marks) + RNG.bytes(20_000)
    clip = decode_clip(noise + WHOLE["MP3"], sr=None)
    np.testing.assert_array_equal(clip.y, SAMPLES["MP3"])


# ---- numbers that cannot be --------------------------------------------------------------------


def with_position(content: bytes, page: int, position: int) -> bytes:
    """Let a page of Ogg say that it ends elsewhere, and give it the checksum for it."""
    starts = [match.start() for match in re.finditer(rb"OggS\0", content)]
    start, stop = starts[page], [*starts[1:], len(content)][page]
    own = content[start : start + 6] + struct.pack("<Q", position) + content[start + 14 : stop]
    own = own[:22] + struct.pack("<I", ogg._checksum(own)) + own[26:]
    return content[:start] + own + content[stop:]


@pytest.mark.parametrize("position", [5, 70_000, 1 << 40, 1 << 60, (1 << 62) + 5, (1 << 64) - 1])
@pytest.mark.parametrize("page", [-1, -2, 3])
@pytest.mark.parametrize("kind", ["ogg", "opus"])
def test_a_page_of_ogg_that_ends_where_it_cannot_costs_no_sample(kind, page, position):
    content = encoded(Y, SR, kind)
    right = decode_clip(content, sr=None)
    clip = decode_clip(with_position(content, page, position), sr=None)
    n = right.n_samples
    assert n <= clip.n_samples <= n + 960  # without its end the last packet is whole
    np.testing.assert_allclose(clip.y[: n - 960], right.y[: n - 960], atol=1e-4)
    if page == -1:
        [note] = clip.notes
        assert "wrong about its length: all that is there was read" in note


def test_bytes_that_look_like_later_frames_of_flac_have_no_right_checksum():
    content = WHOLE["FLAC"]
    assert content[8:10] == struct.pack(">H", 4_096)
    frames = b"".join(b"\xff\xf8\xc9\x18" + bytes([number]) + b"\0" * 11 for number in (100, 101))
    assert decode_clip(content + frames).notes == ()
    right = [reduce(flac._crc, frames[k : k + 5], 0) for k in (0, 16)]
    claims = b"".join(
        frames[k : k + 5] + bytes([crc]) + frames[k + 6 : k + 16]
        for k, crc in zip((0, 16), right, strict=True)
    )
    assert decode_clip(content + claims).notes != ()
    held = [
        flac.count_samples(of_bytes(content + behind, "")).held for behind in (b"", claims[:16])
    ]
    assert held[0] == held[1] == len(Y)  # one alone may be by chance


@pytest.mark.parametrize("n_files", [1, 2, 3])
def test_joined_flacs_that_claim_nothing_are_whole(n_files):
    content = bytearray(WHOLE["FLAC"])
    content[21] &= 0xF0
    content[22:26] = bytes(4)
    clip = decode_clip(n_files * bytes(content), sr=None)
    np.testing.assert_array_equal(clip.y, np.tile(SAMPLES["FLAC"], n_files))
    assert clip.notes == ()


# The same noise whatever ran before: some noise is a packet that AAC takes for music.
def _noise(n):
    return np.random.default_rng(1).bytes(n)


@pytest.mark.parametrize("filling", [bytes, _noise, lambda n: b"\xff" * n])
@pytest.mark.parametrize("share", [0.3, 0.5, 0.7])
def test_a_single_damaged_packet_is_said(share, filling):
    content = WHOLE["MP4"]
    start, stop = content.index(b"mdat"), content.index(b"moov")
    place = start + int(share * (stop - start))
    clip = decode_clip(content[:place] + filling(60) + content[place + 60 :])
    assert SECONDS - 0.1 < clip.duration_s < SECONDS + 0.01
    assert any("cut short or damaged" in note for note in clip.notes)


@pytest.mark.parametrize("noise", [RNG.bytes(3_000), b"OggS\0" + bytes(21) + b"\xff" * 2_000])
@pytest.mark.parametrize("kind", ["ogg", "opus"])
def test_what_is_put_between_pages_of_ogg_costs_no_sample_and_is_said(kind, noise):
    content = encoded(Y, SR, kind)
    place = [match.start() for match in re.finditer(rb"OggS\0", content)][4]
    clip = decode_clip(content[:place] + noise + content[place:], sr=None)
    np.testing.assert_array_equal(clip.y, decode_clip(content, sr=None).y)
    [note] = clip.notes
    assert f"{len(noise):,} bytes inside it are no Ogg" in note


def test_noise_that_looks_like_a_block_of_another_track_is_left_out_whole():
    content = WHOLE["WebM"]
    place = content.index(b"\x1f\x43\xb6\x75")
    starts = []
    while element := matroska._element(content, place):
        starts += [element.start] if element.name == 0xA3 else []
        place = element.following
    noise = b"\xff" * 50 + b"\xa3\x41\x00\x85" + bytes(255)  # ends where a block begins
    clip = decode_clip(content[: starts[20]] + noise + content[starts[20] :], sr=None)
    assert clip.n_samples >= len(SAMPLES["WebM"]) - 960
    n_lost = starts[20] - starts[19] + len(noise)  # a block that noise follows is not trusted
    assert f"{n_lost} bytes inside it are no WebM" in clip.notes[0]


def test_a_capture_of_a_radio_begins_anywhere_and_is_right():
    content = encoded(Y, SR, "ogg")
    for page in range(2, content.count(b"OggS\0")):
        start = [match.start() for match in re.finditer(rb"OggS\0", content)][page]
        [own] = struct.unpack("<Q", content[start + 6 : start + 14])
        content = with_position(content, page, own + (1 << 33))
    assert [link.is_wrong for link in ogg.find_links(content)] == [False]


@pytest.mark.parametrize("box", [b"", b"moov", b"udta", b"dinf"])
def test_countless_boxes_are_refused(box, monkeypatch):
    monkeypatch.setattr(mp4, "_MOST_BOXES", 200)
    content = WHOLE["MP4"]
    assert decode_clip(content).notes == ()
    boxes = 200 * b"\0\0\0\x08abcd"
    if box:
        boxes = struct.pack(">I4s", 8 + len(boxes), box) + boxes
        if box != b"moov":
            boxes = struct.pack(">I4s", 8 + len(boxes), b"moov") + boxes
    else:
        boxes = boxes.replace(b"abcd", b"free")
    with pytest.raises(DecodeError, match="at most 200 boxes"):
        decode_clip(content + boxes)
    assert "at most 200 boxes" in read_tags(content + boxes).notes[0]


@pytest.mark.parametrize("kind", ["CAF", "W64"])
def test_countless_chunks_of_caf_and_wave64_are_refused(kind, monkeypatch):
    monkeypatch.setattr(chunks, "_MOST_CHUNKS", 50)
    content = WHOLE[kind]
    assert decode_clip(content).notes == ()
    place = content.index(b"data")
    empty = {"CAF": b"free" + bytes(8), "W64": b"junk" + bytes(12) + struct.pack("<Q", 24)}
    with pytest.raises(DecodeError, match="at most 50 chunks"):
        decode_clip(content[:place] + 60 * empty[kind] + content[place:])


def id3(version: int) -> bytes:
    frame = (b"TT2\0\0\x02" if version == 2 else b"TIT2\0\0\0\x02\0\0") + b"\0A"
    body = 10_001 * frame
    size = bytes(len(body) >> shift & 127 for shift in (21, 14, 7, 0))
    return b"ID3" + bytes([version, 0, 0]) + size + body


def ape() -> bytes:
    items = b"".join(struct.pack("<II", 1, 0) + b"k%d\0x" % n for n in range(10_001))
    foot = struct.pack("<IIII", 2_000, len(items) + 32, 10_001, 0) + bytes(8)
    return items + b"APETAGEX" + foot


@pytest.mark.parametrize("make", [lambda: id3(2), lambda: id3(3), lambda: id3(4), ape])
def test_countless_texts_of_tags_are_not_read(make, monkeypatch):
    content = WHOLE["MP3"] + make() if make is ape else make() + WHOLE["MP3"]
    assert read_tags(content).notes == (
        "The file's tags cannot be read: they hold more than 10,000 texts.",
    )
    monkeypatch.setattr(parts, "_LONGEST_TAG", 1_000)
    if make is not ape:  # decoders need not walk through it
        [part] = parts.parts_of(of_bytes(content, ""), "MP3")
        assert part.sound.n_bytes <= len(WHOLE["MP3"])
    np.testing.assert_array_equal(decode_clip(content, sr=None).y, SAMPLES["MP3"])


@pytest.mark.parametrize("kind", ["ogg", "opus"])
def test_countless_comments_of_ogg_are_not_read(kind):
    content = encoded(Y, SR, kind)
    place = content.index({"ogg": b"\x03vorbis", "opus": b"OpusTags"}[kind])
    place += 7 if kind == "ogg" else 8
    place += 4 + int.from_bytes(content[place : place + 4], "little")
    wrong = content[:place] + struct.pack("<I", 10_001) + content[place + 4 :]
    assert "they hold more than 10,000 texts" in read_tags(wrong).notes[0]
    assert read_tags(content).notes == ()


def test_more_channels_than_ffmpeg_s_frames_have_places_for_are_refused():
    file = io.BytesIO()
    with av.open(file, "w", format="mov") as output:
        stream = output.add_stream("pcm_s16le", rate=SR, layout="hexadecagonal")
        frame = av.AudioFrame.from_ndarray(np.ones((1, 1_024 * 16), np.int16), "s16", stream.layout)
        frame.sample_rate, frame.pts = SR, 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    with pytest.raises(DecodeError, match=r"at most 8 channels\. Received bytes: 16 channels"):
        decode_clip(file.getvalue())


def test_aac_in_wav_without_its_headers_says_what_is_missing():
    frames, bare, place = encoded(Y, SR, "aac"), b"", 0
    while place < len(frames):
        length = (frames[place + 3] & 3) << 11 | frames[place + 4] << 3 | frames[place + 5] >> 5
        bare += frames[place + 7 : place + length]
        place += length
    form = struct.pack("<HHIIHH", 0xFF, 2, SR, 16_000, 1, 0)
    wav = b"fmt " + struct.pack("<I", len(form)) + form
    wav += b"data" + struct.pack("<I", len(bare)) + bare
    with pytest.raises(DecodeError, match=r"bare AAC \(the table of its frames is missing\)"):
        decode_clip(b"RIFF" + struct.pack("<I", 4 + len(wav)) + b"WAVE" + wav)


def test_a_cut_caf_of_packets_says_what_is_missing_where_its_table_was_last():
    content = _by_ffmpeg(Y, SR, "caf", "alac")
    assert decode_clip(content, sr=None).n_samples == pytest.approx(len(Y), abs=4_096)
    with pytest.raises(DecodeError, match="its index is missing, which recorders write last"):
        decode_clip(content[: int(0.7 * len(content))])
    file = io.BytesIO()
    soundfile.write(file, Y, SR, "ALAC_16", format="CAF")  # whose table is first
    cut = decode_clip(file.getvalue()[: len(file.getvalue()) // 2])
    assert cut.duration_s > 0.4 * SECONDS
    assert "cut short" in cut.notes[0]
