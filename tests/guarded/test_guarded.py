"""Decoding in a process of its own: the same answers, and a file can only end that process.

Each test of an end starts a process anew, half a second each.
"""

import io
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import psutil
import pytest
from mutagen.flac import FLAC, Picture

from genre_core import audio, guarded, image
from genre_core.errors import DecodeError, ParameterError
from genre_core.guarded import worker
from tests.audio.song_files import encoded, music
from tests.image import picture_files

PROJECT = Path(__file__).resolve().parents[2]
SONGS = {kind: encoded(music(seconds=0.3), 44_100, kind) for kind in ("wav", "mp3", "m4a")}
SONG = SONGS["wav"]


def tagged() -> bytes:
    file = io.BytesIO(encoded(music(seconds=0.1), 44_100, "flac"))
    song = FLAC(file)
    song["title"], song["date"] = "Séance", "1974"
    picture = Picture()
    picture.type, picture.data = 3, picture_files.encoded(picture_files.COVER, "PNG")
    song.add_picture(picture)
    file.seek(0)
    song.save(file)
    return file.getvalue()


@pytest.fixture
def fragile(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Processes that some contents end, and that leave nothing behind."""
    worker.stop()
    monkeypatch.setattr(worker, "MODULE", "tests.guarded.stand_in")
    yield
    states = [child.status() for child in psutil.Process().children()]
    worker.stop()
    assert psutil.STATUS_ZOMBIE not in states
    assert not pids()
    assert not list(Path("/dev/shm").glob("*genre*"))  # noqa: S108


def pids() -> list[int]:
    """Processes that wait for a file."""
    return [waiting.process.pid for waiting in worker._turns.queue if waiting]


@pytest.mark.parametrize("kind", SONGS)
def test_a_song_is_decoded_to_the_same_samples_and_facts(kind: str, tmp_path: Path) -> None:
    path = tmp_path / f"song.{kind}"
    path.write_bytes(SONGS[kind])
    for source in (SONGS[kind], path, io.BytesIO(SONGS[kind])):
        for sr, clip in audio.decode_clips(source).items():
            own = guarded.decode_clips(source)[sr]
            assert (own.sr, own.notes, own.y.dtype) == (clip.sr, clip.notes, clip.y.dtype)
            np.testing.assert_array_equal(own.y, clip.y)
            own.y[0] = 0  # own memory, as that of a clip decoded here
        np.testing.assert_array_equal(
            guarded.decode_clip(source, sr=None).y, audio.decode_clip(source, sr=None).y
        )
        assert guarded.probe_clip(source) == audio.probe_clip(source)


def test_notes_tags_and_the_cover_in_them_are_the_same() -> None:
    cut = SONG[:-1000]
    assert guarded.decode_clip(cut).notes == audio.decode_clip(cut).notes != ()
    for song in (tagged(), SONG):
        assert guarded.read_tags(song) == audio.read_tags(song)
    assert guarded.read_tags(tagged()).cover is not None


def test_a_picture_is_decoded_to_the_same_pixels(tmp_path: Path) -> None:
    content = picture_files.encoded(picture_files.COVER, "PNG")
    path = tmp_path / "cover.png"
    path.write_bytes(content)
    for source in (content, path):
        picture = guarded.decode_cover(source)
        np.testing.assert_array_equal(picture, image.decode_cover(source))
        picture[:] = 0
    notes: list[str] = []
    guarded.decode_cover(picture_files.encoded(picture_files.COVER, "JPEG")[:-2], notes=notes)
    assert len(notes) == 1


@pytest.mark.parametrize(
    ("call", "source", "options"),
    [
        ("decode_clip", b"hello", {"name": "a.mp3"}),
        ("decode_clip", b"", {}),
        ("decode_clip", SONG, {"sr": 3}),
        ("decode_clips", SONG, {"srs": ()}),
        ("decode_clips", "no such song.mp3", {}),
        ("probe_clip", Path(), {}),
        ("read_tags", b"hello", {}),
    ],
)
def test_an_error_is_the_same(call: str, source: object, options: dict[str, object]) -> None:
    with pytest.raises((DecodeError, ParameterError)) as expected:
        getattr(audio, call)(source, **options)
    with pytest.raises(expected.type) as error:
        getattr(guarded, call)(source, **options)
    assert str(error.value) == str(expected.value)
    assert error.type is expected.type


def test_an_error_of_a_picture_is_the_same() -> None:
    with pytest.raises(DecodeError) as expected:
        image.decode_cover(b"hello", name="a.jpg")
    with pytest.raises(DecodeError) as error:
        guarded.decode_cover(b"hello", name="a.jpg")
    assert str(error.value) == str(expected.value)


@pytest.mark.parametrize(
    ("content", "rule"),
    [
        (b"crash", "must not make its decoder break down"),
        (b"raise", "must not make its decoder break down"),
        (b"hang", "must be decoded within 0.8 s"),
        (b"swell", r"may take 0.391 GB of memory"),
    ],
)
def test_a_file_ends_its_process_and_the_next_is_read(
    content: bytes, rule: str, fragile: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    guarded.probe_clip(SONG)  # the process runs
    [pid] = pids()
    monkeypatch.setattr(worker, "LIMIT_BYTES", 400 * 2**20)
    if content == b"hang":
        monkeypatch.setattr(worker, "LIMIT_S", 0.8)
    with pytest.raises(DecodeError, match=rule + r".*Received a\.mp3: .*Save it again"):
        guarded.probe_clip(content, name="a.mp3")
    assert not psutil.pid_exists(pid)
    monkeypatch.undo()
    assert guarded.probe_clip(SONG).container == "WAV"


def in_thread(call: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    errors: list[BaseException] = []

    def run() -> None:
        try:
            call()
        except DecodeError as error:
            errors.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, errors


def test_killed_in_the_middle_of_a_file_it_is_one_sentence(fragile: None) -> None:
    guarded.start()
    [pid] = pids()
    thread, errors = in_thread(lambda: guarded.probe_clip(b"hang"))
    time.sleep(0.2)
    psutil.Process(pid).kill()
    thread.join(10)
    assert "bytes: its decoder broke down" in str(errors[0])
    assert guarded.probe_clip(SONG).container == "WAV"


def test_killed_while_it_waits_nobody_notices(fragile: None) -> None:
    guarded.probe_clip(SONG)
    [pid] = pids()
    psutil.Process(pid).kill()
    time.sleep(0.1)
    assert guarded.probe_clip(SONG).container == "WAV"
    assert pids() != [pid]


def test_a_visitor_is_answered_while_the_file_of_another_hangs(fragile: None) -> None:
    guarded.start()
    [pid] = pids()
    thread, errors = in_thread(lambda: guarded.probe_clip(b"hang"))
    while pids():
        time.sleep(0.01)
    assert guarded.probe_clip(SONG).container == "WAV"
    psutil.Process(pid).kill()
    thread.join(10)
    assert len(errors) == 1


def test_visitors_at_once_get_their_own_songs() -> None:
    songs = [encoded(music(8_000, 1, 0.2 + n / 10), 8_000) for n in range(8)]
    with ThreadPoolExecutor(8) as pool:
        clips = list(pool.map(guarded.decode_clip, songs * 3))
    assert len(pids()) <= worker.N_WORKERS
    for clip, song in zip(clips, songs * 3, strict=True):
        np.testing.assert_array_equal(clip.y, audio.decode_clip(song).y)


def test_a_process_that_earlier_files_filled_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    guarded.probe_clip(SONG)
    pid = pids()[-1]
    monkeypatch.setattr(worker, "LIMIT_BYTES", 1.5 * psutil.Process(pid).memory_info().rss)
    guarded.probe_clip(SONG)
    assert pid not in pids()


@pytest.mark.skipif(sys.platform != "linux", reason="counts descriptors as Linux lists them")
def test_no_descriptor_is_left_open() -> None:
    guarded.decode_clip(SONG)
    counts = []
    for _ in range(2):
        folders = [Path(f"/proc/{pid}/fd") for pid in (os.getpid(), pids()[-1])]
        counts.append([len(list(folder.iterdir())) for folder in folders])
        for _ in range(5):
            guarded.decode_clip(SONG)
            guarded.read_tags(tagged())
    more = np.subtract(counts[1], counts[0])
    assert max(more) < 5, "each file may leave none; the last may still be closing"


def test_it_ends_with_its_server() -> None:
    code = (
        "import os, signal, time\n"
        "from genre_core import guarded\n"
        "from genre_core.guarded import worker\n"
        "guarded.start()\n"
        "print(worker._turns.queue[-1].process.pid, flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True)
    until = time.monotonic() + 20
    while psutil.pid_exists(int(run.stdout)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not psutil.pid_exists(int(run.stdout))
