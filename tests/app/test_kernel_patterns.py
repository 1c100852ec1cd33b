"""What excites kernels, on the page: stored patterns, groups, corrections, sound, figures."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from genre_core.data.demo import demo_covers
from genre_core.data.kernel_groups import corrected_groups, correction_history
from genre_core.explain import patterns
from genre_core.explain.patterns import Climb
from genre_core.explain.patterns_store import home_folder, save_patterns
from genre_core.explain.removed_store import save_removed
from genre_core.image.cover import prepare_cover
from genre_core.image.decode import decode_cover
from genre_core.jobs import run_control
from genre_core.runs.bundle import Bundle
from pages.ui import permission
from pages.ui.figures import patterns as drawn
from pages.ui.media import choosing
from pages.ui.permission import Visit
from pages.ui.songs import cached as heard
from tests.app_words import everything
from tests.made_bundles import write_bundle
from tests.made_patterns import layer
from tests.made_song_bundles import write_song_bundle
from tests.made_songs_set import write_song

Open = Callable[..., AppTest]

HERE = Visit("127.0.0.1", {"Host": "localhost:8501"})


@pytest.fixture(autouse=True)
def from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody at the machine, who may change things."""
    monkeypatch.setattr(permission, "visitor", lambda: HERE)


GROUPS = ("dots", "horizontal", "vertical", "low frequency", "blank", "mixed", "mixed", "dots")


@pytest.fixture
def covers(empty_home: Path) -> Bundle:
    bundle = write_bundle(empty_home / "models")
    stored = [layer("conv_1", 8, (16, 16, 3), GROUPS), layer("logits", 2, (16, 16, 3), ())]
    save_patterns(bundle.card, home_folder(), stored)
    return bundle


@pytest.fixture
def songs(empty_home: Path) -> Bundle:
    bundle = write_song_bundle(empty_home / "models")
    groups = ("dots", "blank", "mixed", "mixed")
    save_patterns(bundle.card, home_folder(), [layer("conv_1", 4, (43, 128, 1), groups)])
    return bundle


def charts(app: AppTest) -> str:
    return " ".join(element.proto.id for element in app.get("bidi_component"))


def test_both_views_stand_side_by_side_at_first(covers: Bundle, open_app: Open) -> None:
    app = open_app("kernels")
    assert not app.exception
    said = everything(app)
    counted = "2 dots, 1 horizontal, 1 vertical, 1 low frequency, 1 blank, 2 mixed"
    by_rule = counted.replace("1 blank", "1 blank, 1 of which answers real covers")
    assert f"**What excites them most**: {by_rule}." in said
    assert "patterns_made.test_conv_1" in charts(app)
    assert "mosaic_made.test_conv_1" in charts(app)
    assert f"Patterns that excite 8 kernels of conv_1 most: {counted}." in said
    assert "1.5 for the built-in cover that excites it most" in said
    assert "What does each genre ask for?" in said


@pytest.mark.parametrize(("view", "has"), [("weights", (0, 1)), ("what excites it most", (1, 0))])
def test_a_link_shows_one_view_alone(
    covers: Bundle, open_app: Open, view: str, has: tuple[int, int]
) -> None:
    app = open_app("kernels", view=view)
    assert not app.exception
    drawn_here = charts(app)
    assert ("patterns_made.test_conv_1" in drawn_here) is bool(has[0])
    assert ("mosaic_made.test_conv_1" in drawn_here) is bool(has[1])


def test_groups_filter_the_mosaic(covers: Bundle, open_app: Open) -> None:
    app = open_app("kernels")
    app.get("button_group")
    [pills] = [one for one in app.get("button_group") if one.proto.label == "Groups"]
    pills.set_value(["dots"]).run()
    assert not app.exception
    assert "Patterns that excite 2 kernels of conv_1 most: 2 dots." in everything(app)


def test_a_correction_is_kept_with_who_and_when(covers: Bundle, open_app: Open) -> None:
    app = open_app("kernels", kernel="5")
    app.text_input(key="kernels_who").set_value("Ann").run()
    app.selectbox(key="group_made.test_conv_1_5").select("horizontal").run()
    assert not app.exception
    held = corrected_groups(covers.card.model_sha256, "conv_1")[5]
    assert (held.name, held.who) == ("horizontal", "Ann")
    said = everything(app)
    assert "Group **horizontal**, corrected by Ann on" in said
    assert "the rule says mixed" in said
    assert "2 horizontal" in said
    app.selectbox(key="group_made.test_conv_1_5").select("by the rule").run()
    assert corrected_groups(covers.card.model_sha256, "conv_1") == {}
    assert len(correction_history(covers.card.model_sha256, "conv_1", 5)) == 2


def test_who_may_change_nothing_corrects_nothing(
    covers: Bundle, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(permission.SETTING, "nobody")
    app = open_app("kernels", kernel="5")
    assert not [one for one in app.selectbox if one.key == "group_made.test_conv_1_5"]


def test_a_songs_pattern_has_hz_and_seconds_and_is_heard_when_asked(
    songs: Bundle, open_app: Open
) -> None:
    app = open_app("kernels", kernel="0")
    assert not app.exception
    said = everything(app)
    assert "Spectrogram of the pattern that excites kernel 0 of conv_1 most, 0.0 to 1.0 s" in said
    assert not app.get("audio")
    app.session_state["hear_conv_1_stored"] = True
    app.run()
    assert not app.exception
    assert len(app.get("audio")) == 1
    assert "No music sounds like this." in everything(app)


def test_a_blank_kernel_is_not_heard(songs: Bundle, open_app: Open) -> None:
    app = open_app("kernels", kernel="1")
    assert app.get_by_key("pattern_made.song_conv_1") is not None
    assert "Hear it (an approximation)" not in everything(app)


def test_a_kernel_is_sought_when_asked(
    covers: Bundle, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Climb.__init__.__kwdefaults__, "steps", 2)
    app = open_app("kernels", layer="conv_1", kernel="2")
    app.session_state["seek_conv_1"] = True
    app.run()
    app.button(key="seek_go").click().run()
    assert not app.exception
    assert app.get_by_key("sought_conv_1_2") is not None


def test_a_pattern_begins_with_an_own_song_at_its_second(
    songs: Bundle, open_app: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(Climb.__init__.__kwdefaults__, "steps", 1)
    content = write_song(tmp_path / "mine.ogg", "Tones", duration_s=4.0).read_bytes()
    app = open_app("kernels", layer="conv_1", kernel="0")
    app.session_state["songs_kept"] = [SimpleNamespace(name="mine.ogg", getvalue=lambda: content)]
    app.session_state["song_last"] = "mine.ogg"
    app.session_state["seek_conv_1"] = True
    app.run()
    assert not app.exception
    box = app.selectbox(key="seek_start_song")
    assert box.options[:2] == ["noise", "mine.ogg (looked at last)"]
    box.select("mine.ogg").run()
    app.number_input(key="seek_second").set_value(3).run()
    begun = []
    excite = patterns.excite_kernels

    def seen(*arguments: object, start: np.ndarray, **more: object) -> object:
        begun.append(start)
        return excite(*arguments, start=start, **more)

    monkeypatch.setattr(patterns, "excite_kernels", seen)
    app.button(key="seek_go").click().run()
    assert not app.exception
    mine = choosing.uploaded(app.session_state["songs_kept"], "song")[0]
    segments = heard.prepared(mine, songs)
    third = np.flatnonzero((segments.start_s <= 3) & (segments.end_s > 3))[0]
    [start] = begun
    np.testing.assert_array_equal(start, segments.inputs[third])
    assert third != len(segments) // 2


def test_a_genres_pattern_begins_with_a_cover(
    covers: Bundle, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(Climb.__init__.__kwdefaults__, "steps", 1)
    app = open_app("kernels")
    app.session_state["seek_genre"] = True
    app.run()
    app.selectbox(key="seek_genre_start_cover").select(demo_covers()[1].title).run()
    begun = []
    excite = patterns.excite_genres

    def seen(*arguments: object, start: np.ndarray, **more: object) -> object:
        begun.append((arguments[2], start))
        return excite(*arguments, start=start, **more)

    monkeypatch.setattr(patterns, "excite_genres", seen)
    app.button(key="seek_genre_go").click().run()
    assert not app.exception
    [(genres, start)] = begun
    assert genres == [0]
    picture = prepare_cover(decode_cover(demo_covers()[1].path), covers.card.input)
    np.testing.assert_array_equal(start, picture)
    assert app.get_by_key("sought_logits_0") is not None
    assert f"Pattern that excites the answer {covers.card.genres[0]} most" in everything(app)


def test_without_stored_patterns_a_run_is_offered(
    covers: Bundle, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    started = []
    monkeypatch.setattr(run_control, "start", started.append)
    (home_folder() / f"{covers.card.model_sha256[:16]}.npz").unlink()
    app = open_app("kernels", layer="conv_2")
    assert "What excites these kernels was not sought yet." in everything(app)
    app.button(key="patterns_start").click().run()
    assert not app.exception
    assert [(request.kind, request.settings) for request in started] == [
        ("patterns", {"model": "made.test"})
    ]


def test_where_only_other_layers_are_stored_the_page_says_which(
    covers: Bundle, open_app: Open
) -> None:
    said = everything(open_app("kernels", layer="conv_2"))
    assert "Stored are *conv_1*. In other layers a kernel is sought" in said


def test_what_was_measured_stands_there(covers: Bundle, open_app: Open) -> None:
    figure = {"value": 0.5, "low": 0.4, "high": 0.6}
    figures = dict.fromkeys(("accuracy", "balanced_accuracy", "macro_f1"), figure)
    row = {
        "what": "second layer",
        "layer": "conv_2",
        "group": "",
        "n_kernels": 16,
        "n_filters": 16,
        "figures": figures,
        "gains": figures,
        "n_changed": 7,
    }
    result = {
        "version": 1,
        "model": "made.test",
        "data": {"name": "made", "digest": "x"},
        "split": "test",
        "source": "",
        "n": 20,
        "n_groups": 10,
        "n_per_genre": [10, 10],
        "whole": figures,
        "rows": [row, row | {"what": "group", "group": "blank", "n_kernels": 3, "n_changed": 1}],
    }
    save_removed(covers.card, result, home_folder())
    reason = "a genre of 4 groups"
    alone = {name: {"value": 0.5, "no_interval": reason} for name in figures}
    save_removed(covers.card, result | {"split": "all", "whole": alone}, home_folder())
    app = open_app("kernels")
    assert not app.dataframe  # a table is made when it is asked for
    app.session_state["removed_0"] = app.session_state["removed_1"] = True
    app.run()
    assert not app.exception
    said = everything(app)
    assert said.count(f"Figures stand without intervals ({reason})") == 1
    tables = [one.value for one in app.dataframe if "change of it" in one.value]
    changes = [table["change of it"].tolist() for table in tables]
    assert said.count("Nothing was trained again") == 1
    assert changes == [["+0.500 (+0.400 to +0.600)"] * 2, ["+0.500"] * 2]
    assert "On 20 items of *made* (10 groups): accuracy 0.500 (0.400 to 0.600)" in said
    assert "without *conv_2* **7 of 20 answers change** (balanced accuracy 0.500 to 0.500)" in said
    assert (
        "The 3 blank kernels, taken out layer by layer, change at most **1 of 20 answers**" in said
    )


def test_a_measurement_is_asked_for_as_a_run(
    covers: Bundle, open_app: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from pages.ui.kernel_patterns import worth
    from tests.made_bundles import write_dataset

    data = write_dataset(tmp_path / "covers")
    monkeypatch.setattr(worth.data_sets, "names", lambda: [str(data.root)])
    started = []
    monkeypatch.setattr(run_control, "start", started.append)
    app = open_app("kernels", kernel="3")
    app.session_state["remove"] = True
    app.run()
    app.checkbox(key="remove_chosen").check().run()
    app.button(key="remove_start").click().run()
    assert not app.exception
    [request] = started
    assert (request.kind, request.settings["kernels"]) == ("remove", {"conv_1": [3]})


def test_the_simple_view_leaves_out_what_needs_explaining(covers: Bundle, open_app: Open) -> None:
    app = open_app("kernels", detail="Simple", kernel="5")
    assert not app.exception
    assert not [one for one in app.selectbox if one.key == "group_made.test_conv_1_5"]
    assert "Measure it on a data set" not in everything(app)


def test_the_mosaic_frames_each_by_its_group_and_marks_the_chosen() -> None:
    pictures = np.zeros((6, 8, 8), np.uint8)
    pictures[2] = 255
    chart = drawn.mosaic(
        pictures,
        list("abcdef"),
        alt="",
        numbers=range(6),
        words=GROUPS[:6],
        frames=GROUPS[:6],
        chosen=2,
    )
    legend = dict(chart.legend)
    assert set(legend) == set(GROUPS[:6])
    assert [legend[group] for group in GROUPS[:6]] == list(chart.edges)
    assert len(set(chart.edges)) == 6
    assert chart.chosen == 2
    assert chart.words == ["dots", "horiz.", "vert.", "low f.", "blank", "mixed"]
    # The brightest is the brightest; what is blank is grey, and the page shows through.
    assert chart.pictures[2, 0, 0].tolist() == [252, 253, 191, 255]
    assert chart.pictures[4, 0, 0].tolist() == [127, 127, 127, 40]
