"""Every convolution of a network in one table, to look at and to download."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

import streamlit as st

from genre_core.config import SongInput
from genre_core.runs.bundle import Bundle
from pages.ui import controls
from pages.ui import kernel_words as words

if TYPE_CHECKING:
    from genre_core.explain.conv_layer import ConvLayer


def every_layer(bundle: Bundle, layers: Sequence[ConvLayer]) -> None:
    """Show shapes, parameters and blank kernels of every layer when asked, with downloads."""
    st.subheader("Layer by layer", anchor=False)
    st.markdown(words.whole(layers))
    with st.expander(
        "Every layer in a table", icon=":material/table:", key="layers", on_change="rerun"
    ) as opened:
        if opened.open:
            _table(bundle, layers)
    with st.container(horizontal=True):
        controls.download(
            "Download the table (CSV)",
            partial(_as_csv, layers),
            f"{bundle.name}.layers.csv",
            "text/csv",
        )
        controls.download(
            "Download every norm (JSON)",
            partial(_as_json, bundle, layers),
            f"{bundle.name}.kernels.json",
            "application/json",
        )


def _table(bundle: Bundle, layers: Sequence[ConvLayer]) -> None:
    spec = bundle.card.input
    axes = "down x across, in px"
    if isinstance(spec, SongInput):
        is_time_first = spec.layout == "time_frequency"
        axes = "in frames x bands" if is_time_first else "in bands x frames"
    covers = f"How much of the input one step in this layer covers, {axes}"
    sees = f"How much of the input one output depends on, {axes}"
    columns = {
        "blank share": controls.share("percent"),
        "one step covers": st.column_config.TextColumn(help=covers),
        "sees": st.column_config.TextColumn(help=sees),
    }
    alt = "Shapes, parameters and blank kernels of every convolution"
    controls.long_table(_rows(layers), alt, **columns)


def _rows(layers: Sequence[ConvLayer]) -> list[dict[str, Any]]:
    return [
        {
            "layer": layer.name,
            "kind": layer.kind,
            "kernel": f"{layer.size[0]} x {layer.size[1]}",
            "channels read": layer.n_inputs,
            "kernels": layer.n_filters,
            "parameters": layer.n_parameters,
            "blank": layer.n_blank,
            "blank share": layer.n_blank / layer.n_filters,
            "one step covers": _cells(layer.step),
            "sees": _cells(layer.sees),
        }
        for layer in layers
    ]


def _as_csv(layers: Sequence[ConvLayer]) -> str:
    rows, text = _rows(layers), io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _as_json(bundle: Bundle, layers: Sequence[ConvLayer]) -> str:
    every = [
        layer.to_dict() | {"norms": [float(f"{norm:.6g}") for norm in layer.kernels.norms]}
        for layer in layers
    ]
    sha = bundle.card.model_sha256
    return json.dumps({"model": bundle.name, "model_sha256": sha, "layers": every})


def _cells(pair: tuple[int | None, int | None]) -> str:
    return " x ".join("-" if side is None else str(side) for side in pair)
