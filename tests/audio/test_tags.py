"""Tags: written by mutagen or FFmpeg in every container, read back; broken ones break nothing."""

import base64
import io

import av
import numpy as np
import pytest
import soundfile
from hypothesis import given, settings
from hypothesis import strategies as st
from mutagen.aiff import AIFF
from mutagen.apev2 import BINARY, APEv2, APEValue
from mutagen.flac import FLAC, Picture
from mutagen.id3 import APIC, ID3, TALB, TCON, TDRC, TIT2, TPE1
from mutagen.mp3 import MP3
from mutagen.mp4 import MP4, MP4Cover
from mutagen.oggopus import OggOpus
from mutagen.oggvorbis import OggVorbis
from mutagen.wave import WAVE
from PIL import Image

from genre_core.audio import Tags, decode_clip, read_tags
from genre_core.audio.mpeg import skip_tags
from genre_core.audio.tags import MAX_CHARACTERS, MAX_COVER_BYTES
from genre_core.errors import DecodeError, ParameterError
from genre_core.image import decode_cover
from tests.audio.song_files import FFMPEG, SNDFILE, encoded, music

ID3_KINDS = {"mp3": MP3, "wav": WAVE, "aiff": AIFF}
COMMENT_KINDS = {"flac": FLAC, "ogg": OggVorbis, "opus": OggOpus}
PLAIN = {kind: encoded(music(48_000, 2, 0.3), 48_000, kind) for kind in (*SNDFILE, *FFMPEG)}


def cover(side: int = 20) -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (side, side), "red").save(file, "PNG")
    return file.getvalue()


VALUES = {
    "title": "Larks' Tongues in Aspic, Part II",
    "artist": "King Crimson",
    "album": "Ελληνικά ♪ 日本",
    "date": "1973-03-23",
    "genre": "Progressive Rock",
}
EXPECTED = Tags(
    VALUES["title"], VALUES["artist"], VALUES["album"], 1973, VALUES["genre"], cover(), ()
)


def tagged(kind: str, values: dict[str, str] = VALUES, pictures: dict[int, bytes] | None = None):
    """A song of this kind with tags; pictures by their type, 3 is the front cover."""
    pictures = {3: cover()} if pictures is None else pictures
    file = io.BytesIO(PLAIN[kind])
    if kind in ID3_KINDS or kind == "aac":
        song = ID3_KINDS[kind](file) if kind in ID3_KINDS else None
        if song is not None:
            song.add_tags()
        tags = ID3() if song is None else song.tags
        frames = (("title", TIT2), ("artist", TPE1), ("album", TALB), ("date", TDRC))
        for key, frame in (*frames, ("genre", TCON)):
            tags.add(frame(encoding=1, text=[values[key]]))
        for number, content in pictures.items():
            tags.add(APIC(mime="image/png", type=number, desc=str(number), data=content))
        tags.save(file) if song is None else song.save(file)
    elif kind in COMMENT_KINDS:
        song = COMMENT_KINDS[kind](file)
        for key, value in values.items():
            song[key] = value
        blocks = [picture_block(number, content) for number, content in pictures.items()]
        if kind == "flac":
            for block in blocks:
                song.add_picture(block)
        else:
            song["metadata_block_picture"] = [
                base64.b64encode(block.write()).decode("ascii") for block in blocks
            ]
        file.seek(0)
        song.save(file)
    else:
        song = MP4(file)
        names = {"title": "nam", "artist": "ART", "album": "alb", "date": "day", "genre": "gen"}
        for key, value in values.items():
            song[f"\xa9{names[key]}"] = [value]
        song["covr"] = [MP4Cover(content) for content in pictures.values()]
        file.seek(0)
        song.save(file)
    return file.getvalue()


def picture_block(number: int, content: bytes) -> Picture:
    block = Picture()
    block.type, block.data, block.mime = number, content, "image/png"
    return block


KINDS = [*ID3_KINDS, *COMMENT_KINDS, "m4a", "aac"]


@pytest.mark.parametrize("kind", KINDS)
def test_tags_come_back_and_change_no_sample(kind, tmp_path):
    content = tagged(kind)
    assert read_tags(content) == EXPECTED
    np.testing.assert_array_equal(decode_clip(content).y, decode_clip(PLAIN[kind]).y)
    path = tmp_path / "song.txt"
    path.write_bytes(content)
    assert read_tags(path) == EXPECTED
    assert decode_cover(EXPECTED.cover).shape == (20, 20, 3)


@pytest.mark.parametrize("kind", [*SNDFILE, *FFMPEG])
def test_without_tags_all_is_empty(kind):
    assert read_tags(PLAIN[kind]) == Tags()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "m4a"])
def test_the_front_cover_comes_first(kind):
    assert read_tags(tagged(kind, pictures={4: cover(9), 3: cover(11)})).cover == cover(11)
    assert read_tags(tagged(kind, pictures={4: cover(9), 0: cover(11)})).cover == cover(9)


def test_webm_says_what_ffmpeg_wrote():
    file = io.BytesIO()
    with av.open(file, "w", format="webm") as output:
        output.metadata.update({"title": "Red", "artist": "K. C.", "date": "1974"})
        stream = output.add_stream("libopus", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 960), np.float32), "fltp", "mono")
        frame.sample_rate = 48_000
        for each in (frame, None):
            output.mux(stream.encode(each))
    assert read_tags(file.getvalue()) == Tags("Red", "K. C.", year=1974)


def test_wav_and_aiff_have_chunks_of_their_own():
    for name in ("WAV", "AIFF"):
        file = io.BytesIO()
        with soundfile.SoundFile(file, "w", 8_000, 1, format=name) as song:
            song.title, song.artist = "Fallen Angel", "King Crimson"
            song.write(np.zeros(80))
        tags = read_tags(file)
        assert (tags.title, tags.artist) == ("Fallen Angel", "King Crimson")


@pytest.mark.parametrize("kind", KINDS)
def test_texts_are_bounded_and_clean(kind):
    values = VALUES | {"title": "  a\nb\tc\x07d\u202ee  " + "x" * 5_000, "date": "around 1999?"}
    tags = read_tags(tagged(kind, values))
    assert tags.title.startswith("a b cde " + "x" * 100)
    assert len(tags.title) == MAX_CHARACTERS
    if kind in COMMENT_KINDS or kind == "m4a":  # ID3 keeps dates only
        assert tags.year == 1999


@pytest.mark.parametrize("date", ["", "19", "99999", "3001", "n. d."])
def test_a_date_without_a_year_is_none(date):
    assert read_tags(tagged("flac", VALUES | {"date": date})).year is None


def test_numbers_of_genres_are_named():
    assert read_tags(tagged("mp3", VALUES | {"genre": "(17)"})).genre == "Rock"


def test_several_artists_are_joined():
    file = io.BytesIO(PLAIN["flac"])
    song = FLAC(file)
    song["artist"] = ["Fripp", "Eno"]
    file.seek(0)
    song.save(file)
    assert read_tags(file).artist == "Fripp, Eno"


def test_a_heavy_cover_is_left_out_with_a_note(monkeypatch):
    monkeypatch.setattr("genre_core.audio.tags.MAX_COVER_BYTES", 100)
    tags = read_tags(tagged("mp3", pictures={3: bytes(101)}))
    assert tags.cover is None
    assert tags.title == VALUES["title"]
    assert tags.notes[0].startswith("The file's cover is left out")
    assert read_tags(tagged("mp3", pictures={3: bytes(100)})).cover == bytes(100)
    assert MAX_COVER_BYTES == 20 * 2**20


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_that_is_none_is_handed_on(kind):
    assert read_tags(tagged(kind, pictures={3: b"no picture"})).cover == b"no picture"


def test_a_broken_picture_block_gives_a_note_and_the_song_decodes():
    file = io.BytesIO(PLAIN["ogg"])
    song = OggVorbis(file)
    song["metadata_block_picture"] = ["!!!"]
    file.seek(0)
    song.save(file)
    tags = read_tags(file)
    assert tags.notes
    assert tags.notes[0].startswith("The file's tags cannot be read")
    np.testing.assert_array_equal(decode_clip(file).y, decode_clip(PLAIN["ogg"]).y)


@settings(max_examples=80)
@given(kind=st.sampled_from(KINDS), data=st.data())
def test_any_damage_gives_tags_or_our_error(kind, data):
    content = bytearray(TAGGED[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    del content[data.draw(st.integers(1, len(content))) :]
    try:
        tags = read_tags(bytes(content))
    except DecodeError as error:
        assert "Received bytes: " in str(error)  # noqa: PT017 - either end is right
    else:
        assert len(tags.title) <= MAX_CHARACTERS


TAGGED = {kind: tagged(kind) for kind in KINDS}


@pytest.mark.parametrize("source", [b"", b"hello", "no such song.mp3"])
def test_what_is_no_song_is_an_error(source):
    with pytest.raises(DecodeError, match="Received"):
        read_tags(source)


def test_other_types_are_a_parameter_error():
    with pytest.raises(ParameterError, match="Received"):
        read_tags(3)


def frames_alone() -> bytes:
    content = encoded(music(44_100, 1, 0.5), 44_100, "mp3")
    return content[skip_tags(content) :]


ID3V1 = b"TAG" + b"Starless".ljust(30) + b"King".ljust(30) + b"Red".ljust(30) + b"1974"
ID3V1 += bytes(30) + bytes([17])


@pytest.mark.parametrize(
    "before",
    [b"\n", bytes(512), np.random.default_rng(0).bytes(700), b"ID3\x03\0\0\0\0\x02\0" + bytes(256)],
    ids=["newline", "zeros", "noise", "an empty tag"],
)
@pytest.mark.parametrize("kind", ["mp3", "aac", "flac", "ogg", "wav", "aiff", "m4a"])
def test_tags_are_found_behind_what_precedes_a_song(kind, before):
    found = read_tags(before + TAGGED[kind])
    assert (found.title, found.cover, found.notes) == (VALUES["title"], cover(), ())


def test_a_flac_without_texts_has_those_of_the_tag_before_it():
    tag = TAGGED["mp3"][: skip_tags(TAGGED["mp3"])]
    assert read_tags(tag + PLAIN["flac"]).title == VALUES["title"]
    assert read_tags(tag + tagged("flac", VALUES | {"title": "own"})).title == "own"


def test_texts_of_a_quicktime_film_are_read():
    file = io.BytesIO()
    with av.open(file, "w", format="mov") as output:
        output.metadata["title"] = "Starless"
        stream = output.add_stream("aac", rate=48_000, layout="mono")
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), "fltp", "mono")
        frame.sample_rate, frame.pts = 48_000, 0
        output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    assert read_tags(file.getvalue()).title == "Starless"


def test_an_ape_tag_alone_is_read():
    file = io.BytesIO(frames_alone())
    tags = APEv2()
    tags.update(
        {"Title": "Starless", "Artist": ["King", "Crimson"], "Year": "1974", "Genre": "Rock"}
    )
    tags["Cover Art (Front)"] = APEValue(b"front.png\0" + b"\x89PNG", BINARY)
    tags.save(file)
    found = read_tags(file)
    assert (found.title, found.artist, found.year) == ("Starless", "King, Crimson", 1974)
    assert (found.genre, found.cover) == ("Rock", b"\x89PNG")


@pytest.mark.parametrize("has_newer", [True, False])
def test_what_a_newer_tag_leaves_open_an_older_one_says(has_newer):
    file = io.BytesIO(frames_alone())
    if has_newer:
        tags = ID3()
        tags.add(TCON(encoding=3, text=["Metal"]))
        tags.save(file, v1=0)
    found = read_tags(file.getvalue() + ID3V1)
    assert (found.title, found.artist, found.album) == ("Starless", "King", "Red")
    assert (found.year, found.genre) == (1974, "Metal" if has_newer else "Rock")
