"""Laws of the made songs: seeded, level, in time, as bright as their style, shipped as listed."""

from __future__ import annotations

import base64
import functools
import io
import json
import runpy
import sys

import numpy as np
import pytest
import soundfile as sf
from mutagen.flac import Picture
from mutagen.oggvorbis import OggVorbis
from PIL import Image

from assets.make.songs import STYLES, instruments, make_song, shipped, write_songs
from assets.make.songs.melody import MAJOR, tune
from assets.make.songs.mixing import (
    CEILING,
    TARGET_DB,
    echoed,
    faded,
    level_db,
    limited,
)
from assets.make.songs.oscillators import envelope, hertz, high_pass, low_pass, wave
from assets.make.songs.shipped import SHIPPED
from genre_core.data.demo import SONGS_DIR, demo_songs
from genre_core.errors import ParameterError

SR = 22050


@functools.cache
def song(style):
    return make_song(style)


def section_of(style, name):
    y, info = song(style)
    part = next(part for part in info.sections if part.name == name)
    return y[int(part.start_s * SR) : int(part.end_s * SR)]


@pytest.mark.parametrize(
    "call",
    [
        lambda: make_song("polka"),
        lambda: make_song("pop", -1),
        lambda: make_song("pop", sr=4000),
        lambda: make_song("pop", sr=96000),
        lambda: make_song("pop", duration_s=1),
        lambda: make_song("pop", duration_s=float("nan")),
        lambda: make_song("pop", duration_s=10_000),
    ],
)
def test_bad_input_is_named(call):
    with pytest.raises(ParameterError, match="Received"):
        call()


@pytest.mark.parametrize("style", STYLES)
def test_a_seed_gives_the_same_samples_and_another_seed_others(style):
    first, again, other = (make_song(style, seed, duration_s=4)[0] for seed in (5, 5, 6))
    assert first.dtype == np.float32
    assert first.shape == (4 * SR,)
    np.testing.assert_array_equal(first, again)
    assert np.abs(np.corrcoef(first, other)[0, 1]) < 0.6


def test_the_global_generator_is_left_alone():
    before = np.random.get_state()[1].copy()  # noqa: NPY002 - what others might use
    make_song("metal", duration_s=3)
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # noqa: NPY002


@pytest.mark.parametrize("style", STYLES)
def test_every_style_is_as_loud_without_clipping_or_dc(style):
    y, info = song(style)
    assert len(y) == int(np.ceil(info.duration_s * SR))
    assert np.isfinite(y).all()
    assert 0.5 < np.abs(y).max() <= CEILING
    assert np.mean(np.abs(y) > 0.9) < 0.005  # the limiter works at peaks only
    assert level_db(y, SR) == pytest.approx(TARGET_DB, abs=0.3)
    assert abs(float(y.mean(dtype=np.float64))) < 1e-4


@pytest.mark.parametrize("style", STYLES)
def test_nothing_is_silent_but_the_ends_fade(style):
    y, info = song(style)
    power = np.square(y[: len(y) // SR * SR], dtype=np.float64).reshape(-1, SR).mean(1)
    inner = 10 * np.log10(power[2:-5])
    assert inner.min() > TARGET_DB - 20
    assert np.sqrt(np.square(y[-SR // 20 :]).mean()) < 0.01 * np.abs(y).max()
    for part in info.sections:
        inside = y[int(part.start_s * SR) : int(part.end_s * SR)]
        assert 20 * np.log10(np.sqrt(np.square(inside).mean())) > TARGET_DB - 9, part.name


@pytest.mark.parametrize("style", STYLES)
def test_sections_tile_the_song_in_whole_bars(style):
    info = song(style)[1]
    assert info.sections[0].start_s == 0
    for one, following in zip(info.sections, info.sections[1:], strict=False):
        assert following.start_s == one.end_s
    for part in info.sections:
        n_bars = (part.end_s - part.start_s) / part.bar_s
        assert n_bars == pytest.approx(round(n_bars), abs=1e-6)
    assert 40 < info.duration_s < 300


def test_the_progressive_song_changes_as_promised():
    parts = song("prog")[1].sections
    # Study S5's networks leave out both ends of a song longer than 90 s.
    assert 80 < song("prog")[1].duration_s < 90
    assert {"4/4", "7/8", "5/4"} <= {part.metre for part in parts}
    assert len({part.tempo_bpm for part in parts}) == 4


@pytest.mark.parametrize("duration_s", [2.0, 7.5, 130.0])
def test_a_length_that_is_asked_for_is_kept(duration_s):
    y, info = make_song("pop", duration_s=duration_s, sr=8000)
    assert len(y) == round(duration_s * 8000)
    assert info.duration_s == duration_s
    # The plan is the song's own, begun again where it ends.
    own = make_song("pop", sr=8000)[1]
    n = min(len(own.sections), len(info.sections) - 1)
    assert info.sections[:n] == own.sections[:n]
    if duration_s > own.duration_s:
        assert info.sections[len(own.sections)].name == own.sections[0].name


def onsets(y, hop=110):
    """Return how much every spectrum rises, one value in 5 ms."""
    frames = np.lib.stride_tricks.sliding_window_view(y, 1024)[::hop]
    logs = np.log1p(100 * np.abs(np.fft.rfft(frames * np.hanning(1024), axis=1)))
    rise = np.maximum(np.diff(logs, axis=0), 0).sum(1)
    return rise - rise.mean(), SR / hop


def likeness(rise, rate, lag_s):
    """Return the autocorrelation of onsets near a lag, 1 at lag 0."""
    lags = range(round((lag_s - 0.015) * rate), round((lag_s + 0.015) * rate) + 1)
    return max(float(rise[lag:] @ rise[: len(rise) - lag]) for lag in lags) / float(rise @ rise)


def test_the_pop_song_keeps_its_tempo():
    tempo = song("pop")[1].sections[1].tempo_bpm
    candidates = np.arange(80, 151, 2.0)
    rise, rate = onsets(section_of("pop", "Chorus"))
    found = [likeness(rise, rate, 60 / bpm) for bpm in candidates]
    assert candidates[int(np.argmax(found))] == pytest.approx(tempo, abs=2)


@pytest.mark.parametrize(
    ("name", "n_eighths"),
    [("Organ in seven", 7), ("Race in five", 10)],
)
def test_odd_metres_repeat_with_their_bar(name, n_eighths):
    part = next(part for part in song("prog")[1].sections if part.name == name)
    eighth_s = 30 / part.tempo_bpm
    assert part.bar_s == pytest.approx(n_eighths * eighth_s)
    rise, rate = onsets(section_of("prog", name)[: 20 * SR])
    lags = range(n_eighths - 3, n_eighths + 4)
    found = {n: likeness(rise, rate, n * eighth_s) for n in lags}
    assert max(found, key=found.get) == n_eighths, found


def test_metal_is_brighter_than_ambient():
    def centroid(y):
        frames = np.abs(np.fft.rfft(y[: len(y) // 2048 * 2048].reshape(-1, 2048), axis=1))
        return float(np.median(frames @ np.fft.rfftfreq(2048, 1 / SR) / frames.sum(1)))

    by_style = {style: centroid(song(style)[0]) for style in STYLES}
    assert by_style["metal"] > 1.5 * by_style["pop"] > 1.5 * by_style["ambient"]


@pytest.mark.parametrize("name", ["bass", "organ", "flute", "strings", "keys", "lead"])
@pytest.mark.parametrize("midi", [40, 57, 69])
def test_an_instrument_sounds_at_its_pitch(name, midi):
    y = getattr(instruments, name)(midi, 1.0, SR)
    assert y.shape == (SR,)
    assert np.abs(y).max() < 3
    assert abs(y[0]) < 0.02
    assert abs(y[-1]) < 0.02
    spectrum = np.abs(np.fft.rfft(y * np.hanning(SR)))
    partial = np.argmax(spectrum) / hertz(midi)
    assert partial == pytest.approx(round(partial), abs=0.03)
    with pytest.raises(ValueError, match="read-only"):
        y[0] = 1  # notes are shared


def test_a_song_leaves_no_notes_in_memory():
    for style in STYLES:
        make_song(style, duration_s=10, sr=8000)
    kept = [part for part in vars(instruments).values() if hasattr(part, "cache_info")]
    assert len(kept) >= 8
    assert [part.cache_info().currsize for part in kept] == [0] * len(kept)


@pytest.mark.parametrize("shape", ["saw", "square"])
@pytest.mark.parametrize("hz", [440.0, 2600.0])
def test_waves_do_not_fold_back(shape, hz):
    spectrum = np.abs(np.fft.rfft(wave(shape, hz, SR, SR))) ** 2
    near = np.zeros(len(spectrum), dtype=bool)
    for k in range(1, int(SR / 2 / hz) + 1):
        near[int(k * hz) - 3 : int(k * hz) + 4] = True
    assert spectrum[~near].sum() < 1e-4 * spectrum.sum()


def test_filters_and_envelopes_keep_their_laws():
    t = np.arange(SR) / SR
    low, high = (np.sin(2 * np.pi * hz * t).astype(np.float32) for hz in (100, 6400))
    middle = slice(SR // 4, -SR // 4)
    assert np.abs(low_pass(high, SR, 800)[middle]).max() < 0.02
    assert np.abs(low_pass(low, SR, 800)[middle]).max() > 0.98
    assert np.abs(high_pass(low, SR, 800)[middle]).max() < 0.02
    assert np.abs(high_pass(high, SR, 800)[middle]).max() > 0.98
    course = envelope(SR, SR, attack_s=0.1, decay_s=0.1, sustain=0.5, release_s=0.2)
    assert course[0] == 0
    assert course[-1] < 1e-3
    assert course[int(0.1 * SR)] == pytest.approx(1, abs=1e-3)
    assert course[int(0.5 * SR)] == pytest.approx(0.5, abs=1e-3)
    short = envelope(40, SR, attack_s=0.1, release_s=0.2)
    assert short.shape == (40,)
    assert short.max() <= 1


def test_levels_limiter_fades_and_echoes_keep_their_laws():
    tone = (0.5 * np.sin(np.arange(4 * SR))).astype(np.float32)
    gained = level_db(0.5 * tone, SR) - level_db(tone, SR)
    assert gained == pytest.approx(-6.02, abs=0.01)
    # A pause does not make a song quieter.
    with_pause = np.concatenate([tone, np.zeros_like(tone)])
    assert level_db(with_pause, SR) == pytest.approx(level_db(tone, SR), abs=0.1)
    assert level_db(np.zeros(SR), SR) == -120
    steep = np.linspace(-4, 4, 1001, dtype=np.float32)
    bent = limited(steep)
    assert (np.diff(bent) >= 0).all()
    assert np.abs(bent).max() <= CEILING
    np.testing.assert_array_equal(bent[np.abs(steep) <= 0.6], steep[np.abs(steep) <= 0.6])
    ends = faded(np.ones(1000, dtype=np.float32), 100, 1.0, 2.0)
    assert ends[0] == ends[-1] == 0
    assert (ends[100:800] == 1).all()
    echo = echoed(np.ones(1, dtype=np.float32), 10, 0.3, feedback=0.5, n=2)
    np.testing.assert_allclose(echo, [1, 0, 0, 0.5, 0, 0, 0.25])


def test_a_tune_stays_in_range_and_rests_on_the_chord():
    lengths = (1, 0.5, -0.5, 0.5, 2, 1, 0.5) * 20
    notes = tune(np.random.default_rng(1), lengths, low=2, high=9)
    assert len(notes) == sum(length > 0 for length in lengths)
    assert all(2 <= step <= 9 for _, _, step in notes)
    assert all(step % len(MAJOR) in (0, 2, 4) for _, length, step in notes if length >= 1)
    assert len({step for _, _, step in notes}) > 4


def test_built_in_songs_exist_and_are_described():
    songs = demo_songs()
    assert [each.style for each in songs] == [style for style, *_ in SHIPPED]
    assert {each.style for each in songs} == set(STYLES)
    for each in songs:
        assert sf.info(each.path).samplerate == SR
        assert sf.info(each.path).channels == 1
        assert each.sections == song(each.style)[1].sections
        assert each.about.endswith(".")
    listed = {each.path.name for each in songs} | {"songs.json"}
    assert {path.name for path in SONGS_DIR.iterdir()} == listed
    assert sum(path.stat().st_size for path in SONGS_DIR.iterdir()) < 3_000_000


@pytest.mark.parametrize("style", STYLES)
def test_built_in_songs_are_what_the_generator_plays(style):
    (each,) = (each for each in demo_songs() if each.style == style)
    kept, sr = sf.read(each.path, dtype="float32")
    fresh, info = song(style)
    assert (sr, each.seed) == (SR, info.seed)
    assert abs(len(kept) - len(fresh)) <= 1
    n = min(len(kept), len(fresh)) // 512 * 512
    courses = [np.sqrt(np.square(y[:n]).reshape(-1, 512).mean(1)) for y in (kept, fresh)]
    assert np.corrcoef(courses)[0, 1] > 0.99
    assert level_db(kept, SR) == pytest.approx(level_db(fresh, SR), abs=0.3)


def check_tags(each):
    tags = OggVorbis(each.path)
    assert (tags["title"], tags["artist"]) == ([each.title], ["Genre Explorer"])
    picture = Picture(base64.b64decode(tags["metadata_block_picture"][0]))
    assert (picture.mime, picture.width) == ("image/jpeg", 300)
    with Image.open(io.BytesIO(picture.data)) as cover:
        assert cover.size == (300, 300)


def test_built_in_songs_carry_tags_and_a_cover():
    for each in demo_songs():
        check_tags(each)


def test_writing_gives_what_listing_reads(tmp_path, monkeypatch):
    monkeypatch.setattr(shipped, "SHIPPED", (("metal", 4, "metal", 4, "Guitars"),))
    monkeypatch.setattr(shipped, "make_song", functools.partial(make_song, duration_s=4))
    (each,) = write_songs(tmp_path)
    assert (each,) == demo_songs(tmp_path)
    assert (each.name, each.duration_s, each.about) == ("metal-4", 4.0, "Guitars.")
    assert sf.info(each.path).frames == 4 * SR
    check_tags(each)
    assert json.loads((tmp_path / "songs.json").read_text(encoding="utf-8"))["songs"]


def test_the_command_plays_them_all(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(shipped, "make_song", functools.partial(make_song, duration_s=4))
    monkeypatch.setattr(sys, "argv", ["songs", str(tmp_path)])
    runpy.run_module("assets.make.songs", run_name="__main__")
    printed = capsys.readouterr().out.splitlines()
    assert len(printed) == len(demo_songs(tmp_path)) == len(SHIPPED)
