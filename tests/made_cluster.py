"""A cluster of Ray on this machine: two small nodes of one processor each."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

SKIPPED = "Ray is not installed: pip install -r requirements-cluster.txt"
STORE_BYTES = 80 * 2**20
N_TRIES = 4
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

        self._cluster = _tried(
            Cluster,
            initialize_head=True,
            head_node_args={
                "num_cpus": 1,
                "object_store_memory": STORE_BYTES,
                "include_dashboard": False,
                "_system_config": QUICK_TO_MISS,
            },
        )
        self._other = None
        try:
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
            self._other = _tried(
                self._cluster.add_node, num_cpus=1, object_store_memory=STORE_BYTES
            )

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


def _tried(start: Callable[..., Any], **settings: Any) -> Any:
    """Start one of Ray's nodes, which gives up after 30 s: on a busy machine that is too soon."""
    for left in reversed(range(N_TRIES)):
        try:
            return start(**settings)
        except Exception:
            if not left:
                raise
