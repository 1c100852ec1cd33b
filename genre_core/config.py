"""Frozen settings of an experiment, read from TOML and checked field by field."""

from __future__ import annotations

import dataclasses
import difflib
import json
import tomllib
import types
import typing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TypeVar

from genre_core.errors import ParameterError, describe

EXPERIMENTS_DIR = Path(__file__).parent / "experiments"

Head = Literal["softmax", "binary", "multilabel"]
"""How logits become probabilities.

softmax : one logit a genre, probabilities sum to 1.
binary : one logit for two genres; sigmoid gives the *second* genre's probability.
multilabel : one logit a genre, each with its own sigmoid.
"""

_T = TypeVar("_T")


def require(holds: bool, rule: str, received: object, cure: str) -> None:
    """Raise `ParameterError` unless `holds`.

    Examples
    --------
    >>> require(1 > 0, "size must be positive (px).", 1, "Give 32 or more.")
    """
    if not holds:
        raise ParameterError(rule, received=describe(received), cure=cure)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoverInput:
    """How a decoded cover becomes the network's input, pixels 0 to 255.

    Scaling to the network's own range is its first layer: no caller can forget or repeat it.

    Parameters
    ----------
    size : int
        Side of the square input, in pixels, 32 to 1024.
    fit : {"stretch", "crop"}
        `stretch` resizes both sides to `size`; `crop` keeps the aspect and cuts the middle square.
    resample : {"bicubic", "bilinear", "lanczos", "nearest"}
        Pillow's resampling filter.
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Which covers count as which genre.

    Parameters
    ----------
    genres : tuple of str
        The taxonomy, in the order of the logits; at least two, no repeats.
    sources : tuple of str
        Only covers of these sources take part; empty means every source.
    rules : dict of str to tuple of str
        For a genre, the labels that count as it: `"label"`, `"source:label"` or `"source:*"`.
        A genre without a rule counts the label of its own name.
    head : {"softmax", "binary", "multilabel"}
        How logits become probabilities.
    """

    genres: tuple[str, ...]
    sources: tuple[str, ...] = ()
    rules: dict[str, tuple[str, ...]] = field(default_factory=dict)
    head: Head = "softmax"

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

    @property
    def n_logits(self) -> int:
        """Width of the network's last layer."""
        return 1 if self.head == "binary" else len(self.genres)


@dataclass(frozen=True, slots=True, kw_only=True)
class Augment:
    """Random changes of a training cover; every default leaves it as it is.

    Parameters
    ----------
    flip : bool
        Mirror left and right with probability one half.
    crop : float
        Smallest side of a random crop as a part of the cover, in (0, 1]; 1 keeps all.
    aspect : float
        Largest relative change of the crop's aspect ratio, in [0, 0.5].
    contrast, brightness : float
        Contrast factor in 1 +- `contrast`; shift in +- `brightness` of full scale (255).
    saturation : float
        Saturation factor in 1 +- `saturation`.
    neutralise : float
        Probability of one random pass of resize, JPEG, border and sharpness, which
        hides how a source made its files (the shortcut of study S1).
    """

    flip: bool = False
    crop: float = 1.0
    aspect: float = 0.0
    contrast: float = 0.0
    brightness: float = 0.0
    saturation: float = 0.0
    neutralise: float = 0.0

    def __post_init__(self) -> None:
        require(
            0.0 < self.crop <= 1.0,
            "crop must lie in (0, 1], a part of the side.",
            self.crop,
            "Give 1.0 for none.",
        )
        for name in ("aspect", "contrast", "brightness", "saturation", "neutralise"):
            value = getattr(self, name)
            high = 0.5 if name == "aspect" else 1.0
            require(
                0.0 <= value <= high,
                f"{name} must lie in [0, {high:g}].",
                value,
                "Give 0.0 for none.",
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """How a network is fitted.

    Parameters
    ----------
    epochs : int
        Largest number of passes over the training covers.
    batch_size : int
        Covers a step.
    optimizer : {"adam", "adamw", "sgd"}
        Keras optimizer.
    learning_rate : float
        First learning rate.
    schedule : {"constant", "cosine"}
        Learning rate over the steps.
    weight_decay : float
        Decoupled weight decay (AdamW and SGD only).
    label_smoothing : float
        In [0, 0.5].
    class_weights : bool
        Weigh each genre by n / (n_genres * n_genre), scikit-learn's "balanced".
    patience : int
        Stop after so many epochs without a better `select` value; 0 never stops early.
    select : {"val_loss", "val_macro_f1", "val_roc_auc"}
        The validation figure that chooses the epoch whose weights are kept.
    frozen_until : str
        Name of the last layer of the frozen part; empty trains the whole network. The frozen
        part is run once over `views` versions of each cover and its maps are cached.
    views : int
        Versions of each training cover: the first as it is, the others augmented.
    freeze_norm : bool
        Keep the statistics and scales of batch normalisations as they come; with few covers
        those of ImageNet are steadier than a batch's own.
    seed : int
        Seed of the first run; run k uses `seed + k`.
    repeats : int
        Runs with different seeds; the best on validation is kept.
    """

    epochs: int
    batch_size: int = 32
    optimizer: Literal["adam", "adamw", "sgd"] = "adam"
    learning_rate: float = 1e-3
    schedule: Literal["constant", "cosine"] = "constant"
    weight_decay: float = 0.0
    label_smoothing: float = 0.0
    class_weights: bool = False
    patience: int = 0
    select: Literal["val_loss", "val_macro_f1", "val_roc_auc"] = "val_loss"
    frozen_until: str = ""
    views: int = 1
    freeze_norm: bool = False
    seed: int = 0
    repeats: int = 1

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size", "views", "repeats"):
            value = getattr(self, name)
            require(value >= 1, f"{name} must be at least 1.", value, "Give a whole number.")
        require(
            self.learning_rate > 0, "learning_rate must be > 0.", self.learning_rate, "Try 1e-3."
        )
        require(
            0 <= self.label_smoothing <= 0.5,
            "label_smoothing must lie in [0, 0.5].",
            self.label_smoothing,
            "Give 0.0 for none.",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """A further test of a trained network: other covers as the same genres.

    Parameters
    ----------
    title : str
        One line for people.
    sources, rules
        As in `Task`; genres and head are the experiment's own.
    note : str
        What the figure does and does not show.
    """

    title: str
    sources: tuple[str, ...] = ()
    rules: dict[str, tuple[str, ...]] = field(default_factory=dict)
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """A named recipe without results: what a study did, or what we do.

    Parameters
    ----------
    name : str
        Also the file name of its TOML.
    title : str
        One line for people.
    study : {"S1", "S2", "S3", "S4", "S5", "ours"}
        Whose recipe it is.
    architecture : str
        Key of `genre_core.architectures.ARCHITECTURES`.
    tag : str
        Second half of the bundle's name, `<architecture>.<tag>`.
    network : dict
        Keyword arguments of the architecture's builder (dropout, weights ...).
    notes : tuple of str
        Choices that are ours where the study is silent.
    description : str
        For the card: what the trained network is for.
    confounds : tuple of str
        For the card: what else could explain the figures, one sentence each.
    reports : tuple of Report
        Further tests, each with the colour baseline, the source-only probe and a figure after
        neutralising how the files were made.
    """

    name: str
    title: str
    study: Literal["S1", "S2", "S3", "S4", "S5", "ours"]
    architecture: str
    tag: str
    task: Task
    input: CoverInput
    training: Training
    augment: Augment = field(default_factory=Augment)
    network: dict[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    description: str = ""
    confounds: tuple[str, ...] = ()
    reports: tuple[Report, ...] = ()

    @property
    def bundle_name(self) -> str:
        """`<architecture>.<tag>`, the folder name of the trained bundle."""
        return f"{self.architecture}.{self.tag}"


def from_dict(cls: type[_T], values: dict[str, Any], where: str = "") -> _T:
    """Build a settings dataclass from plain values, checking every key and type.

    Parameters
    ----------
    cls : type
        A dataclass of this module.
    values : dict
        As `tomllib` or `json` gives them; lists become tuples.
    where : str
        Dotted place of `values`, for messages.

    Returns
    -------
    object
        An instance of `cls`.

    Raises
    ------
    ParameterError
        Unknown key (the nearest known one is named), missing key, wrong type or range.

    Examples
    --------
    >>> from_dict(CoverInput, {"size": 128}).size
    128
    >>> from_dict(CoverInput, {"sise": 128})
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: CoverInput has no key 'sise'. Received sise. \
Did you mean 'size'?
    """
    hints = typing.get_type_hints(cls)
    fields = {f.name: f for f in dataclasses.fields(cls)}  # type: ignore[arg-type]
    prefix = f"{where}." if where else ""
    for key in values:
        if key not in fields:
            near = difflib.get_close_matches(key, fields, n=1, cutoff=0.5)
            cure = f"Did you mean {near[0]!r}?" if near else f"Known keys: {', '.join(fields)}."
            raise ParameterError(
                f"{cls.__name__} has no key {key!r}.", received=f"{prefix}{key}", cure=cure
            )
    for name, item in fields.items():
        is_optional = (
            item.default is not dataclasses.MISSING
            or item.default_factory is not dataclasses.MISSING
        )
        if name not in values and not is_optional:
            raise ParameterError(
                f"{cls.__name__} needs the key {name!r}.",
                received=f"only {', '.join(values) or 'nothing'}",
                cure=f"Add {prefix}{name}.",
            )
    ready = {key: _convert(hints[key], value, f"{prefix}{key}") for key, value in values.items()}
    return cls(**ready)


def to_dict(settings: Any) -> dict[str, Any]:
    """Turn a settings dataclass into plain JSON values; the inverse of `from_dict`.

    Examples
    --------
    >>> to_dict(CoverInput(size=64))
    {'size': 64, 'fit': 'stretch', 'resample': 'bicubic'}
    """
    plain: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(settings)))
    return plain


def load_experiment(name_or_path: str | Path) -> Experiment:
    """Read an experiment by its name or from a TOML file.

    Parameters
    ----------
    name_or_path : str or Path
        A name of `list_experiments`, or the path of a `.toml` file.

    Returns
    -------
    Experiment

    Raises
    ------
    ParameterError
        No such experiment (the nearest name is given), no TOML, or a wrong key or value.

    Examples
    --------
    >>> load_experiment("gaid5_lite2").task.genres
    ('Country', 'Electronic', 'Hip-Hop', 'Pop', 'Rock')
    """
    path = Path(name_or_path)
    if path.suffix != ".toml":
        known = list_experiments()
        if str(name_or_path) not in known:
            near = difflib.get_close_matches(str(name_or_path), known, n=1, cutoff=0.4)
            cure = f"Did you mean {near[0]!r}?" if near else f"Known: {', '.join(known)}."
            raise ParameterError(
                "An experiment is named by its file in genre_core/experiments.",
                received=describe(str(name_or_path)),
                cure=cure,
            )
        path = EXPERIMENTS_DIR / f"{name_or_path}.toml"
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ParameterError(
            f"{path.name} must be a readable TOML file.",
            received=str(error),
            cure="Start from a copy of one in genre_core/experiments.",
        ) from error
    return from_dict(Experiment, values)


def list_experiments() -> list[str]:
    """Name every shipped experiment, sorted.

    Examples
    --------
    >>> "gaid5_lite2" in list_experiments()
    True
    """
    return sorted(path.stem for path in EXPERIMENTS_DIR.glob("*.toml"))


def _convert(hint: Any, value: Any, where: str) -> Any:
    origin = typing.get_origin(hint)
    if dataclasses.is_dataclass(hint):
        _expect(isinstance(value, dict), "a table", value, where)
        return from_dict(hint, value, where)  # type: ignore[arg-type]
    if origin is Literal:
        options = typing.get_args(hint)
        _expect(value in options, "one of " + ", ".join(map(repr, options)), value, where)
        return value
    if origin is tuple:
        _expect(isinstance(value, list | tuple), "a list", value, where)
        inner = typing.get_args(hint)[0]
        return tuple(_convert(inner, each, f"{where}[{i}]") for i, each in enumerate(value))
    if origin is dict:
        _expect(isinstance(value, dict), "a table", value, where)
        inner = typing.get_args(hint)[1]
        return {str(k): _convert(inner, v, f"{where}.{k}") for k, v in value.items()}
    if origin in (typing.Union, types.UnionType):
        if value is None:
            return None
        return _convert(typing.get_args(hint)[0], value, where)
    if hint is Any:
        return value
    if hint is float:
        _expect(
            isinstance(value, int | float) and not isinstance(value, bool), "a number", value, where
        )
        return float(value)
    _expect(
        isinstance(value, hint) and not (hint is int and isinstance(value, bool)),
        f"of type {hint.__name__}",
        value,
        where,
    )
    return value


def _expect(holds: bool, what: str, value: object, where: str) -> None:
    require(holds, f"{where} must be {what}.", value, "Correct the setting.")
