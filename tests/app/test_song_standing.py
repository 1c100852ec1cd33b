"""Songs: the place among references, thresholds of the visitor's own, and what they are worth."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from genre_core.data.demo import demo_songs
from genre_core.lessons.stored import load_lesson
from genre_core.metrics.references import Place
from genre_core.metrics.thresholds import above, at_false_alarms
from genre_core.runs.bundle import Bundle, open_bundle
from pages.ui import figures
from pages.ui.songs import standing, verdicts
from tests.app_words import everything
from tests.made_references import made_references, write_made_references
from tests.made_song_bundles import write_song_bundle

Open = Callable[..., AppTest]
SHORT = demo_songs()[2].title
PLACE = "Among songs people know"


@pytest.fixture
def scoring(empty_home: Path, stored: Path) -> Bundle:
    """Home with one network that scores prog."""
    folder = empty_home / "models" / "made.song"
    return open_bundle(shutil.copytree(stored / "made.song", folder))


@pytest.fixture
def placed(scoring: Bundle) -> Bundle:
    """Home with one network that scores prog, with references."""
    write_made_references(scoring)
    return scoring


def test_the_page_leads_with_the_place_and_the_most_prog_moment(
    placed: Bundle, open_app: Open
) -> None:
    app = open_app("songs", song=SHORT, part=PLACE)
    assert not app.exception
    words = everything(app)
    assert "prog than most Rock and Pop songs people know.**" in words
    assert "Most prog at **0:" in words
    assert "right 71 times in 100 (a coin: 50)" in words
    assert "**Classical scores high** without being prog" in words
    assert app.get_by_key("strip_dots") is not None
    # Without a threshold nothing is called prog or not.
    assert app.number_input("threshold").value is None
    assert not [each for each in app.metric if each.value in ("prog", "not prog", "no answer")]
    assert "says prog" not in words


def test_a_threshold_of_the_visitor_s_own_says_prog_or_not_with_its_worth(
    placed: Bundle, open_app: Open
) -> None:
    app = open_app("songs", song=SHORT, part=PLACE)
    app.number_input("threshold").set_value(0.4).run()
    assert not app.exception
    words = everything(app)
    # The made references: five rendered prog songs in ten scores above .4, four of ten others.
    assert "Progressive Rock (rendered) 8 of 10 by 5 artists" in words
    assert "False alarms: Rock 3 of 12; Rock/Pop (rendered) 4 of 10" in words
    assert "None of Pop, Jazz." in words
    own = f"threshold_{placed.name}"
    app.number_input(own).set_value(1.0).run()
    words = everything(app)
    assert "no better than a coin" in words
    assert "it says no answer" in words


def test_an_old_link_s_threshold_is_honoured_for_every_network(
    placed: Bundle, empty_home: Path, open_app: Open
) -> None:
    write_song_bundle(empty_home / "models", name="made.other")
    app = open_app("songs", song=SHORT, part=PLACE, threshold="0.3", vote="majority vote")
    assert not app.exception
    assert app.number_input("threshold").value == 0.3
    assert [each.label for each in app.metric].count("majority vote") == 2
    assert "At your thresholds" in everything(app)


def test_without_references_or_a_threshold_that_is_one_the_page_says_so(
    scoring: Bundle, open_app: Open
) -> None:
    app = open_app("songs", song=SHORT, threshold="much")
    assert not app.exception
    words = everything(app)
    assert "**No references are stored**" in words
    assert "strip_dots" not in words
    assert "At your threshold" not in words


class Heard(list[float]):
    """Stand in for a prediction: scores of segments of 30 s, the last one the highest."""

    def __init__(self, n_segments: int) -> None:
        super().__init__(np.linspace(0.1, 0.3, n_segments))
        self.scores = np.array(self)
        self.start_s = 30.0 * np.arange(n_segments)
        self.end_s = self.start_s + 30.0


def standing_of(
    shares: list[float], chances: list[float], *, n_segments: int = 2
) -> list[standing.Standing]:
    """Stand in for networks: the share of rock and pop below, and how they tell prog."""
    return [
        standing.Standing(
            SimpleNamespace(name=str(k)),  # type: ignore[arg-type]
            Heard(n_segments),  # type: ignore[arg-type]
            0.3,
            151.0 + k,
            SimpleNamespace(  # type: ignore[arg-type]
                told_apart={"value": chance}, high=(), songs=made_references()
            ),
            (Place("Rock and Pop", share, share - 0.1, share + 0.1, 30, 9, 0, 0),),
        )
        for k, (share, chance) in enumerate(zip(shares, chances, strict=True))
    ]


@pytest.fixture
def auc(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the second of the networks of `standing_of` judged by ROC AUC."""
    auc = {"headline": "roc_auc", "values": {"roc_auc": 0.84}}
    monkeypatch.setattr(standing, "metrics_of", lambda bundle: auc if bundle.name == "1" else {})
    monkeypatch.setattr(standing, "short", lambda bundle: f"Network {bundle.name}")


@pytest.mark.usefixtures("auc")
def test_the_lead_gives_the_span_of_the_networks_and_how_sure_it_is() -> None:
    several = standing_of([0.652, 0.78], [0.58, 0.621])
    assert standing.lead(several, (30.0, 40.0)) == (
        "**More prog than most Rock and Pop songs people know, say both networks.** The "
        "middle of the networks puts it above **72 of 100** such songs (from 65 to 78). Most prog "
        "at **0:30** for 2 networks together."
    )
    trust = standing.trust(several)
    assert "Better than a coin, far from sure" in trust
    assert "two songs that a synthesizer played is the prog one, they are right 58 to 62" in trust
    played = "Songs known to be prog are stored here only as transcriptions played so"
    rests_on = standing.pairs(several)
    assert rests_on.endswith(f"{played}; the ROC AUC below is by Network 1 alone, on other songs.")
    assert standing.pairs(several[:1]).endswith(f"{played}.")
    several[0].stored.songs.rendered[:] = False  # now some are recordings
    assert played not in standing.pairs(several)
    several[0].stored.songs = made_references()
    assert "played by one synthesizer, the prog one scores higher in 58" in standing.pairs(several)
    assert "Hardly better than a coin" in standing.trust(standing_of([0.5], [0.55]))
    assert "Right more often than not" in standing.trust(standing_of([0.5], [0.8]))
    assert standing.lead(standing_of([0.5], [0.5]), (151.0, 161.0)) == (
        "**Not clearly more or less prog than most Rock and Pop songs "
        "people know.** It scores above **50 of 100** such songs. Most prog at **2:31**."
    )
    assert standing.lead(standing_of([0.5], [0.5], n_segments=1), None).endswith(
        "**50 of 100** such songs."
    )


def test_only_what_most_networks_say_is_bold() -> None:
    def lead(*shares: float) -> str:
        return standing.lead(standing_of(list(shares), [0.5] * len(shares)), None)

    open_ = "**Not clearly more or less prog than most Rock and Pop songs "
    # Two of five are no majority, nor is half.
    assert lead(0.1, 0.2, 0.45, 0.5, 0.55) == (
        f"{open_}people know.** 2 say less, 3 cannot tell. The middle network puts it above "
        "**45 of 100** such songs (from 10 to 55)."
    )
    assert lead(0.1, 0.49).startswith(f"{open_}people know.** 1 says less, 1 cannot tell.")
    assert lead(0.45, 0.5).startswith(f"{open_}people know.** The middle of the networks")
    assert lead(0.001, 0.3, 0.48, 0.999) == (
        f"{open_}people know.** 1 says more, 2 say less, 1 cannot tell. The middle of the networks "
        "puts it above **39 of 100** such songs (from none to all)."
    )
    assert lead(0.1, 0.7, 0.8, 0.9, 0.5) == (
        "**More prog than most Rock and Pop songs people know, say 3 of 5 networks.** 1 says less, "
        "1 cannot tell. The middle network puts it above **70 of 100** such songs (from 10 to 90)."
    )
    assert lead(0.1, 0.2, 0.3).startswith(
        "**Less prog than most Rock and Pop songs people know, say all 3 networks.** The middle"
    )


def test_a_high_genre_is_told_where_most_networks_say_so() -> None:
    several = standing_of([0.652, 0.78], [0.58, 0.621])
    # What scores as high without being prog is said at once, where most networks say so.
    for standing_ in several:
        standing_.stored.high = ({"genre": "Classical", "value": 0.8},)
    assert standing.lead(several, None).endswith(
        "78). (Classical songs mostly score high, prog or not.)"
    )
    several[0].stored.high = ()
    assert "Classical songs mostly" not in standing.lead(several, None)
    assert "Not measured" in standing.trust([])


def test_which_genre_scores_high_comes_from_the_references() -> None:
    def note(*rows: list[tuple[str, float]]) -> str:
        return standing.high_note(
            [
                SimpleNamespace(
                    stored=SimpleNamespace(high=[{"genre": g, "value": v} for g, v in row])
                )
                for row in rows
            ]  # type: ignore[arg-type]
        )

    assert note([]) == ""
    said = note([("Classical", 0.8)], [("Classical", 0.7), ("Jazz", 0.9)], [])
    assert said.startswith("**Classical scores high** without being prog, by 2 of 3 networks")
    assert "in 70 to 80 of 100 pairs" in said
    assert "by this network" in note([("Jazz", 0.9)])


def test_teachers_of_real_prog_are_asked_at_as_many_false_alarms(genre_home: Path) -> None:
    def bundle(*teachers: str) -> SimpleNamespace:
        card = SimpleNamespace(experiment={"training": {"prog_teachers": list(teachers)}})
        return SimpleNamespace(card=card)

    rows = above(made_references(), 0.4)  # 3 of 28 others that nobody rendered
    said = verdicts.teachers_at(bundle("acoustic", "depthwise", "resnet"), rows)
    curve = load_lesson("song_votes")["thresholds"]
    false, found = at_false_alarms(curve["false_alarms"], curve["sensitivity"], 3 / 28)
    assert false <= 3 / 28
    assert f"({100 * false:.0f} % of 153 songs that are not prog)" in said
    assert f"they find {100 * found:.0f} % of 135 prog songs" in said
    assert verdicts.teachers_at(bundle(), rows) == ""


def test_every_reference_is_a_dot_in_its_row_and_the_song_a_line() -> None:
    made = made_references()
    rows = [
        figures.Row("Rock", made.scores[made.genres == "Rock"]),
        figures.Row("Prog,<br>rendered", made.scores[made.prog == 1], is_prog=True),
    ]
    chart = figures.reference_strip(rows, 0.95, "this song", threshold=0.4)
    assert "Prog, rendered 0.55 (10 songs)" in chart.alt
    rock, prog = chart.figure.data
    assert (list(rock.x), len(prog.x)) == (list(rows[0].scores), 10)
    assert max(abs(np.array(rock.y))) <= 0.3
    assert rock.marker.symbol != prog.marker.symbol
    assert sorted(shape.x0 for shape in chart.figure.layout.shapes) == [0.4, 0.95]
    assert chart.figure.layout.xaxis.range[1] == 1.0
    # The same dots at the same heights each time: a rerun moves nothing.
    again = figures.reference_strip(rows, 0.95, "this song").figure.data[0]
    assert list(again.y) == list(rock.y)
