"""The lesson of length in words and figures: what a song's length alone is worth."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.ui import controls, figures
from pages.ui.problems import plain

ALL, WITHOUT, ALONE = "all", "without length", "length alone"
NETWORK = "S5's MLP"
VISIBLE = 0.02
"""Difference of accuracy that is worth a sentence."""


def answer(result: Mapping[str, Any]) -> None:
    """Say what the network knows without the length, and what the length knows without it."""
    everything, without, alone = (_row(result, columns) for columns in (ALL, WITHOUT, ALONE))
    data = result["data"]
    st.subheader("Is it prog, or is it only long?", anchor=False)
    st.markdown(
        f"People labelled {data['train']['songs'] + data['test']['songs']} songs as prog or not. "
        f"The network of study S5 (songs, prog or not), trained on "
        f"{everything['n_columns']} numbers per song, classifies **{_percent(everything)}** "
        f"of the test songs correctly. "
        f"Without the song's length: **{_percent(without)}**. With *nothing but* the length: "
        f"**{_percent(alone)}**. Always saying “not prog” gives "
        f"{100 * result['majority']:.0f} %."
    )
    ahead = alone["accuracy"]["mean"] - everything["accuracy"]["mean"]
    if ahead > VISIBLE:
        st.markdown(
            "**Mostly, it is only long.** One number beats all of them together: adding the other "
            "features makes it worse."
        )
    elif ahead >= -VISIBLE:
        st.markdown("**It is mostly long.** One number does about as well as all together.")
    if without["kept"]["accuracy"]["low"] <= result["majority"]:
        st.markdown(
            "Without the length, the network that was kept is no better than always giving the "
            f"commoner answer (its 95 % interval: {_interval(without)}; ROC AUC "
            f"{without['kept']['roc_auc']['value']:.2f})."
        )
    figures.worth_of_columns(result["rows"], result["majority"]).show(key="length_worth")
    st.caption(
        f"Bars: mean accuracy of {result['repeats']} repeats; whiskers: the lowest and the highest "
        "of them. Each repeat learns from a different four fifths of the songs."
    )


def same_in_study(result: Mapping[str, Any]) -> None:
    """Show the lengths that study S5's own counts of windows give away."""
    windows = {(row["part"], row["label"]): row for row in result["study"]["windows"]}
    data = result["data"]

    def of_study(part: str) -> tuple[str, float, float]:
        prog, other = (windows[part, label]["mean_s"] for label in ("prog", "non-prog"))
        return f"Study S5,<br>{part}", prog, other

    def of_data(part: str, name: str) -> tuple[str, float, float]:
        mean_s = data[part]["mean_s"]
        return f"These songs,<br>{name}", mean_s["prog"], mean_s["non-prog"]

    st.subheader("The study's songs have the same shortcut", anchor=False)
    prog, other = windows["training", "prog"], windows["training", "non-prog"]
    st.markdown(
        "Study S5 prints how many windows of one second it cut from its songs, without overlap, "
        f"and so how long they are: {prog['windows']:,} windows over {prog['songs']} prog songs "
        f"are **{prog['mean_s']:.0f} s** a song, {other['windows']:,} over {other['songs']} others "
        f"**{other['mean_s']:.0f} s**. In its test the gap is nearly as wide, so a figure there "
        "cannot tell whether a network heard prog or only measured the length."
    )
    parts = [of_study("training"), of_study("test")]
    parts += [of_data("train", "training"), of_data("test", "test")]
    figures.lengths(parts).show(key="length_seconds")
    st.caption(
        "The study's lengths are without the first 30 s of a song, which it cut off. Its network "
        "of windows hears one second and cannot know the length, yet a long song fills its "
        "training with windows. Its MLP reads 423 numbers a song, 13 of them unnamed: whether the "
        "length was among them is not known."
    )


def method(result: Mapping[str, Any]) -> None:
    """Say what was done, on which songs, and how to do it again."""
    data, columns = result["data"], result["columns"]
    st.subheader("How it was made", anchor=False)
    names = ("accuracy", "lowest", "highest", "balanced accuracy", "ROC AUC")
    controls.long_table(
        [
            {
                "columns": f"{row['features']} ({row['n_columns']})",
                "model": row["model"],
                "accuracy": row["accuracy"]["mean"],
                "lowest": row["accuracy"]["lowest"],
                "highest": row["accuracy"]["highest"],
                "balanced accuracy": row["balanced_accuracy"]["mean"],
                "ROC AUC": row["roc_auc"]["mean"],
                "the one kept": f"{row['kept']['accuracy']['value']:.3f} {_interval(row)}",
            }
            for row in result["rows"]
        ],
        "Accuracy, balanced accuracy and ROC AUC of every model on every set of columns",
        **dict.fromkeys(names, st.column_config.NumberColumn(format="%.3f")),
    )
    closest = columns["closest"][0] if columns["closest"] else None
    counts = ", ".join(
        f"{plain(column['column'])} (rank correlation {column['train']:+.2f})"
        for column in columns["whole_numbers"]
    )
    left_out = ", ".join(map(plain, columns["left_out"]))
    printed = " and ".join(
        f"{100 * row['printed']:.1f} % ({row['right']} of {row['songs']} songs, {row['how']})"
        for row in result["study"]["mlp"]
    )
    st.markdown(
        f"- **Songs**: {plain(data['name'])}, train {data['train']['songs']} "
        f"({data['train']['prog']} prog), test {data['test']['songs']} "
        f"({data['test']['prog']} prog), labelled by people in the course that study S5 comes "
        "from. No artist is named: one may stand in both tables, and an interval over songs may be "
        "too narrow.\n"
        f"- **Without length** leaves out {left_out}: what is named as a length or a count, or "
        "goes with the length at a rank correlation of .9 or more.\n"
        + (
            f"- **What still gives it away**: nearest is {plain(closest['column'])}, rank "
            f"correlation {closest['train']:+.2f}: left in.\n"
            if closest
            else ""
        )
        + (
            f"- **Whole numbers**, so counts perhaps, that do not grow with the length: {counts}.\n"
            if counts
            else ""
        )
        + f"- **Network**: study S5's MLP with {columns['n']} inputs in place of 423 (dense layers "
        "of 512, 256, 128 and 64, dropout .2), scaled by its training songs; of "
        f"{result['epochs']} epochs the one with the least cross-entropy on a fifth of the songs "
        "that was cut off them (ours). **The one kept** is the repeat with the least "
        "there; its interval is an exact one.\n"
        "- **Plain models**: logistic regression and a random forest of 500 trees, as scikit-learn "
        "has them, fitted on the same four fifths.\n"
        f"- **The study prints** for its own MLP {printed}: other songs and other numbers, not "
        "comparable one to one."
    )
    controls.command(result["command"])


def _row(result: Mapping[str, Any], features: str) -> Mapping[str, Any]:
    return next(
        row for row in result["rows"] if row["features"] == features and row["model"] == NETWORK
    )


def _percent(row: Mapping[str, Any]) -> str:
    return f"{100 * row['accuracy']['mean']:.0f} %"


def _interval(row: Mapping[str, Any]) -> str:
    kept = row["kept"]["accuracy"]
    return f"[{kept['low']:.3f}, {kept['high']:.3f}]"
