"""What every test may rely on: a home folder of its own, real data where it is, and a plain word
about whatever did not run.
"""

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from genre_core.data.catalog import Catalog

# Before anything imports TensorFlow: it prints notes about the processor otherwise.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# A lent or built-in GPU changes the last digits; tests marked `gpu` ask for it themselves.
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

_HOME = tempfile.TemporaryDirectory(prefix="genre_home_")
# Doctests and session fixtures too must never write into somebody's own workspace/.
os.environ["GENRE_HOME"] = _HOME.name


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("realdata") and "GENRE_DATA" not in os.environ:
        pytest.skip("GENRE_DATA is not set: no real covers here")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say aloud, after all results, which tests did not run and what they need."""
    reasons: dict[str, int] = {}
    for report in terminalreporter.stats.get("skipped", []):
        text = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        text = text.removeprefix("Skipped: ")
        reasons[text] = reasons.get(text, 0) + 1
    if reasons:
        terminalreporter.section("NOT RUN", sep="=", yellow=True, bold=True)
        for text, n_tests in sorted(reasons.items()):
            terminalreporter.write_line(f"{n_tests} skipped: {text}", yellow=True)


def pytest_unconfigure() -> None:
    _HOME.cleanup()


@pytest.fixture(autouse=True)
def genre_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Home folder of this test alone: what it makes, no other test sees."""
    folder = tmp_path / "genre_home"
    monkeypatch.setenv("GENRE_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """Folder that holds `covers/`; only for tests marked `realdata`."""
    if "GENRE_DATA" not in os.environ:
        pytest.skip("GENRE_DATA is not set: no real covers here")
    folder = Path(os.environ["GENRE_DATA"])
    if not (folder / "covers" / "labels.csv").is_file():
        pytest.fail(f"GENRE_DATA must be a folder with covers/labels.csv. Received {folder}")
    return folder


@pytest.fixture(scope="session")
def song_set(tmp_path_factory: pytest.TempPathFactory) -> "Catalog":
    """Twenty-four made songs of three genres, stored once; not to be written to."""
    from tests.made_songs_set import write_songs

    return write_songs(tmp_path_factory.mktemp("song_set"))
