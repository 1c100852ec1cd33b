"""What an import is asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields
from pathlib import Path
from typing import Any

from genre_core.config import require


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportOptions:
    """Settings of an import; those left empty are the layout's to choose.

    name, title, citation, licence: Head of the data set.
    seed: Of splits that are made, and of draws; 0 to 2**32 - 1.
    verify: Decode every song whole instead of its header only; covers always are.
    allow_leaks: Take the data's own splits even where they share a group or a file; the data set is
        marked by it for good.
    near_duplicates: Look for covers or songs that are nearly the same too: they come into one
        group, and splits of the data's own that part them leak.
    images: Folder of the covers or songs that a table names; the table's own by default.
    new_splits: Make splits by artist instead of keeping the data's own.
    cut_val: Where the data's own splits have no val, cut it off train, by artist.
    merge_spellings: Make one genre of those that differ only in case, blanks or Unicode form.
    replace: Let the data set of another source that has this name go.
    genres: Of MuMu, only albums that have exactly one of these.
    label: The one genre of Kaggle's flat folder, which names none.
    subset: Of FMA: "small", "medium" or "large".
    others: The folder of covers that are not prog, beside the one of those that are.
    limits: At most how many covers of "prog" and of "non-prog" are drawn.
    """

    name: str = ""
    title: str = ""
    citation: str = ""
    licence: str = ""
    seed: int = 0
    verify: bool = False
    allow_leaks: bool = False
    near_duplicates: bool = False
    images: str | Path | None = None
    new_splits: bool = False
    cut_val: bool = False
    merge_spellings: bool = False
    replace: bool = False
    genres: tuple[str, ...] = ()
    label: str = ""
    subset: str = ""
    others: str | Path | None = None
    limits: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require(
            0 <= self.seed < 2**32,
            "seed must be a whole number from 0 to 4,294,967,295.",
            self.seed,
            "Give 0, or leave it out.",
        )

    @classmethod
    def of(cls, settings: Mapping[str, Any]) -> ImportOptions:
        """Read options from a run's settings or a command's; `ParameterError` of one it has not."""
        known = [option.name for option in fields(cls)]
        for key in settings:
            rule = f"An import has the settings {', '.join(known)}."
            require(key in known, rule, key, "Leave it out.")
        return cls(**settings)

    def given(self) -> set[str]:
        """Name the options that are not at their default."""
        names = set()
        for option in fields(self):
            default = {} if option.default is MISSING else option.default
            if getattr(self, option.name) != default:
                names.add(option.name)
        return names
