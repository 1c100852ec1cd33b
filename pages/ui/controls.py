"""What many pages draw, each in its one form: switches, tables, figures, downloads, commands."""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any

import numpy as np
import streamlit as st
from PIL import Image

from pages.ui.figures import share_text
from pages.ui.problems import plain

DETAIL_KEY, SIMPLE, EXPERT = "detail", "Simple", "Expert"


def switch(
    label: str,
    options: Sequence[Any],
    *,
    key: str,
    default: Any = None,
    is_linked: bool = True,
    **style: Any,
) -> Any:
    """Ask for one of a few options, the first by default; the link carries it if `is_linked`."""
    return st.segmented_control(
        label,
        list(options),
        default=options[0] if default is None else default,
        required=True,
        key=key,
        bind="query-params" if is_linked else None,
        **style,
    )


def select(label: str, options: Iterable[str], *, key: str, **style: Any) -> Any:
    """Ask for one of many options; the link carries it."""
    return st.selectbox(label, list(options), key=key, bind="query-params", **style)


def page_of(n: int, per_page: int, *, key: str) -> slice:
    """Ask which page of a list of `n` to show, and say where it lies; a short list asks nothing."""
    n_pages = -(-n // per_page)
    page = st.pagination(n_pages, key=key) if n_pages > 1 else 1
    return slice((page - 1) * per_page, page * per_page)


def metrics(rows: Iterable[tuple[str, str, str | None]], *, columns: int = 4) -> None:
    """Show figures side by side: name, value, and what it means."""
    with st.grid(columns, min_column_width=150):
        for name, value, note in rows:
            st.metric(name, value, help=note, border=True)


def ranking(
    names: Sequence[str], values: Sequence[float], *, key: str, calibrated: bool = False
) -> None:
    """Show a bar a genre, the highest on top: per cent where `calibrated`, scores elsewhere.

    Streamlit's own bars: for charts as small as these the browser would first load Plotly.
    """
    ranked = sorted(zip(names, values, strict=True), key=lambda pair: -pair[1])
    with st.container(key=key, gap="xxsmall"):
        for place, (name, value) in enumerate(ranked):
            said = f"{plain(name)} {share_text(float(value), calibrated=calibrated)}"
            st.progress(float(value), text=said if place else f"**{said}**")


def download(label: str, content: Any, file: str, mime: str, **options: Any) -> None:
    """Offer a file to take away; pressing it runs nothing again."""
    st.download_button(
        label,
        content,
        file_name=file,
        mime=mime,
        icon=":material/download:",
        on_click="ignore",
        **options,
    )


def png(picture: np.ndarray, *, compress_level: int = 6) -> bytes:
    """Write a picture [shape=(height, width, 3), dtype=uint8] as a PNG file."""
    buffer = io.BytesIO()
    Image.fromarray(picture).save(buffer, format="PNG", compress_level=compress_level)
    return buffer.getvalue()


def is_simple() -> bool:
    """Tell whether this visitor asked for the simple view (`frame.detail`)."""
    # On a first visit the style is written before the switch has read its link.
    return st.session_state.get(DETAIL_KEY, st.query_params.get(DETAIL_KEY)) == SIMPLE


def code_name(text: str) -> None:
    """Show what the code calls a thing, under its title; not in the simple view."""
    if not is_simple():
        st.caption(text)


_OFTEN = {
    "cover": ("edges and colours", "textures and parts", "whole things"),
    "song": ("strokes and single tones", "chords and rhythms", "whole passages"),
}
"""What layers early, in the middle and late in a network often respond to."""


def depth(place: int, n: int, media: str) -> str:
    """Say in plain words how deep a layer lies, `place` from 0 of `n`.

    Examples
    --------
    >>> depth(0, 3, "cover"), depth(2, 3, "song")
    ('Early: often edges and colours', 'Late: often whole passages')
    """
    third = 3 * place // n
    return f"{('Early', 'Middle', 'Late')[third]}: often {_OFTEN[media][third]}"


def command(*lines: str, label: str = "Command line", in_sight: bool = False) -> None:
    """Show a command line that does the same, at a click or `in_sight`; not in the simple view.

    For code in sight the browser first loads the largest of all scripts, 1.6 MB.
    """
    if is_simple():
        return
    place = nullcontext() if in_sight else st.popover(label, icon=":material/terminal:")
    with place:
        st.code("\n".join(lines), language="bash", wrap_lines=True)


def table(rows: Any, alt: str) -> None:
    """Show a short table whole: a frame, or what makes one."""
    import pandas as pd

    st.table(pd.DataFrame(rows), hide_index=True, alt=alt)


def long_table(rows: Any, alt: str, **columns: Any) -> None:
    """Show a table to sort, to scroll and to save; `columns` says how some of them are drawn."""
    import pandas as pd

    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config=columns, alt=alt)


def share(format: str = "%.3f", *, label: str | None = None) -> Any:
    """Draw a table's column of numbers in 0 to 1 as bars."""
    return st.column_config.ProgressColumn(label, min_value=0, max_value=1, format=format)
