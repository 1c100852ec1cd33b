"""What a network's heat maps are worth, measured on a data set and stored with it."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from genre_core.runs.bundle import EVIDENCE_FILE, Bundle
from genre_core.runs.measured import load_measured, save_measured

FEW, ENOUGH = 30, 100
"""On fewer items than the first nothing is said: intervals are too narrow there. From the second on
a method that is not clearly better is called no better."""

MARGIN = 0.005
"""A smaller gain (of areas in [0, 1]) is none: some networks hardly care what is hidden."""

Figure = dict[str, Any]
"""value, with low and high or `no_interval`, why there are none."""


@dataclass(frozen=True, slots=True)
class MethodEvidence:
    """What one method's maps did on some items; of a control, which asks no network, less.

    n: Items whose maps were tried.
    n_located: Those whose map locates anything.
    insertion, deletion: Mean areas, in [0, 1].
    over: By control, mean of insertion less deletion over the control's, on the same items.
    cost: A map's time as a multiple of one forward pass; None where it was not measured.
    pointing: Share of made covers whose cause it points at; None where it was not measured.
    correlation: Mean rank correlation with the map before, by depth; empty where not measured.
    changed: That with all layers shuffled, with its interval; empty where not measured.
    n_shuffled: Items behind it.
    """

    n: int
    n_located: int
    insertion: Figure
    deletion: Figure
    over: dict[str, Figure] = field(default_factory=dict)
    cost: float | None = None
    pointing: float | None = None
    correlation: list[float] = field(default_factory=list)
    changed: Figure = field(default_factory=dict)
    n_shuffled: int = 0

    def beats(self, control: str) -> bool:
        """Tell whether its maps are better than a control's by more than chance explains.

        Examples
        --------
        >>> sure = {"edges": {"value": 0.1, "low": 0.02, "high": 0.2}}
        >>> MethodEvidence(200, 200, {}, {}, sure).beats("edges")
        True
        >>> MethodEvidence(5, 5, {}, {}, sure).beats("edges")
        False
        """
        gain = self.over.get(control, {})
        is_clear = gain.get("low", 0.0) > 0 and gain.get("value", 0.0) >= MARGIN
        return self.n >= FEW and bool(is_clear)

    def is_no_better(self, control: str) -> bool:
        """Tell whether it is known to be no better: by less than `MARGIN`, or not on many items.

        What neither `beats` a control nor is this is open: it was tried on too few items.

        Examples
        --------
        >>> unsure = {"edges": {"value": 0.0, "low": -0.1, "high": 0.1}}
        >>> [MethodEvidence(n, n, {}, {}, unsure).is_no_better("edges") for n in (20, 200)]
        [False, True]
        """
        is_none = self.n >= FEW and self.over.get(control, {}).get("high", MARGIN) < MARGIN
        return not self.beats(control) and (self.n >= ENOUGH or is_none)


@dataclass(frozen=True, slots=True)
class StoredEvidence:
    """The evidence of one network.

    methods: By method, and by control.
    data: Name, title, digest and split of the items, how many that has, and whether the network
        learnt from them.
    layers: Shuffled layers by depth, counted from the output, and the last one's name.
    settings: What was hidden and shown, how, and what stood in its place.
    """

    methods: dict[str, MethodEvidence]
    controls: dict[str, MethodEvidence]
    data: dict[str, Any]
    layers: list[list[Any]]
    settings: dict[str, Any]
    command: str


def save_evidence(stored: StoredEvidence, model_sha256: str, folder: Path) -> Path:
    """Write `evidence.json` into a folder, whole or not at all."""
    return save_measured(asdict(stored), model_sha256, folder / EVIDENCE_FILE)


def load_evidence(bundle: Bundle) -> StoredEvidence | None:
    """Read a bundle's evidence; None without any, or where it is another network's.

    Raises `CheckpointError`: a file that cannot be read.
    """
    return load_measured(
        bundle,
        EVIDENCE_FILE,
        _evidence,
        what="The evidence for a network's heat maps",
        command="evidence",
    )


def _evidence(plain: dict[str, Any]) -> StoredEvidence:
    for kind in ("methods", "controls"):
        plain[kind] = {name: MethodEvidence(**row) for name, row in plain[kind].items()}
    return StoredEvidence(**plain)
