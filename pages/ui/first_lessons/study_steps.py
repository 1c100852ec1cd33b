"""Make a study's choice, get its own number, and check it: stored results of this app alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from genre_core.lessons.first.facts import accuracy_at, found_shares, per_cent
from genre_core.lessons.first.slips import answer_shares, expected_best, tries
from genre_core.lessons.first.sound import FEATURES, length_accuracy
from genre_core.lessons.studies import load_study
from genre_core.runs.bundle import Bundle
from pages.ui import cached as shared
from pages.ui import controls, figures
from pages.ui.first_lessons import trust
from pages.ui.first_lessons.place import CHECKED
from pages.ui.problems import plain

OWN = "the study's own number"


def _check(name: str, checks: Sequence[str]) -> str:
    """Ask what to check; the study's own number stands first. Know that another was looked at."""
    chosen: str = controls.switch(
        "What do you check?", [OWN, *checks], key=f"check_{name}", is_linked=False, wrap=True
    )
    checked: set[str] = st.session_state.setdefault(CHECKED, set())
    if chosen != OWN and name not in checked:
        checked.add(name)
        st.rerun()  # the whole page: what offers the answer lies outside of this part
    return chosen


def has_checked(name: str) -> bool:
    """Tell whether a visitor looked at another check than the study's own number."""
    return name in st.session_state.get(CHECKED, ())


def _bars(key: str, rows: Mapping[str, float], what: str, **style: Any) -> None:
    figures.simple_bars(
        list(rows), list(rows.values()), [f"{100 * value:.0f} %" for value in rows.values()], what,
        most=1.0, **style,
    ).show(key)  # fmt: skip


@st.fragment
def mix(bundle: Bundle, result: Mapping[str, Any]) -> None:
    """Study S1: add other covers, and see accuracy rise by that alone."""
    metrics = shared.metrics_of(bundle)
    recalls = found_shares(metrics["confusion"]).tolist()
    n = st.slider("How many other covers for each prog cover?", 1, 40, 1, key="s1_mix")
    accuracy = accuracy_at(recalls, [n / (n + 1), 1 / (n + 1)])
    prog, without, files = "prog covers found", 'always "not prog"', "how the files were made"
    check = _check("s1", [prog, without, files])
    if check == files:
        trust.shortcut(dict(result))
        return
    rows = {"right answers": accuracy}
    if check == prog:
        rows[prog] = recalls[1]
    elif check == without:
        rows[without] = n / (n + 1)
    _bars("s1", rows, "Our network", marked=(1,))
    st.caption(
        f"*{plain(bundle.card.title)}*, built the same way as the study's: what it answers for "
        f"{metrics['n']:,} test covers was stored, and is counted here in the mix that you choose."
    )


@st.fragment
def against_chance(bundle: Bundle) -> None:
    """Study S2: compare with drawing lots, then with what needs no looking."""
    metrics, genres = shared.metrics_of(bundle), bundle.card.genres
    ours = float(metrics["values"]["accuracy"]["value"])
    rows = {"a network we built\nthe same way": ours, "guessing blindly": 1 / len(genres)}
    line, answers, colours = "always the commonest", "what it answers", "colours alone"
    check = _check("s2", [line, answers, colours])
    if check == answers:
        named = answer_shares(metrics["confusion"])
        _bars("s2_named", dict(zip(genres, named.tolist(), strict=True)), "Answers by genre")
        st.caption(
            f"How often each genre is its answer, for {metrics['n']:,} test covers. The commonest "
            f"genre has {per_cent(float(metrics['baselines']['majority']['accuracy']['value']))} "
            "of them."
        )
        return
    baselines = metrics["baselines"]
    if check == line:
        rows[line] = float(baselines["majority"]["accuracy"]["value"])
    elif check == colours:
        rows["a simple program\nthat sees colours only"] = float(
            baselines["colour"]["accuracy"]["value"]
        )
    _bars("s2", rows, "Right answers", marked=(2,))
    n_rounds = len(shared.tables_of(bundle)[0])
    st.caption(
        f"{metrics['n']:,} test covers of {len(genres)} genres. Ours was trained for "
        f"{n_rounds} rounds only: it shows the mistake, not what the study's network could do."
    )


@st.fragment
def two_models() -> None:
    """Study S3: two printed matrices, by accuracy and genre by genre."""
    study = load_study("S3")
    named, by_genre, rare = "what it answers", "genre by genre", "the average over the genres"
    commonest = "always the commonest genre"
    check = _check("s3", [commonest, named, by_genre, rare])
    models = {"model 6": "6", "model 8": "8"}
    if check in (OWN, commonest, rare):
        value = "balanced" if check == rare else "accuracy"
        rows = {name: study.values[f"{value}_{k}"] for name, k in models.items()}
        figures.simple_bars(
            list(rows),
            list(rows.values()),
            [study.written(f"{value}_{k}") for k in models.values()],
            check,
            line=study.values["majority"] if check == commonest else None,
            most=0.35,
            marked=(1,),
        ).show("s3")
        if check == rare:
            st.caption(
                f"For each genre: how many of its covers were found; then the average of the "
                f"{len(study.genres)} shares. Guessing blindly gives {study.written('chance')}."
            )
        return
    model = controls.switch("Whose answers", list(models), key="s3_model", is_linked=False)
    counts = study.matrix(models[model]).by_truth()
    shares = answer_shares(counts) if check == named else found_shares(counts)
    what = "Share of all its answers" if check == named else "Found, of each genre's covers"
    _bars("s3_genres", dict(zip(study.genres, shares.tolist(), strict=True)), what)
    st.caption(f"{what}: counted from the table that the study published.")


@st.fragment
def longer(bundle: Bundle, history: pd.DataFrame) -> None:
    """Study S4: train longer, and look at the songs that were learned from and at others."""
    n = st.slider("Rounds of training", 1, len(history), 1, key="s4_rounds")
    row = history.iloc[n - 1]
    other, deal, plain_one = "other songs", "other artists", "a plain program"
    check = _check("s4", [other, deal, plain_one])
    if check == deal:
        st.markdown(
            "The network we built the same way was not tried like this. A larger one was, which is "
            "right more often: compare these two bars with each other, not with its bars."
        )
        trust.leak(trust.named(trust.LEAK))
        return
    how = (
        "Counted for every piece of 20 seconds: of songs that the network learned from, and of "
        "songs that it never heard. Guessing blindly among four genres gives 25 %."
    )
    rows = {"songs it learned from": float(row["accuracy"])}
    if check == other:
        rows["songs it never heard"] = float(row["val_accuracy"])
    elif check == plain_one:
        metrics = shared.metrics_of(bundle)
        rows = {
            "this network,\nsongs by other artists": float(metrics["values"]["accuracy"]["value"]),
            "a simple program told\nonly the average sound": float(
                metrics["baselines"]["mfcc"]["accuracy"]["value"]
            ),
        }
        how = (
            f"Here {metrics['n']:,} whole songs are judged, each by the average over its pieces, "
            "which is right more often than a single piece. Neither of the two had learned from "
            "any song of the same artist. Your number of rounds plays no part: the network is the "
            "one that was best on songs used only to pick the best round."
        )
    _bars("s4", rows, "Right answers", marked=(1,))
    st.caption(f"*{plain(bundle.card.title)}*, built the same way. {how}")


@st.fragment
def best_of(result: Mapping[str, Any]) -> None:
    """Study S5: report the best of several tries, then look at what is left of it."""
    each, honest = tries(result)
    n = st.slider("How many tries do you allow yourself?", 1, len(each), 1, key="s5_tries")
    best = expected_best(each, n)
    study = load_study("S5")
    apart, length = "chosen without the test", "length alone"
    folds = f"the study's {study.written('mlp_cv')}"
    check = _check("s5", [apart, length, folds])
    if check == folds:
        names = {
            "best network, on songs\nit had learned from": "mlp_cv",
            "songs used only to\npick the best round": "mlp_val",
            "test songs": "mlp",
        }
        _bars("s5_folds", {name: study.values[key] for name, key in names.items()}, "The study")
        st.caption(
            "The study split its songs into 15 parts, trained 15 times, each time without one "
            f"part, and kept the best network. Its {study.written('mlp_cv')} count "
            f"{study.written('n_cv')} songs: nearly all of them it had learned from."
        )
        return
    rows = {f"the best of {n}" if n > 1 else "one try": best}
    if check == apart:
        rows[apart] = honest
    elif check == length:
        rows["a program that only\nknows the length"] = length_accuracy(result, FEATURES[2])
    line = None if check == OWN else float(result["majority"])
    _bars("s5", rows, "Right answers", marked=(1,), line=line)
    st.caption(
        f"We trained study S5's small network {len(each)} times on songs that people labelled. "
        f"Shown is what the best of {n} of these tries has on the test songs, on average."
    )
