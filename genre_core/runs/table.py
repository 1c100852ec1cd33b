"""Bundles side by side: one row a model, as plain values and as Markdown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from genre_core.runs.bundle import Bundle
from genre_core.runs.prog_alarms import alarms_by_genre, called_prog

FIGURE_NAMES = {
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "macro_f1": "macro-F1",
    "roc_auc": "ROC AUC",
    "top_hit": "top genre right",
    "specificity": "specificity",
    "rank_correlation": "rank correlation",
}

_CELLS = {
    "network": "network",
    "network_neutralised": "after neutralising",
    "colour": "colour baseline",
    "gain_over_colour": "gain over colour",
    "source_probe": "source-only probe",
    "source_probe_neutralised": "probe after neutralising",
    "teacher": "both teachers",
    "prog_teachers": "the teachers that heard real prog",
    "tagger": "the tagger",
}
"""What further tests may give, in the order of its columns."""


def model_rows(bundles: Sequence[Bundle]) -> list[dict[str, Any]]:
    """Sum each bundle up in one row; a model that was never measured has none of the figures.

    A row has name, title, study, genres, n_parameters, data, split_rule, n_train, n_val, n_test,
    n_groups, n_runs, figure, value, interval, majority, baseline, baseline_value, gain,
    gain_interval. The baseline is colours for covers and MFCCs for songs.
    """
    return [model_row(bundle, bundle.metrics()) for bundle in bundles]


def models_markdown(bundles: Sequence[Bundle]) -> str:
    """Write the table of models/README.md: every figure comes from the bundles."""
    lines = [
        "# Shipped models",
        "",
        "Written by `python -m genre_core models --write-table models/README.md` from the bundles",
        "in this folder; do not edit. Every figure is on the test split, reported once for the",
        "run and epoch that were chosen on val; where a recipe chooses nothing, for the last epoch",
        "of its first run. Intervals: 95 % bootstrap over groups (2,000 resamples). Songs: heads",
        "are estimated by folds in which every song is tested once, and a rank correlation is that",
        "with what taught the network.",
        "",
        "| model | data | split rule | train / val / test | groups | runs | figure | value "
        "| majority | baseline | its value | gain over it |",
        "|---|---|---|---|---|---|---|---|---|---|---|---|",
    ]
    for row in model_rows(bundles):
        lines.append(
            f"| {row['name']} | {row['data']} | {row['split_rule']} "
            f"| {row['n_train']} / {row['n_val']} / {row['n_test']} | {row.get('n_groups', '')} "
            f"| {row['n_runs']} | {row.get('figure', 'not measured')} "
            f"| {_with(row, 'value', 'interval')} | {_number(row.get('majority'))} "
            f"| {row.get('baseline', '')} | {_with(row, 'baseline_value', 'baseline_interval')} "
            f"| {_with(row, 'gain', 'gain_interval')} |"
        )
    for bundle in bundles:
        lines += ["", f"## {bundle.name}", "", bundle.card.description, ""]
        if not bundle.has_network:
            lines += [
                "Only the record is here, the network is too large to ship: train it again with "
                f"`python -m genre_core train {bundle.card.experiment.get('name', 'NAME')}`.",
                "",
            ]
        lines += [f"- **Confound**: {text}" for text in bundle.card.confounds]
        lines += [
            f"- Made with {source['name']} ({source['licence']}; {source['owner']})."
            for source in bundle.card.sources
        ]
        lines += _calibration_lines(bundle)
        lines += _figure_lines(bundle)
        lines += _alarm_lines(bundle)
        lines += _repeat_lines(bundle)
        lines += _report_lines(bundle)
    return "\n".join(lines) + "\n"


def model_row(bundle: Bundle, metrics: dict[str, Any]) -> dict[str, Any]:
    """Sum a bundle up as `model_rows`, by these figures."""
    card = bundle.card
    row: dict[str, Any] = {
        "name": card.name,
        "title": card.title,
        "study": card.study,
        "genres": list(card.genres),
        "n_parameters": card.n_parameters,
        "data": card.data.get("title") or card.data.get("name", ""),
        "split_rule": card.data.get("split_rule", ""),
        "n_train": card.data.get("n_train"),
        "n_val": card.data.get("n_val"),
        "n_test": card.data.get("n_test"),
        "n_runs": card.provenance.get("n_runs"),
    }
    if not metrics:
        return row
    headline, rival = metrics["headline"], metrics.get("compared_with", "colour")
    value, gain = metrics["values"][headline], metrics.get(f"gain_over_{rival}")
    other, majority = (_baseline(metrics, name, headline) for name in (rival, "majority"))
    row |= {
        "n_groups": metrics.get("n_groups"),
        "figure": _named(headline),
        "value": value["value"],
        "interval": _interval(value),
        "majority": majority["value"],
    }
    # A task with several genres a cover has baselines of its own, or none.
    if other["value"] is not None:
        row |= {
            "baseline": rival,
            "baseline_value": other["value"],
            "baseline_interval": _interval(other),
        }
    if gain is not None:
        row |= {"gain": gain["value"], "gain_interval": _interval(gain)}
    return row


def _figure_lines(bundle: Bundle) -> list[str]:
    metrics = bundle.metrics()
    if not metrics:
        return []
    if not metrics.get("baselines"):
        lines = ["", "| figure | network |", "|---|---|"]
        figures = metrics["values"].items()
        return lines + [f"| {_named(name)} | {_bracketed(value)} |" for name, value in figures]
    rival = metrics.get("compared_with", "colour")
    lines = ["", f"| figure | network | {rival} baseline | majority |", "|---|---|---|---|"]
    for name, value in metrics["values"].items():
        lines.append(
            f"| {_named(name)} | {_bracketed(value)} "
            f"| {_bracketed(_baseline(metrics, rival, name))} "
            f"| {_number(_baseline(metrics, 'majority', name)['value'])} |"
        )
    return lines


def _alarm_lines(bundle: Bundle) -> list[str]:
    """Say of a prog score what it calls prog, beside a constant answer, and how it orders songs."""
    metrics = bundle.metrics()
    alarms = alarms_by_genre(metrics)
    lines = ["", f"**{alarms}**"] if alarms else []
    told = [f"- {sentence}" for sentence in called_prog(metrics, _bracketed)]
    if segments := metrics.get("segment_correlation_test"):
        told.append(
            f"- Rank correlation with its teachers segment by segment: {_bracketed(segments)}."
        )
    if within := metrics.get("rank_correlation_within"):
        rows = [f"{name} {_bracketed(one)} ({one['n']} songs)" for name, one in within.items()]
        told.append(f"- The same song by song within a genre: {', '.join(rows)}.")
    if anchor := metrics.get("anchor"):
        told.append(
            f"- Its .5 stands at {anchor['value']:.4f} [{anchor['low']:.4f}, {anchor['high']:.4f}] "
            f"over the {anchor['n_artists']} artists of {anchor['n']} songs: a mark, no border."
        )
    return [*lines, "", *told] if told else lines


def _repeat_lines(bundle: Bundle) -> list[str]:
    rows = bundle.metrics().get("repeats", {}).get("rows", [])
    if len(rows) < 2:
        return []
    lines = [
        "",
        "| run | epoch | accuracy | balanced accuracy | macro-F1 | ROC AUC | most often said |",
        "|---|---|---|---|---|---|---|",
    ]
    figures = ("accuracy", "balanced_accuracy", "macro_f1", "roc_auc")
    for row in rows:
        commonest = f"{row['most_predicted']} ({100 * row['most_predicted_share']:.0f} %)"
        values = " | ".join(_number(row["values"][name]) for name in figures)
        lines.append(f"| seed {row['seed']} | {row['epoch']} | {values} | {commonest} |")
    return lines


def _report_lines(bundle: Bundle) -> list[str]:
    metrics = bundle.metrics()
    lines: list[str] = []
    reports = metrics.get("extra", ())
    # Of songs no colours are known: only what was measured of any of them has a column.
    cells = {key: name for key, name in _CELLS.items() if any(key in one for one in reports)}
    if reports:
        lines += [
            "",
            f"| further test | n | figure | {' | '.join(cells.values())} |",
            "|---" * (3 + len(cells)) + "|",
        ]
    for report in reports:
        lines.append(
            f"| {report['title']} | {' / '.join(map(str, reversed(report['n_per_genre'])))} "
            f"| {_named(report['figure'])} | "
            + " | ".join(_bracketed(report.get(cell, {"value": None})) for cell in cells)
            + " |"
        )
    if metrics.get("same_genre_sources"):
        lines += [
            "",
            "Does the network's embedding name the *source* where the label is the same?",
            "",
            "| label | sources | n | ROC AUC of the source |",
            "|---|---|---|---|",
        ]
    for probe in metrics.get("same_genre_sources", ()):
        lines.append(
            f"| {probe['label']} | {' and '.join(probe['sources'])} | {probe['n']} "
            f"| {_bracketed(probe['roc_auc'])} |"
        )
    return lines


def _calibration_lines(bundle: Bundle) -> list[str]:
    report = bundle.metrics().get("calibration")
    if not report:
        return []
    fitted = bundle.card.calibration
    how = "Not calibrated: its outputs are scores."
    if fitted is not None:
        weights = ", ".join(f"{weight:.3g}" for weight in fitted.weights)
        how = f"Calibrated on {fitted.fitted_on}: temperature {fitted.temperature:g}" + (
            f", weights {weights}." if weights else "."
        )
    return [
        f"- {how} Log loss {_bracketed(report['log_loss'])}, of always saying the genres' shares "
        f"{_number(report['log_loss_of_shares'])}; Brier score {_bracketed(report['brier'])}; "
        f"calibration error {_number(report['ece'])}, of it by chance "
        f"{_number(report['ece_by_chance'])}.",
    ]


def _named(figure: str) -> str:
    return FIGURE_NAMES.get(figure, figure.replace("_", " "))


def _baseline(metrics: dict[str, Any], name: str, figure: str) -> dict[str, Any]:
    measured = metrics.get("baselines", {}).get(name, {}).get(figure)
    return measured if measured is not None else {"value": None}


def _with(row: dict[str, Any], value: str, interval: str) -> str:
    return f"{_number(row[value])} {row[interval]}" if value in row else ""


def _bracketed(figure: dict[str, Any]) -> str:
    return f"{_number(figure['value'])} {_interval(figure)}".strip()


def _interval(figure: dict[str, Any]) -> str:
    if figure.get("no_interval"):
        return f"[no interval: {figure['no_interval']}]"
    return f"[{figure['low']:.3f}, {figure['high']:.3f}]" if "low" in figure else ""


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
