"""The page Library: an example at first, then one's own songs, filtered, played and taken along."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from streamlit.testing.v1 import AppTest

from genre_core.data.library import Wanted, find_rows, open_library, read_rows
from genre_core.data.scores_merge import merge_scores
from genre_core.data.scores_table import digests_of
from pages.ui import permission
from pages.ui.items import listing as items
from pages.ui.library import found, listing
from pages.ui.permission import Visit
from tests.app_words import everything
from tests.made_libraries import made_scores
from tests.made_songs_set import write_song

N = 120
HERE = Visit(None, {"Host": "localhost:8501"})
AWAY = Visit("203.0.113.7", {"Host": "music.example"})


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(permission, "visitor", lambda: HERE)


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[items.Item]:
    """What the list shows."""
    rows: list[items.Item] = []

    def watched(own: list[items.Item], **_: object) -> None:
        rows[:] = own

    monkeypatch.setattr(listing, "item_list", watched)
    return rows


def write_library(home: Path, table: pa.Table | None = None, name: str = "mine") -> Path:
    out = home / "libraries" / f"{name}.parquet"
    out.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(made_scores(N) if table is None else table, out)
    merge_scores([out], out)
    return out


def test_a_first_visit_shows_the_example_and_one_command(
    empty_home: Path, open_app: Callable[..., AppTest], shown: list[items.Item]
) -> None:
    app = open_app("library")
    assert not app.exception
    assert "classify MUSIC --out workspace/libraries/mine.parquet" in everything(app)
    assert "**4 songs**" in everything(app)
    assert shown[0].name == "Carrier Wave · Built-in song"
    assert all(one.address.startswith("/songs-of-libraries/") for one in shown)
    assert [one.start_s > 0 for one in shown].count(True) >= 1


def test_one_s_own_comes_first_sorted_and_by_pages(
    empty_home: Path, open_app: Callable[..., AppTest], shown: list[items.Item]
) -> None:
    frame = pd.read_parquet(write_library(empty_home))
    read = frame[frame["error"] == ""]
    app = open_app("library")
    assert "example made of the built-in songs" not in everything(app)
    assert f"**{len(read)} songs** of {N} files" in everything(app)
    assert [one.share for one in shown] == [
        f"prog score {score:.2f}" for score in read["prog_score"][:25]
    ]
    app.pagination[0].set_value(2).run()
    assert shown[0].share == f"prog score {read['prog_score'].iloc[25]:.2f}"
    # A file that is not there is said, and nothing plays.
    assert not any(one.address for one in shown)
    assert "25 of these 25 files are not where they were" in everything(app)


def test_a_link_carries_the_filter(
    empty_home: Path, open_app: Callable[..., AppTest], shown: list[items.Item]
) -> None:
    frame = pd.read_parquet(write_library(empty_home))
    app = open_app(
        "library", library="mine", genre="Jazz", by="made.five", order="lowest", library_text="song"
    )
    jazz = frame[(frame["made.five:genre"] == "Jazz") & (frame["error"] == "")]
    assert 0 < len(jazz) < 60
    assert f"**{len(jazz)} songs** of" in everything(app)
    assert {one.true for one in shown} == {"Jazz"}
    lowest = sorted(jazz["prog_score"])[:25]
    assert [one.share for one in shown] == [f"prog score {score:.2f}" for score in lowest]
    app.selectbox("library_genre").select("Rock").run()
    assert app.query_params["genre"] == "Rock"
    assert {one.true for one in shown} == {"Rock"}
    app.slider("library_score").set_range(0.4, 0.6).run()
    kept = frame[(frame["made.five:genre"] == "Rock") & frame["prog_score"].between(0.4, 0.6)]
    assert f"**{len(kept)} songs** of" in everything(app)


def test_nonsense_in_a_link_is_passed_over(
    empty_home: Path, open_app: Callable[..., AppTest], shown: list[items.Item]
) -> None:
    write_library(empty_home)
    app = open_app(
        "library",
        library="../../etc/passwd",
        genre="<b>Jazz",
        by="nobody",
        order="up",
        place="path",
        library_text="*[(",
        library_score="x",
    )
    assert not app.exception
    assert "No song fits" in everything(app)  # these signs stand in no title


def test_a_simple_view_asks_little(
    empty_home: Path, open_app: Callable[..., AppTest], shown: list[items.Item]
) -> None:
    write_library(empty_home)
    app = open_app("library", detail="Simple")
    assert [one.key for one in app.selectbox] == ["library", "library_order", "library_genre"]
    assert not any(one.note for one in shown)
    expert = open_app("library")
    assert "library_network" in [one.key for one in expert.selectbox]
    assert all(one.note for one in shown)


def test_files_that_could_not_be_read_are_listed_with_their_reason(
    empty_home: Path, open_app: Callable[..., AppTest], shown: list[items.Item]
) -> None:
    write_library(empty_home)
    app = open_app("library", library_show="Files that could not be read")
    assert "**2 files that could not be read**" in everything(app)
    assert {one.share for one in shown} == {"no song. Received noise."}


def test_a_song_opens_in_songs(
    made_home: Path,
    stored: Path,
    tmp_path: Path,
    open_app: Callable[..., AppTest],
) -> None:
    song = write_song(tmp_path / "music" / "a.ogg", "Tones", duration_s=1.2)
    table = made_scores(1).set_column(0, "path", pa.array([str(song)]))
    library = open_library(write_library(made_home, table))
    digest = digests_of([str(song)]).hex()
    assert list(read_rows(library, find_rows(library, Wanted()))["path"]) == [str(song)]
    shutil.copytree(stored / "made.song", made_home / "models" / "made.song")
    app = open_app("songs", library="mine", item=digest)
    assert not app.exception
    assert "From the library mine" in everything(app)
    assert "library" in [link.proto.page for link in app.get("page_link")]


def test_a_visitor_from_elsewhere_sees_only_what_the_server_s_owner_shares(
    empty_home: Path,
    tmp_path: Path,
    open_app: Callable[..., AppTest],
    shown: list[items.Item],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(permission, "visitor", lambda: AWAY)
    write_library(empty_home)
    app = open_app("library", library="mine")
    assert "mine" not in [one for box in app.selectbox for one in box.options]
    assert "**4 songs**" in everything(app)  # the example
    assert "only somebody at it gets one" in everything(app)  # it would tell where the app lies
    shared = write_library(tmp_path, name="shared").parent
    monkeypatch.setenv(found.TABLES, f"{shared}:relative:")
    app = open_app("library", library="shared", library_text="/music")
    assert "0 songs" in everything(app)  # where files lie is nobody's business
    app = open_app("library", library="shared")
    assert len(shown) == 25
    assert not any(one.note for one in shown)
    assert "only somebody at it gets one" in everything(app)
