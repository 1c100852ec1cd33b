"""Steps: what long work is cut into, described in plain values, and the engine that does them here.

Whatever a page or a command starts is the same list of steps, whoever does them: one after the
other in this process (`LocalEngine`), or on the machines of a Ray cluster (`jobs.cluster`). Who
does which step where, and does it again when a machine is lost, is Ray's business.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from genre_core.config import require
from genre_core.progress import Log

if TYPE_CHECKING:
    from genre_core.training.training_state import Watcher

_OURS = "genre_core."


@dataclass(frozen=True, slots=True)
class Needs:
    """What a step occupies while it is done.

    cpus, gpus: Processors and GPUs, also parts of them; None: a GPU where there are any.
    memory_mb: Megabytes, about; an engine with several machines chooses one that has as many free.
    """

    cpus: float = 1.0
    gpus: float | None = 0.0
    memory_mb: int = 1_000


@dataclass(frozen=True, slots=True)
class Step:
    """A piece of work that can be done anywhere, and again: a function's name and plain values.

    name: Tells it from the others of its list.
    does: Its function as "genre_core.room.file:function"; takes `settings` and a `StepPlace`.
    settings: Plain values (texts, numbers, lists, dicts).
    keeps: The file, relative to the run's folder of states, in which it keeps how far it came;
        empty where it is done anew each time.
    needs: What it occupies.
    """

    name: str
    does: str
    settings: dict[str, Any]
    keeps: str = ""
    needs: Needs = field(default_factory=Needs)

    def function(self) -> Callable[[dict[str, Any], StepPlace], Any]:
        """Import its function.

        >>> Step("a", "os:getcwd", {}).function()
        Traceback (most recent call last):
            ...
        genre_core.errors.ParameterError: A step is done by a function of genre_core. Received \
'os:getcwd' (str). Name it as 'genre_core.room.file:function'.
        """
        module, _, name = self.does.partition(":")
        require(
            self.does.startswith(_OURS) and bool(name),
            "A step is done by a function of genre_core.",
            self.does,
            "Name it as 'genre_core.room.file:function'.",
        )
        function: Callable[[dict[str, Any], StepPlace], Any]
        function = getattr(importlib.import_module(module), name)
        return function


@dataclass(frozen=True, slots=True)
class StepPlace:
    """Where a step is done.

    folder: Holds the file that it keeps, as it was left; what is written there stays.
    watcher: Takes note of its progress, and may ask it to stop.
    log: Takes a line.
    is_alone: It has a process to itself, and chooses the device that it computes on.
    """

    folder: Path
    watcher: Watcher
    log: Log
    is_alone: bool = False


class Engine(Protocol):
    """Does steps, each once, in whatever order."""

    def run(
        self, steps: Iterable[Step], place: StepPlace, *, what: str
    ) -> Iterator[tuple[Step, Any]]:
        """Do every step, and give each with what its function returned as soon as it is done.

        What steps keep lies in `place.folder` when they are done, wherever that was. `what` names
        them for people ("trainings"). The first `GenreError` of a step ends all; so does
        `StoppedError` where the watcher wants a stop.
        """


class LocalEngine:
    """Does one step after the other in this process, in their order.

    Examples
    --------
    >>> steps = [Step(str(n), "genre_core.jobs.steps:told", {"n": n}) for n in (3, 4)]
    >>> place = StepPlace(Path("."), None, print)
    >>> [value for _, value in LocalEngine().run(steps, place, what="numbers")]
    3
    4
    [3, 4]
    """

    def run(
        self, steps: Iterable[Step], place: StepPlace, *, what: str
    ) -> Iterator[tuple[Step, Any]]:
        """Do every step; see `Engine.run`."""
        for step in steps:
            yield step, step.function()(step.settings, place)


def told(settings: dict[str, Any], place: StepPlace) -> Any:
    """Log a step's number and give it back: the least that a step can do, to try an engine."""
    place.log(str(settings["n"]))
    return settings["n"]
