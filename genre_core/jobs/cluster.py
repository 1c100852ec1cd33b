"""Steps on the machines of a Ray cluster.

Ray decides which step is done where, waits for processors, GPUs and memory, and does a step again
whose process or machine was lost. Here is only what it is told, and how what comes back reaches the
run's folder. Ray is imported when an engine is opened, and by nothing else.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sized
from dataclasses import replace
from pathlib import Path
from typing import Any, Self

from genre_core.config import require
from genre_core.data.files import atomic_write
from genre_core.data.home import home
from genre_core.errors import GenreError, JobError, ParameterError, StoppedError
from genre_core.jobs.mailbox import FarWatcher, Mailbox, Note, file_of
from genre_core.jobs.steps import Needs, Step, StepPlace

HERE = "local"
"""The address that starts Ray on this machine for as long as the work lasts."""

N_RETRIES = 4
"""How often a step is done again whose process or machine was lost."""

_PROJECT = Path(__file__).resolve().parents[2]
_LOOK_EVERY_S = 0.5
_STOP_WITHIN_S = 60.0
_ANSWER_WITHIN_S = 10.0
_STORE_BYTES = 256 * 2**20  # of Ray's shared memory, where it is started here
_AHEAD = 4  # steps a processor that are handed to Ray before they can begin
_STEPS_A_PROCESS = 16  # TensorFlow gives back what it took for a network when its process ends
_PAINT = re.compile(r"\x1b\[[0-9;]*m")  # Ray colours what it says for a terminal
_PASSED_ON = (
    "GENRE_DATA",
    "KERAS_BACKEND",
    "OMP_NUM_THREADS",
    "TF_ENABLE_ONEDNN_OPTS",
    "TF_NUM_INTEROP_THREADS",
    "TF_NUM_INTRAOP_THREADS",
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_REGION",
    "AWS_ENDPOINT_URL",
)


def need_ray() -> Any:
    """Import Ray; `JobError` with what to install where it is missing."""
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    os.environ.setdefault("RAY_ACCEL_ENV_VAR_OVERRIDE_ON_ZERO", "0")
    try:
        import ray
    except ImportError as error:
        raise no_ray(str(error)) from error
    return ray


def no_ray(received: str) -> JobError:
    """Say what to install."""
    return JobError(
        "The engine ray needs the package Ray.",
        received=received,
        cure="Install it with pip install -r requirements-cluster.txt, or use --engine local.",
    )


class ClusterEngine:
    """Does steps as Ray's tasks; a context: the connection is closed at its end.

    Parameters
    ----------
    address : str
        "local" starts Ray on this machine; "auto" joins the cluster that this machine belongs to;
        "HOST:PORT" that of this head.
    cpus, memory_mb : float and int, optional
        What each step needs, in place of what its description says.

    Raises
    ------
    JobError
        Ray is not installed, or no cluster is at the address.
    """

    def __init__(
        self, address: str = HERE, *, cpus: float | None = None, memory_mb: int | None = None
    ) -> None:
        require(
            bool(address) and not address.startswith("ray://"),
            "An address is local, auto, or HOST:PORT of a cluster's head.",
            address,
            "Start the command on a machine of the cluster.",
        )
        require(
            (cpus is None or cpus > 0) and (memory_mb is None or memory_mb > 0),
            "What a step needs must be above 0.",
            (cpus, memory_mb),
            "Leave it out.",
        )
        self._address, self._cpus, self._memory_mb = address, cpus, memory_mb
        self._ray: Any = None

    def __enter__(self) -> Self:
        """Connect."""
        ray = self._ray = need_ray()
        own: dict[str, Any] = {}
        if self._address == HERE:
            own = {"include_dashboard": False, "object_store_memory": _STORE_BYTES}
        try:
            _need_answer(self._address)
            ray.init(
                address=self._address,
                log_to_driver=False,
                logging_level="ERROR",
                runtime_env={"env_vars": _environment()},
                **own,
            )
        except Exception as error:  # Ray has no class for a start that failed
            reason = next(iter(str(error).splitlines()), "")
            raise JobError(
                "A Ray cluster must answer at the address.",
                received=f"{self._address}: {reason[:200]}",
                cure="Start one with ray start --head, or leave --address out.",
            ) from error
        return self

    def __exit__(self, *_: object) -> None:
        """Disconnect; what was started here ends."""
        self._ray.shutdown()

    @property
    def title(self) -> str:
        """Say what the cluster has, for people."""
        alive = [node for node in self._ray.nodes() if node["Alive"]]
        have = self._ray.cluster_resources()
        gpus = f", {have['GPU']:g} GPUs" if have.get("GPU") else ""
        machines = f"{len(alive)} machine{'' if len(alive) == 1 else 's'}"
        return f"Ray: {machines}, {have.get('CPU', 0):g} CPUs{gpus}"

    def run(
        self, steps: Iterable[Step], place: StepPlace, *, what: str
    ) -> Iterator[tuple[Step, Any]]:
        """Do every step; see `steps.Engine.run`.

        Raises
        ------
        JobError
            No machine has what a step needs, or a step was lost more than `N_RETRIES` times.
        """
        total = len(steps) if isinstance(steps, Sized) else 0
        yield from _Round(self._ray, place, what, total).run(map(self._with_needs, steps))

    def _with_needs(self, step: Step) -> Step:
        needs = step.needs
        if needs.gpus is None:
            needs = replace(needs, gpus=1.0 if self._ray.cluster_resources().get("GPU") else 0.0)
        if self._cpus is not None:
            needs = replace(needs, cpus=self._cpus)
        if self._memory_mb is not None:
            needs = replace(needs, memory_mb=self._memory_mb)
        return replace(step, needs=needs)


class _Round:
    """One list of steps on the way: tasks of Ray, and their notes."""

    def __init__(self, ray: Any, place: StepPlace, what: str, total: int) -> None:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        self._ray, self._place, self._what, self._total = ray, place, what, total
        # Beside this process: it must not be lost with another machine.
        beside = NodeAffinitySchedulingStrategy(ray.get_runtime_context().get_node_id(), soft=False)
        actor = ray.remote(Mailbox).options(num_cpus=0, scheduling_strategy=beside)
        self._mailbox = actor.remote()
        self._task = ray.remote(max_calls=_STEPS_A_PROCESS)(_do)
        # A process that has computed without a GPU has told TensorFlow that there is none.
        self._gpu_task = ray.remote(max_calls=1)(_do)
        self._n_begun: Counter[str] = Counter()
        self._at_work: dict[str, tuple[str, int, int]] = {}
        self._n_over = 0
        self._pending: dict[Any, Step] = {}
        self._by_name: dict[str, Step] = {}  # those that are pending
        self._had_room: set[Needs] = set()

    def run(self, steps: Iterable[Step]) -> Iterator[tuple[Step, Any]]:
        waiting, ray = iter(steps), self._ray
        n_ahead = max(1, int(_AHEAD * ray.cluster_resources().get("CPU", 1)))
        try:
            while True:
                while len(self._pending) < n_ahead and (step := next(waiting, None)):
                    self._pending[self._submit(step)] = step
                if not self._pending:
                    self._tell(0)  # the last were over after it was told
                    break
                ready, _ = ray.wait(list(self._pending), timeout=_LOOK_EVERY_S)
                self._read_notes()
                for task in ready:
                    step = self._pending.pop(task)
                    value = self._result(task, step)
                    self._n_over += 1
                    self._at_work.pop(step.name, None)
                    self._n_begun.pop(step.name, None)
                    self._by_name.pop(step.name, None)
                    self._mailbox.forget.remote(step.name)
                    yield step, value
                if self._place.watcher.wants_stop():
                    self._stop()
        finally:
            for task in self._pending:
                with contextlib.suppress(Exception):  # the cluster may be what is gone
                    ray.cancel(task, force=True)
            with contextlib.suppress(Exception):
                ray.kill(self._mailbox)

    def _submit(self, step: Step) -> Any:
        needs = step.needs
        self._need_room(needs)
        self._by_name[step.name] = step
        path = self._place.folder / step.keeps
        if step.keeps and path.is_file():
            kept = [("kept", step.name, path.read_bytes())]
            self._ray.get(self._mailbox.post.remote(kept))
        options: dict[str, Any] = {}
        if needs.gpus:
            options["runtime_env"] = {"env_vars": _environment() | {"GENRE_STEP_ON": "gpu"}}
        return (
            (self._gpu_task if needs.gpus else self._task)
            .options(
                name=step.name,
                num_cpus=needs.cpus,
                num_gpus=needs.gpus,
                memory=needs.memory_mb * 1_000_000,
                max_retries=N_RETRIES,
                # A step's own error would come again; a line that broke may hold the next time.
                retry_exceptions=[ConnectionError, TimeoutError],
                **options,
            )
            .remote(step, self._mailbox)
        )

    def _result(self, task: Any, step: Step) -> Any:
        try:
            error, value = self._ray.get(task)
        except self._ray.exceptions.RayTaskError as broken:
            self._place.log(f"{step.name} ended with an error:\n{_PAINT.sub('', str(broken))}")
            raise JobError(
                f"Each of the {self._what} must be done without an error.",
                received=f"{step.name}: {type(broken.cause).__name__}: {broken.cause}"[:500],
                cure="See the run's log for where it was raised, and resume the run when that is "
                "mended: what is over is kept.",
            ) from broken
        except self._ray.exceptions.RayError as lost:
            reason = next((line for line in str(lost).splitlines() if line.strip()), "")
            raise JobError(
                f"Each of the {self._what} must be done by some machine of the cluster.",
                received=f"{step.name}: {type(lost).__name__}: {reason[:200]}",
                cure="Resume the run: what is over is kept. Give each more with --step-memory if "
                "memory was short.",
            ) from lost
        if error is not None:
            raise error
        return value

    def _read_notes(self) -> None:
        try:
            notes: list[Note] = self._ray.get(self._mailbox.take.remote())
        except self._ray.exceptions.RayError as lost:
            raise JobError(
                "The cluster's head must be there until the run is over.",
                received=type(lost).__name__,
                cure="Start it again and resume the run: what is over is kept.",
            ) from lost
        watcher, n_items = self._place.watcher, 0
        for kind, name, value in notes:
            if kind == "begun":
                self._n_begun[name] += 1
                again = ", again: its process or machine was lost"
                self._log(
                    f"{name} has begun on node {value}{again if self._n_begun[name] > 1 else ''}"
                )
            elif kind == "log":
                self._log(f"{name}: {value}")
            elif kind == "file" and name in self._by_name:
                atomic_write(self._place.folder / self._by_name[name].keeps, value)
            elif kind == "epoch":
                watcher.epoch(*value)
            elif kind == "step":
                self._at_work[name] = value[0]
                n_items += value[3]
        self._tell(n_items)

    def _log(self, line: str) -> None:
        """Write a line; a stop that is wanted waits until the notes behind it are read too."""
        with contextlib.suppress(StoppedError):
            self._place.log(line)

    def _tell(self, n_items: int) -> None:
        self._place.watcher.several(
            self._n_over, self._total, self._what, list(self._at_work.values()), n_items
        )

    def _stop(self) -> None:
        """Let the steps at work keep what they have, and raise `StoppedError`."""
        self._ray.get(self._mailbox.stop.remote())
        deadline = time.monotonic() + _STOP_WITHIN_S
        for task, step in self._pending.items():
            if step.name not in self._n_begun:
                self._ray.cancel(task)
        pending = [task for task, step in self._pending.items() if step.name in self._n_begun]
        while pending and time.monotonic() < deadline:
            _, pending = self._ray.wait(pending, timeout=_LOOK_EVERY_S)
        self._read_notes()
        raise StoppedError(
            "A run goes on to its end unless somebody stops it.",
            received="a stop",
            cure="Resume it to go on.",
        )

    def _need_room(self, needs: Needs) -> None:
        if needs in self._had_room:
            return
        alive = [node["Resources"] for node in self._ray.nodes() if node["Alive"]]
        wanted = {"CPU": needs.cpus, "GPU": needs.gpus or 0.0, "memory": needs.memory_mb * 1e6}
        if not any(
            all(have.get(name, 0.0) >= amount for name, amount in wanted.items()) for have in alive
        ):
            raise ParameterError(
                f"A machine of the cluster must have what one of the {self._what} needs: "
                f"{_resources(wanted)}.",
                received="; ".join(map(_resources, alive)) or "no machine",
                cure="Ask for less with --step-cpus, --step-memory or --device, or add one.",
            )
        self._had_room.add(needs)


def _need_answer(address: str) -> None:
    """Raise `OSError` at once where nobody listens: Ray itself would try for minutes."""
    host, colon, port = address.rpartition(":")
    if colon and port.isdigit():
        with socket.create_connection((host.strip("[]"), int(port)), timeout=_ANSWER_WITHIN_S):
            pass


def _resources(have: Mapping[str, float]) -> str:
    """Write what a machine has, or a step needs.

    >>> _resources({"CPU": 2.0, "memory": 3e9})
    '2 CPUs, 0 GPUs, 3.0 GB'
    """
    cpus, gpus, memory = (have.get(name, 0.0) for name in ("CPU", "GPU", "memory"))
    return f"{cpus:g} CPUs, {gpus:g} GPUs, {memory / 1e9:.1f} GB"


def _do(step: Step, mailbox: Any) -> tuple[GenreError | None, Any]:
    """Do one step in a worker's process: what Ray calls.

    It waits for the mailbox by futures. While a task waits in `ray.get`, Ray gives its processor
    to the next one, which would begin beside it in a process of its own.
    """
    import ray

    if not step.needs.gpus:
        os.environ["CUDA_VISIBLE_DEVICES"] = "-1"  # what is not asked for stays free for others
    post: Callable[[list[Note]], bool] = lambda notes: mailbox.post.remote(notes).future().result()  # noqa: E731
    with tempfile.TemporaryDirectory(prefix="step-", ignore_cleanup_errors=True) as folder:
        before = mailbox.kept.remote(step.name).future().result()
        kept = file_of(Path(folder), step.keeps, before)
        watcher = FarWatcher(step.name, kept, post)
        node = ray.get_runtime_context().get_node_id()[:8]
        post([("begun", step.name, f"{node}, process {os.getpid()}")])
        place = StepPlace(Path(folder), watcher, watcher.log, is_alone=True)
        try:
            value = step.function()(step.settings, place)
        except GenreError as error:
            return error, None
        finally:
            watcher.post()
    return None, value


def _environment() -> dict[str, str]:
    """Give what the workers' processes must know: where the program and the home folder lie."""
    path = os.pathsep.join(filter(None, [str(_PROJECT), os.environ.get("PYTHONPATH", "")]))
    own = {"PYTHONPATH": path, "GENRE_HOME": str(home()), "TF_CPP_MIN_LOG_LEVEL": "3"}
    return own | {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
