"""The lesson on votes in words and a figure: a real prog score, and how much of it is length."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from pages.ui import controls, figures
from pages.ui.cards import written
from pages.ui.problems import plain

MEAN, LENGTH, BOTH = "mean", "length alone", "mean and length, learned"


def answer(result: Mapping[str, Any]) -> None:
    """Say how well real networks order real songs, and what length alone reaches."""
    data, pairs = result["data"], result["pairs"]
    mean, length = _row(result, MEAN), _row(result, LENGTH)
    st.subheader("A real prog score, and how much of it is length", anchor=False)
    st.markdown(
        f"Networks that learned from real prog voted on every ten seconds of {data['songs']} "
        f"songs that they had never heard, {data['prog']} of them prog. The mean of a song's votes "
        f"puts a prog song above another one **{_percent(mean['roc_auc'])}** of the time (ROC AUC "
        f"{written(mean['roc_auc'])}). Its *length alone* does so "
        f"**{_percent(length['roc_auc'])}** of the time: half of the prog songs last longer than "
        f"{data['median_s']['prog'] / 60:.1f} minutes, half of the others longer than "
        f"{data['median_s']['other'] / 60:.1f}."
    )
    st.markdown(
        f"**So how much of it is length?** Compare songs of like length: of {pairs['n']:,} pairs "
        f"of a prog song and another at most {100 * pairs['within']:.0f} % longer or shorter, the "
        f"mean vote puts the prog one first in **{100 * pairs['mean']:.0f} %**, length in "
        f"{100 * pairs['length']:.0f} %. So the networks do hear something; of "
        f"{100 * mean['roc_auc']['value']:.0f} % that is what is left."
    )
    figures.rules_compared(result["rows"]).show(key="votes_rules")
    low, high = data["matched"]["snippets"]
    st.caption(
        "Dots: ROC AUC; whiskers: 95 % of a bootstrap over songs. *Of like length*: the "
        f"{data['matched']['songs']} songs of {low * data['snippet_s'] / 60:.0f} to "
        f"{high * data['snippet_s'] / 60:.0f} minutes. 0.5 is a coin toss."
    )


def rule(result: Mapping[str, Any]) -> None:
    """Say which rule makes a song's score, and why; and what a tie is."""
    st.subheader("From segments to a song: which rule?", anchor=False)
    chosen, both, ties = result["chosen"], _row(result, BOTH), result["ties"]
    st.markdown(
        f"**The {plain(chosen['rule'])}**: {plain(chosen['reason'])}, and within noise the simpler "
        "rule stays. It is what the Songs page and `classify` go by. "
        + (
            f"Adding the length to the mean reaches {both['roc_auc']['value']:.3f} (gain "
            f"{both['gain']['value']:+.3f}, {both['gain']['low']:+.3f} to "
            f"{both['gain']['high']:+.3f}) on all songs and {both['matched_gain']['value']:+.3f} "
            "on songs of like length: that would be scoring the length, so it is left out. "
        )
        + f"Where exactly half of a song's segments say prog ({ties['songs']} songs here), the "
        f"mean decides: right for {ties['right_by_mean']} of them, and always saying no for "
        f"{ties['right_as_no']}."
    )
    for row in result.get("between", ()):
        if row["threshold"] == 0.5:
            st.markdown(
                "**When to say nothing**: of songs whose thirds do not all lie on one side of the "
                f"threshold ({100 * row['share']:.0f} % of them, at a half) "
                f"{100 * row['wrong']:.0f} % are judged wrong, of the others "
                f"{100 * row['wrong_others']:.0f} %. So the Songs "
                "page gives no answer there."
            )
    controls.long_table(
        [
            {
                "rule": row["rule"],
                "ROC AUC": written(row["roc_auc"]),
                "gain over the mean": written(row["gain"]),
                "songs of like length": written(row["matched_roc_auc"]),
                "balanced accuracy": written(row["balanced_accuracy"]),
                "at a half": written(row.get("at_a_half")),
            }
            for row in result["rows"]
        ],
        "Every rule with its figures on all songs and on songs of like length",
    )
    st.caption(
        f"Balanced accuracy with a threshold from the other {result['n_folds'] - 1} of "
        f"{result['n_folds']} folds of songs, drawn {result['repeats']} times; *at a half*: with "
        "0.5 for a threshold, of rules on the votes' own scale."
    )


def method(result: Mapping[str, Any]) -> None:
    """Say what was done, on which songs, and how to do it again."""
    data, parts = result["data"], result["parts"]
    heard = "; ".join(f"{plain(part['part'])} {written(part['roc_auc'])}" for part in parts)
    within = result["within"]
    st.subheader("How it was made", anchor=False)
    st.markdown(
        f"- **Votes**: {data['snippets']:,} snippets of {data['snippet_s']} s; each the share of "
        "20 trained networks (two designs, ten runs each) that call it prog. A project of the "
        "course that study S5 comes from published them; the songs' artists are not known here, "
        "so one may have been in training, and intervals over songs may be too narrow.\n"
        f"- **Hearing less of a song**, by the mean: {heard}.\n"
        f"- **Within one kind** the mean hardly goes with length: rank correlation "
        f"{within['prog']:+.2f} among prog songs, {within['other']:+.2f} among the others.\n"
        "- **Learned**: logistic regression, fitted on the other folds. *Quantiles*: the votes' "
        "10, 25, 50, 75 and 90 %.\n"
        "- **Not known**: year and mastering of the songs; they may differ with the label too."
    )
    controls.command(result["command"])


def _row(result: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    return next(row for row in result["rows"] if row["rule"] == name)


def _percent(figure: Mapping[str, Any]) -> str:
    return f"{100 * figure['value']:.0f} %"
