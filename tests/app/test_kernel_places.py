"""Where in a data set kernels answer most, on the page: asked as a run, shown when asked for."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from genre_core.data.catalog import Catalog
from genre_core.data.importers import find_dataset
from genre_core.data.song_inputs import read_song_file
from genre_core.explain.exciting_store import list_exciting, load_exciting
from genre_core.jobs import run_control
from genre_core.jobs.exciting import exciting_request
from genre_core.jobs.run_worker import carry_out
from genre_core.runs.bundle import Bundle
from genre_core.runs.run_folder import new_run
from pages.ui import data_sets, permission
from pages.ui.kernel_patterns import cached as patterns_cached
from pages.ui.permission import Visit
from tests.app_words import everything
from tests.made_bundles import write_bundle, write_dataset
from tests.made_song_bundles import write_song_bundle

Open = Callable[..., AppTest]

HERE = Visit("127.0.0.1", {"Host": "localhost:8501"})


@pytest.fixture(autouse=True)
def from_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody at the machine, who may change things."""
    monkeypatch.setattr(permission, "visitor", lambda: HERE)


@pytest.fixture
def covers(empty_home: Path) -> tuple[Bundle, Catalog]:
    """A network whose kernels were asked about twelve imported covers."""
    bundle = write_bundle(empty_home / "models")
    return bundle, asked(bundle, write_dataset(empty_home / "datasets" / "made"))


def asked(bundle: Bundle, catalog: Catalog) -> Catalog:
    carry_out(new_run(exciting_request(str(bundle.folder), str(catalog.root), limit=40)))
    return catalog


def test_nothing_is_read_before_it_is_asked_for(
    covers: tuple[Bundle, Catalog], open_app: Open
) -> None:
    app = open_app("kernels", layer="conv_2", kernel="3")
    assert not app.exception
    said = everything(app)
    assert "Which covers excite kernel 3 most?" in said
    assert "Of 12 covers of *Made* these excite it most" in said
    assert "The 8 parts of covers" not in said
    app.toggle(key="excited_shown").set_value(True).run()
    assert not app.exception
    said = everything(app)
    assert "The 8 parts of covers that excite kernel 3 of conv_2 most, strongest first:" in said
    [facts] = list_exciting(covers[0].card)
    best = load_exciting(facts, "conv_2").item_ids[3, 0]
    row = covers[1].frame.set_index("item_id").loc[best]
    assert f"**1** {row['title']} · {row['artist']} ({row['labels'][0]})." in said


def test_a_data_set_that_is_gone_or_a_cover_is_said_to_be(
    covers: tuple[Bundle, Catalog], open_app: Open
) -> None:
    bundle, catalog = covers
    [facts] = list_exciting(bundle.card)
    best = load_exciting(facts, "conv_2").item_ids[3, 0]
    (catalog.root / best).unlink()
    app = open_app("kernels", layer="conv_2", kernel="3", excited_shown="true")
    app.toggle(key="excited_shown").set_value(True).run()
    assert not app.exception
    said = everything(app)
    assert "1 of 8 cannot be read any more." in said
    assert "The 7 parts of covers" in said


def test_a_changed_data_set_is_not_shown_as_the_one_that_was_asked(
    covers: tuple[Bundle, Catalog], open_app: Open
) -> None:
    write_dataset(covers[1].root, 14)
    app = open_app("kernels", layer="conv_2", kernel="3")
    app.toggle(key="excited_shown").set_value(True).run()
    assert not app.exception
    assert "is not here any more, or has changed" in everything(app)


def test_passages_of_songs_are_shown_and_played(
    empty_home: Path, song_set: Catalog, kept_features: None, open_app: Open,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    bundle = write_song_bundle(empty_home / "models")
    monkeypatch.setenv("GENRE_HOME", str(empty_home))
    song_set.save(empty_home / "datasets" / song_set.head.name)
    catalog = find_dataset(song_set.head.name)
    asked(bundle, catalog)
    [facts] = list_exciting(bundle.card)
    found = load_exciting(facts, "conv_1")
    kernel = int(found.values[:, 0].argmax())
    later, place = np.argwhere((found.spans[..., 0, 0] > 3) & (found.item_ids != ""))[0].tolist()
    one = patterns_cached.passage(bundle, catalog, found, later, place)
    row = catalog.frame.set_index("item_id").loc[one.item_id]
    song = read_song_file(catalog.path_of(one.item_id), row["checksum"], bundle.card.input)
    frames = found.spans[later, place, 0] * bundle.card.input.frame_step_s
    begins = song.start_s[found.segments[later, place]]
    assert (one.start_s, one.end_s) == pytest.approx(tuple(begins + frames))
    app = open_app("kernels", layer="conv_1", kernel=str(kernel))
    assert f"Which songs excite kernel {kernel} most?" in everything(app)
    app.toggle(key="excited_shown").set_value(True).run()
    assert not app.exception
    assert f"Kernel {kernel} of conv_1 and the 4 passages that excite it most" in everything(app)
    assert not app.get("audio")
    app.session_state["excited_hear"] = True
    app.run()
    assert not app.exception
    assert len(app.get("audio")) == 4


def test_a_data_set_is_asked_as_a_run(
    empty_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle(empty_home / "models")
    data = write_dataset(empty_home / "datasets" / "made")
    monkeypatch.setattr(data_sets, "names", lambda: [data.head.name])
    started = []
    monkeypatch.setattr(run_control, "start", started.append)
    app = open_app("kernels", layer="conv_1")
    assert "No data set was asked yet" in everything(app)
    app.session_state["excite"] = True
    app.run()
    app.button(key="excite_start").click().run()
    assert not app.exception
    [request] = started
    assert (request.kind, request.settings["data"]) == ("excite", "made")
    assert request.settings["limit"] == 10_000


def test_who_may_change_nothing_asks_nothing(
    empty_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_bundle(empty_home / "models")
    write_dataset(empty_home / "datasets" / "made")
    monkeypatch.setenv(permission.SETTING, "nobody")
    app = open_app("kernels", layer="conv_1")
    app.session_state["excite"] = True
    app.run()
    assert app.button(key="excite_start").disabled
