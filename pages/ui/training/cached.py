"""What the page Training computes once: bounded caches, keyed by recipe and data set."""

from __future__ import annotations

import json
from contextlib import suppress

import streamlit as st

from genre_core.config import Experiment, from_dict
from genre_core.data.catalog import Catalog
from genre_core.errors import GenreError
from genre_core.jobs.fits.result import by_split
from genre_core.jobs.storing import per_genre
from pages.ui import cached


def counts(name: str, recipe: str) -> dict[str, dict[str, int]]:
    """Count what a training learns from by split and genre, for the lines of guessing.

    Nothing where folds make splits of their own, a teacher's scores are learnt, or the data set is
    not here.
    """
    catalog = cached.dataset(name)
    return {} if catalog is None else _counts(catalog, recipe)


@st.cache_data(max_entries=8, show_spinner=False, hash_funcs=cached.KEYS)
def _counts(catalog: Catalog, recipe: str) -> dict[str, dict[str, int]]:
    experiment = from_dict(Experiment, json.loads(recipe))
    if experiment.training.folds or experiment.training.is_taught:
        return {}
    with suppress(GenreError):
        parts = by_split(catalog.select(experiment.task))
        return {split: per_genre(part, experiment.task) for split, part in parts.items()}
    return {}
