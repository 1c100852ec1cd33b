"""What a bundle says of itself, in words: the honest line under a ranking, and the whole card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from genre_core.runs.bundle import Bundle
from genre_core.runs.prog_alarms import alarms_by_genre
from pages.ui import cached, controls
from pages.ui.problems import plain

if TYPE_CHECKING:
    import pandas as pd

LABELS = {
    "macro_f1": "macro-F1",
    "accuracy": "accuracy",
    "balanced_accuracy": "balanced accuracy",
    "roc_auc": "ROC AUC",
    "f1": "F1",
    "majority": "always the most common genre",
    "colour": "a model that sees only colours",
    "source_only": "a model that sees only file facts",
    "mfcc": "a model that hears only MFCCs",
    "file_facts": "a model that knows only band limit, dynamics and loudness",
    "top_rows": "only the band limit (energy in the highest rows)",
    "dynamic_range": "only the dynamic range",
    "loudness": "only the mean loudness",
    "length": "a model that knows only how long the song is",
    "specificity": "specificity",
    "rank_correlation": "rank correlation with its teachers",
}
"""Keys of metrics.json in words; an unknown key is shown with its underscores as spaces."""

MEANINGS = {
    "macro_f1": "How well each genre is found and told from others, the mean over genres: 0 to 1. ",
    "roc_auc": "How often an item of the genre scores above one of another; 0.5 is luck. ",
}
"""What the first figure of a network means, for its question mark."""

GENRE_COLUMNS = (
    "**Precision**: of the items given this genre, how many have it. **Recall**: of the items with "
    "this genre, how many are found. **F1**: their harmonic mean. **Support**: how many there are."
)
"""What the columns of the table of genres mean."""

STUDIES = {
    "S1": "prog covers, 2023",
    "S2": "15 genres from covers",
    "S3": "twelve genres from covers",
    "S4": "twenty genres from spectrograms",
    "S5": "prog rock from audio",
}
"""What each study asked, for where its short name stands first."""

CLEARLY = 0.05
"""By how much file facts may reach further than the baseline that a gain is over."""

_MOST_DIGITS = 6

NO_MATRIX = (
    "Its covers may have several genres at once, so no cover is *taken for* another genre: there "
    "is no confusion matrix."
)


def label(key: str) -> str:
    """Name a metric or a baseline in words.

    Examples
    --------
    >>> label("macro_f1"), label("top_2")
    ('macro-F1', 'top 2')
    """
    return LABELS.get(key, key.replace("_", " "))


def entry(value: Any) -> dict[str, Any]:
    """Bring a figure of metrics.json into one form, value with low and high where known.

    `no_interval` stays where it says why there is no interval.

    Examples
    --------
    >>> entry(0.2)
    {'value': 0.2, 'low': None, 'high': None}
    """
    if isinstance(value, Mapping):
        reason = {"no_interval": value["no_interval"]} if "no_interval" in value else {}
        return {part: value.get(part) for part in ("value", "low", "high")} | reason
    return {"value": value, "low": None, "high": None}


def main_metric(metrics: Mapping[str, Any]) -> str:
    """Name the figure that stands for a bundle: its headline, or the first that it has.

    Examples
    --------
    >>> main_metric({"headline": "macro_auc", "values": {"macro_auc": 0.6}})
    'macro_auc'
    """
    named = metrics.get("headline")
    return named if named in metrics["values"] else next(iter(metrics["values"]))


def written(value: Any) -> str:
    """Write a figure with its interval.

    Examples
    --------
    >>> written({"value": 0.42, "low": 0.38, "high": 0.461})
    '0.420 (0.380 to 0.461)'
    >>> written({"value": 0.42, "no_interval": "3 groups"})
    '0.420 (no interval: 3 groups)'
    >>> written({"value": 0.12, "low": 0.0004, "high": 0.2})  # not 0, so not "0.000"
    '0.1200 (0.0004 to 0.2000)'
    """
    figure = entry(value)
    if figure["value"] is None:
        return "not measured"
    digits = 3
    while digits < _MOST_DIGITS and any(
        figure[end] and not round(figure[end], digits) for end in ("low", "high")
    ):
        digits += 1
    return f"{figure['value']:.{digits}f}{_interval(figure, digits)}"


def _interval(figure: Mapping[str, Any], digits: int) -> str:
    if figure["low"] is not None and figure["high"] is not None:
        return f" ({figure['low']:.{digits}f} to {figure['high']:.{digits}f})"
    return f" (no interval: {figure['no_interval']})" if "no_interval" in figure else ""


def compared(metrics: Mapping[str, Any], metric: str) -> list[dict[str, Any]]:
    """List the network and every baseline that has `metric`, for figure and table."""
    named = [("this network", metrics["values"]), *metrics.get("baselines", {}).items()]
    rows = [{"name": label(name), **entry(values.get(metric))} for name, values in named]
    return [row for row in rows if row["value"] is not None]


def studies_told(bundles: Sequence[Bundle]) -> str:
    """Say what the studies of networks asked, whose titles name them; empty without one.

    Examples
    --------
    >>> studies_told([])
    ''
    """
    named = sorted({bundle.card.study for bundle in bundles} & set(STUDIES))
    return " ".join(f"Study {name}: {STUDIES[name]}." for name in named)


def items(bundle: Bundle) -> str:
    """Name what the network is fed with, for sentences: "covers" or "songs"."""
    return f"{bundle.card.media}s"


def command(bundle: Bundle) -> str:
    """Give what measures a network: covers' are measured again, songs' while they are fitted.

    What was changed of a recipe stands in the command that the card keeps.
    """
    own = str(bundle.card.provenance.get("command", ""))
    if bundle.card.media == "song" and own:
        return own
    data = bundle.card.data.get("name", "FOLDER")
    return f"python -m genre_core evaluate {bundle.name} --data {data}"


def onwards(bundle: Bundle) -> dict[str, str]:
    """Give the page on which the network can be tried, and the words of its link."""
    if bundle.card.media == "song":
        return {"songs": "Try it on a song"}
    return {"covers": "Try it on a cover"}


def rival(metrics: Mapping[str, Any]) -> str:
    """Name the baseline that the gain is over: colours of covers, MFCCs of songs."""
    return str(metrics.get("compared_with", "colour"))


def gain_of(metrics: Mapping[str, Any]) -> dict[str, Any]:
    """Give the paired gain over `rival`, with its interval; no value where there is none."""
    return entry(metrics.get(f"gain_over_{rival(metrics)}"))


def honest_line(bundle: Bundle) -> str:
    """Say in one sentence how far to trust the bundle."""
    metrics = cached.metrics_of(bundle)
    if not metrics:
        return "Not evaluated yet: treat its answer as a guess."
    metric = main_metric(metrics)
    other = rival(metrics)
    plain_one = entry(metrics.get("baselines", {}).get(other, {}).get(metric))
    against = (
        "" if plain_one["value"] is None else f"; {label(other)} reaches {plain_one['value']:.2f}"
    )
    figure = entry(metrics["values"][metric])
    if figure["value"] is None:
        return f"On its {metrics['n']:,} test {items(bundle)} {label(metric)} is not defined."
    interval = _interval(figure, 2)
    hits = right(metrics, items(bundle))
    facts = _from_file_facts(metrics)
    shortcut = f"; a model that sees only file facts reaches up to {facts:.2f}" if facts else ""
    alarms = plain(alarms_by_genre(metrics))
    head = f"On {metrics['n']:,} {items(bundle)} that it never {_met(bundle)}: "
    if hits and controls.is_simple():
        return f"{head}{hits}."
    return (
        f"{head}{f'{hits}; ' if hits else ''}{label(metric)} {figure['value']:.2f}{interval}"
        f"{against}{shortcut}.{f' {alarms}' if alarms else ''}"
    )


def right(metrics: Mapping[str, Any], unit: str) -> str:
    """Say how often a network that names one of several genres is right; empty of any other.

    Examples
    --------
    >>> always = {"majority": {"accuracy": 0.227}}
    >>> right({"values": {"macro_f1": 0.417, "accuracy": 0.425}, "baselines": always}, "covers")
    'right for 42 of 100 covers (always the most common genre: 23)'
    """
    values, baselines = metrics["values"], metrics.get("baselines", {})
    hits = entry(values.get("accuracy"))["value"]
    constant = entry(baselines.get("majority", {}).get("accuracy"))["value"]
    if main_metric(metrics) != "macro_f1" or hits is None:
        return ""
    beside = "" if constant is None else f" ({label('majority')}: {100 * constant:.0f})"
    return f"right for {100 * hits:.0f} of 100 {unit}{beside}"


def _from_file_facts(metrics: Mapping[str, Any]) -> float:
    """Give how far the facts of files alone reach in any of the reports; 0 where none asks."""
    probes = [entry(report.get("source_probe"))["value"] for report in metrics.get("extra", [])]
    return max((float(value) for value in probes if value is not None), default=0.0)


def _met(bundle: Bundle) -> str:
    return "heard" if bundle.card.media == "song" else "saw"


def verdict(metrics: Mapping[str, Any], unit: str = "covers") -> str:
    """Say in one sentence whether the network beats its plain baseline.

    Examples
    --------
    >>> verdict({"n": 100, "n_groups": 90, "headline": "macro_f1", "values": {"macro_f1": 0.4}})
    'On **100** test covers in 90 groups its macro-F1 is **0.400**.'
    """
    metric, hits = main_metric(metrics), right(metrics, unit)
    groups = f" in {metrics['n_groups']:,} groups" if "n_groups" in metrics else ""
    text = (
        f"On **{metrics['n']:,}** test {unit}{groups} "
        f"{f'it is {hits}; ' if hits else ''}its {label(metric)} is "
        f"**{written(metrics['values'][metric])}**."
    )
    gain, other = gain_of(metrics), label(rival(metrics))
    if gain["value"] is None:
        return text
    if gain["low"] is None or gain["high"] is None:
        return f"{text} The difference from {other} is {written(gain)}: it **may be chance**."
    if gain["low"] > 0:
        return (
            f"{text} It is better than {other} by **{written(gain)}**, more than chance explains."
        )
    if gain["high"] < 0:
        better = f"{other[0].upper()}{other[1:]} does better"
        return f"{text} **{better}**: the difference is {written(gain)}."
    return (
        f"{text} The difference from {other}, {written(gain)}, **may be chance**: its interval "
        "includes zero."
    )


def headline(metrics: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """List the figures of the first row: name, value, what it means."""
    metric = main_metric(metrics)
    figure = entry(metrics["values"][metric])
    value = "undefined" if figure["value"] is None else f"{figure['value']:.3f}"
    meaning = MEANINGS.get(metric, "")
    figures = [(label(metric), value, f"{meaning}Interval: {written(figure)}")]
    gain, other = gain_of(metrics), label(rival(metrics))
    # The plain baseline first: the gain behind it is the gain over "that".
    baselines = [row for row in compared(metrics, metric) if row["name"] != label("this network")]
    for row in sorted(baselines, key=lambda row: row["name"] != other):
        figures.append((row["name"], f"{row['value']:.3f}", f"{label(metric)}: {written(row)}"))
        if row["name"] == other and gain["value"] is not None:
            figures.append(
                ("better than that by", f"{gain['value']:+.3f}", f"Paired: {written(gain)}")
            )
    return figures


def figure(bundle: Bundle) -> None:
    """Draw the bundle's headline figure with its gain over the plain baseline."""
    st.markdown(f"**{plain(bundle.card.title)}**")
    metrics = cached.metrics_of(bundle)
    if not metrics:
        st.caption("Not evaluated yet.")
        return
    metric = main_metric(metrics)
    name, value, note = headline(metrics)[0]
    hits, gain = right(metrics, items(bundle)), gain_of(metrics)["value"]
    if hits and controls.is_simple():
        st.metric("right for", f"{100 * entry(metrics['values']['accuracy'])['value']:.0f} of 100")
    else:
        baseline = entry(metrics.get("baselines", {}).get(rival(metrics), {}).get(metric))
        # Beside a shortcut that reaches clearly further than the baseline an arrow would flatter.
        is_fair = _from_file_facts(metrics) < (baseline["value"] or 0.0) + CLEARLY
        over = f"{gain:+.3f} over its baseline" if gain is not None and is_fair else None
        st.metric(name, value, delta=over, help=note)
    st.caption(honest_line(bundle))


def not_evaluated(bundle: Bundle) -> None:
    """Say that a bundle has no figures yet, and how it gets them."""
    st.info(f"{plain(bundle.name)} has not been evaluated yet.", icon=":material/pending:")
    controls.command(f"python -m genre_core evaluate {bundle.name} --data FOLDER")


def baseline_table(metrics: Mapping[str, Any]) -> pd.DataFrame:
    """List every metric with its interval, a column for the network and for each baseline."""
    import pandas as pd

    table: dict[str, list[str]] = {"": [label(name) for name in metrics["values"]]}
    table["this network"] = [written(value) for value in metrics["values"].values()]
    for name, values in metrics.get("baselines", {}).items():
        table[label(name)] = [
            written(values[metric]) if metric in values else "" for metric in metrics["values"]
        ]
    return pd.DataFrame(table)
