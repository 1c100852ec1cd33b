"""A cluster of Ray on this machine: two small nodes of one processor each."""

from __future__ import annotations

from typing import Any

import psutil

SKIPPED = "Ray is not installed: pip install -r requirements-cluster.txt"
STORE_BYTES = 80 * 2**20
N_TRIES = 4
KNOWN_WITHIN_S = 240
QUICK_TO_MISS = {
    "health_check_initial_delay_ms": 5_000,  # a node that starts on a busy machine is not lost
    "health_check_period_ms": 1_000,
    "health_check_failure_threshold": 5,
    "health_check_timeout_ms": 3_000,
}


class Nodes:
    """A head and, of two, another node; each is one processor and its own processes."""

    def __init__(self, n: int = 2) -> None:
        from ray.cluster_utils import Cluster

        self._cluster = Cluster()
        self._other = None
        try:
            self._start(include_dashboard=False, _system_config=QUICK_TO_MISS)
            if n == 2:
                self.add()
        except BaseException:
            self.end()  # nobody gets this object, so nobody else could
            raise

    @property
    def address(self) -> str:
        """Of the head."""
        return str(self._cluster.address)

    def add(self) -> None:
        """Add the other node, where it is not there."""
        if self._other is None:
            self._other = self._start()

    def other_id(self) -> str:
        """Name the other node as a run's log does."""
        assert self._other is not None
        return str(self._other.node_id)[:8]

    def kill(self) -> None:
        """Kill the other node with all its processes, without a word."""
        self._cluster.remove_node(self._other, allow_graceful=False)
        self._other = None

    def end(self) -> None:
        """End both."""
        self._cluster.shutdown()

    def _start(self, **settings: Any) -> Any:
        """Start one of Ray's nodes and wait until it is known, on a busy machine for long.

        Ray itself gives up after 30 s and leaves the processes that it has started: a node that
        came later would be one too many.
        """
        here = psutil.Process()
        for left in reversed(range(N_TRIES)):
            before = set(here.children())
            try:
                node = self._cluster.add_node(
                    wait=False, num_cpus=1, object_store_memory=STORE_BYTES, **settings
                )
                break
            except Exception:
                for child in set(here.children()) - before:
                    child.kill()
                if not left:
                    raise
        self._cluster._wait_for_node(node, KNOWN_WITHIN_S)
        return node
