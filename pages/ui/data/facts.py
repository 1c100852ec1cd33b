"""What a data set holds: counts, balance, lengths, and who stands in two splits."""

from __future__ import annotations

from typing import Any

import streamlit as st

from genre_core.data.catalog import Catalog
from genre_core.data.facts import balance_of
from genre_core.data.importers.stored import StoredDataset
from genre_core.runs.bundle import Bundle
from pages.ui import controls, figures
from pages.ui.data import cached as data_cached
from pages.ui.media import item
from pages.ui.problems import bullets, plain

_PICTURES = 8
_NAMED = 5
_LISTED = 2_000
LEAKS = (
    "**This data set was imported with splits that leak**: the same artist, or the same file, is "
    "in two splits. Whatever is trained on it looks better than it is."
)


def of_network(bundle: Bundle) -> None:
    """Show what a network's card says of its data."""
    data = bundle.card.data
    items = "songs" if bundle.card.media == "song" else "covers"
    st.subheader(plain(data.get("title", data.get("name", "unknown"))), anchor=False)
    counts = {name: int(data.get(f"n_{name}", 0)) for name in ("train", "val", "test")}
    genres = bundle.card.genres
    controls.metrics(
        (
            (f"Training {items}", f"{counts['train']:,}", "What the network learnt from."),
            (f"Validation {items}", f"{counts['val']:,}", "What its best epoch was chosen by."),
            (f"Test {items}", f"{counts['test']:,}", "What its figures were measured on."),
            ("Genres", f"{len(genres)}", ", ".join(map(plain, genres))),
        )
    )
    by_label: dict[str, dict[str, int]] = {}
    for split, per_genre in dict(data.get("per_genre", {})).items():
        for label, n in dict(per_genre).items():
            by_label.setdefault(str(label), {})[split] = int(n)
    if by_label:
        st.subheader("How balanced is it?", anchor=False)
        figures.label_balance(balance_of(by_label), items).show(key="data_balance")
        _balance_words({label: sum(row.values()) for label, row in by_label.items()}, items)
    else:
        st.caption(
            "It learnt a score, not genres: there are no genres to balance."
            if "per_genre" in data
            else "Its card does not say how many of each genre there were."
        )
    st.markdown(
        f"**Split**: {plain(str(data.get('split_rule', 'unknown')).rstrip('.'))}\\.\n\n"
        f"**Licence**: {plain(data.get('licence', 'unknown'))}\\. "
        f"**To cite**: {plain(data.get('citation', 'unknown'))}\\."
    )
    if bundle.card.confounds:
        st.markdown("**What could be learnt instead of genre**")
        st.markdown(bullets(bundle.card.confounds))


def of_catalog(catalog: Catalog, stored: StoredDataset | None) -> None:
    """Show what a data set on this machine holds."""
    head = catalog.head
    items = "songs" if head.media == "track" else "covers"
    st.subheader(plain(head.title), anchor=False)
    if head.derived:
        st.info(plain(head.derived), icon=":material/edit_note:")
    if head.allows_leaks:
        st.warning(LEAKS, icon=":material/warning:")
        if stored is not None and stored.leaks:
            st.markdown(bullets(stored.leaks[:_NAMED]))
    splits = catalog.splits()
    artists = data_cached.sharing_of(catalog, "artist").n_values
    others = f"Training {splits['train']}, validation {splits['val']}."
    controls.metrics(
        (
            (items.capitalize(), f"{len(catalog):,}", "That can be used."),
            ("Genres", f"{len(head.labels):,}", ", ".join(map(plain, head.labels[:30])) or None),
            ("Artists", f"{artists:,}", "Named by the table or the tags; 0 where neither does."),
            ("In test", f"{splits['test']:,}", others),
        )
    )
    _samples(catalog)
    st.subheader("How balanced is it?", anchor=False)
    table = data_cached.balance_of(catalog)
    figures.label_balance(table, items).show(key="data_balance")
    totals = table.set_index("label")[["train", "val", "test", "none"]].sum(axis=1)
    _balance_words({str(label): int(n) for label, n in totals.items()}, items)
    if head.media == "track":
        _lengths(catalog)
    if splits["test"] or splits["val"]:
        st.subheader("Is any artist in two splits?", anchor=False)
        _sharing(catalog)
    st.caption(f"Licence: {plain(head.licence)}. To cite: {plain(head.citation)}.")


def left_out(stored: StoredDataset) -> None:
    """List what the import left out, and why."""
    n = len(stored.left_out)
    if not n:
        st.caption("Its import left nothing out.")
        return
    with st.expander(
        f"What its import left out or did not understand ({n:,})", icon=":material/rule:"
    ):
        rows = [{"where": row.where, "what": row.what} for row in stored.left_out[:_LISTED]]
        controls.long_table(rows, "What was left out or not understood")
        if n > _LISTED:
            st.caption(f"The first {_LISTED:,} of {n:,}.")


def _balance_words(totals: dict[str, int], items: str) -> None:
    if len(totals) < 2:
        return
    most, least = max(totals, key=totals.__getitem__), min(totals, key=totals.__getitem__)
    share = totals[most] / sum(totals.values())
    st.caption(
        f"Always answering {plain(most)} is right for {100 * share:.0f} % of these {items}. "
        + (
            f"All genres have {'' if totals[most] == totals[least] else 'nearly '}the same number "
            f"of {items}."
            if totals[most] < 1.05 * totals[least]
            else f"{plain(most)} has {totals[most] / max(1, totals[least]):.1f} times as many as "
            f"{plain(least)}."
        )
    )


def _samples(catalog: Catalog) -> None:
    """Show some covers from all over the data set, or its first song."""
    is_cover = catalog.head.media == "cover"
    n = _PICTURES if is_cover else 1
    rows = catalog.items_at(range(0, len(catalog), max(1, len(catalog) // n))[:n])
    with st.grid(n, min_column_width=110):
        for item_id, labels in zip(rows["item_id"], rows["labels"], strict=True):
            listed = ", ".join(labels)
            item.show(catalog, item_id, listed if is_cover else f"{item_id} · {listed}")


def _lengths(catalog: Catalog) -> None:
    st.subheader("How long are the songs?", anchor=False)
    seconds = data_cached.lengths(catalog)
    if not len(seconds):
        st.caption("No song's length can be read here.")
        return
    figures.song_lengths(seconds.tolist()).show(key="data_lengths")


def _sharing(catalog: Catalog) -> None:
    rows: list[dict[str, Any]] = []
    crossing = []
    for column, name in (("artist", "artists"), ("album", "albums"), ("group", "groups")):
        shared = data_cached.sharing_of(catalog, column)
        rows.append(
            {
                "": name,
                "different": f"{shared.n_values:,}",
                "known for": f"{shared.n_known:,} of {len(catalog):,}",
                "in two splits": f"{len(shared.crossing):,}",
                "items of these": f"{shared.n_crossing_items:,}",
            }
        )
        if shared.crossing and column != "group":
            named = ", ".join(map(plain, shared.crossing[:_NAMED]))
            n_more = len(shared.crossing) - _NAMED
            more = f" and {n_more:,} more" if n_more > 0 else ""
            crossing.append(f"- {name} in two splits: {named}{more}")
    controls.table(rows, "Artists, albums and groups across splits")
    if not crossing and rows[0]["different"] == "0":
        crossing = ["Nothing says who made these: an artist may be in two splits unseen."]
    st.markdown("\n".join(crossing) or "No known artist or album is in two splits.")
    st.caption(
        "A group must not be divided between splits: one artist's items, or files that are the "
        "same. A network that was trained on a test song's artist may recognise the artist, not "
        "the genre."
    )
