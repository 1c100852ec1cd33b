"""Length, loudness, bandwidth and silence of songs: laws, and numbers that follow by hand."""

import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.song_facts import SONG_FACTS, song_facts

SR = 22_050


def facts_of(y: np.ndarray, sr: int = SR) -> dict[str, float]:
    return dict(zip(SONG_FACTS, song_facts(Clip(y.astype(np.float32), sr)).tolist(), strict=True))


def noise(n: int = 5 * SR) -> np.ndarray:
    return 0.1 * np.random.default_rng(0).standard_normal(n)


def test_gain_shifts_the_loudness_and_nothing_else() -> None:
    plain, loud = facts_of(noise()), facts_of(2 * noise())
    assert loud.pop("loudness") - plain.pop("loudness") == pytest.approx(20 * np.log10(2), abs=1e-3)
    assert loud == pytest.approx(plain)


def test_white_noise_fills_95_percent_of_the_band() -> None:
    facts = facts_of(noise())
    assert facts["bandwidth"] == pytest.approx(0.95 * SR / 2, rel=0.01)
    assert facts["loudness"] == pytest.approx(-20, abs=0.1)


def test_a_low_pass_is_seen() -> None:
    spectrum = np.fft.rfft(noise())
    spectrum[np.fft.rfftfreq(5 * SR, 1 / SR) > 4_000] = 0
    assert facts_of(np.fft.irfft(spectrum))["bandwidth"] == pytest.approx(3_800, rel=0.02)


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_the_share_of_silence(share: float) -> None:
    y = noise(4 * SR)
    y[: round(share * len(y))] = 0
    assert facts_of(y)["silence"] == pytest.approx(share, abs=0.02)


@pytest.mark.parametrize("n", [1, 100, 2_047, 2_048, 2_049])
def test_any_length_and_digital_silence_are_finite(n: int) -> None:
    facts = facts_of(np.zeros(n))
    assert facts["duration_s"] == pytest.approx(n / SR)
    assert (facts["loudness"], facts["bandwidth"], facts["silence"]) == (-100, 0, 1)
    assert np.isfinite(list(facts_of(np.ones(n)).values())).all()
