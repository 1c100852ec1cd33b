"""A new evaluation, asked for here: which network, which data, and what its labels mean."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import pandas as pd
import streamlit as st

from genre_core.config import Experiment, from_dict
from genre_core.data.catalog import Catalog
from genre_core.errors import DatasetError
from genre_core.evaluation.mapping import LabelMeaning, label_meanings
from genre_core.jobs import run_control
from genre_core.jobs.evaluating import evaluation_request, items_of
from genre_core.runs.bundle import Bundle
from pages.ui import acting, cached, data_sets, permission, problems, running
from pages.ui.errors import choosing
from pages.ui.problems import plain

_SPLITS = {"test": "its test items", "all": "all its items"}


def section() -> None:
    """Ask for network, data set and what its labels mean; start the run and follow it."""
    with st.expander(
        "Evaluate a network on any data set",
        icon=":material/play_circle:",
        key="evaluate",
        on_change="rerun",
    ) as form:
        if form.open:
            _ask()
        running.section("evaluate", "Evaluations", "can be looked at.", _see)


def _ask() -> None:
    networks = {bundle.name: bundle for bundle in cached.records() if bundle.has_network}
    datasets = data_sets.names()
    if not networks or not datasets:
        st.caption("It needs a network and a data set: import one under Data.")
        return
    one, two, three = st.columns([3, 2, 2])
    name = one.selectbox(
        "Network",
        list(networks),
        format_func=lambda name: networks[name].card.title,
        key="evaluate_network",
    )
    data = data_sets.ask(two, datasets, key="evaluate_data")
    split = three.selectbox(
        "Items", list(_SPLITS), format_func=_SPLITS.__getitem__, key="evaluate_split"
    )
    if data is None:
        return
    with problems.shown(data):
        catalog = cached.dataset(data)
        if catalog is None:
            st.caption(f"{plain(data)} cannot be read.")
            return
        by_hand = _by_hand(networks[name], catalog)
        mapping, items = items_of(networks[name], catalog, split, by_hand)
        for note in mapping.notes():
            st.caption(plain(note))
        st.button(
            f"Evaluate on {len(items):,} items",
            icon=":material/play_arrow:",
            key="evaluate_start",
            disabled=not permission.may_change(),
            on_click=acting.guarded,
            args=(_start, name, data, split, by_hand),
        )
        permission.show_why_not()


def _by_hand(bundle: Bundle, catalog: Catalog) -> dict[str, str]:
    """Show what each label means to the network, and give what the visitor says of it."""
    of = f"{bundle.name}_{catalog.head.name}"
    meanings = label_meanings(catalog, from_dict(Experiment, bundle.card.experiment).task)
    by_recipe = None
    with suppress(DatasetError):  # nothing fits yet: by hand it can
        mapping, _ = items_of(bundle, catalog, "all")
        by_recipe = mapping.meanings if mapping.is_by_recipe else None
    if by_recipe is not None and not st.toggle(
        "Say by hand what its labels mean",
        key=f"evaluate_by_hand_{of}",
        disabled=not permission.may_change(),
        help="In place of the rules of the network's own recipe, which fit this data set.",
    ):
        st.dataframe(_table(by_recipe), key=f"evaluate_rules_{of}", hide_index=True)
        return {}
    table = _table(meanings)
    edited = st.data_editor(
        table,
        key=f"evaluate_map_{of}",
        hide_index=True,
        disabled=["label", "items", "told by"] if permission.may_change() else True,
        column_config={
            "genre": st.column_config.SelectboxColumn(
                "genre of the network", options=["", *bundle.card.genres]
            )
        },
    )
    said = edited["genre"].fillna("")
    # Without a word by hand the recipe's rules would hold: all that labels mean is said then.
    is_told = (said != table["genre"]) | (by_recipe is not None)
    return dict(zip(edited["label"][is_told], said[is_told], strict=True))


def _table(meanings: Sequence[LabelMeaning]) -> pd.DataFrame:
    rows = [(own.label, own.n, own.genre, own.how or "nothing") for own in meanings]
    return pd.DataFrame(rows, columns=["label", "items", "genre", "told by"])


def _start(name: str, data: str, split: str, by_hand: dict[str, str]) -> None:
    hand = "".join(f" --map '{label}={genre}'" for label, genre in by_hand.items())
    command = f"python -m genre_core evaluate {name} --data {data} --split {split}{hand}"
    run_control.start(evaluation_request(name, data, split=split, mapping=by_hand, command=command))


def _see(name: str) -> None:
    st.session_state[choosing.KEY] = name
