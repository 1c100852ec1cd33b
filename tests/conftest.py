"""What every test may rely on: a home folder of its own, real data where it is, and a plain word
about whatever did not run.
"""

import gc
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

import genre_core  # noqa: F401, before TensorFlow: it sets how that computes

if TYPE_CHECKING:
    from genre_core.data.catalog import Catalog

# Before anything imports TensorFlow: it prints notes about the processor otherwise.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
# A GPU changes the last digits.
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")
# Networks are loaded by the tests that need them; whoever tests the warm-up asks for it.
os.environ.setdefault("GENRE_WARM_UP", "0")

_HOME = tempfile.TemporaryDirectory(prefix="genre_home_")
# Doctests and session fixtures too must never write into somebody's own workspace/.
os.environ["GENRE_HOME"] = _HOME.name

# Examples are not timed: another process may hold the core for longer than one takes.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("realdata") and "GENRE_DATA" not in os.environ:
        pytest.skip("GENRE_DATA is not set: no real covers here")


def pytest_collection_finish() -> None:
    """Let the garbage collector pass over what was loaded: TensorFlow alone is 400,000 objects.

    And come more rarely: a network that is laid out makes it look at everything again and again.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)


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


@pytest.fixture
def kept_features(genre_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Features of songs are looked up, and kept, where those of a session's data sets are."""
    monkeypatch.setenv("GENRE_HOME", _HOME.name)


@pytest.fixture(scope="module")
def few_resamples() -> Iterator[None]:
    """A hundred resamples an interval, not 2,000: where a test looks at no interval's ends."""
    from genre_core.evaluation.prog_rates import anchor
    from genre_core.metrics.intervals import bootstrap_interval, paired_gain

    with pytest.MonkeyPatch.context() as patch:
        for function in (bootstrap_interval, paired_gain, anchor):
            patch.setitem(function.__kwdefaults__, "n_resamples", 100)
        yield


@pytest.fixture(scope="module")
def without_xla() -> Iterator[None]:
    """Steps of a training are not compiled by XLA, which takes longer than a few small ones."""
    import keras

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(keras.Model, "_resolve_auto_jit_compile", lambda network: False)
        yield


@pytest.fixture
def made_networks(monkeypatch: pytest.MonkeyPatch, without_xla: None) -> None:
    """Every recipe of covers has the small network of `made_bundles`, laid out in no time."""
    from genre_core import architectures
    from tests.made_bundles import build_made

    monkeypatch.setattr(architectures, "build", build_made)


@pytest.fixture
def tiny_song_networks(monkeypatch: pytest.MonkeyPatch, without_xla: None) -> None:
    """Every recipe of songs has a mean over time and a dense layer for its network."""
    from genre_core import architectures
    from tests.made_songs_set import build_tiny

    monkeypatch.setattr(architectures, "build", build_tiny)


@pytest.fixture(scope="module")
def few_trees() -> Iterator[None]:
    """Fifty trees in the forest that the lesson of length grows, not 500."""
    from genre_core.lessons import length_models

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(length_models, "N_TREES", 50)
        yield


@pytest.fixture(scope="module")
def small_mlp(without_xla: None) -> Iterator[None]:
    """Study S5's dense network with the first of its layers alone: laid out thrice as fast."""
    from genre_core.architectures import s5_songs

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(s5_songs, "MLP_WIDTHS", s5_songs.MLP_WIDTHS[:1])
        yield
