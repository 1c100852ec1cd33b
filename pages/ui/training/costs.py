"""What a training will cost, asked of a child process and shown as figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import streamlit as st

from genre_core.errors import JobError
from genre_core.jobs.estimate import duration
from pages.ui import controls, problems
from pages.ui.frame import ROOT

MAX_S = 180.0
"""After so many seconds an estimate is given up; it bounds itself to about 20."""

_KEY = "training_costs"


@dataclass(slots=True)
class _Estimate:
    """An estimate that was asked for: its command line, its process, and what came of it."""

    words: tuple[str, ...]
    process: subprocess.Popen[bytes]
    out: IO[bytes]
    err: IO[bytes]
    started: float = field(default_factory=time.monotonic)
    costs: dict[str, Any] | None = None
    problem: JobError | None = None

    def give_up(self) -> None:
        """End it where it is still at work; its files go with it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.out.close()
        self.err.close()


def section(words: Sequence[str], *, is_new: bool) -> None:
    """Show what the training of this command line costs; `is_new` asks for a new estimate."""
    estimate: _Estimate | None = st.session_state.get(_KEY)
    if is_new:
        if estimate is not None:
            estimate.give_up()
        estimate = st.session_state[_KEY] = _start(tuple(words))
    if estimate is None:
        return
    if estimate.words != tuple(words):
        if estimate.costs is not None or estimate.problem is not None:
            st.caption("Settings changed since the last estimate: ask again.")
    elif estimate.problem is not None:
        problems.show(estimate.problem, "The estimate")
    elif estimate.costs is not None:
        _figures(estimate.costs)
    else:
        _wait()


@st.fragment(run_every=1)
def _wait() -> None:
    estimate: _Estimate = st.session_state[_KEY]
    if estimate.process.poll() is None and time.monotonic() - estimate.started > MAX_S:
        estimate.process.kill()
        estimate.process.wait()
    if estimate.process.poll() is None:
        st.caption(":material/hourglass_top: Building the network and timing a few steps ...")
        return
    _take(estimate)
    st.rerun()


def _start(words: tuple[str, ...]) -> _Estimate:
    # A process of its own: TensorFlow neither blocks this page nor stays in its memory. It may
    # share a GPU with a training, so it takes only what it needs of it.
    out, err = (tempfile.TemporaryFile() for _ in range(2))  # noqa: SIM115 - they outlive this run
    process = subprocess.Popen(
        [sys.executable, "-m", "genre_core", *words, "--estimate", "--json"],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=out,
        stderr=err,
        env=os.environ | {"TF_FORCE_GPU_ALLOW_GROWTH": "true"},
    )
    return _Estimate(words, process, out, err)


def _take(estimate: _Estimate) -> None:
    texts = []
    for file in (estimate.out, estimate.err):
        file.seek(0)
        texts.append(file.read().decode("utf-8", "replace").strip())
        file.close()
    try:
        estimate.costs = json.loads(texts[0])
    except ValueError:
        last = (texts[1].splitlines() or ["nothing at all"])[-1]
        estimate.problem = JobError(
            "An estimate must come to an end.",
            received=last.removeprefix("error: ").rstrip("."),
            cure="Correct what it names, or run the command below with --estimate.",
        )


def _figures(costs: dict[str, Any]) -> None:
    disk = sum(costs["disk_bytes"].values())
    items = costs["items"]
    n_train = "not known" if costs["n_train"] is None else f"{costs['n_train']:,}"
    shown = [
        ("In total", duration(costs["total_s"]), f"{costs['n_fits']} networks, all their epochs"),
        ("One epoch", duration(costs["epoch_s"]), f"{costs['steps_per_epoch'] or '?'} steps"),
        (
            "One step",
            duration(costs["step_s"]),
            f"Median of {costs['n_measured']} on this machine's {costs['device']}",
        ),
        (f"Training {items}", n_train, "Of the network that is kept"),
        (
            "Parameters",
            f"{costs['n_parameters'] / 1e6:.1f} M",
            f"Trained: {costs['n_trainable']:,} of {costs['n_parameters']:,}",
        ),
        (
            "Memory for a step",
            f"{costs['memory_bytes'] / 1e9:.1f} GB",
            "By a formula; TensorFlow itself takes about 0.7 GB more",
        ),
        (
            "Disk",
            f"{disk / 1e9:.1f} GB" if disk >= 1e9 else f"{disk / 1e6:.0f} MB",
            ", ".join(f"{name} {n / 1e6:,.0f} MB" for name, n in costs["disk_bytes"].items()),
        ),
    ]
    if costs["prepare_s"] is not None:
        once = ("First, once", duration(costs["prepare_s"]), "Output of the frozen layers")
        shown.insert(1, once)
    controls.metrics(shown)
    if costs["unknown"]:
        st.caption(problems.plain(" ".join(costs["unknown"])))
