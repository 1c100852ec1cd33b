"""423 numbers of a segment: means and variances, and 13 of its course, each by a law of its own."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from genre_core.audio.frame_names import FAMILIES, FRAME_NAMES
from genre_core.audio.frames import frames_205
from genre_core.audio.statistics import COURSE_NAMES, STATISTIC_NAMES, statistics_423
from genre_core.errors import ParameterError
from tests.audio.made_songs import made_song, sine, square

SR = 22_050


def _named(frames):
    return dict(zip(STATISTIC_NAMES, statistics_423(frames).tolist(), strict=True))


def _of(y):
    return _named(frames_205(y.astype(np.float32)))


def _columns(family):
    """Return the columns of a family."""
    first = sum(list(FAMILIES.values())[: list(FAMILIES).index(family)])
    return slice(first, first + FAMILIES[family])


def _frames(n=200, **families):
    """Return frames of silence with some families' columns set."""
    frames = np.zeros((n, 205), np.float32)
    for family, values in families.items():
        frames[:, _columns(family)] = np.reshape(values, (n, -1)) if np.ndim(values) else values
    return frames


def _chord(notes, seconds=3.0):
    n = int(seconds * SR)
    return sum(sine(440 * 2 ** ((note - 69) / 12), n, SR, 0.2) for note in notes)


def test_names_are_unique_and_423():
    assert len(STATISTIC_NAMES) == len(set(STATISTIC_NAMES)) == 423
    assert len(COURSE_NAMES) == 13
    assert not [name for name in COURSE_NAMES if "duration" in name or "length" in name]


def test_means_and_variances_are_those_of_the_frames():
    frames = frames_205(made_song(80_000, SR))
    named = _named(frames)
    for k, name in enumerate(FRAME_NAMES):
        values = frames[:, k].astype(np.float64)
        mean = sum(values) / len(values)
        assert named[f"{name}_mean"] == pytest.approx(mean, rel=1e-6, abs=1e-9)
        variance = sum((values - mean) ** 2) / len(values)
        assert named[f"{name}_variance"] == pytest.approx(variance, rel=1e-5, abs=1e-9)


def test_order_of_frames_counts_only_for_the_course():
    frames = frames_205(made_song(80_000, SR))
    shuffled = np.random.default_rng(0).permutation(frames)
    here, there = statistics_423(frames), statistics_423(shuffled)
    np.testing.assert_allclose(there[:410], here[:410], rtol=1e-5, atol=1e-8)
    changed = [k for k in range(13) if abs(there[410 + k] - here[410 + k]) > 1e-3]
    placeless = {"loudness_range_db", "quiet_share", "zero_crossing_skewness"}
    placeless |= {"pitch_class_entropy", "key_clarity", "major_minus_minor"}
    assert {COURSE_NAMES[k] for k in changed} == set(COURSE_NAMES) - placeless


@settings(max_examples=30)
@given(
    st.integers(1, 120).flatmap(
        lambda n: arrays(np.float32, (n, 205), elements=st.floats(0, 1e4, width=32))
    )
)
def test_always_finite_and_in_range(frames):
    named = _named(frames)
    assert np.isfinite(list(named.values())).all()
    for name in ("pulse_clarity", "quiet_share", "pitch_class_entropy"):
        assert -1e-6 <= named[name] <= 1 + 1e-6
    for name in ("key_clarity", "centroid_trend"):
        assert -1 - 1e-6 <= named[name] <= 1 + 1e-6
    assert -2 <= named["tempo_octaves"] <= 1


def test_silence_has_no_course():
    assert (statistics_423(frames_205(np.zeros(SR, np.float32)))[410:] == 0).all()
    assert np.isfinite(statistics_423(frames_205(square(SR, SR)))).all()
    assert np.isfinite(statistics_423(frames_205(np.ones(1, np.float32)))).all()


@pytest.mark.parametrize("beat_s", [0.4, 0.5, 0.7])
def test_tempo_is_the_beat_s(beat_s):
    named = _of(made_song(10 * SR, SR, beat_s=beat_s))
    assert named["pulse_clarity"] > 0.5
    assert 120 * 2 ** named["tempo_octaves"] == pytest.approx(60 / beat_s, rel=0.04)


def test_noise_has_less_of_a_pulse_than_beats():
    noise = np.random.default_rng(0).normal(0, 0.1, 10 * SR)
    assert _of(noise)["pulse_clarity"] < 0.3 < _of(made_song(10 * SR, SR))["pulse_clarity"]


@pytest.mark.parametrize("n_frames", [600, 1_200, 2_400])
def test_a_pulse_is_as_clear_in_a_longer_segment(n_frames):
    level = np.where(np.arange(n_frames) % 20 == 0, 1.0, 1e-4)
    named = _named(_frames(n_frames, melspectrogram=np.repeat(level[:, None], 128, axis=1)))
    assert named["pulse_clarity"] == pytest.approx(1, abs=0.02)
    assert named["tempo_octaves"] == pytest.approx(np.log2(60 * SR / 512 / 20 / 120), abs=1e-4)


def test_onsets_count_rises_and_no_falls():
    level = np.repeat(10.0 ** np.array([[-3], [-2], [-5], [-5]]), 128, axis=1)
    named = _named(_frames(4, melspectrogram=level))
    assert named["onset_mean_db"] == pytest.approx(10 / 3)
    assert named["onset_variance_db2"] == pytest.approx((100 + 0 + 0) / 3 - (10 / 3) ** 2)


def test_loudness_range_and_quiet_share():
    rms = np.where(np.arange(200) < 50, 1.0, 0.1)
    named = _named(_frames(rms=rms))
    assert named["loudness_range_db"] == pytest.approx(20)
    assert named["quiet_share"] == pytest.approx(0.75)
    assert _named(_frames(rms=0.3))["quiet_share"] == 0


def test_zero_crossings_lean_to_their_rare_side():
    rate = np.where(np.arange(200) < 20, 0.5, 0.1)
    p = 0.1  # two values: skewness (1 - 2 p) / sqrt(p (1 - p))
    expected = (1 - 2 * p) / np.sqrt(p * (1 - p))
    named = _named(_frames(zero_crossing_rate=rate))
    assert named["zero_crossing_skewness"] == pytest.approx(expected, rel=1e-5)
    mirrored = _named(_frames(zero_crossing_rate=1 - rate))
    assert mirrored["zero_crossing_skewness"] == pytest.approx(-expected, rel=1e-5)


def test_a_rising_centroid_has_a_trend():
    assert _named(_frames(spectral_centroid=np.arange(200)))["centroid_trend"] == pytest.approx(1)
    falling = _named(_frames(spectral_centroid=9_000 - 3 * np.arange(200)))
    assert falling["centroid_trend"] == pytest.approx(-1)
    assert _named(_frames(spectral_centroid=440.0))["centroid_trend"] == 0


def test_entropy_tells_one_pitch_class_from_all():
    one = np.zeros((200, 12))
    one[:, 3] = 1
    assert _named(_frames(chroma_cqt=one))["pitch_class_entropy"] == pytest.approx(0, abs=1e-6)
    assert _named(_frames(chroma_cqt=1.0))["pitch_class_entropy"] == pytest.approx(1, abs=1e-6)
    two = one + np.roll(one, 7, axis=1)
    expected = np.log(2) / np.log(12)
    assert _named(_frames(chroma_cqt=two))["pitch_class_entropy"] == pytest.approx(expected)


@pytest.mark.parametrize("step", [0, 5])
def test_major_and_minor_are_told_apart_in_every_key(step):
    major = _of(_chord([60 + step, 64 + step, 67 + step]))
    minor = _of(_chord([60 + step, 63 + step, 67 + step]))
    assert major["major_minus_minor"] > 0.05
    assert minor["major_minus_minor"] < -0.05
    noise = _of(np.random.default_rng(0).normal(0, 0.1, 3 * SR))
    assert min(major["key_clarity"], minor["key_clarity"]) > 0.7 > noise["key_clarity"]


def test_harmony_and_timbre_change_half_a_second_apart():
    still, moving = _of(_chord([60, 64, 67])), _of(made_song(3 * SR, SR))
    assert moving["harmonic_change"] > 3 * still["harmonic_change"]
    frames = _frames(44, mfcc=np.repeat(np.arange(44)[:, None], 20, axis=1))
    assert _named(frames)["timbre_change"] == pytest.approx(22 * np.sqrt(19))
    loud = _frames(44, mfcc=np.eye(20)[0] * np.arange(44)[:, None])
    assert _named(loud)["timbre_change"] == 0, "the first mfcc is the level"
    assert _named(frames[:22])["timbre_change"] == 0


@pytest.mark.parametrize(
    "frames",
    [np.zeros((0, 205), np.float32), np.zeros((9, 204), np.float32), np.zeros(205, np.float32)],
)
def test_what_are_no_frames_is_refused(frames):
    with pytest.raises(ParameterError, match="Received"):
        statistics_423(frames)
