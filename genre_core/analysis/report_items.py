"""The items of a report: the clearest errors with small covers, suspected labels, notes."""

from __future__ import annotations

import base64
import io
from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image

from genre_core import guarded
from genre_core.analysis.columns import probs_of, true_and_predicted
from genre_core.analysis.markup import Markup, element, section, table
from genre_core.analysis.ordering import order_by
from genre_core.analysis.selection import Selection, select
from genre_core.analysis.suspects import flip_check, suspect_labels
from genre_core.data.catalog import Catalog
from genre_core.data.media_files import media_files, use_file
from genre_core.data.notes import notes_of
from genre_core.errors import ParameterError, Problem
from genre_core.runs.evaluations import EvaluationRecord

THUMBNAIL_PX = 96
"""Longest side of a cover in a report: large enough to know it again, and no copy of it."""

_N_ERRORS, _N_SUSPECTS, _N_NOTES = 24, 20, 200


def clearest_errors(
    record: EvaluationRecord, rows: pd.DataFrame, catalog: Catalog | None
) -> Markup:
    """Show the wrong items by how much likelier the answer was than the truth, the clearest first.

    Covers are shown where `catalog` has the very files; songs are named and not heard.
    """
    genres, (true, predicted) = record.genres, true_and_predicted(rows)
    wrong = select(rows, genres, Selection(outcome="wrong"))
    if not len(wrong):
        return section("The clearest errors", element("p", "None: every answer is right."))
    first = order_by(rows, genres, "margin", wrong)[:_N_ERRORS]
    probs, covers = probs_of(rows, genres), {}
    if record.media == "cover" and catalog is not None:
        covers = thumbnails(catalog, rows["item_id"].to_numpy(object)[first])
    entries = []
    for row in first:
        item_id = rows["item_id"].iat[row]
        answer = f"said {genres[predicted[row]]} ({probs[row, predicted[row]]:.2f}), "
        truth = f"is {genres[true[row]]} ({probs[row, true[row]]:.2f})"
        words = element("div", element("b", name_of(rows, row)), element("br"), answer, truth)
        picture = [covers[item_id]] if item_id in covers else []
        entries.append(element("li", *picture, words))
    lead = (
        f"{len(first)} of {len(wrong):,} errors, where the answer was said to be likelier than the "
        "truth by most. In brackets what the network gives each."
    )
    missing = ""
    if record.media == "cover" and not covers:
        missing = " The data set is not here" if catalog is None else " None can be read"
        missing += ": no covers."
    return section(
        "The clearest errors",
        element("p", lead + missing, class_="soft"),
        element("ul", *entries, class_="covers"),
    )


def suspected_labels(record: EvaluationRecord, rows: pd.DataFrame) -> Markup:
    """List the labels that the network contradicts with confidence, and what such a list is worth.

    Where it may have learnt from the items, it says so instead.
    """
    title = "Labels that may be wrong"
    try:
        suspects = suspect_labels(rows, record.genres, n_seen=int(record.about["n_seen"]))
    except ParameterError as error:
        return section(title, element("p", f"{error.rule} Received {error.received}."))
    probs, (true, _) = probs_of(rows, record.genres), true_and_predicted(rows)
    trust = ""
    if len(np.unique(true)) > 1:
        check = flip_check(true, lambda _: probs)
        trust = (
            f" With {check.n_flipped} labels turned wrong on purpose, the first "
            f"{check.n_looked_at} of this ranking hold {100 * check.recall:.0f} % of them; it "
            "rests on stored answers, which flatters it."
        )
    first = suspects.table[:_N_SUSPECTS]
    lines = [
        (name_of(rows, row), label, proposed, f"{p_label:.2f}", f"{p_proposed:.2f}")
        for row, _, label, proposed, p_label, p_proposed, _ in first.itertuples(index=False)
    ]
    text = (
        f"{len(suspects.table):,} of {suspects.n_used:,} labels are suspected: another genre is "
        "likelier than usual for it, and likelier than the label. Most suspicions against a weak "
        f"network are its own errors.{trust}"
    )
    columns = ["item", "label", "likelier", "p of label", "p of likelier"]
    shown = [table(columns, lines, f"The first {len(lines)}", n_text=3)] if lines else []
    return section(title, element("p", text), *shown)


def notes_on(rows: pd.DataFrame, catalog: Catalog) -> Markup:
    """List what people noted on these items; nothing where nothing was."""
    noted = notes_of(catalog)
    places = pd.Series(np.arange(len(rows)), index=rows["item_id"])
    noted = noted[noted["item_id"].isin(places.index)]
    if noted.empty:
        return Markup()
    lines = [
        (
            name_of(rows, int(places[one.item_id])),
            "flagged" if one.flag else "",
            ", ".join(one.labels),
            one.text,
            one.who,
        )
        for one in noted[:_N_NOTES].itertuples(index=False)
    ]
    caption = f"{len(lines)} of {len(noted):,}"
    columns = ["item", "flag", "new labels", "note", "by"]
    return section("Notes", table(columns, lines, caption, n_text=5))


def thumbnails(
    catalog: Catalog, item_ids: NDArray[np.object_] | Sequence[str]
) -> dict[str, Markup]:
    """Make small covers of at most `THUMBNAIL_PX`, by item_id; what cannot be read is left out.

    Only the very files that were imported are read, in the process that decodes what others bring.
    """
    frame = catalog.frame[catalog.frame["item_id"].isin(list(item_ids))]
    made = {}
    for file in media_files(catalog, frame)[0]:
        picture = use_file(file, lambda content: guarded.decode_cover(content, name="cover"))
        if isinstance(picture, Problem):
            continue
        image = Image.fromarray(picture)
        image.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX), Image.Resampling.LANCZOS)
        stored = io.BytesIO()
        image.save(stored, format="JPEG", quality=80)
        address = f"data:image/jpeg;base64,{base64.b64encode(stored.getvalue()).decode()}"
        made[file.item_id] = element("img", src=address, alt=f"Cover {file.item_id}")
    return made


def name_of(rows: pd.DataFrame, row: int) -> str:
    """Name an item: artist and title, else what its id ends with.

    >>> name_of(pd.DataFrame({"item_id": ["a/b.jpg"], "artist": ["Yes"], "title": [""]}), 0)
    'Yes: b.jpg'
    """
    one = rows.iloc[row]
    last = str(one["item_id"]).rpartition("/")[2]
    artist, title = (str(one.get(name) or "") for name in ("artist", "title"))
    return f"{artist}: {title or last}" if artist else title or last
