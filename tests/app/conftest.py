"""Pages run in this process on a home folder with made bundles only."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from genre_core.runs import bundle as bundles
from pages.ui import frame
from tests.made_results import write_evaluated

APP = str(Path(__file__).resolve().parents[2] / "app.py")


@pytest.fixture
def empty_home(genre_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Home without any bundle; the shipped ones are out of sight, so that tests stay fast."""
    monkeypatch.setattr(bundles, "SHIPPED_DIR", tmp_path / "no_models")
    monkeypatch.delenv("GENRE_DATA", raising=False)
    return genre_home


@pytest.fixture
def made_home(empty_home: Path) -> Path:
    """Home with one evaluated bundle, made.test."""
    write_evaluated(empty_home / "models")
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
