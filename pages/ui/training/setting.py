"""One setting of a recipe as a widget, and what a visitor changed of each recipe."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import streamlit as st

from genre_core.config import (
    Experiment,
    Field,
    changed,
    read_settings,
    to_dict,
    write_settings,
)
from pages.ui import problems

DRAWN = ("bool", "choice", "float", "int", "text", "texts")
"""Kinds that have a widget; lists of numbers and other tables are left to TOML and `--set`."""

_CHANGES, _VERSION = "training_changes", "training_version"
_IN_LINK, _WRITTEN = "set", "training_in_link"


def changes_of(recipe: str) -> dict[str, Any]:
    """Give what this visitor changed of a recipe, by path; kept while the tab is open."""
    changes: dict[str, dict[str, Any]] = st.session_state.setdefault(_CHANGES, {})
    return changes.setdefault(recipe, {})


def replace_changes(recipe: str, changes: dict[str, Any]) -> None:
    """Put other changes in place of a recipe's; its widgets are drawn anew."""
    st.session_state.setdefault(_CHANGES, {})[recipe] = changes
    # A widget takes a new value from outside only under a new key.
    st.session_state[_VERSION] = st.session_state.get(_VERSION, 0) + 1


def follow_link(recipe: Experiment, *, is_new: bool) -> None:
    """Take the settings that the link holds when the page opens, and whenever it holds others.

    So what was filled in survives a refresh, and a step back takes back the last change. They are
    written as for `--set` on the command line. Whoever comes back by the menu, to a page that
    `is_new` and has a bare link, finds what was filled in.
    """
    words = tuple(st.query_params.get_all(_IN_LINK))
    if words != st.session_state.get(_WRITTEN, ()) and (words or not is_new):
        st.session_state[_WRITTEN] = words
        with problems.shown("The link"):
            settings = read_settings(recipe, words)
            changed(recipe, settings)
            replace_changes(recipe.name, settings)


def write_link(recipe: Experiment, experiment: Experiment) -> None:
    """Keep what was changed of a recipe in the link."""
    words = write_settings(recipe, experiment)
    if not words:
        st.query_params.pop(_IN_LINK, None)
    elif st.query_params.get_all(_IN_LINK) != words:
        st.query_params[_IN_LINK] = words
    st.session_state[_WRITTEN] = tuple(words)


def draw(field: Field, recipe: Experiment, *, options: Iterable[str] = ()) -> None:
    """Draw a setting of a kind in `DRAWN`, and note its value if it is not the recipe's own.

    `options` are what to offer for a list of texts beside its own.
    """
    changes = changes_of(recipe.name)
    own = own_value(recipe, field.path)
    key = f"training/{st.session_state.get(_VERSION, 0)}/{recipe.name}/{field.path}"
    # A step that moved with the value would make another widget of it under somebody's hands.
    step = own / 10 if field.kind == "float" and own else 0.01
    value = _widget(field, changes.get(field.path, own), key, step, options)
    if value == own:
        changes.pop(field.path, None)
    else:
        changes[field.path] = value


def own_value(recipe: Experiment, path: str) -> Any:
    """Look up a recipe's own value of a setting."""
    table, _, name = path.rpartition(".")
    values = to_dict(recipe)
    return (values[table] if table else values)[name]


def _widget(field: Field, value: Any, key: str, step: float, options: Iterable[str]) -> Any:
    same = {"label": field.name.capitalize(), "help": field.help or None, "key": key}
    if field.kind == "bool":
        return st.checkbox(value=value, **same)
    if field.kind == "choice":
        return st.selectbox(options=field.choices, index=field.choices.index(value), **same)
    if field.kind == "int":
        return st.number_input(value=value, step=1, **same)
    if field.kind == "float":
        return st.number_input(value=value, step=step, format="%g", **same)
    if field.kind == "text":
        return st.text_input(value=value, **same)
    offered = [*value, *(text for text in options if text not in value)]
    return st.multiselect(options=offered, default=value, accept_new_options=True, **same)
