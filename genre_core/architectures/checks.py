"""What every builder checks of its settings."""

from __future__ import annotations

from collections.abc import Iterable

from genre_core.config import require


def need_one_of(name: str, value: object, choices: Iterable[str], cure: str) -> None:
    """Refuse a setting that is none of its choices, two at least."""
    *firsts, last = (repr(choice) for choice in choices)
    require(value in (*choices,), f"{name} must be {', '.join(firsts)} or {last}.", value, cure)


def need_rate(name: str, rate: float) -> None:
    """Refuse a dropout's rate outside [0, 1)."""
    require(0 <= rate < 1, f"{name} must lie in [0, 1).", rate, "Give 0.0 for none.")
