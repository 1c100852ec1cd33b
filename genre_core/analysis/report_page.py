"""One file that tells of an evaluation: figures, errors, and what could fool its reader."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genre_core.analysis.markup import Markup, element, listing, page, section, table
from genre_core.analysis.report_beside import compared
from genre_core.analysis.report_facts import failing_slices, told_by_facts
from genre_core.analysis.report_figures import bars, calibration_curve, matrix, written
from genre_core.analysis.report_items import clearest_errors, notes_on, suspected_labels
from genre_core.data.catalog import Catalog
from genre_core.errors import GenreError
from genre_core.runs.bundle import find_bundle
from genre_core.runs.card import Card
from genre_core.runs.evaluations import EvaluationRecord
from genre_core.runs.table import FIGURE_NAMES

_BASELINES = {
    "majority": "always the commonest genre",
    "colour": "colours alone",
    "mfcc": "MFCCs alone",
    "file_facts": "facts of the files alone",
}
_FEW = 30  # items of a genre


def report_html(
    record: EvaluationRecord,
    *,
    catalog: Catalog | None = None,
    beside: EvaluationRecord | None = None,
) -> str:
    """Tell of an evaluation in one HTML file that needs no network, no script and no other file.

    It holds figures with baselines and intervals, what could fool the reader, the confusion matrix,
    each genre, calibration, where it fails most, what facts of the files alone tell, the clearest
    errors, suspected labels, notes, the network in short, and where all of it comes from. Of 10,000
    items that takes some seconds.

    Parameters
    ----------
    record : EvaluationRecord
        Made, or a model's own.
    catalog : Catalog, optional
        Of the very data set that was evaluated, where it is here (`dataset_of`): for notes, and of
        covers for thumbnails of at most 96 px. Sounds are left out.
    beside : EvaluationRecord, optional
        Another network on the same items, to be compared with.

    Returns
    -------
    str
        All text of others in it is escaped; below 2 MB.

    Raises
    ------
    EvaluationError
        An evaluation is damaged.
    ParameterError
        The two have no item in common.
    """
    rows, metrics, card = record.predictions(), record.metrics(), card_of(record)
    title = f"{record.about['model'].get('title') or record.name}: how it does on {_data(record)}"
    notes = notes_on(rows, catalog) if catalog is not None else Markup()
    return page(
        title,
        element("h1", title),
        _lead(record, metrics),
        _figures(metrics),
        section("What could fool you", listing(cautions(record, metrics, card))),
        _confusion(record, metrics),
        _calibration(metrics),
        compared(record, rows, beside) if beside is not None else Markup(),
        failing_slices(record, rows),
        told_by_facts(record),
        clearest_errors(record, rows, catalog),
        suspected_labels(record, rows),
        notes,
        _network(record, card),
        _provenance(record, metrics),
    )


def cautions(record: EvaluationRecord, metrics: Mapping[str, Any], card: Card | None) -> list[str]:
    """List what could fool somebody who reads the figures, a sentence each, the gravest first.

    Items that the network may have learnt from, what a model reaches by facts of files, the
    confounds of its card, small genres, scores that are no probabilities, how it was chosen, the
    split rule and what the interval leaves out.
    """
    about, figure = record.about, metrics["headline"]
    lines = []
    n, n_seen = int(metrics["n"]), int(about["n_seen"])
    if n_seen:
        unseen = metrics.get("unseen", {}).get("values", {}).get(figure)
        also = f" On the others {_named(figure)} is {written(unseen)}." if unseen else ""
        lines.append(f"The network may have learnt from {n_seen:,} of these {n:,} items.{also}")
    if about.get("is_seen_known") is False:
        lines.append("Which items the network learnt from is not known here.")
    for extra in metrics.get("extra", []):
        if "source_probe" in extra:
            lines.append(
                f"Facts of the files alone reach {written(extra['source_probe'])} "
                f"({_named(extra['figure'])}) on “{extra['title']}”, where the network has "
                f"{written(extra['network'])}."
            )
    if own := metrics.get("neutralised"):
        learnt = ", all of which it may have learnt by heart" if own.get("is_seen") else ""
        lines.append(
            f"Where it is hidden how the files were made, {_named(own['figure'])} is "
            f"{written(own['neutralised'])} on {own['n']:,} of the items, as they are "
            f"{written(own['plain'])}: it changes by {written(own['change'])}{learnt}."
        )
    if card is None:
        lines.append("The network is not here any more, and with it what its card warns of.")
    else:
        lines += card.confounds
    lines += [str(note) for note in metrics.get("notes", []) if "may have learnt" not in note]
    few = [row["genre"] for row in metrics.get("per_genre", []) if row["support"] < _FEW]
    if few:
        lines.append(f"Fewer than {_FEW} items stand behind {', '.join(few)}.")
    if not any(name != "majority" for name in metrics["baselines"]):
        lines.append("No plain baseline stands beside it: how hard the task is cannot be told.")
    if not metrics.get("calibration", {}).get("is_calibrated"):
        lines.append("Its probabilities are scores: they were not fitted to how often it is right.")
    if int(metrics.get("n_runs", 1)) > 1:
        lines.append(f"It was chosen from {metrics['n_runs']} runs, on other items than these.")
    lines.append(f"Split: {metrics['split_rule']}.")
    lines.append(
        f"Interval: {metrics['interval']}. It says how far chance in drawing these "
        f"{metrics['n_groups']:,} groups could move a figure, and nothing of other data."
    )
    return lines


def card_of(record: EvaluationRecord) -> Card | None:
    """Give the card of the very network that was evaluated; None where it is not here."""
    model = record.about["model"]
    try:
        card = find_bundle(model["name"]).card
    except GenreError:
        return None
    return card if card.model_sha256 == model.get("sha256") else None


def _lead(record: EvaluationRecord, metrics: Mapping[str, Any]) -> Markup:
    what = "songs" if record.media == "song" else "covers"
    figure = metrics["headline"]
    hits = (metrics["values"].get("accuracy") or {}).get("value")
    always = (metrics["baselines"].get("majority", {}).get("accuracy") or {}).get("value")
    beside = "" if always is None else f" (always the commonest genre: {100 * always:.0f})"
    said = "" if hits is None else f"Right for {100 * hits:.0f} of 100 {what}{beside}; "
    sentence = (
        f"{said}{_named(figure)} {written(metrics['values'][figure])} on {metrics['n']:,} {what} "
        f"of {metrics['n_groups']:,} groups (artists or duplicates)."
    )
    small = f"{record.name}, made {str(record.about['made'])[:10]}, figures from 0 to 1."
    return element("div", element("p", sentence, class_="lead"), element("p", small, class_="soft"))


def _figures(metrics: Mapping[str, Any]) -> Markup:
    figure, baselines = metrics["headline"], metrics["baselines"]
    rows = [("this network", metrics["values"].get(figure))]
    rows += [(_baseline(name, own), own.get(figure)) for name, own in baselines.items()]
    drawn = [(name, own) for name, own in rows if own and own.get("value") is not None]
    names = [_baseline(name, own) for name, own in baselines.items()]
    lines = [
        (_named(name), written(value), *(written(own.get(name)) for own in baselines.values()))
        for name, value in metrics["values"].items()
    ]
    gains = [
        f"Gain over {_BASELINES.get(name, name.replace('_', ' '))}: {written(value)}, paired on "
        "the same items."
        for key, value in metrics.items()
        if (name := key.removeprefix("gain_over_")) != key and value.get("value") is not None
    ]
    return section(
        "Figures",
        element("p", f"{_named(figure)}, with what stands beside it:"),
        *([bars(drawn, f"{_named(figure)} of the network and of its baselines")] if drawn else []),
        *(element("p", gain) for gain in gains),
        table(["figure", "this network", *names], lines, "In brackets: 95 % interval", n_text=9),
    )


def _confusion(record: EvaluationRecord, metrics: Mapping[str, Any]) -> Markup:
    genres = [
        (
            row["genre"],
            *(_number(row.get(name)) for name in ("precision", "recall", "f1")),
            f"{row['support']:,}",
        )
        for row in metrics.get("per_genre", [])
    ]
    counts = metrics.get("confusion")
    return section(
        "What it takes for what",
        *([matrix(counts, record.genres)] if counts else []),
        table(
            ["genre", "precision", "recall", "F1", "items"],
            genres,
            "Precision: share of its answers that are right. Recall: share of the genre it finds.",
        ),
    )


def _calibration(metrics: Mapping[str, Any]) -> Markup:
    own = metrics.get("calibration")
    if not own:
        return Markup()
    text = (
        f"Expected calibration error {own['ece']:.3f}; {own['ece_by_chance']:.3f} would be left by "
        f"chance if its probabilities held. Log loss {written(own['log_loss'])}, "
        f"{own['log_loss_of_shares']:.3f} for always saying the genres' shares."
    )
    return section(
        "Can its probabilities be believed?",
        element("p", text),
        calibration_curve(own["reliability"]),
        element("p", "On the dashed line what is said comes true as often.", class_="soft"),
    )


def _network(record: EvaluationRecord, card: Card | None) -> Markup:
    if card is None:
        return section("The network", element("p", "Not here any more."))
    data = card.data
    facts = [
        ("name", card.name),
        ("architecture", f"{card.architecture}, {card.n_parameters:,} parameters"),
        ("genres", ", ".join(card.genres)),
        ("learnt from", str(data.get("title") or data.get("name", ""))),
        ("items", " / ".join(str(data.get(f"n_{part}", "?")) for part in ("train", "val", "test"))),
        ("licence of that data", str(data.get("licence", ""))),
        *(
            ("made with", f"{own['name']} ({own['licence']}; {own['owner']})")
            for own in card.sources
        ),
    ]
    return section("The network", element("p", card.description), table(["", ""], facts, n_text=2))


def _provenance(record: EvaluationRecord, metrics: Mapping[str, Any]) -> Markup:
    about = record.about
    mapping = [f"{label} → {genre or 'left out'}" for label, genre in about["mapping"].items()]
    facts = [
        ("evaluation", record.name),
        ("split", about["split"]),
        ("items", f"{metrics['n']:,}; {about['n_left_out']:,} could not be read"),
        ("labels", "; ".join(mapping) or "by the recipe's own rules"),
        ("data", f"{_data(record)}, digest {about['data'].get('digest', '')}"),
        ("network's file", f"SHA-256 {about['model'].get('sha256', '')}"),
        ("made", about["made"]),
        ("by", about["command"]),
        ("with", ", ".join(f"{name} {own}" for name, own in about["versions"].items())),
    ]
    return section("Where it comes from", table(["", ""], facts, n_text=2))


def _data(record: EvaluationRecord) -> str:
    data = record.about["data"]
    return str(data.get("title") or data["name"])


def _named(figure: str) -> str:
    return FIGURE_NAMES.get(figure, figure.replace("_", " "))


def _baseline(name: str, own: Mapping[str, Any]) -> str:
    text = _BASELINES.get(name, name.replace("_", " "))
    return f"{text} ({own['genre']})" if "genre" in own else text


def _number(value: float | None) -> str:
    return "none" if value is None else f"{value:.3f}"
