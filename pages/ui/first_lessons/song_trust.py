"""Length as a shortcut, and when not to trust a score of a song; all of it stored results."""

from __future__ import annotations

from typing import Any

import streamlit as st

from genre_core.lessons.first.sound import FEATURES, false_alarm_rows, length_accuracy
from genre_core.lessons.length_models import MODELS
from genre_core.runs.bundle import Bundle
from pages.ui import cached as shared
from pages.ui import controls, figures
from pages.ui.first_lessons import trust

BANDS = "picture_bands.prog_labels"
_OTHERS, _LOUD, _LEAK = "other music", "loudness", "leak"
_NAMES = {
    "all": "everything it is told",
    "without length": "without the length",
    "length alone": "the length alone",
}
_PROGRAMS = {
    "S5's MLP": "a small network",
    "logistic regression": "gives each fact points",
    "random forest": "asks many yes-no questions",
}
_FACTS = {
    "loudness": "how loud it is",
    "dynamic_range": "how far soft and loud parts lie apart",
    "file_facts": "three facts about the file together",
}


@st.fragment
def length(result: dict[str, Any]) -> None:
    """Compare what programs reach with all facts, without the length, and with it alone."""
    model = controls.switch(
        "Program",
        list(MODELS),
        key="length_model",
        is_linked=False,
        wrap=True,
        format_func=lambda one: _PROGRAMS.get(one, one),
    )
    values = [length_accuracy(result, one, model) for one in FEATURES]
    figures.simple_bars(
        [_NAMES[one].replace(" the", "\nthe") for one in FEATURES],
        values,
        [f"{100 * value:.0f} %" for value in values],
        "Right answers",
        line=float(result["majority"]),
        most=1.0,
        marked=(2,),
    ).show("length")
    songs = result["data"]["test"]["songs"]
    st.caption(
        f"{songs} test songs that people had sorted into prog and not prog; each program "
        f"was trained {result['repeats']} times, averaged. Dotted: always the commoner answer."
    )


@st.fragment
def songs(bundle: Bundle) -> None:
    """Show what the network says of other music, whether loudness tells, and a leak."""
    way = controls.switch("Look at", [_OTHERS, _LOUD, _LEAK], key="song_trust", is_linked=False)
    if way == _OTHERS:
        rows = false_alarm_rows(shared.metrics_of(bundle))
        figures.simple_bars(
            [f"{genre}, {n} songs" for genre, n, _ in rows],
            [k / n for _, n, k in rows],
            [f"{k} of {n}" for _, n, k in rows],
            "Called prog, though they are not",
            most=1.0,
        ).show("others")
        st.caption("Test songs that are surely not prog, and how many the network calls prog.")
    elif way == _LOUD:
        _loudness(trust.named(BANDS))
    else:
        trust.leak(trust.named(trust.LEAK))


def _loudness(bundle: Bundle | None) -> None:
    if bundle is None:
        trust.missing()
        return
    metrics = shared.metrics_of(bundle)
    baselines = metrics["baselines"]
    known = {name: text for name, text in _FACTS.items() if name in baselines}
    values = [float(metrics["values"]["accuracy"]["value"])]
    values += [float(baselines[name]["accuracy"]["value"]) for name in known]
    line = float(baselines["majority"]["accuracy"]["value"])
    best = max(values[1:], default=0.0)
    figures.simple_bars(
        [
            "the network",
            *(
                text.replace(" about", "\nabout").replace(" soft", "\nsoft")
                for text in known.values()
            ),
        ],
        values,
        [f"{100 * value:.0f} %" for value in values],
        "Right answers",
        line=line,
        most=1.0,
    ).show("loudness")
    tells = "tells next to nothing here" if best - line < 0.02 else "tells something here"
    st.caption(
        f"{metrics['n']:,} songs that people sorted into prog and not prog. How loud a song is "
        f"{tells}: the best of the bars beside the network is {100 * (best - line):+.0f} points "
        "(one is the step from 28 % to 29 %) from the dotted **majority line**, always giving the "
        "commoner answer. Length was such a shortcut, loudness has to be tried too before "
        "one knows."
    )
