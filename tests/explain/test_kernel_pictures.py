"""A kernel's extent in ms and Hz, wherever it stands in a song's spectrogram."""

from __future__ import annotations

from dataclasses import dataclass

import librosa
import numpy as np
import pytest

from genre_core.config import SongInput
from genre_core.errors import ParameterError
from genre_core.explain.kernel_pictures import axis_spans, band_edges, turn_upright

HZ = np.array([50.0, 100.0, 150.0, 200.0, 400.0, 800.0, 1600.0])


@dataclass(frozen=True)
class Axes:
    layout: str = "time_frequency"
    frame_step_s: float = 0.02
    bin_hz: np.ndarray | None = None


MADE = Axes(bin_hz=HZ)


def test_one_cell_is_one_frame_and_one_band() -> None:
    spans = axis_spans((1, 1), (1, 1), MADE)
    assert spans is not None
    assert spans.time_ms == (0.0, 20.0)
    assert spans.bands == 1
    np.testing.assert_allclose(spans.hz, [(25, 75), (175, 300), (1200, 2000)])


@pytest.mark.parametrize("step", [1, 2, 3])
def test_a_step_before_a_layer_stretches_its_kernels(step: int) -> None:
    one = axis_spans((4, 2), (1, 1), MADE)
    deeper = axis_spans((4, 2), (step, step), MADE)
    assert one is not None
    assert deeper is not None
    np.testing.assert_allclose(deeper.time_ms, np.multiply(step, one.time_ms))
    assert deeper.bands == 2 * step


def test_mel_kernels_grow_with_their_place_and_linear_ones_do_not() -> None:
    mel = axis_spans((3, 3), (1, 1), _mel())
    assert mel is not None
    assert mel.heights_hz[0] < mel.heights_hz[1] < mel.heights_hz[2]
    spec = SongInput(features="stft_db", n_frames=256, hop_frames=256)
    linear = axis_spans((3, 3), (1, 1), spec)
    assert linear is not None
    np.testing.assert_allclose(linear.heights_hz[1:], 3 * 4000 / 128, rtol=1e-6)


def _mel() -> SongInput:
    return SongInput(features="mel_128", n_frames=43, hop_frames=43, hop_length=512)


def test_study_s5s_first_kernels_in_librosas_own_units() -> None:
    # The second source: librosa's frame times and mel bands.
    spans = axis_spans((3, 3), (1, 1), _mel())
    assert spans is not None
    times = 1000 * librosa.frames_to_time(np.arange(4), sr=22_050, hop_length=512)
    np.testing.assert_allclose(spans.time_ms, times)
    middles = librosa.mel_frequencies(130, fmin=0, fmax=11_025)[1:-1]
    np.testing.assert_allclose(spans.hz[0][1], (middles[0] + middles[1]) / 2, rtol=1e-5)
    np.testing.assert_allclose(spans.hz[2][-2], (middles[-2] + middles[-1]) / 2, rtol=1e-5)


def test_the_axes_follow_the_layout() -> None:
    upright = axis_spans((5, 2), (1, 3), Axes("frequency_time", 0.02, HZ))
    turned = axis_spans((2, 5), (3, 1), MADE)
    assert upright == turned
    assert upright is not None
    assert len(upright.time_ms) == 3
    assert {len(edges) for edges in upright.hz} == {6}


def test_a_kernel_higher_than_its_input_is_measured_on_what_there_is() -> None:
    spans = axis_spans((1, 4), (1, 3), MADE)
    assert spans is not None
    assert spans.bands == len(HZ)
    assert len({edges[-1] for edges in spans.hz}) == 1
    assert spans.hz[0][-1] == band_edges(HZ)[-1]


def test_without_frequencies_only_time_is_told_and_without_frames_nothing() -> None:
    spans = axis_spans((3, 3), (2, 2), Axes())
    assert spans is not None
    assert spans.time_ms[-1] == pytest.approx(120)
    assert (spans.bands, spans.hz, spans.heights_hz) == (0, (), ())
    assert axis_spans((3, 3), (1, 1), Axes(layout="none")) is None
    folded = axis_spans((3, 1), (2, None), MADE)
    assert folded is not None
    assert (len(folded.time_ms), folded.hz) == (4, ())
    no_time = axis_spans((3, 1), (None, 1), MADE)
    assert no_time is not None
    assert (no_time.time_ms, no_time.bands) == ((), 1)


@pytest.mark.parametrize("spec", [_mel(), Axes("frequency_time", 0.1, HZ)])
def test_low_frequencies_are_at_the_bottom_and_time_runs_to_the_right(spec: Axes) -> None:
    frames, bands = np.meshgrid(np.arange(2), np.arange(3), indexing="ij")
    value = 10 * frames + bands  # (time, frequency)
    kernel = value if spec.layout == "time_frequency" else value.T
    (turned,) = turn_upright(kernel[np.newaxis].astype(np.float32), spec.layout)
    assert turned.tolist() == [[2, 12], [1, 11], [0, 10]]


def test_a_cover_is_not_turned() -> None:
    kernel = np.arange(6, dtype=np.float32).reshape(1, 2, 3)
    assert turn_upright(kernel, "none") is kernel


def test_no_band_reaches_below_0_hz() -> None:
    assert band_edges(np.array([10.0, 100.0])).tolist() == [0, 55, 145]


@pytest.mark.parametrize(
    "call",
    [
        lambda: axis_spans((0, 3), (1, 1), MADE),
        lambda: band_edges(np.array([100.0])),
        lambda: band_edges(np.array([100.0, 100.0])),
        lambda: band_edges(np.ones((2, 2))),
    ],
)
def test_bad_input(call) -> None:
    with pytest.raises(ParameterError, match="Received"):
        call()
