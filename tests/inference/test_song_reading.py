"""One song through several networks: decoded once, features shared, memory bounded."""

from __future__ import annotations

import gc
import io
import itertools
import threading
import time
import weakref
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import soundfile

from genre_core.audio.clip import Clip
from genre_core.audio.decode import decode_clip
from genre_core.audio.features import song_segments
from genre_core.audio.spill import OnDisk
from genre_core.config import SongInput
from genre_core.errors import DecodeError
from genre_core.inference import song_reading
from genre_core.inference.song_reading import feature_key, read_song
from genre_core.inference.songs import SongClassifier
from genre_core.turns import READINGS
from tests.made_songs_set import LOG_MEL, MEL, song_card, tiny_network, write_song

HALF = SongInput(features="log_mel_96", n_frames=31, hop_frames=20, hop_length=256, min_frames=5)
"""Other segments of the same features as `LOG_MEL`."""


def classifier_of(spec: SongInput, name: str) -> SongClassifier:
    return SongClassifier(tiny_network(spec, 3), song_card(name, spec))


@pytest.fixture(scope="module")
def classifiers() -> list[SongClassifier]:
    """Three networks, two kinds of features, at two sample rates."""
    return [
        classifier_of(LOG_MEL, "tiny.second"),
        classifier_of(HALF, "tiny.half"),
        classifier_of(MEL, "tiny.mel"),
    ]


@pytest.fixture(scope="module")
def song(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_song(tmp_path_factory.mktemp("songs") / "song.ogg", "Beats", duration_s=2.5)


@pytest.fixture
def computed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Kinds of features that were computed."""
    kinds: list[str] = []
    compute = song_reading.song_features

    def watched(clip: Clip, spec: SongInput) -> np.ndarray:
        kinds.append(spec.features)
        return compute(clip, spec)

    monkeypatch.setattr(song_reading, "song_features", watched)
    return kinds


@pytest.fixture
def decoded(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """Rates of each time that the song was decoded."""
    rates: list[list[int]] = []
    decode = song_reading.decode_clips

    def watched(source: object, *, srs: list[int], name: str) -> dict[int, Clip]:
        rates.append(list(srs))
        return decode(source, srs=srs, name=name)

    monkeypatch.setattr(song_reading, "decode_clips", watched)
    return rates


def test_each_kind_of_features_is_computed_once(
    classifiers: list[SongClassifier], song: Path, computed: list[str], decoded: list[list[int]]
) -> None:
    reading, looked = read_song(song, classifiers)
    assert sorted(computed) == ["log_mel_96", "mel_128"]
    assert decoded == [[22_050, 16_000]]
    assert looked is None
    assert list(reading.predictions) == ["tiny.second", "tiny.half", "tiny.mel"]
    assert len(reading.features) == 2
    assert reading.duration_s == pytest.approx(2.5)
    assert reading.notes == ()


def test_a_reading_says_what_each_network_says_by_itself(
    classifiers: list[SongClassifier], song: Path
) -> None:
    reading, _ = read_song(song, classifiers)
    for each in classifiers:
        alone, shared = each.classify(song), reading.predictions[each.name]
        np.testing.assert_array_equal(shared.logits, alone.logits)
        np.testing.assert_array_equal(shared.start_s, alone.start_s)
        np.testing.assert_array_equal(shared.end_s, alone.end_s)


def test_segments_are_cut_again_as_they_were_fed(
    classifiers: list[SongClassifier], song: Path, computed: list[str]
) -> None:
    reading, _ = read_song(song, classifiers)
    n_computed = len(computed)
    for spec in (LOG_MEL, HALF, MEL):
        cut = reading.segments(spec)
        expected = song_segments(decode_clip(song, sr=spec.sr), spec)
        np.testing.assert_array_equal(cut.inputs, expected.inputs)
        np.testing.assert_array_equal(cut.start_s, expected.start_s)
        np.testing.assert_array_equal(cut.end_s, expected.end_s)
        np.testing.assert_array_equal(cut.n_valid, expected.n_valid)
    assert len(computed) == n_computed


def test_whoever_waits_is_let_through_after_a_batch(classifiers: list[SongClassifier]) -> None:
    [model, *_], passed = classifiers, threading.Event()

    def short() -> None:
        with READINGS:
            passed.set()

    with READINGS:
        other = threading.Thread(target=short)
        other.start()
        while READINGS.n_before < 2:
            time.sleep(0.001)
        assert not passed.is_set()
        model.logits(np.zeros((1, *model.spec.shape), np.float32))
        assert passed.is_set()
    other.join(10)


def test_a_song_waits_for_its_turn_before_a_network_hears_it(
    classifiers: list[SongClassifier], song: Path
) -> None:
    with ThreadPoolExecutor(1) as pool:
        with READINGS:
            reading = pool.submit(read_song, song, classifiers[:1])
            while READINGS.n_before < 2:  # it decodes, which waits for nobody
                time.sleep(0.001)
            assert not reading.done()
        assert reading.result(20)[0].predictions


def test_features_are_computed_while_networks_hear_those_before(
    classifiers: list[SongClassifier], song: Path, computed: list[str]
) -> None:
    with ThreadPoolExecutor(1) as pool, READINGS:
        reading = pool.submit(read_song, song, classifiers)
        while len(computed) < 2 and not reading.done():
            time.sleep(0.001)
        assert not reading.done()  # it waits for its turn, with both kinds at hand


def test_whoever_stops_a_reading_waits_for_no_further_features(
    classifiers: list[SongClassifier], song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, ended = [], threading.Event()

    def computes(_clip: Clip, spec: SongInput) -> None:
        begun.append(spec.features)
        ended.wait(20)

    class Pool(ThreadPoolExecutor):
        def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
            super().shutdown(wait=False, cancel_futures=cancel_futures)
            ended.set()
            super().shutdown(wait=wait)

    def stop(share: float, _text: str) -> None:
        if share > 0:
            raise KeyboardInterrupt

    monkeypatch.setattr(song_reading, "song_features", computes)
    monkeypatch.setattr(song_reading, "ThreadPoolExecutor", Pool)
    with pytest.raises(KeyboardInterrupt):
        read_song(song, classifiers, progress=stop)
    assert len(begun) <= 1


def test_a_long_song_is_decoded_once_a_rate(
    classifiers: list[SongClassifier],
    song: Path,
    decoded: list[list[int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    short, _ = read_song(song, classifiers)
    monkeypatch.setattr(song_reading, "LONG_S", 2.0)
    decoded.clear()
    long, _ = read_song(song, classifiers)
    assert decoded == [[22_050], [16_000]]
    for name, prediction in long.predictions.items():
        np.testing.assert_array_equal(prediction.logits, short.predictions[name].logits)
    assert long.duration_s == short.duration_s


def test_features_of_a_long_song_wait_on_the_disk(
    classifiers: list[SongClassifier], song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    short, _ = read_song(song, classifiers)
    assert all(isinstance(kept, np.ndarray) for kept in short.features.values())
    monkeypatch.setattr(song_reading, "LONG_S", 2.0)
    long, _ = read_song(song, classifiers)
    assert all(isinstance(kept, OnDisk) for kept in long.features.values())
    for spec in (LOG_MEL, HALF, MEL) * 2:
        np.testing.assert_array_equal(long.segments(spec).inputs, short.segments(spec).inputs)


def test_features_stay_in_memory_where_the_disk_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: np.ndarray) -> OnDisk:
        raise OSError("No space left on device")

    monkeypatch.setattr(song_reading, "LONG_S", 2.0)
    monkeypatch.setattr(song_reading, "OnDisk", full)
    kept = song_reading._on_disk(np.ones(3, np.float32))
    np.testing.assert_array_equal(kept, np.ones(3, np.float32))


def test_samples_at_one_rate_are_gone_before_the_next_are_decoded(
    classifiers: list[SongClassifier], song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decode, before = song_reading.decode_clips, []

    def watched(source: object, *, srs: list[int], name: str) -> dict[int, Clip]:
        gc.collect()
        assert all(clip() is None for clip in before)
        clips = decode(source, srs=srs, name=name)
        before.extend(weakref.ref(clip.y) for clip in clips.values())
        return clips

    monkeypatch.setattr(song_reading, "decode_clips", watched)
    monkeypatch.setattr(song_reading, "LONG_S", 2.0)
    read_song(song, classifiers, look=lambda clip: clip.duration_s)
    assert len(before) == 2


def test_an_upload_can_be_read_twice(
    classifiers: list[SongClassifier], song: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(song_reading, "LONG_S", 2.0)
    upload = io.BytesIO(song.read_bytes())
    upload.read(7)
    reading, _ = read_song(upload, classifiers, name="upload.ogg")
    assert len(reading.predictions) == 3
    assert upload.tell() == 7


@pytest.fixture(params=[False, True], ids=["a short song", "a long song"])
def is_long(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> bool:
    monkeypatch.setattr(song_reading, "LONG_S", 2.0 if request.param else 1_800.0)
    return bool(request.param)


def test_progress_rises_from_nothing_to_all(
    classifiers: list[SongClassifier], song: Path, is_long: bool
) -> None:
    told: list[tuple[float, str]] = []
    read_song(song, classifiers, progress=lambda share, text: told.append((share, text)))
    shares = [share for share, _ in told]
    assert shares[0] == 0
    assert shares[-1] == 1
    assert all(a < b for a, b in itertools.pairwise(shares))
    assert all(text for _, text in told)
    assert "Title of tiny.half" in [text for _, text in told]


def test_what_a_network_says_is_told_as_soon_as_it_can_be(
    classifiers: list[SongClassifier], song: Path, is_long: bool
) -> None:
    events: list[str] = []
    reading, _ = read_song(
        song,
        classifiers,
        progress=lambda _, text: events.append(text),
        each=lambda said: events.append(f"said {said.model}"),
    )
    names = [model.name for model in classifiers]
    said = [event.removeprefix("said ") for event in events if event.startswith("said ")]
    assert sorted(said) == sorted(names)
    assert list(reading.predictions) == names  # in the order in which they were asked for
    computed = [
        place for place, event in enumerate(events) if event in song_reading._WORDS.values()
    ]
    is_early = events.index(f"said {said[0]}") < computed[-1]
    assert is_early != is_long


@pytest.mark.parametrize("names", [[], ["tiny.second"], ["tiny.mel"]])
def test_a_look_is_taken_once_at_22_050_hz(
    names: list[str], classifiers: list[SongClassifier], song: Path
) -> None:
    seen: list[int] = []

    def look(clip: Clip) -> str:
        seen.append(clip.sr)
        return "a picture"

    chosen = [each for each in classifiers if each.name in names]
    reading, looked = read_song(song, chosen, look=look)
    assert seen == [22_050]
    assert looked == "a picture"
    assert list(reading.predictions) == names
    assert reading.duration_s == pytest.approx(2.5)


def test_what_is_odd_about_a_file_is_told(
    classifiers: list[SongClassifier], song: Path, tmp_path: Path
) -> None:
    content = song.read_bytes()
    cut = tmp_path / "cut.ogg"
    cut.write_bytes(content[: len(content) * 2 // 3])
    reading, _ = read_song(cut, classifiers[:1])
    assert reading.notes
    assert reading.duration_s < 2.5


@pytest.mark.parametrize("content", [b"", b"no song", b"\x89PNG\r\n\x1a\n" + bytes(100)])
def test_a_file_that_is_no_song(
    content: bytes, classifiers: list[SongClassifier], tmp_path: Path
) -> None:
    path = tmp_path / "song.mp3"
    path.write_bytes(content)
    with pytest.raises(DecodeError, match="Received"):
        read_song(path, classifiers)
    with pytest.raises(DecodeError, match=r"mine\.mp3"):
        read_song(path, classifiers, name="mine.mp3")
    with pytest.raises(DecodeError, match="Received"):
        read_song(tmp_path / "missing.mp3", [])


def test_the_key_of_features_leaves_cutting_and_scaling_out() -> None:
    assert feature_key(LOG_MEL) == feature_key(HALF)
    assert feature_key(LOG_MEL) != feature_key(MEL)
    # Patches of mel bands are computed segment by segment: their cutting counts.
    assert feature_key(MEL) != feature_key(
        SongInput(features="mel_128", n_frames=43, hop_frames=20, min_frames=22)
    )


def test_what_is_no_music_is_looked_at_and_gets_no_verdict(
    classifiers: list[SongClassifier], computed: list[str]
) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.zeros((88_200, 2)), 44_100, format="WAV")
    reading, looked = read_song(file, classifiers, look=lambda clip: clip.n_samples)
    assert looked == 44_100
    assert reading.notes == (reading.no_music,) == ("No verdict: nothing is to be heard in it.",)
    assert reading.predictions == {}
    assert computed == []
