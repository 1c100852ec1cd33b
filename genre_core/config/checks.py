"""The one way to refuse a setting."""

from __future__ import annotations

from genre_core.errors import ParameterError, describe


def require(holds: bool, rule: str, received: object, cure: str) -> None:
    """Raise `ParameterError` unless `holds`.

    Examples
    --------
    >>> require(1 > 0, "size must be positive (px).", 1, "Give 32 or more.")
    """
    if not holds:
        raise ParameterError(rule, received=describe(received), cure=cure)
