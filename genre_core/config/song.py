"""How a decoded song becomes the inputs of a network: features, segments, and their axes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from genre_core.errors import require

Features = Literal[
    "frames_205", "statistics_423", "mel_128", "stft_db", "log_mel_96", "log_picture"
]
"""What is computed of a song.

frames_205 : study S5's 205 numbers a frame (librosa's defaults at 22,050 Hz).
statistics_423 : mean and variance of these over a segment, and 13 numbers that we name.
mel_128 : 128 mel bands in dB, for study S5's networks on one second.
stft_db : 128 bands of equal width up to 4 kHz in dB, for study S4's networks.
log_mel_96 : 96 mel bands, log10(10000 x + 1), for the musicnn networks.
log_picture : the middle minute alone, drawn over logarithmic frequency (`audio.log_picture`).
"""

PAD = -1000.0
"""Value of frames that are not there, where a network masks them; no scaled feature reaches it."""

_SR = {"stft_db": 8_000, "log_mel_96": 16_000}
_N_BINS = {
    "frames_205": 205,
    "statistics_423": 423,
    "mel_128": 128,
    "stft_db": 128,
    "log_mel_96": 96,
    "log_picture": 149,
}
LOG_PICTURE_FRAMES, LOG_PICTURE_HOP = 153, 8_535
"""Columns of a `log_picture`, and the samples from one to the next (8,535.5)."""

LOG_ROWS_AT = (315 - 1.8 * (np.arange(173, 24, -1) + 0.5)) / 271.8
"""Middles of its rows as shares of the drawing's height, see `audio.log_picture`."""

_LINEAR_BELOW_HZ = 440 * 2 ** (-33 / 12)  # the note C2
_MEL_BREAK_HZ, _MEL_LINEAR_HZ, _MEL_LOG_STEP = 1_000.0, 200.0 / 3.0, np.log(6.4) / 27.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SongInput:
    """How a decoded song becomes a network's inputs, one a segment.

    features: What is computed.
    n_frames: Length of a segment, in frames of `hop_length` samples.
    hop_frames: Step from the start of one segment to the next, in frames; below `n_frames` they
        overlap.
    hop_length: Step from frame to frame, in samples.
    min_frames: The rest of a song is a segment of its own from so many frames on; it is padded. A
        song shorter than this is one padded segment all the same.
    skip_s: Seconds left out at the start of a song longer than `skip_if_longer_s`.
    skip_if_longer_s: Clips shorter than this are read from their start: they were cut from
        somewhere inside.
    offsets, scales: Each of the features becomes (x - offset) / scale; empty leaves them as they
        are.
    bound: Scaled features are kept in +- `bound`; 0 keeps none.

    Examples
    --------
    >>> spec = SongInput(features="mel_128", n_frames=43, hop_frames=43, hop_length=512)
    >>> spec.shape, round(spec.segment_s, 3), spec.sr
    ((43, 128, 1), 0.998, 22050)
    """

    features: Features
    n_frames: int
    hop_frames: int
    hop_length: int = 512
    min_frames: int = 1
    skip_s: float = 0.0
    skip_if_longer_s: float = 90.0
    offsets: tuple[float, ...] = ()
    scales: tuple[float, ...] = ()
    bound: float = 0.0

    def __post_init__(self) -> None:
        for name in ("n_frames", "hop_frames", "hop_length", "min_frames"):
            value = getattr(self, name)
            require(value >= 1, f"{name} must be at least 1.", value, "Give a whole number.")
        require(
            self.hop_frames <= self.n_frames,
            "hop_frames must be at most n_frames: no frame may be left out.",
            (self.hop_frames, self.n_frames),
            "Give hop_frames = n_frames for segments side by side.",
        )
        require(
            self.min_frames <= self.n_frames,
            "min_frames must be at most n_frames.",
            (self.min_frames, self.n_frames),
            "Give half of n_frames where in doubt.",
        )
        require(self.skip_s >= 0, "skip_s must be at least 0 s.", self.skip_s, "Give 0.0 for none.")
        require(
            self.skip_if_longer_s >= 2 * self.skip_s,
            "skip_if_longer_s must be at least twice skip_s, or little of a song is left.",
            (self.skip_if_longer_s, self.skip_s),
            "Keep 90 s where 30 s are skipped.",
        )
        for name in ("offsets", "scales"):
            length = len(getattr(self, name))
            require(
                length in (0, self.n_bins),
                f"{name} must be empty or {self.n_bins} numbers, one a feature.",
                length,
                "Compute them from the training songs.",
            )
        require(
            all(scale > 0 for scale in self.scales),
            "scales must be > 0.",
            min(self.scales, default=0.0),
            "Give 1.0 where a feature never changes.",
        )
        require(
            0 <= self.bound < -PAD, "bound must lie in [0, 1000).", self.bound, "Give 0.0 for none."
        )

    @property
    def sr(self) -> int:
        """Sample rate that the features are computed at, in Hz."""
        return _SR.get(self.features, 22_050)

    @property
    def n_bins(self) -> int:
        """Numbers a frame, or a segment."""
        return _N_BINS[self.features]

    @property
    def shape(self) -> tuple[int, ...]:
        """Of one input, without the batch."""
        return {
            "frames_205": (self.n_frames, self.n_bins),
            "statistics_423": (self.n_bins,),
            "mel_128": (self.n_frames, self.n_bins, 1),
            "stft_db": (self.n_bins, self.n_frames, 1),
            "log_mel_96": (self.n_frames, self.n_bins),
            "log_picture": (self.n_bins, self.n_frames, 1),
        }[self.features]

    @property
    def layout(self) -> Literal["time_frequency", "frequency_time", "none"]:
        """Which axis of `shape` is time; "none" where a segment has no frames left."""
        if self.features == "statistics_423":
            return "none"
        is_upright = self.features in ("stft_db", "log_picture")
        return "frequency_time" if is_upright else "time_frequency"

    @property
    def frame_step_s(self) -> float:
        """Seconds from frame to frame."""
        return self.hop_length / self.sr

    @property
    def segment_s(self) -> float:
        """Length of a segment, in seconds."""
        return self.n_frames * self.frame_step_s

    @property
    def hop_s(self) -> float:
        """Seconds from the start of one segment to the next."""
        return self.hop_frames * self.frame_step_s

    @property
    def n_fft(self) -> int:
        """Length of the STFT's window, in samples.

        For `stft_db` the smallest power of two from 256 on that leaves no sample between two
        windows (ours: study S4 does not say); its bins are averaged to 128 bands.
        """
        if self.features == "stft_db":
            return max(256, 1 << (self.hop_length - 1).bit_length())
        return {"log_mel_96": 512, "log_picture": 4_096}.get(self.features, 2_048)

    @property
    def bin_hz(self) -> NDArray[np.float64] | None:
        """Middle of each band, in Hz [shape=(n_bins,)]; None where the bins are no frequencies."""
        if self.features == "stft_db":
            return (np.arange(128) + 0.5) * 4_000 / 128 - 0.5 * self.sr / self.n_fft
        if self.features in ("mel_128", "log_mel_96"):
            return mel_hz(self.n_bins, self.sr / 2)
        if self.features == "log_picture":
            return log_axis_hz(LOG_ROWS_AT)
        return None


def mel_hz(n_bands: int, high_hz: float) -> NDArray[np.float64]:
    """Return the middle of each band of Slaney's mel scale from 0 Hz on, as librosa places them.

    **Source**: `librosa.mel_frequencies`, which would cost its import here.
    """
    break_mel = _MEL_BREAK_HZ / _MEL_LINEAR_HZ
    high = break_mel + np.log(high_hz / _MEL_BREAK_HZ) / _MEL_LOG_STEP
    mel = np.linspace(0, high, n_bands + 2)[1:-1]
    linear = mel * _MEL_LINEAR_HZ
    above = _MEL_BREAK_HZ * np.exp(_MEL_LOG_STEP * (mel - break_mel))
    return np.where(mel < break_mel, linear, above)


def log_axis_hz(share: NDArray[np.floating]) -> NDArray[np.float64]:
    """Return the frequencies at shares of the height of librosa's logarithmic axis to 11,025 Hz.

    Linear up to C2 (65.4 Hz), which takes as much room as each octave above.

    **Source**: `librosa.display.specshow` with y_axis="log": Matplotlib's symlog scale of base 2,
    linthresh C2, linscale .5.

    >>> log_axis_hz(np.array([0.0, 1.0])).round(1).tolist()
    [0.0, 11025.0]
    """
    octaves = share * (1 + np.log2(11_025 / _LINEAR_BELOW_HZ))
    above = 2 ** (np.maximum(octaves, 1) - 1)
    return np.asarray(_LINEAR_BELOW_HZ * np.where(octaves < 1, octaves, above), np.float64)
