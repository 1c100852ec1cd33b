"""The group of each kernel of a layer: by the rule, or as somebody corrected it.

Imports no TensorFlow.
"""

from __future__ import annotations

from dataclasses import dataclass

from genre_core.config import require
from genre_core.data import kernel_groups as corrections
from genre_core.explain.patterns_groups import GROUPS
from genre_core.explain.patterns_store import StoredLayer
from genre_core.runs.card import Card


@dataclass(frozen=True, slots=True)
class KernelGroup:
    """Where a kernel belongs.

    name: One of `GROUPS`.
    rule: What the rule says.
    who, at: Who corrected it, and when; empty where the rule holds.
    """

    name: str
    rule: str
    who: str = ""
    at: str = ""

    @property
    def is_corrected(self) -> bool:
        """Whether somebody put it there."""
        return bool(self.at)


def groups_of_layer(card: Card, stored: StoredLayer) -> dict[int, KernelGroup]:
    """Give the group of each stored kernel of a layer, in their order; none of genres."""
    if not stored.groups:
        return {}
    by_hand = corrections.corrected_groups(card.model_sha256, stored.layer)
    groups = {}
    for kernel, rule in zip(stored.kernels.tolist(), stored.groups, strict=True):
        own = by_hand.get(kernel)
        groups[kernel] = (
            KernelGroup(rule, rule)
            if own is None or own.name not in GROUPS
            else KernelGroup(own.name, rule, own.who, own.at)
        )
    return groups


def correct(card: Card, layer: str, kernel: int, name: str, *, who: str = "") -> None:
    """Put a kernel into one of `GROUPS`; "" gives it back to the rule.

    Raises `ParameterError`: no such group.

    Examples
    --------
    >>> correct(None, "conv_1", 0, "stripes")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: A group must be one of dots, horizontal, vertical, low \
frequency, blank, mixed. Received 'stripes' (str). Choose one, or none for the rule's own.
    """
    require(
        not name or name in GROUPS,
        f"A group must be one of {', '.join(GROUPS)}.",
        name,
        "Choose one, or none for the rule's own.",
    )
    corrections.correct_group(card.model_sha256, layer, kernel, name, who=who)
