"""Stretches of a song: their own samples, faded at both ends, in a file that others read."""

from __future__ import annotations

import io

import numpy as np
import pytest
import soundfile

from genre_core.audio.clip import Clip
from genre_core.audio.listen import cut_wav, excerpt
from genre_core.errors import ParameterError
from tests.audio.made_songs import made_song

SR = 16_000
N_FADE = 160
SONG = Clip(made_song(3 * SR, SR), SR)


@pytest.mark.parametrize(("start_s", "end_s"), [(0.0, 3.0), (0.5, 1.25), (2.9, 3.0), (0, 0.03)])
def test_between_the_fades_it_is_the_clip_itself(start_s, end_s):
    cut = excerpt(SONG, start_s, end_s)
    original = SONG.y[round(start_s * SR) : round(end_s * SR)]
    assert cut.sr == SR
    assert cut.n_samples == len(original)
    np.testing.assert_array_equal(cut.y[N_FADE:-N_FADE], original[N_FADE:-N_FADE])


def test_the_fades_rise_and_fall_in_10_ms_and_leave_the_clip_alone():
    plain = Clip(np.ones(SR, np.float32), SR)
    cut = excerpt(plain, 0.1, 0.2).y
    assert cut[0] < 0.01
    assert cut[-1] < 0.01
    np.testing.assert_allclose(np.diff(cut[:N_FADE]), 1 / N_FADE, rtol=1e-3)
    np.testing.assert_array_equal(cut, cut[::-1])
    assert (cut[N_FADE:-N_FADE] == 1).all()
    assert (plain.y == 1).all()


@pytest.mark.parametrize("n", [1, 2, 3, 200, 319])
def test_short_stretches_fade_to_their_middle(n):
    cut = excerpt(Clip(np.ones(SR, np.float32), SR), 0.0, n / SR).y
    assert len(cut) == n
    assert cut.argmax() in ((n - 1) // 2, n // 2)
    np.testing.assert_array_equal(cut, cut[::-1])


@pytest.mark.parametrize("end_s", [3.0, 3.0000001, 99.0, float("inf")])
def test_what_lies_past_the_end_is_left_out(end_s):
    assert excerpt(SONG, 2.0, end_s).n_samples == SR


def test_the_last_sample_can_be_cut():
    assert excerpt(SONG, 3.0 - 0.1 / SR, 3.0).n_samples == 1


def test_another_reader_finds_the_same_sound_in_the_file():
    y, sr = soundfile.read(io.BytesIO(cut_wav(SONG, 0.5, 1.5)), dtype="float32")
    assert soundfile.info(io.BytesIO(cut_wav(SONG, 0.5, 1.5))).subtype == "PCM_16"
    assert (sr, y.shape) == (SR, (SR,))
    expected = excerpt(SONG, 0.5, 1.5).y
    assert np.abs(expected).max() > 0.1
    # Half a step of 16 bits, and 32,768 against 32,767 parts of full scale.
    np.testing.assert_allclose(y, expected, atol=0.5 / 32_767 + 1 / 32_768)


def test_samples_over_full_scale_are_cut_to_it_and_do_not_wrap():
    loud = Clip(np.array([3.0, -3.0] * 1_000, np.float32), SR)
    y, _ = soundfile.read(io.BytesIO(cut_wav(loud, 0.0, 1.0)), dtype="int16")
    assert (y[N_FADE:-N_FADE:2].min(), y[N_FADE + 1 : -N_FADE : 2].max()) == (32_767, -32_767)


NAN = float("nan")


@pytest.mark.parametrize("cut", [excerpt, cut_wav])
@pytest.mark.parametrize(
    ("start_s", "end_s"), [(1, 1), (2, 1), (-0.1, 1), (3, 4), (NAN, 1), (0, NAN), (-2, -1)]
)
def test_stretches_outside_the_clip_are_refused(cut, start_s, end_s):
    with pytest.raises(ParameterError, match="Received"):
        cut(SONG, start_s, end_s)


def test_a_file_of_no_numbers_is_refused():
    with pytest.raises(ParameterError, match="Received"):
        cut_wav(Clip(np.full(900, np.nan, np.float32), SR), 0.0, 1.0)
