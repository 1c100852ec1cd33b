"""The group of each kernel of a layer: by the rule, or as somebody corrected it.

Imports no TensorFlow.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from genre_core.config import require
from genre_core.data import kernel_groups as corrections
from genre_core.explain.patterns_groups import GROUPS
from genre_core.explain.patterns_store import StoredLayer
from genre_core.runs.card import Card

REAL_SHARE = 0.01
"""Of the layer's largest answer to a built-in item, above which a kernel is said to answer one."""


def answers_real(stored: StoredLayer) -> NDArray[np.bool_]:
    """Tell which blank kernels answer a built-in item all the same [shape=(n,), dtype=bool].

    Those that answer one by more than `REAL_SHARE`, or more strongly than their own pattern: they
    are not dead, the search from noise failed. The rule is ours.

    Examples
    --------
    >>> one = np.array([1.0, 0, 0, 0])
    >>> pictures, groups = np.zeros((4, 1, 1, 1), np.uint8), ("mixed", "blank", "blank", "blank")
    >>> real = np.array([2, 0.5, 0.01, 0])
    >>> layer = StoredLayer("a", 4, np.arange(4), pictures, one, one, real, one < 1, groups)
    >>> answers_real(layer).tolist()
    [False, True, True, False]
    """
    if not len(stored.kernels):
        return stored.blank
    least = np.minimum(stored.values, REAL_SHARE * stored.real.max())
    return np.asarray(stored.blank & (stored.real > least), np.bool_)


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
