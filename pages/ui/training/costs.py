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
from pages.ui import problems
from pages.ui.frame import ROOT

MAX_S = 180.0
"""After so many seconds an estimate is given up; it bounds itself to about 20."""

_KEY = "training_costs"


@dataclass(slots=True)
class _Asking:
    """An estimate that was asked for: its words, its process, and what came of it."""

    words: tuple[str, ...]
    process: subprocess.Popen[bytes]
    out: IO[bytes]
    err: IO[bytes]
    started: float = field(default_factory=time.monotonic)
    found: dict[str, Any] | None = None
    problem: JobError | None = None

    def give_up(self) -> None:
        """End it where it is still at work; its files go with it."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.out.close()
        self.err.close()


def section(words: Sequence[str], *, is_asked: bool) -> None:
    """Show what the training of these words costs; ask anew where the button was pressed.

    Parameters
    ----------
    words : sequence of str
        The command line of the training, without the program.
    is_asked : bool
        Whether to ask.
    """
    asking: _Asking | None = st.session_state.get(_KEY)
    if is_asked:
        if asking is not None:
            asking.give_up()
        asking = st.session_state[_KEY] = _ask(tuple(words))
    if asking is None:
        return
    if asking.words != tuple(words):
        if asking.found is not None or asking.problem is not None:
            st.caption("Settings changed since the last estimate: ask again.")
        return
    if asking.found is None and asking.problem is None:
        _wait()
    elif asking.problem is not None:
        problems.show(asking.problem, "The estimate")
    else:
        _figures(asking.found or {})


@st.fragment(run_every="1s")
def _wait() -> None:
    asking: _Asking = st.session_state[_KEY]
    if asking.process.poll() is None and time.monotonic() - asking.started > MAX_S:
        asking.process.kill()
        asking.process.wait()
    if asking.process.poll() is None:
        st.caption(":material/hourglass_top: Building the network and timing a few steps ...")
        return
    _take(asking)
    st.rerun()


def _ask(words: tuple[str, ...]) -> _Asking:
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
    return _Asking(words, process, out, err)


def _take(asking: _Asking) -> None:
    texts = []
    for file in (asking.out, asking.err):
        file.seek(0)
        texts.append(file.read().decode("utf-8", "replace").strip())
        file.close()
    try:
        asking.found = json.loads(texts[0])
    except ValueError:
        last = (texts[1].splitlines() or ["nothing at all"])[-1]
        asking.problem = JobError(
            "An estimate must come to an end.",
            received=last.removeprefix("error: ").rstrip("."),
            cure="Correct what it names, or run the command below with --estimate.",
        )


def _figures(found: dict[str, Any]) -> None:
    disk = sum(found["disk_bytes"].values())
    items = found["items"]
    n_train = "not known" if found["n_train"] is None else f"{found['n_train']:,}"
    shown = [
        ("In total", duration(found["total_s"]), f"{found['n_fits']} networks, all their epochs"),
        ("One epoch", duration(found["epoch_s"]), f"{found['steps_per_epoch'] or '?'} steps"),
        (
            "One step",
            duration(found["step_s"]),
            f"Median of {found['n_measured']} on this machine's {found['device']}",
        ),
        (f"Training {items}", n_train, "Of the network that is kept"),
        (
            "Parameters",
            f"{found['n_parameters'] / 1e6:.1f} M",
            f"Trained: {found['n_trainable']:,} of {found['n_parameters']:,}",
        ),
        (
            "Memory for a step",
            f"{found['memory_bytes'] / 1e9:.1f} GB",
            "By a formula; TensorFlow itself takes about 0.7 GB more",
        ),
        (
            "Disk",
            f"{disk / 1e9:.1f} GB" if disk >= 1e9 else f"{disk / 1e6:.0f} MB",
            ", ".join(f"{name} {n / 1e6:,.0f} MB" for name, n in found["disk_bytes"].items()),
        ),
    ]
    if found["prepare_s"] is not None:
        shown.insert(
            1,
            (
                "First, once",
                duration(found["prepare_s"]),
                "Output of the frozen layers",
            ),
        )
    with st.grid(4, min_column_width=150):
        for label, value, note in shown:
            st.metric(label, value, help=note, border=True)
    if found["unknown"]:
        st.caption(problems.plain(" ".join(found["unknown"])))
