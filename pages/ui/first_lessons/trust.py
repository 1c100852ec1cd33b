"""When not to trust a score: the majority line, a shortcut, a leak; all stored results."""

from __future__ import annotations

from typing import Any

import streamlit as st

from genre_core.lessons.first.facts import accuracy_at, found_shares, majority_facts
from genre_core.lessons.stored import load_lesson
from genre_core.runs.bundle import Bundle
from pages.ui import cached as shared
from pages.ui import controls, figures

ONLY_OTHER, LEAK = "s1_prog_covers.prog_vs_all", "s4_lite0.emotify4"
_LINE, _SHORTCUT, _LEAK = "without looking", "shortcut", "leak"


def named(name: str) -> Bundle | None:
    """Find a model by its name; None where it is not here."""
    return next((bundle for bundle in shared.records() if bundle.name == name), None)


def cover_facts() -> dict[str, str] | None:
    """Read the figures of the network that was trained on mostly other covers."""
    bundle = named(ONLY_OTHER)
    return None if bundle is None else majority_facts(shared.metrics_of(bundle))


@st.fragment
def covers() -> None:
    """Show three ways to a good score for the wrong reason."""
    way = controls.switch("Look at", [_LINE, _SHORTCUT, _LEAK], key="trust", is_linked=False)
    if way == _LINE:
        majority_line(named(ONLY_OTHER), "covers")
    elif way == _SHORTCUT:
        shortcut(load_lesson("scaling_question"))
    else:
        leak(named(LEAK))


def majority_line(bundle: Bundle | None, what: str) -> None:
    """Let a visitor make one genre rarer, and see accuracy rise without anything being learned."""
    if bundle is None:
        missing()
        return
    metrics = shared.metrics_of(bundle)
    recalls = found_shares(metrics["confusion"]).tolist()
    rare = st.slider(f"Of 100 {what}, how many are prog?", 1, 99, 3, key="rare") / 100
    accuracy, line = accuracy_at(recalls, [1 - rare, rare]), max(rare, 1 - rare)
    figures.simple_bars(
        ["right answers", "prog found"],
        [accuracy, recalls[1]],
        [f"{100 * accuracy:.0f} %", f"{100 * recalls[1]:.0f} %"],
        "The network",
        line=line,
        most=1.0,
    ).show("majority")
    st.caption(
        f"*{bundle.card.title}*: built like the network of a student project, S1, asked about "
        f"{metrics['n']:,} {what} that it did not learn from. The network "
        "stays the same: you change only how many of the covers are prog. "
        "Dotted, the **majority line**: always giving the more common answer."
    )


def shortcut(result: dict[str, Any]) -> None:
    """Show a network that learned how files were scaled."""
    if not result:
        missing()
        return
    found = {
        (row["trained_on"], row["tested_on"]): float(row["roc_auc"]["value"])
        for row in result["rows"]
    }
    tests = {
        "covers as they are, trained and tested": found["as they are", "as they are"],
        "prog covers made blurry, trained and tested": found["scaled apart", "scaled apart"],
        "the same network, other covers made blurry": found["scaled apart", "scaled the other way"],
    }
    st.markdown(
        "For a trial we scaled all prog covers down and up again, which makes them a little "
        "blurry, and a network learned from them. Then we made the other covers blurry instead. "
        "Take 100 pairs of a prog cover and another one: in how many does it give the prog cover "
        "the higher score?"
    )
    figures.simple_bars(
        [_two_lines(name) for name in tests],
        list(tests.values()),
        [f"{100 * value:.0f} of 100" for value in tests.values()],
        "Pairs in which the prog cover has the higher score",
        most=1.0,
        marked=(2,),
    ).show("shortcut")
    st.caption(
        "50 of 100 is tossing a coin. Below that the network is fooled: it had learned to see "
        "blur, not prog. That is a **shortcut**: something that goes with the genre in the "
        "collection, but is not the genre."
    )


def leak(bundle: Bundle | None) -> None:
    """Show what the same network gets where artists stand on both sides of the test."""
    if bundle is None:
        missing()
        return
    metrics = shared.metrics_of(bundle)
    apart = float(metrics["values"]["accuracy"]["value"])
    mixed = float(metrics["random_folds"]["network"]["accuracy"]["value"])
    line = float(metrics["baselines"]["majority"]["accuracy"]["value"])
    st.markdown(
        f"The same network, the same {metrics['n']:,} songs by {metrics['n_groups']:,} artists. "
        "First the songs are dealt out at random: of one artist some are learned from, others are "
        "in the test. Then all songs of an artist are in only one of the two."
    )
    figures.simple_bars(
        [_two_lines("dealt out at random"), _two_lines("no artist in both")],
        [mixed, apart],
        [f"{100 * value:.0f} %" for value in (mixed, apart)],
        "Right answers",
        line=line,
        most=1.0,
        marked=(1,),
    ).show("leak")
    st.caption(
        "Whoever has heard an artist recognises the voice and the studio. Something of the test "
        "was seen before: that is a **leak**. It needs no bad will, only a careless deal. Dotted: "
        "always giving the commoner answer."
    )


def _two_lines(name: str) -> str:
    """Break a long name in the middle: a phone has no room for one line."""
    words, half = name.split(), len(name) // 2
    lines, now = [""], 0
    for word in words:
        if now and now + len(word) > half + 2 and len(lines) < 2 and len(name) > 16:
            lines.append("")
        lines[-1] = f"{lines[-1]} {word}".strip()
        now += len(word) + 1
    return "\n".join(lines)


def missing() -> None:
    """Say that a stored result is not here."""
    st.info("The stored result for this is not here.", icon=":material/help:")
