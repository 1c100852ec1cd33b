"""What whoever runs the server lets visitors bring: switched off, and no larger than it says."""

from __future__ import annotations

import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from genre_core.jobs import importing
from pages.ui import limits, permission
from pages.ui.limits import MOST, read_limits
from pages.ui.permission import Visit
from tests.app_words import everything

Open = Callable[..., AppTest]


def made_cover(px: int) -> bytes:
    buffer = io.BytesIO()
    noise = np.random.default_rng(px).integers(0, 255, (px, px, 3), dtype=np.uint8)
    Image.fromarray(noise).save(buffer, format="PNG")
    return buffer.getvalue()


def fields(app: AppTest) -> int:
    return len(app.get("file_uploader")) + len(app.get("audio_input"))


@pytest.mark.parametrize("page", ["start", "covers", "songs"])
def test_without_uploads_there_is_no_field_and_a_sentence(
    made_home: Path, stored: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    shutil.copytree(stored / "made.song", made_home / "models" / "made.song")
    assert fields(open_app(page)) > 0
    monkeypatch.setenv(limits.UPLOADS, "off")
    app = open_app(page)
    assert not app.exception
    assert fields(app) == 0
    assert "switched off on this server" in everything(app)


def test_without_uploads_a_data_set_comes_from_a_folder(
    made_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permission, "visitor", lambda: Visit(None, {"Host": "localhost"}))
    assert fields(open_app("data")) == 1
    monkeypatch.setenv(limits.UPLOADS, "off")
    app = open_app("data")
    assert not app.exception
    assert fields(app) == 0
    assert "Sending zips of your own is switched off" in everything(app)
    assert "Folder, table or zip on this machine" in [one.label for one in app.text_input]


def test_a_file_above_the_limit_is_told_so_and_the_rest_is_read(
    made_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GENRE_MAX_COVER_MB", "1")
    large, small = made_cover(700), made_cover(64)
    assert len(large) > 2**20
    app = open_app("covers")
    [field] = app.get("file_uploader")
    assert field.proto.max_upload_size_mb == 1
    app = field.set_value([("large.png", large, "image/png"), ("small.png", small, "image/png")])
    app = app.run()
    assert not app.exception
    [error] = app.error
    assert "large\\.png" in error.value
    assert "at most 1 MB" in error.value
    assert app.button_group("cover").value == "small.png"
    assert "large.png" not in app.button_group("cover").options


def test_what_a_setting_says_holds() -> None:
    own = read_limits({"GENRE_UPLOADS": " OFF ", "GENRE_MAX_SONG_MB": "30", "GENRE_MAX_ROOMS": "0"})
    assert (own.uploads, own.song_mb, own.rooms, own.warnings) == (False, 30, 0, ())
    free = read_limits({})
    assert free.uploads
    assert [free.cover_mb, free.song_mb, free.zip_mb, free.rooms] == list(MOST.values())
    # A file that the field takes is one that its reader takes.
    assert limits.MAX_ZIP_MB * 2**20 == importing.MAX_UPLOAD_BYTES
    assert read_limits({"GENRE_MAX_ROOMS": "50"}).rooms == 50


@pytest.mark.parametrize(
    ("name", "value", "holds"),
    [
        ("GENRE_UPLOADS", "yes", ("uploads", False)),
        ("GENRE_MAX_COVER_MB", "ten", ("cover_mb", 1)),
        ("GENRE_MAX_COVER_MB", "0", ("cover_mb", 1)),
        ("GENRE_MAX_COVER_MB", "21", ("cover_mb", 1)),
        ("GENRE_MAX_SONG_MB", "-3", ("song_mb", 1)),
        ("GENRE_MAX_ZIP_MB", "1e3", ("zip_mb", 1)),
        ("GENRE_MAX_ROOMS", "²", ("rooms", 0)),
        ("GENRE_MAX_ROOMS", "9" * 5_000, ("rooms", 0)),
    ],
)
def test_a_setting_that_is_none_is_told_and_the_stricter_rule_holds(
    name: str, value: str, holds: tuple[str, object]
) -> None:
    own = read_limits({name: value})
    assert getattr(own, holds[0]) == holds[1]
    [warning] = own.warnings
    assert name in warning
    assert "Received" in warning
    assert len(warning) < 250


def test_a_warning_of_a_setting_is_shown_where_it_counts(
    made_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(limits.UPLOADS, "maybe")
    app = open_app("covers")
    assert any("GENRE_UPLOADS" in one.value.replace("\\", "") for one in app.warning)
    assert fields(app) == 0
