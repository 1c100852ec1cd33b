"""Which engine does the steps of a run: this process, or a Ray cluster."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator, Mapping
from importlib.util import find_spec
from typing import Any

from genre_core.config import require
from genre_core.jobs.cluster import HERE, ClusterEngine, no_ray
from genre_core.jobs.steps import Engine, LocalEngine

ENGINES = ("local", "ray")
"""What can be asked for."""


def engine_settings(
    name: str = "local",
    *,
    address: str = "",
    cpus: float | None = None,
    memory_gb: float | None = None,
) -> dict[str, Any]:
    """Write an engine down for a run's request; empty for the local one.

    Parameters
    ----------
    name : {"local", "ray"}
        Who does the steps.
    address : str
        Of the Ray cluster, see `jobs.cluster.ClusterEngine`; by default Ray is started here.
    cpus, memory_gb : float, optional
        What each step needs, in place of what it says itself.

    Raises
    ------
    ParameterError, JobError
        No such engine, an address or needs for one that has none, or Ray is not installed.

    Examples
    --------
    >>> engine_settings()
    {}
    >>> engine_settings("local", address="10.0.0.1:6379")
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: An address and the needs of a step are the engine ray's. \
Received 'local' (str). Add --engine ray.
    """
    require(name in ENGINES, "engine must be local or ray.", name, "Use local where in doubt.")
    given = {"address": address, "cpus": cpus, "memory_gb": memory_gb}
    given = {key: value for key, value in given.items() if value not in (None, "")}
    for need in (cpus, memory_gb):
        require(
            need is None or 0 < need < math.inf,
            "What a step needs must be a number above 0.",
            need,
            "Leave it out.",
        )
    if name == "local":
        require(
            not given,
            "An address and the needs of a step are the engine ray's.",
            name,
            "Add --engine ray.",
        )
        return {}
    if find_spec("ray") is None:  # it is not loaded by whoever only asks
        raise no_ray("no package ray")
    return {"name": name} | given


@contextlib.contextmanager
def opened(settings: Mapping[str, Any] | None) -> Iterator[tuple[Engine, str]]:
    """Open the engine that `engine_settings` wrote down; give it and, of a cluster, what it has."""
    if not settings:
        yield LocalEngine(), ""
        return
    memory_gb = settings.get("memory_gb")
    engine = ClusterEngine(
        str(settings.get("address", HERE)),
        cpus=settings.get("cpus"),
        memory_mb=None if memory_gb is None else round(1000 * memory_gb),
    )
    with engine:
        yield engine, engine.title
