"""Where a training computes, and what it writes beside its model."""

from __future__ import annotations

import importlib.util
from dataclasses import dataclass

import streamlit as st

from pages.ui import cached


@dataclass(frozen=True, slots=True)
class DeviceChoice:
    """What the visitor chose.

    device, precision: See `training.devices.on_device`.
    tensorboard, deterministic, is_promoted: Write curves for TensorBoard; the same weights every
        time; can be used when it is done.
    engine, address: "ray" where a cluster does the trainings, and of its head; else "local".
    """

    device: str = "auto"
    precision: str = "auto"
    tensorboard: bool = False
    deterministic: bool = False
    is_promoted: bool = True
    engine: str = "local"
    address: str = ""


def ask() -> DeviceChoice:
    """Ask where the training computes; without a GPU say so."""
    names = cached.gpu_names()
    titles = {"auto": "the first GPU, else the processor", "cpu": "the processor"}
    titles |= {f"gpu:{k}": name for k, name in enumerate(names)}
    if len(names) > 1:
        titles["gpus"] = f"all {len(names)} GPUs, each batch shared"
    with st.expander("Where and how it runs", icon=":material/memory:"):
        if not names:
            st.caption(
                "No NVIDIA GPU was found on this machine, so training runs on the processor. "
                "docs/gpu.md says what a GPU needs."
            )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            device = st.selectbox("Device", list(titles), format_func=titles.get, key="device")
            precision = "auto"
            if names:
                precision = st.selectbox(
                    "Precision",
                    ["auto", "float32", "mixed"],
                    key="precision",
                    help="Mixed computes in float16 where that makes a GPU faster.",
                )
        with st.container(horizontal=True):
            is_promoted = st.checkbox("Use the model when it is done", value=True, key="promoted")
            tensorboard = st.checkbox("Curves for TensorBoard", key="tensorboard")
            deterministic = st.checkbox(
                "The same weights every time",
                key="deterministic",
                help="Sums are always taken in the same order; on a GPU that is slower.",
            )
        engine, address = _engine()
    return DeviceChoice(device, precision, tensorboard, deterministic, is_promoted, engine, address)


def _engine() -> tuple[str, str]:
    """Ask who does the fits, where Ray is installed."""
    if importlib.util.find_spec("ray") is None:
        return "local", ""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        is_ray = st.checkbox(
            "Share the trainings with other machines (a Ray cluster)",
            key="training_ray",
            help="Repeats, folds and the combinations of a grid are done side by side. "
            "docs/scale.md tells what every machine needs.",
        )
        if not is_ray:
            return "local", ""
        address = st.text_input(
            "Address of the cluster",
            key="training_address",
            placeholder="auto, or HOST:PORT; empty: this machine",
        )
    return "ray", (address or "").strip()
