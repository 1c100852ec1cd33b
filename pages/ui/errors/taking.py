"""What can be taken away: a report, the wrong items, the selection, a playlist."""

from __future__ import annotations

import numpy as np
import streamlit as st

from genre_core.analysis.exports import misclassified_csv, predictions_parquet, selection_m3u
from genre_core.analysis.report_page import report_html
from pages.ui import controls
from pages.ui.errors import cached
from pages.ui.errors.cached import Opened


def section(evaluation: Opened, rows: np.ndarray) -> None:
    """Offer files; each is made when it is asked for."""
    record, name = evaluation.record, evaluation.record.name
    catalog, _ = cached.catalog(record)
    st.markdown(
        "**The report** is one page that opens anywhere, without a network: figures, the clearest "
        "errors with small pictures, and what could fool its reader. Sounds are left out."
    )
    with st.container(horizontal=True):
        controls.download(
            "Report (HTML)",
            lambda: report_html(record, catalog=catalog),
            f"{name}.html",
            "text/html",
        )
        controls.download(
            "What it got wrong (CSV)",
            lambda: misclassified_csv(record, rows, catalog=catalog),
            f"{name} wrong.csv",
            "text/csv",
        )
        controls.download(
            "Every answer (Parquet)",
            lambda: predictions_parquet(record, rows),
            f"{name}.parquet",
            "application/vnd.apache.parquet",
        )
        if evaluation.is_song and catalog is not None:
            controls.download(
                "Playlist of the selection (M3U)",
                lambda: selection_m3u(record, rows, catalog)[0],
                f"{name}.m3u8",
                "audio/x-mpegurl",
            )
    st.caption(
        f"The CSV holds the wrong ones among the {len(rows):,} selected; the playlist needs the "
        "songs where they lie now."
        if evaluation.is_song
        else f"The CSV holds the wrong ones among the {len(rows):,} selected."
    )
