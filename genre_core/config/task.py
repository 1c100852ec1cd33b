"""What a network is fed with and what it answers: input, task, augmentation."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from genre_core.errors import require

Head = Literal["softmax", "binary", "multilabel"]
"""How logits become probabilities.

softmax : one logit a genre, probabilities sum to 1.
binary : one logit for two genres; sigmoid gives the *second* genre's probability.
multilabel : one logit a genre, each with its own sigmoid.
"""

# Above these a change leaves nothing of a cover, or has no meaning.
_HIGHEST = {
    "aspect": 0.5,
    "contrast": 1.0,
    "brightness": 1.0,
    "saturation": 1.0,
    "rotation": 180.0,
    "shear": 45.0,
    "shift": 0.5,
    "zoom": 0.5,
    "gain": 1.0,
    "neutralise": 1.0,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverInput:
    """How a decoded cover becomes the network's input, pixels 0 to 255.

    Scaling to the network's own range is its first layer: no caller can forget or repeat it.

    size: Side of the square input, in pixels, 32 to 1024.
    fit: `stretch` resizes both sides to `size`; `crop` keeps the aspect and cuts the middle square.
    resample: Pillow's resampling filter.
    """

    size: int
    fit: Literal["stretch", "crop"] = "stretch"
    resample: Literal["bicubic", "bilinear", "lanczos", "nearest"] = "bicubic"

    def __post_init__(self) -> None:
        require(
            32 <= self.size <= 1024,
            "size must lie in [32, 1024] px.",
            self.size,
            "Give the side of the network's square input.",
        )

    @property
    def shape(self) -> tuple[int, int, int]:
        """Of one input, without the batch."""
        return (self.size, self.size, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Which items count as which genre.

    genres: The taxonomy, in the order of the logits; at least two, no repeats.
    sources: Only items of these sources take part; empty means every source.
    rules: For a genre, the labels that count as it: `"label"`, `"source:label"` or `"source:*"`. A
        genre without a rule counts the label of its own name.
    head: How logits become probabilities.
    clip_s: Songs are cut to so many seconds in training and tests, so that their length can tell
        nothing; 0 keeps all.
    """

    genres: tuple[str, ...]
    sources: tuple[str, ...] = ()
    rules: dict[str, tuple[str, ...]] = field(default_factory=dict)
    head: Head = "softmax"
    clip_s: float = 0.0

    def __post_init__(self) -> None:
        require(
            len(self.genres) >= 2 and len(set(self.genres)) == len(self.genres),
            "genres must be at least two different names.",
            self.genres,
            "List each genre once, in the order of the logits.",
        )
        require(
            set(self.rules) <= set(self.genres),
            "rules may only name genres of the task.",
            sorted(set(self.rules) - set(self.genres)),
            f"Use one of {', '.join(self.genres)}.",
        )
        require(
            self.head != "binary" or len(self.genres) == 2,
            "A binary head needs exactly two genres, the second being the positive one.",
            self.genres,
            "Use head = 'softmax' for more genres.",
        )
        require(self.clip_s >= 0, "clip_s must be at least 0 s.", self.clip_s, "Give 0.0 for all.")

    @property
    def n_logits(self) -> int:
        """Width of the network's last layer."""
        return 1 if self.head == "binary" else len(self.genres)


@dataclass(frozen=True, slots=True, kw_only=True)
class Augment:
    """Random changes of a training cover; every default leaves it as it is.

    flip: Mirror left and right with probability one half.
    crop: Smallest side of a random crop as a part of the cover, in (0, 1]; 1 keeps all.
    aspect: Largest relative change of the crop's aspect ratio, in [0, 0.5].
    contrast, brightness: Contrast factor in 1 +- `contrast`; shift in +- `brightness` of full scale
        (255).
    saturation: Saturation factor in 1 +- `saturation`.
    rotation, shear: Largest turn and slant either way, in degrees, [0, 180] and [0, 45].
    shift: Largest move in each direction as a part of the side, in [0, 0.5].
    zoom: Each side is scaled by its own factor in 1 +- `zoom`, in [0, 0.5].
    gain: All pixels times one factor in 1 +- `gain`, in [0, 1].
    slip: A slip of study S3, repeated on purpose, in training only: pixels are divided by 255
        twice; or pixels of 0 to 1 become whole numbers before the gain, which leaves 0 or 1 of 255.
    neutralise: Probability of one random pass of resize, JPEG, border and sharpness, which hides
        how a source made its files (the shortcut of study S1).
    """

    flip: bool = False
    crop: float = 1.0
    aspect: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0
    saturation: float = 0.0
    rotation: float = 0.0
    shear: float = 0.0
    shift: float = 0.0
    zoom: float = 0.0
    gain: float = 0.0
    slip: Literal["none", "scaled_twice", "cast_to_8_bit"] = "none"
    neutralise: float = 0.0

    def __post_init__(self) -> None:
        require(
            0.0 < self.crop <= 1.0,
            "crop must lie in (0, 1], a part of the side.",
            self.crop,
            "Give 1.0 for none.",
        )
        for name, high in _HIGHEST.items():
            value = getattr(self, name)
            require(
                0.0 <= value <= high,
                f"{name} must lie in [0, {high:g}].",
                value,
                "Give 0.0 for none.",
            )
