"""The report: one file that holds all it needs, runs nothing, and shows every text as text."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from genre_core.analysis.report_page import cautions, report_html
from genre_core.data.notes import note
from genre_core.runs.bundle import METRICS_FILE
from genre_core.runs.evaluations import EvaluationRecord
from tests.made_bundles import write_dataset
from tests.made_evaluations import made_evaluation, made_predictions

EVIL = "<script>alert(1)</script>"


class Read(HTMLParser):
    """What a browser would make of a file: its elements, whether they are closed, and its text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.names: list[str] = []
        self.addresses: list[str] = []
        self.text, self._open = "", [""]
        self.feed(text)
        assert self._open == [""], self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.append(tag)
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        assert not [name for name, _ in attrs if name.startswith("on")]
        if tag not in ("meta", "img", "br"):
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text += "" if self._open[-1] == "style" else data


def of_covers(tmp_path: Path, **about: object) -> tuple[EvaluationRecord, object]:
    catalog = write_dataset(tmp_path / "data")
    rows = made_predictions(12, accuracy=0.3)
    rows["item_id"] = catalog.frame["item_id"].to_numpy()
    rows["title"] = f"{EVIL} & \x00\x1b 'co'"
    return made_evaluation(predictions=rows, **about), catalog


def test_it_holds_all_it_needs_and_shows_every_text_as_text(tmp_path: Path) -> None:
    record, catalog = of_covers(tmp_path, command=EVIL, mapping={EVIL: "Rock"})
    note(catalog, "000.png", text=EVIL, who="Ann")
    text = report_html(record, catalog=catalog)
    text.encode()
    page = Read(text)
    assert not {"script", "link", "iframe", "object", "form"} & set(page.names)
    assert page.names.count("img") > 5
    assert all(address.startswith("data:image/jpeg;base64,") for address in page.addresses)
    assert "url(" not in text
    assert page.text.count(f"{EVIL} & \ufffd\ufffd 'co'") > 5
    assert page.text.count(EVIL) > page.text.count(f"{EVIL} &") + 2  # command, mapping, note
    for title in ("Figures", "What could fool you", "What it takes for what", "Labels that may be"):
        assert title in page.text
    assert len(text) < 2_000_000


def test_its_numbers_are_the_record_s(tmp_path: Path) -> None:
    record = made_evaluation(200, seed=3)
    metrics = record.metrics()
    page = Read(report_html(record))
    figure = metrics["values"]["macro_f1"]
    assert f"{figure['value']:.3f} ({figure['low']:.3f} to {figure['high']:.3f})" in page.text
    assert "always the commonest genre (Rock)" in page.text
    hits = metrics["values"]["accuracy"]["value"]
    always = metrics["baselines"]["majority"]["accuracy"]["value"]
    assert f"Right for {100 * hits:.0f} of 100 covers" in page.text
    assert f"(always the commonest genre: {100 * always:.0f}); macro-F1" in page.text
    body = re.sub(r"\s+", " ", page.text)
    for row in metrics["confusion"]:
        assert "".join(map(str, row)) in body
    assert "The data set is not here: no covers." in page.text


def test_songs_are_named_and_not_heard(tmp_path: Path) -> None:
    page = Read(report_html(made_evaluation(media="song")))
    assert {"audio", "img"} & set(page.names) == set()
    assert "Artist" in page.text
    assert "no covers" not in page.text


def test_a_figure_that_is_not_defined_is_said_not_to_be() -> None:
    record = made_evaluation(60)
    metrics = record.metrics()
    for figures in (metrics["values"], *metrics["baselines"].values()):
        figures |= {name: {"value": None} for name in metrics["values"]}
    (record.folder / METRICS_FILE).write_text(json.dumps(metrics))
    page = Read(report_html(record))
    assert "macro-F1 not measured on 60 covers" in page.text
    assert "svg" not in page.names


def test_what_may_have_been_learnt_is_said_first_and_suspects_nothing(tmp_path: Path) -> None:
    record = made_evaluation(50, n_seen=50)
    first = cautions(record, record.metrics(), None)[0]
    assert first == "The network may have learnt from 50 of these 50 items."
    assert report_html(record).count("Suspected labels need probabilities of items that") == 2


@pytest.mark.parametrize(
    ("change", "line"),
    [
        ({"n_runs": 3}, "chosen from 3 runs"),
        (
            {
                "neutralised": {
                    "figure": "macro_f1",
                    "n": 9,
                    "plain": {"value": 0.5},
                    "neutralised": {"value": 0.4},
                    "change": {"value": -0.1, "low": -0.2, "high": -0.05},
                }
            },
            "it changes by -0.100 (-0.200 to -0.050)",
        ),
        ({"notes": ["2 could not be read"]}, "2 could not be read"),
        ({"calibration": {"is_calibrated": False}}, "are scores"),
        ({"split_rule": "random"}, "Split: random."),
        ({"per_genre": [{"genre": "Odd", "support": 4}]}, "Fewer than 30 items stand behind Odd"),
    ],
)
def test_what_could_fool_a_reader_is_said(change: dict[str, object], line: str) -> None:
    record = made_evaluation(300)
    metrics = record.metrics() | {"calibration": {"is_calibrated": True}}
    plain = cautions(record, metrics, None)
    changed = cautions(record, metrics | change, None)
    assert any(line in text for text in changed)
    assert not any(line in text for text in plain)


def test_where_it_fails_and_what_files_tell_stands_in_it() -> None:
    rows = made_predictions(600, media="song", accuracy=0.9)
    rows["fact_loudness"] += 9 * (rows["genre_index"] == 2)
    is_old = (rows["source"] == "archive") & (rows["group"].str[-1] < "7")
    rows.loc[is_old, "predicted"] = (rows.loc[is_old, "genre_index"] + 1) % 3
    page = Read(report_html(made_evaluation(predictions=rows, media="song")))
    assert "source: archive" in page.text
    assert "Named as a shortcut: loudness (p" in page.text
    page = Read(report_html(made_evaluation(600, media="song")))
    assert "tried, by source" in page.text
    assert "none of them wrong more often" in page.text
    assert "Named as a shortcut: none (p" in page.text


def test_two_networks_are_compared_item_by_item() -> None:
    rows = made_predictions(120, seed=1)
    other = made_predictions(120, seed=2).assign(
        genre_index=rows["genre_index"], item_id=rows["item_id"].to_numpy()
    )
    a = made_evaluation(predictions=rows)
    b = made_evaluation(predictions=other, model="other.test", n_seen=7)
    page = Read(report_html(a, beside=b))
    right = [own["genre_index"] == own["predicted"] for own in (rows, other)]
    for name, n in (
        ("both right", (right[0] & right[1]).sum()),
        ("only A right", (right[0] & ~right[1]).sum()),
        ("only B right", (~right[0] & right[1]).sum()),
        ("both wrong", (~right[0] & ~right[1]).sum()),
    ):
        assert f"{name}{n}" in page.text
    gain = right[0].mean() - right[1].mean()
    assert f"Gain of A over B in accuracy: {gain:+.3f} (" in page.text
    assert "B may have learnt from 7 of its items." in page.text
