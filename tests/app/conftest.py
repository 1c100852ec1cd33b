"""Pages run in this process on a home folder with made bundles only."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest, local_script_runner

from genre_core.runs import bundle as bundles
from pages.ui import frame
from pages.ui.songs import cached
from tests.made_results import write_batch, write_evaluated
from tests.made_song_bundles import write_song_bundle

APP = str(Path(__file__).resolve().parents[2] / "pages" / "main.py")


@pytest.fixture(scope="session", autouse=True)
def no_installed_components() -> Iterator[None]:
    """AppTest looks through every installed package for components at each page; none has any."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: [])
        yield


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing draws a page anew here while networks hear a song: it waits for them."""
    monkeypatch.setattr(cached, "PATIENCE_S", 60.0)


@pytest.fixture(scope="session", autouse=True)
def patient_polls() -> Iterator[None]:
    """AppTest asks a thousand times a second whether a page is there, and holds it up by that."""
    with pytest.MonkeyPatch.context() as patch:
        clock = SimpleNamespace(time=time.time, sleep=lambda _: time.sleep(0.02))
        patch.setattr(local_script_runner, "time", clock)
        yield


@pytest.fixture(scope="session")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Networks that are only copied: of one checksum in all tests, so that caches know them.

    Whoever damages a copy clears those caches first.
    """
    models = tmp_path_factory.mktemp("stored")
    write_evaluated(models)
    write_batch(models)
    write_song_bundle(models)
    write_song_bundle(models, name="made.genres", genres=("Jazz", "Metal", "Pop"))
    return models


@pytest.fixture
def empty_home(genre_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Home without any bundle; the shipped ones are out of sight, so that tests stay fast."""
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "no_models")
    monkeypatch.delenv("GENRE_DATA", raising=False)
    return genre_home


@pytest.fixture
def made_home(empty_home: Path, stored: Path) -> Path:
    """Home with one evaluated bundle, made.test."""
    shutil.copytree(stored / "made.test", empty_home / "models" / "made.test")
    return empty_home


@pytest.fixture
def batch_home(empty_home: Path, stored: Path) -> Path:
    """Home with one bundle of three runs that rebuilds study S3, made.batch."""
    shutil.copytree(stored / "made.batch", empty_home / "models" / "made.batch")
    return empty_home


@pytest.fixture
def open_app() -> Callable[..., AppTest]:
    """Open a page as its link would: `open_app("covers", cover="Nocturnes")`."""

    def open_(page: str = "start", **query: str) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=300)
        # The menu must be known before a page can be switched to; About predicts nothing.
        app.query_params.update(query)
        if page == "start":
            return app.run()
        app.switch_page(frame.PAGES[page].path)
        return app.run()

    return open_


@pytest.fixture
def song_home(empty_home: Path, stored: Path) -> Path:
    """Home with a network that scores prog and one that names three genres."""
    for name in ("made.song", "made.genres"):
        shutil.copytree(stored / name, empty_home / "models" / name)
    return empty_home
