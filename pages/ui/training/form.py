"""The form before a training: which recipe, on which data set, with which changes."""

from __future__ import annotations

import dataclasses
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import streamlit as st

from genre_core.config import (
    CoverInput,
    Experiment,
    Field,
    changed,
    difference,
    fields_of,
    write_grid,
    write_settings,
)
from genre_core.errors import GenreError
from genre_core.runs.bundle import free_tag, is_taken
from pages.ui import cached, controls, data_sets, link, problems
from pages.ui.training import costs, grid, setting
from pages.ui.training.words import DATA_KEY, RECIPE_KEY

if TYPE_CHECKING:
    from genre_core.data.catalog import Catalog


FIRST = (
    "training.epochs",
    "training.batch_size",
    "training.learning_rate",
    "training.repeats",
    "training.folds",
    "training.seed",
    "training.class_weights",
    "tag",
)
"""What people change most, in this order."""

_TABLES = {
    "training": "Training",
    "augment": "Random changes of the training covers",
    "network": "Network",
    "input": "Input",
    "task": "Task",
    "": "The result",
}
_RECIPE = "training_recipe"
_BEGUN = "training_begun"
_NOT_ASKED = ("name", "study", "architecture", "notes", "confounds", "task.genres")
_STUDIES = ("ours", "S1", "S2", "S3", "S4", "S5")


@dataclass(frozen=True, slots=True)
class Plan:
    """The training that the form describes.

    experiment: The recipe with the changes; None where a setting or the data set does not hold.
    data: Name of the data set; empty where there is none.
    is_start: Whether Start was just pressed; never without an experiment.
    grid: Values of a grid by path; empty for the recipe alone.
    """

    experiment: Experiment | None
    data: str
    is_start: bool
    grid: Mapping[str, Sequence[Any]] = dataclasses.field(default_factory=dict)


def training_form(*, may_start: bool = True) -> Plan:
    """Draw the form, with the cost of the training on demand; nothing is started here.

    Where this visitor may not start one, the button is there, and off.
    """
    names = data_sets.names()
    if not names:
        st.info("There is no data set here yet. Import one first.", icon=":material/folder_open:")
        controls.command("python -m genre_core import FOLDER --name mine", in_sight=True)
        return Plan(None, "", False)
    chosen = st.container(horizontal=True, gap="medium")
    catalog = _data_set(chosen, names)
    if catalog is None:
        return Plan(None, "", False)
    is_new = _RECIPE not in st.session_state
    recipe = _recipe(chosen, catalog)
    st.caption(problems.plain(recipe.description))
    setting.follow_link(recipe, is_new=is_new)
    _begin_with_genres_that_are_there(recipe, catalog)

    fields = _meaningful_fields(recipe)
    with st.grid(4, min_column_width=170):
        for field in _first(fields):
            setting.draw(field, recipe)
    genres = next(field for field in fields if field.path == "task.genres")
    setting.draw(genres, recipe, options=catalog.head.labels)
    with st.expander("Every other setting", icon=":material/tune:"):
        _others(fields, recipe, catalog)
    experiment = _finished(recipe)
    values = grid.ask(experiment)
    is_fitting = experiment is not None and _fits(experiment, recipe, catalog)
    is_fitting = is_fitting and values is not None
    with st.container(horizontal=True, vertical_alignment="center"):
        is_start = st.button(
            "Start training",
            type="primary",
            icon=":material/play_arrow:",
            disabled=not (is_fitting and may_start),
            key="training_start",
        )
        is_estimate = st.button(
            "Estimate its cost",
            icon=":material/timer:",
            disabled=not is_fitting,
            key="training_estimate",
            help="Builds the network and times a few steps in a process of its own: about 20 s.",
        )
        if setting.changes_of(recipe.name):
            st.button(
                "Back to the recipe",
                icon=":material/undo:",
                on_click=setting.replace_changes,
                args=(recipe.name, {}),
                key="training_reset",
            )
    if experiment is None or values is None or not is_fitting:
        return Plan(None, catalog.head.name, False)
    setting.write_link(recipe, experiment)
    _say_what_comes(recipe, experiment)
    alone = command_words(recipe, experiment, catalog.head.name)  # of one training of a grid
    costs.section(alone, is_new=is_estimate)
    words = command_words(recipe, experiment, catalog.head.name, values)
    controls.command(shlex.join(["python", "-m", "genre_core", *words]))
    return Plan(experiment, catalog.head.name, is_start and may_start, values)


def command_words(
    recipe: Experiment,
    experiment: Experiment,
    data: str,
    values: Mapping[str, Sequence[Any]] | None = None,
) -> list[str]:
    """Write a training as the words after the program: what is left out stands in the recipe.

    `values` are those of a grid.
    """
    words = ["train", recipe.name, "--data", data]
    for change in write_settings(recipe, experiment):
        words += ["--set", change]
    if values:
        words += ["--grid", *write_grid(values)]
    return words


def _data_set(place: Any, names: Sequence[str]) -> Catalog | None:
    name = data_sets.ask(place, names, key=DATA_KEY, bind="query-params")
    if name is None:
        return None
    catalog = cached.dataset(name)
    if catalog is None:
        st.error(f"The data set {problems.plain(name)} cannot be read.", icon=":material/error:")
    return catalog


def _recipe(place: Any, catalog: Catalog) -> Experiment:
    """Ask for a recipe of the data set's medium, study by study."""
    of_covers = catalog.head.media == "cover"
    recipes = {
        recipe.name: recipe
        for recipe in cached.recipes()
        if isinstance(recipe.input, CoverInput) is of_covers
    }
    names = sorted(recipes, key=lambda name: _STUDIES.index(recipes[name].study))
    link.follow(_RECIPE, [RECIPE_KEY], names, names[0])
    if st.session_state.get(_RECIPE) not in names:
        st.session_state[_RECIPE] = names[0]
    name = place.selectbox(
        "Recipe",
        names,
        format_func=lambda name: f"{_study(recipes[name])} · {recipes[name].title}",
        key=_RECIPE,
    )
    link.write(_RECIPE, RECIPE_KEY, name, names[0])
    return recipes[name]


def _study(recipe: Experiment) -> str:
    return "Ours" if recipe.study == "ours" else f"Study {recipe.study}"


def _meaningful_fields(recipe: Experiment) -> list[Field]:
    """Give the fields that mean something with what was changed so far."""
    return [
        field
        for field in fields_of(recipe, setting.changes_of(recipe.name))
        if field.applies and field.kind in setting.DRAWN
    ]


def _first(fields: Sequence[Field]) -> list[Field]:
    by_path = {field.path: field for field in fields}
    return [by_path[path] for path in FIRST if path in by_path]


def _others(fields: Sequence[Field], recipe: Experiment, catalog: Catalog) -> None:
    rest = [field for field in fields if field.path not in (*FIRST, *_NOT_ASKED)]
    sources = sorted(set(catalog.frame["source"]) - {""})
    for table, title in _TABLES.items():
        own = [field for field in rest if field.path.rpartition(".")[0] == table]
        if own:
            st.markdown(f"**{title}**")
            with st.grid(4, min_column_width=170):
                for field in own:
                    setting.draw(field, recipe, options=sources)
    st.caption(
        "Rules for labels and scalings are set in a TOML file, or on the command line by `--set`."
    )


def _finished(recipe: Experiment) -> Experiment | None:
    """Apply the changes that mean something, and show what does not hold."""
    changes = setting.changes_of(recipe.name)
    meant = {field.path for field in fields_of(recipe, changes) if field.applies}
    # What is not asked for, such as the rules that other genres leave behind, counts all the same.
    drawn = {field.path for field in fields_of(recipe) if field.kind in setting.DRAWN}
    with problems.shown():
        return changed(
            recipe,
            {path: value for path, value in changes.items() if path in meant or path not in drawn},
            reset_idle=True,
        )
    return None


def _fits(experiment: Experiment, recipe: Experiment, catalog: Catalog) -> bool:
    """Check all that the training needs of the data set, and offer its genres for others."""
    with problems.shown(catalog.head.name):
        for note in cached.training_notes(experiment, catalog):
            st.caption(problems.plain(note))
        return True
    st.button(
        f"Take the {len(catalog.head.labels)} genres of this data set",
        icon=":material/swap_horiz:",
        on_click=_take_genres,
        args=(recipe, catalog),
        key="training_take_genres",
        disabled=len(catalog.head.labels) < 2,
    )
    return False


def _begin_with_genres_that_are_there(recipe: Experiment, catalog: Catalog) -> None:
    """Take the data set's genres where the recipe's are not among them; once, not again and again.

    Whoever trains on data of their own wants these, and would meet an error first.
    """
    begun: set[tuple[str, str]] = st.session_state.setdefault(_BEGUN, set())
    this = (recipe.name, catalog.digest)
    if this not in begun and not setting.changes_of(recipe.name) and len(catalog.head.labels) > 1:
        try:
            cached.training_notes(recipe, catalog)
        except GenreError:
            if not set(recipe.task.genres) <= set(catalog.head.labels):
                _take_genres(recipe, catalog)
    begun.add(this)
    if setting.changes_of(recipe.name).get("task.genres") == list(catalog.head.labels):
        st.caption(
            f"The genres are those of *{problems.plain(catalog.head.name)}*: it does not have all "
            "that the recipe names."
        )


def _take_genres(recipe: Experiment, catalog: Catalog) -> None:
    labels = list(catalog.head.labels)
    changes = setting.changes_of(recipe.name) | {
        "task.genres": labels,
        "task.sources": [],
        "task.rules": {},
        "reports": [],
        "tag": catalog.head.name,
    }
    if recipe.task.head == "binary" and len(labels) != 2:
        changes["task.head"] = "softmax"
    if recipe.prog_genre and recipe.prog_genre not in labels:
        changes["prog_genre"] = ""
    setting.replace_changes(recipe.name, changes)


def _say_what_comes(recipe: Experiment, experiment: Experiment) -> None:
    """Say what will come out, and what differs from the recipe."""
    bundle = experiment.bundle_name
    text = f"The result will be the network `{bundle}`."
    if is_there := is_taken(bundle):
        text += (
            " One of this name is there and stays until you press *Use it in the app* on the "
            "finished run."
        )
    elif bundle in {known.name for known in cached.records()}:
        text += " It will stand in front of the one of this name that comes with the app."
    if differs := difference(recipe, experiment):
        changes = "; ".join(
            f"{problems.plain(path)} {problems.plain(old)} → {problems.plain(new)}"
            for path, (old, new) in differs.items()
        )
        text += f" Changed from the recipe: {changes}."
    st.markdown(text)
    if is_there:
        tag = free_tag(bundle)
        st.button(
            f"Keep both: call it {tag}",
            icon=":material/content_copy:",
            on_click=_take_tag,
            args=(recipe, tag),
            key="training_take_tag",
        )


def _take_tag(recipe: Experiment, tag: str) -> None:
    setting.replace_changes(recipe.name, setting.changes_of(recipe.name) | {"tag": tag})
