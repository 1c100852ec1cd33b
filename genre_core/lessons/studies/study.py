"""A study as one checked dataclass: what was printed, what follows by a rule, and its slips."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from genre_core.config import require
from genre_core.lessons.studies.printed import EpochLog, Figure, Matrix, Misses, Network, ScoreCurve
from genre_core.lessons.studies.share_matrix import ShareMatrix
from genre_core.lessons.studies.tables import Table, check_tables


@dataclass(frozen=True, slots=True, kw_only=True)
class Recomputation:
    """How a value follows from what was printed; the value itself is never written down.

    name: for texts of the same file, which name it in braces
    rule: key of `genre_core.lessons.studies.recompute.RULES`
    of: what the rule takes: names of `numbers` or of earlier recomputations, ``"matrix 6"``,
        ``"network 6"``, ``"epochs val_loss"``, ``"table 5"``, ``"shares B"``, ``"song Folklore"``
    what: what the value is, for people
    unit: {"per cent", "points", "count", "number"}: how it is written; points are a difference of
        two shares
    digits: behind the point
    """

    name: str
    rule: str
    of: tuple[str, ...]
    what: str
    unit: Literal["per cent", "points", "count", "number"] = "per cent"
    digits: int = 1

    def written(self, value: float) -> str:
        """Write a value as the texts show it.

        Examples
        --------
        >>> Recomputation(name="chance", rule="chance", of=("n",), what="").written(1 / 12)
        '8.3 %'
        """
        if self.unit == "per cent":
            return f"{100 * value:.{self.digits}f} %"
        if self.unit == "points":
            return f"{100 * value:.{self.digits}f} points"
        return f"{value:,.0f}" if self.unit == "count" else f"{value:.{self.digits}f}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Something that a reader should not take as it was printed.

    claim: what the study says or does, in our words
    found: what recomputing or reading its code gives
    matters: why that is worth knowing
    basis: {"recomputed", "read in its code", "read in its text", "inferred"}: how sure it is
    """

    claim: str
    found: str
    matters: str
    basis: Literal["recomputed", "read in its code", "read in its text", "inferred"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Study:
    """One study: data, published figures, and what to learn from them.

    name: ``"S1"`` and so on, as recipes and cards name it
    title, question, lesson: a few words; what it asked; the one sentence to take home
    data, split, groups: what it was trained on; the split as stated; what was kept on one side of
        it
    genres: in the study's order
    numbers: printed numbers that recomputations start from
    number_notes: what each of them is, and where it is from
    figures, networks, matrices, shares, tables, songs, misses, epochs, recomputed, slips: see their
        classes
    unknown: what the study leaves open and a reader would need
    apart: why our figures must not be put beside its own
    rerun: the experiment of ours to begin with
    related: further experiments of ours that ask its question
    media: {"cover", "song"}: what its networks are fed with
    values: filled by `load_study`: every recomputation's value by its name. Where they are known,
        the lines under its curves are called `majority`, `prior_entropy` and `chance`, and the
        figures of a printed matrix `accuracy_<network>` and `balanced_<network>`.
    """

    name: str
    title: str
    question: str
    lesson: str
    data: str
    split: str
    groups: str
    genres: tuple[str, ...]
    numbers: dict[str, float]
    number_notes: dict[str, str]
    apart: str
    rerun: str
    figures: tuple[Figure, ...]
    networks: tuple[Network, ...]
    slips: tuple[Slip, ...]
    recomputed: tuple[Recomputation, ...]
    unknown: tuple[str, ...] = ()
    matrices: tuple[Matrix, ...] = ()
    shares: tuple[ShareMatrix, ...] = ()
    tables: tuple[Table, ...] = ()
    songs: tuple[ScoreCurve, ...] = ()
    misses: tuple[Misses, ...] = ()
    epochs: EpochLog | None = None
    related: tuple[str, ...] = ()
    media: Literal["cover", "song"] = "cover"
    values: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        require(
            set(self.numbers) == set(self.number_notes),
            "Every number of a study needs a note, and every note a number.",
            sorted(set(self.numbers) ^ set(self.number_notes)),
            "Say in [number_notes] what it is and where it is from.",
        )
        names = [*self.numbers, *(value.name for value in self.recomputed)]
        require(
            len(set(names)) == len(names),
            "Numbers and recomputations must have different names.",
            sorted({name for name in names if names.count(name) > 1}),
            "Rename one of them.",
        )
        sizes = [(matrix.network, len(matrix.counts)) for matrix in (*self.matrices, *self.tables)]
        sizes += [(matrix.network, len(matrix.shares)) for matrix in self.shares]
        for network, n_rows in sizes:
            require(
                n_rows == len(self.genres),
                f"The matrix of network {network} needs a row for each genre.",
                n_rows,
                f"There are {len(self.genres)} genres.",
            )
        # One test set, so the same covers of each genre, whatever was answered: this is what tells
        # rows from columns where a study does not say which is which.
        supports = {tuple(matrix.by_truth().sum(axis=1).tolist()) for matrix in self.matrices}
        require(
            len(supports) <= 1,
            "Matrices of one test set must count the same covers of each true genre.",
            f"{len(supports)} different counts",
            "Is `rows` the right way round?",
        )
        check_tables(self.tables)
        for misses in self.misses:
            self._check_misses(misses)

    def matrix(self, network: str) -> Matrix:
        """Give the printed matrix of a network."""
        return next(matrix for matrix in self.matrices if matrix.network == network)

    def tables_of(self, unit: str) -> tuple[Table, ...]:
        """Give the tables that count songs, or those that count windows.

        Examples
        --------
        >>> from genre_core.lessons.studies import load_study
        >>> [table.name for table in load_study("S5").tables_of("windows")]
        ['CNN windows', 'CNN windows without dropout']
        """
        return tuple(table for table in self.tables if table.unit == unit)

    def _check_misses(self, misses: Misses) -> None:
        table = next((known for known in self.tables if known.name == misses.table), None)
        pair = (misses.genre, misses.taken_for)
        require(
            table is not None and set(pair) <= set(self.genres),
            "A list of songs must name a table and two genres of the study.",
            f"{misses.table!r}, {pair}",
            "Correct the names.",
        )
        true, predicted = (self.genres.index(name) for name in pair)
        counted = 0 if table is None else int(table.by_truth()[true, predicted])
        require(
            len(misses.songs) == counted,
            f"Songs taken for {misses.taken_for} must be as many as table {misses.table} counts.",
            f"{len(misses.songs)} songs, {counted} counted",
            "Type the missing ones.",
        )

    def written(self, name: str) -> str:
        """Write a recomputed value as the texts show it; empty where there is none.

        Examples
        --------
        >>> from genre_core.lessons.studies import load_study
        >>> load_study("S3").written("majority"), load_study("S2").written("majority")
        ('25.7 %', '')
        """
        for value in self.recomputed:
            if value.name == name:
                return value.written(self.values[name])
        return ""

    def is_asked_by(self, study: str, experiment: str) -> bool:
        """Tell whether a bundle, by its card, rebuilds this study or asks its question."""
        return study == self.name or experiment in self.related
