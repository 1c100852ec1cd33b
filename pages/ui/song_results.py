"""Figures that only networks of songs have: folds, false alarms, a teacher."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd
import streamlit as st

from genre_core.evaluation.stored_predictions import FIGURES, fold_figures, mean_of_folds
from genre_core.runs.bundle import Bundle
from genre_core.runs.prog_alarms import alarms_by_genre, called_prog
from pages.ui import cards, controls, false_alarms, figures
from pages.ui.problems import plain

NO_MATRIX = (
    "It gives a score, not a genre, so no song is *taken for* another genre: there is no confusion "
    "matrix. What can be counted is how often a song that is known not to be prog is called prog."
)


def section(bundle: Bundle, metrics: Mapping[str, Any], predictions: pd.DataFrame) -> None:
    """Show what the figures of a network of songs rest on."""
    folds = metrics.get("folds") or fold_figures(predictions)
    if folds:
        st.subheader("Fold by fold", anchor=False)
        _dots(bundle, metrics, folds)
    if metrics.get("segments"):
        st.subheader("Songs, and their segments", anchor=False)
        _segments(metrics)
    if metrics.get("random_folds"):
        st.subheader("How much does knowing the artist help?", anchor=False)
        _folds(metrics)
    if metrics.get("official_test"):
        test = metrics["official_test"]
        metric = cards.main_metric(metrics)
        is_head = bundle.card.experiment["training"]["method"] == "logistic"
        how = "fitted on train and val" if is_head else "fitted on train, its epoch chosen on val"
        st.markdown(
            f"**The shipped network itself**, {how}, on the {test['n']} songs of "
            f"the official test split: {cards.label(metric)} "
            f"{cards.written(test['values'][metric])}. "
            "The folds above are the better estimate: they test every song once."
        )
    if gain := metrics.get("gain_over_length"):
        st.markdown(
            f"**How much of it is length?** Beside {cards.label('length')}, its "
            f"{cards.label(cards.main_metric(metrics))} is higher by {cards.written(gain)}. Where "
            "prog songs are longer than the others, as in study S5, a network may only count."
        )
    if metrics.get("false_alarms"):
        st.subheader("How often is it wrong about songs that are not prog?", anchor=False)
        _alarms(metrics["false_alarms"])
        _by_genre(metrics)
    if "rank_correlation_val" in metrics:
        _teacher(metrics)
    threshold = float(metrics.get("false_alarms", {}).get("threshold", 0.5))
    false_alarms.section(bundle, predictions, threshold)
    if bundle.card.prog_score is not None:
        st.info(plain(bundle.card.prog_score.rule), icon=":material/straighten:")


def _dots(bundle: Bundle, metrics: Mapping[str, Any], folds: list[dict[str, Any]]) -> None:
    majority = metrics.get("baselines", {}).get("majority", {})
    rows = []
    for figure in FIGURES:
        # A fold that lacks a genre does not define every figure.
        known = [fold for fold in folds if fold.get(figure) is not None]
        if known:
            rows.append(
                {
                    "label": cards.label(figure),
                    "values": [fold[figure] for fold in known],
                    "notes": [
                        f"fold {fold['fold'] + 1}: {fold['n']} songs, {fold['n_groups']} groups"
                        for fold in known
                    ],
                    "mean": mean_of_folds(folds, figure),
                    "line": cards.entry(majority.get(figure))["value"],
                    "kept": None,
                }
            )
    figures.repeated_runs(rows, unit="fold").show(key=f"folds_{bundle.name}")
    sizes = sorted(fold["n"] for fold in folds)
    st.caption(
        f"{len(folds)} folds of {sizes[0]} to {sizes[-1]} songs, each tested by a network that was "
        "fitted on the others. The upright line is the mean of the folds; the figures above are of "
        "all songs together, which is not quite the same. The spread of the dots shows how much "
        "one split alone could have misled."
    )
    if dealings := metrics.get("dealings"):
        figure = cards.main_metric(metrics)
        said = ", ".join(cards.written(value) for value in dealings[figure])
        st.caption(
            f"Songs dealt into folds {len(dealings[figure])} times: {cards.label(figure)} {said}. "
            "The figures above are those of the first time."
        )


def _segments(metrics: Mapping[str, Any]) -> None:
    segments, songs = metrics["segments"], metrics["by_majority"]
    values = metrics["values"]
    rows = [
        {"what is judged": name, "how many": f"{n:,}"}
        | {
            cards.label(figure): cards.written(figures_of[figure])
            for figure in ("accuracy", "balanced_accuracy")
        }
        for name, n, figures_of in (
            ("songs, by the mean of their segments", metrics["n"], values),
            ("songs, by the majority of their segments", songs["n"], songs),
            ("single segments", segments["n"], segments),
        )
    ]
    controls.table(rows, "Figures of songs and of segments")
    st.caption(
        "Segments of one song are alike, so many segments are not many independent tests: they get "
        "no interval, and their figures stand beside those of songs, not in their place."
    )


def _folds(metrics: Mapping[str, Any]) -> None:
    other = cards.rival(metrics)
    rows = []
    for metric in metrics["values"]:
        columns = {
            "artists apart": metrics["values"],
            "random folds": metrics["random_folds"]["network"],
            f"{cards.label(other)}, artists apart": metrics["baselines"][other],
            f"{cards.label(other)}, random folds": metrics["random_folds"][other],
        }
        row = {name: cards.written(values[metric]) for name, values in columns.items()}
        rows.append({"": cards.label(metric)} | row)
    controls.table(rows, "Artist-grouped beside random folds")
    st.caption(
        "Random folds let songs of one artist stand on both sides: a network may know the artist, "
        "the studio or the label instead of the genre. The difference shows how much that "
        "helps here."
    )


def _alarms(alarms: Mapping[str, Any]) -> None:
    rows = [
        {
            "rule": name,
            "called prog": f"{alarms[key]['k']} of {alarms['n']}",
            "share, with its interval over artists": cards.written(alarms[key]),
        }
        for key, name in (("by_mean", "mean score"), ("by_majority", "majority vote"))
    ]
    controls.table(rows, "False alarms by both rules")
    st.caption(f"At a threshold of {alarms['threshold']:g}, on songs known not to be prog.")


def _by_genre(metrics: Mapping[str, Any]) -> None:
    """Show how genres score, how rendered prog fares, and what the scale hangs on."""
    rows = [
        {
            "genre": row["genre"],
            "songs": row["n"],
            "artists": row["n_artists"],
            "mean prog score": f"{row['mean_score']:.2f}",
            "called prog": f"{row['k']} of {row['n_known']}" if row["n_known"] else "",
            "share": cards.written(row["false_alarms"]) if row["false_alarms"] else "",
        }
        for row in metrics.get("by_genre", ())
    ]
    if alarms := alarms_by_genre(metrics):
        st.markdown(f"**{plain(alarms)}** So a high score alone is no sign of prog.")
    if rows:
        controls.table(rows, "Mean prog score and false alarms of each genre")
        st.caption(
            "*Called prog* counts the songs that are known not to be prog. What scores high for "
            "another reason, such as Classical music, shows here."
        )
    for sentence in called_prog(metrics, cards.written):
        st.markdown(sentence)
    if anchor := metrics.get("anchor"):
        genres = ", ".join(f"{n} {plain(name)}" for name, n in anchor["per_genre"].items())
        st.caption(
            f"The score's .5 stands at the value {anchor['value']:.4f} ({anchor['low']:.4f} to "
            f"{anchor['high']:.4f} over the {anchor['n_artists']} artists of the {anchor['n']} "
            f"songs that it was found on: {genres}). So .5 is a rough mark, not a border."
        )


def _teacher(metrics: Mapping[str, Any]) -> None:
    st.subheader("Does it order songs as its teachers do?", anchor=False)
    rows = []
    for split in ("val", "test"):
        n = metrics[f"rank_correlation_{split}"]["n"]
        listed = {f"{split} ({n} songs)": metrics[f"rank_correlation_{split}"]}
        if segments := metrics.get(f"segment_correlation_{split}"):
            listed[f"{split}, segment by segment"] = segments
        each = metrics.get(f"rank_correlation_each_{split}", {})
        listed |= {f"{split}, with {name} alone": each[name] for name in each}
        rows += [
            {"songs": name, "rank correlation": cards.written(figure)}
            for name, figure in listed.items()
        ]
    rows += [
        {
            "songs": f"test, within {genre} ({figure['n']} songs)",
            "rank correlation": cards.written(figure),
        }
        for genre, figure in metrics.get("rank_correlation_within", {}).items()
    ]
    controls.table(rows, "Rank correlation with the teachers")
    st.caption(
        "Spearman's correlation of its scores with those it learned from. It says how well its "
        "teachers are imitated, not whether the songs are prog: no listener labelled them."
    )
