"""What the server gives for the lists on pages: small covers and songs of data sets shown."""

import asyncio
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Match

from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.item import items_frame
from pages.ui.items import served


@pytest.fixture
def covers(tmp_path: Path) -> Catalog:
    noise = np.random.default_rng(0).integers(0, 256, (300, 600, 3), dtype=np.uint8)
    Image.fromarray(noise).save(tmp_path / "a b#1.png")
    (tmp_path / "broken.png").write_bytes(b"no picture")
    (tmp_path.parent / "secret.png").write_bytes((tmp_path / "a b#1.png").read_bytes())
    names = ("a b#1.png", "broken.png", "gone.png", "../secret.png")
    frame = items_frame([{"item_id": name, "path": name, "labels": ["Rock"]} for name in names])
    return Catalog(DatasetHead("mine", "Mine", "", ""), tmp_path, frame)


def ask(address: str) -> Response:
    """Ask as a browser does, past the server's own part."""
    scope = {"type": "http", "method": "GET", "path": address, "headers": []}
    for route in served.ROUTES:
        match, more = route.matches(scope)
        if match is Match.FULL:
            serve = served._serve if "item" in more["path_params"] else served._serve_song
            return asyncio.run(serve(Request({**scope, **more})))
    raise AssertionError(address)


def test_a_cover_comes_small(covers: Catalog) -> None:
    place = served.address(covers, "0" * 64, "a b#1.png")
    assert " " not in place
    assert "#" not in place
    answer = ask("/items/" + "0" * 64 + "/a b#1.png")
    assert answer.status_code == 200
    assert Image.open(io.BytesIO(bytes(answer.body))).size == (served.THUMB_PX, 112)


@pytest.mark.parametrize(
    ("item", "status"),
    [("broken.png", 415), ("gone.png", 404), ("../secret.png", 404), ("/etc/passwd", 404)],
)
def test_what_is_no_cover_of_the_set_is_refused(covers: Catalog, item: str, status: int) -> None:
    served.address(covers, "0" * 64, "a b#1.png")
    assert ask(f"/items/{'0' * 64}/{item}").status_code == status


def test_only_sets_that_a_page_has_shown_are_served(covers: Catalog) -> None:
    assert ask(f"/items/{'9' * 64}/a b#1.png").status_code == 404
    for k in range(served._MAX_SETS + 1):
        served.address(covers, f"{k:064d}", "a b#1.png")
    assert ask(f"/items/{0:064d}/a b#1.png").status_code == 404
    assert ask(f"/items/{served._MAX_SETS:064d}/a b#1.png").status_code == 200


def test_what_is_not_here_has_no_address(covers: Catalog) -> None:
    assert served.address(covers, "0" * 64, "gone.png") == ""
    assert served.address(covers, "0" * 64, "../secret.png") == ""


def test_a_song_is_its_file(tmp_path: Path) -> None:
    (tmp_path / "a.ogg").write_bytes(b"OggS" + bytes(100))
    frame = items_frame([{"item_id": "a.ogg", "path": "a.ogg", "labels": ["Rock"]}])
    songs = Catalog(DatasetHead("s", "S", "", "", media="track"), tmp_path, frame)
    served.address(songs, "5" * 64, "a.ogg")
    answer = ask(f"/items/{'5' * 64}/a.ogg")
    assert isinstance(answer, FileResponse)  # which answers ranges: a browser can seek
    assert (answer.path, answer.media_type) == (tmp_path / "a.ogg", "audio/ogg")


def test_a_song_of_a_library_has_a_secret_address(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(served, "_MAX_SONGS", 2)
    files = [tmp_path / f"{k}.ogg" for k in range(3)]
    for file in files:
        file.write_bytes(b"OggS")
    first = served.song_address(files[0])
    assert str(tmp_path) not in first
    assert served.song_address(files[0]) == first  # a page that is drawn anew keeps playing
    answer = ask(first)
    assert isinstance(answer, FileResponse)
    assert answer.media_type == "audio/ogg"
    later = [served.song_address(file) for file in files[1:]]
    assert ask(first).status_code == 404  # long ago
    files[2].unlink()
    assert [ask(address).status_code for address in later] == [200, 404]
    assert ask(f"{served._SONGS}/{'x' * 22}").status_code == 404
