"""Which evaluation the page Errors looks at, and what of it is not on this machine."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from genre_core.runs.evaluations import EvaluationRecord
from pages.ui import controls, link
from pages.ui.errors import cached
from pages.ui.errors.cached import Opened
from pages.ui.media import item
from pages.ui.problems import plain

KEY, NAME = "errors_evaluation", "evaluation"
_BESIDE = "errors_beside"
_NAMED = 12
"""Labels that are named at most."""

_SPLITS = {"test": "test items", "all": "all items", "folds": "in folds"}


def ask(records: Sequence[EvaluationRecord]) -> EvaluationRecord:
    """Ask which evaluation to look at, the best first of those that come with the app."""
    by_name = {record.name: record for record in records}
    first = records[0].name
    link.follow(KEY, [NAME], by_name, first)
    with st.container(gap="xxsmall"):
        picked = st.selectbox(
            "Evaluation",
            list(by_name),
            key=KEY,
            format_func=lambda name: title(by_name[name]),
            help="What a network said of each item of a data set. *Test items*: those set apart "
            "before training. *In folds*: each was tested by a network of the same recipe that had "
            "not learnt from its fold.",
        )
        record = by_name.get(picked, records[0])
        controls.code_name(plain(record.name))
    link.write(KEY, NAME, record.name, first)
    return record


def ask_beside(others: Sequence[EvaluationRecord]) -> EvaluationRecord | None:
    """Ask for a second evaluation to set beside the first; None where none is chosen."""
    by_name = {record.name: record for record in others}
    link.follow(_BESIDE, ["beside"], by_name, "")
    names = ["", *by_name]
    if st.session_state[_BESIDE] not in names:
        st.session_state[_BESIDE] = ""
    picked = st.selectbox(
        "Second network",
        names,
        key=_BESIDE,
        format_func=lambda name: title(by_name[name]) if name else "none",
    )
    link.write(_BESIDE, "beside", picked, "")
    return by_name.get(picked)


def on_same_data(
    record: EvaluationRecord, records: Sequence[EvaluationRecord]
) -> list[EvaluationRecord]:
    """Find the other evaluations on the same data set."""
    data = record.about["data"]
    return [
        other
        for other in records
        if other.name != record.name
        and other.about["data"]["name"] == data["name"]
        and other.media == record.media
    ]


def title(record: EvaluationRecord) -> str:
    """Name an evaluation by its network and its data."""
    about = record.about
    split = _SPLITS.get(about["split"], about["split"])
    return f"{about['model']['title']} · {about['data']['name']}, {about['n']:,} {split}"


def what_is_missing(evaluation: Opened) -> None:
    """Say how its answers were read, what takes no part, what cannot be shown, what may flatter."""
    about = evaluation.record.about
    for line in _how_read(about, evaluation.metrics.get("notes", ())):
        st.caption(plain(line))
    if about.get("n_seen"):
        st.warning(
            f"The network may have learnt from {about['n_seen']:,} of these {evaluation.items}: on "
            "them it is better than on new ones.",
            icon=":material/warning:",
        )
    if about.get("is_seen_known") is False:
        st.caption(
            f"Which {evaluation.items} the network learnt from is not known here: of those it "
            "did, neither errors nor suspicions mean much."
        )
    if about["split"] == "folds":
        st.caption(
            f"Each of these {evaluation.items} was tested by a network of the same recipe that had "
            "not learnt from its fold."
        )
    if cached.catalog(evaluation.record)[0] is None:
        st.info(
            f"{item.not_here(str(about['data']['name']))} Till then the list has names and scores.",
            icon=":material/image_not_supported:",
        )


def _how_read(about: Mapping[str, Any], notes: Sequence[str]) -> list[str]:
    """Say what labels mean where they are not the genres' names, then the evaluation's notes.

    Those on what the network learnt from are left to the warning that says it too.
    """
    said = [note for note in notes if "learnt from" not in note]
    rule = about.get("tags_rule", "")
    if rule and rule not in said:
        said.insert(0, rule)
    renamed = [f"{label} = {genre}" for label, genre in about["mapping"].items() if label != genre]
    if renamed:
        more = "" if len(renamed) <= _NAMED else f", and {len(renamed) - _NAMED:,} more"
        said.insert(0, f"What the labels mean here: {', '.join(renamed[:_NAMED])}{more}.")
    return said
