"""Every setting of a recipe, described for a form: kind, default, choices, help, and its use."""

from __future__ import annotations

import dataclasses
import inspect
import re
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from genre_core.config.experiment import Experiment
from genre_core.config.reading import to_dict, type_hints

Kind = Literal["bool", "choice", "float", "int", "numbers", "table", "text", "texts"]
"""What a setting holds: `choice` is one of some texts, `texts` a list of texts, `numbers` a list
of numbers, `table` a TOML table of any other shape."""

NETWORK = "network"

_NAMES = re.compile(r"([a-z_]+(?:, [a-z_]+)*): (.*)")
_KINDS: dict[Any, Kind] = {bool: "bool", int: "int", float: "float", str: "text"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One setting of a recipe.

    path: Its place in the TOML file, such as `training.epochs`.
    default: As TOML gives it; None where a recipe must name it.
    choices: Every value of a `choice`; else empty.
    help: What its class's docstring says of it.
    applies: Whether it changes anything in the recipe it was asked for: `views` means nothing
        without a frozen part, nor `folds` for covers.
    """

    path: str
    kind: Kind
    default: Any = None
    choices: tuple[str, ...] = ()
    help: str = ""
    applies: bool = True

    @property
    def name(self) -> str:
        """Its last word, as a label: "batch size"."""
        return self.path.rpartition(".")[2].replace("_", " ")


def class_fields(cls: type, where: str = "") -> tuple[Field, ...]:
    """Describe the fields of a settings class, but for those that are settings classes.

    >>> from genre_core.config import CoverInput
    >>> [(field.path, field.kind, field.default) for field in class_fields(CoverInput, "input")]
    [('input.size', 'int', None), ('input.fit', 'choice', 'stretch'),
     ('input.resample', 'choice', 'bicubic')]
    """
    hints, texts = type_hints(cls), parameter_texts(cls)
    fields = []
    for field in dataclasses.fields(cls):
        kind, choices = _kind(hints[field.name])
        if kind is not None:
            path = f"{where}.{field.name}" if where else field.name
            text = texts.get(field.name, "")
            fields.append(
                Field(path=path, kind=kind, default=_default(field), choices=choices, help=text)
            )
    return tuple(fields)


def fields_of(
    experiment: Experiment, changes: Mapping[str, Any] | None = None
) -> tuple[Field, ...]:
    """Describe every setting of a recipe, and tell which of them mean something in it.

    The recipe's own come first, then task, input, network, augment and training; of the network's,
    which only its builder knows, those that the recipe names. `changes` are about to be made, by
    path; not checked yet, so that a form can ask while somebody is still typing.

    Examples
    --------
    >>> from genre_core.config import load_experiment
    >>> fields = {field.path: field for field in fields_of(load_experiment("gaid5_lite2"))}
    >>> fields["training.views"].applies, fields["training.folds"].applies
    (True, False)
    >>> fields["training.patience"].help
    'Stop after so many epochs without a better `select` value; 0 never stops early.'
    """
    values = with_changes(to_dict(experiment), changes or {})
    named = [
        Field(
            path=f"{NETWORK}.{key}",
            kind=_KINDS.get(type(value), "table"),
            default=value,
            help=f"Keyword argument `{key}` of the network's builder.",
        )
        for key, value in experiment.network.items()
    ]
    parts = [
        class_fields(Experiment),
        class_fields(type(experiment.task), "task"),
        class_fields(type(experiment.input), "input"),
        named,
        class_fields(type(experiment.augment), "augment"),
        class_fields(type(experiment.training), "training"),
    ]
    return tuple(
        dataclasses.replace(field, applies=_applies(field.path, values))
        for part in parts
        for field in part
        if field.path != NETWORK
    )


def with_changes(values: dict[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """Set some values of nested tables by path; the tables given stay as they are.

    >>> with_changes({"a": {"b": 1, "c": 2}}, {"a.b": 3})
    {'a': {'b': 3, 'c': 2}}
    """
    for path, value in changes.items():
        head, _, rest = path.partition(".")
        inner = values.get(head)
        if rest:
            value = with_changes(inner if isinstance(inner, dict) else {}, {rest: value})
        values = values | {head: value}
    return values


def parameter_texts(cls: type) -> dict[str, str]:
    """Read what a settings class's docstring says of its fields: `name: text`, a line a name.

    Names that share a line share its text; empty where Python was told to strip docstrings.

    >>> from genre_core.config import CoverInput
    >>> parameter_texts(CoverInput)["size"]
    'Side of the square input, in pixels, 32 to 1024.'
    """
    texts: dict[str, str] = {}
    names: list[str] = []
    for line in inspect.cleandoc(cls.__doc__ or "").splitlines():
        if start := _NAMES.fullmatch(line):
            names = start[1].split(", ")
            texts |= dict.fromkeys(names, start[2])
        elif line.startswith(" "):
            texts |= {name: f"{texts[name]} {line.strip()}" for name in names}
        else:
            names = []
    return texts


def _kind(hint: Any) -> tuple[Kind | None, tuple[str, ...]]:
    origin, inner = typing.get_origin(hint), typing.get_args(hint)
    if origin is Literal:
        return "choice", tuple(map(str, inner))
    if origin is tuple and inner[0] in (str, float):
        return ("texts" if inner[0] is str else "numbers"), ()
    if origin is dict:
        return "table", ()
    return _KINDS.get(hint), ()


def _default(field: dataclasses.Field[Any]) -> Any:
    if field.default_factory is not dataclasses.MISSING:
        return field.default_factory()
    value = None if field.default is dataclasses.MISSING else field.default
    return list(value) if isinstance(value, tuple) else value


def _of_songs(values: dict[str, Any]) -> bool:
    return "features" in values["input"]


def _by_gradient(values: dict[str, Any]) -> bool:
    return bool(values["training"]["method"] == "gradient")


def _changes_covers(values: dict[str, Any]) -> bool:
    # Of what a frozen part or a head reads the first view shows every cover as it is.
    return not _of_songs(values) and (not _takes_views(values) or values["training"]["views"] != 1)


def _takes_views(values: dict[str, Any]) -> bool:
    is_head = not _of_songs(values) and values["training"]["method"] == "logistic"
    return is_head or bool(values["training"]["frozen_until"])


def _takes_folds(values: dict[str, Any]) -> bool:
    settings = values["training"]
    return _of_songs(values) and settings["method"] != "none" and not _is_taught(values)


def _is_taught(values: dict[str, Any]) -> bool:
    return bool(values["training"]["teacher"] or values["training"]["prog_teachers"])


_USES: dict[str, Callable[[dict[str, Any]], bool]] = {
    "prog_genre": _of_songs,
    "prog_quantile": lambda v: _of_songs(v) and v["training"]["method"] == "none",
    "task.clip_s": _of_songs,
    "training.folds": _takes_folds,
    "training.fold_groups": lambda v: _takes_folds(v) and v["training"]["folds"] != 0,
    "training.teacher": lambda v: _of_songs(v) and _by_gradient(v),
    "training.prog_teachers": lambda v: _of_songs(v) and _by_gradient(v),
    "training.copies": _is_taught,
    "training.weight_decay": lambda v: v["training"]["optimizer"] != "adam",
    "training.class_weights": lambda v: v["task"]["head"] != "multilabel",
    "training.patience": lambda v: v["training"]["select"] != "last_epoch",
    "training.train_on": lambda v: not _is_taught(v),
    "training.views": _takes_views,
    "training.seed": lambda v: _by_gradient(v) or _changes_covers(v),
}
_WITHOUT_GRADIENT = tuple(
    f"training.{name}" for name in ("method", "folds", "fold_groups", "views", "seed")
)


def _applies(path: str, values: dict[str, Any]) -> bool:
    if path.startswith("augment."):
        return _changes_covers(values)
    if path.startswith("training.") and path not in _WITHOUT_GRADIENT and not _by_gradient(values):
        return False
    return path not in _USES or _USES[path](values)
