"""Networks are loaded behind the first page: once, in turn, out of the way, told in a corner."""

import gc
import io
import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import keras
import numpy as np
import pytest
import soundfile
from streamlit.runtime.scriptrunner import script_runner
from streamlit.testing.v1 import AppTest

from genre_core.errors import CheckpointError
from genre_core.inference.classifier import Classifier
from genre_core.runs.bundle import open_bundle
from pages.ui import cached, warm_up
from pages.ui.media.choice import own
from pages.ui.songs import cached as songs
from tests.app_words import everything


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[tuple[str, int]]]:
    """What was loaded, by stand-ins for TensorFlow and networks, and at which priority."""
    done: list[tuple[str, int]] = []

    def note(name: str) -> None:
        done.append((name, os.getpriority(os.PRIO_PROCESS, threading.get_native_id())))

    monkeypatch.setattr(cached, "libraries", lambda: note("TensorFlow"))
    monkeypatch.setattr(warm_up, "_threads_of_tensorflow", lambda: note("its threads"))
    monkeypatch.setattr(warm_up, "_use_once", lambda bundle: note(bundle.name))
    warm_up._warm_up.cache_clear()
    yield done
    warm_up._warm_up.cache_clear()


def wait(work: warm_up.WarmUp) -> None:
    work._thread.join(20)
    assert work.is_over


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux counts a priority for each thread")
def test_everything_is_loaded_once_and_what_stays_is_started_at_the_usual_priority(
    loaded: list[tuple[str, int]],
) -> None:
    usual = os.getpriority(os.PRIO_PROCESS, 0)
    work = warm_up.WarmUp([SimpleNamespace(name="a"), SimpleNamespace(name="b")])
    assert not work.is_over
    work.begin()
    work.begin()
    wait(work)
    low = usual + warm_up._NICE
    assert loaded == [("TensorFlow", low), ("its threads", usual), ("a", low), ("b", low)]
    assert os.getpriority(os.PRIO_PROCESS, 0) == usual


def test_a_server_that_is_stopped_meanwhile_prints_no_traceback(
    loaded: list[tuple[str, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    work, start = warm_up.WarmUp([SimpleNamespace(name="a")]), threading.Thread.start
    said: list[object] = []

    def start_no_more(thread: threading.Thread) -> None:
        if thread.name == "warm-up step":
            raise RuntimeError("can't create new thread at interpreter shutdown")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_no_more)
    monkeypatch.setattr(threading, "excepthook", said.append)
    work.begin()
    wait(work)
    assert (said, [name for name, _ in loaded]) == ([], ["its threads"])


def test_a_damaged_network_does_not_hold_up_the_others(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_bundle: object) -> None:
        raise CheckpointError("Must hold.", received="nothing", cure="Train it.")

    monkeypatch.setattr(cached, "classifier_ahead", refuse)
    warm_up._use_once(SimpleNamespace(name="a"))


def test_an_own_song_waits_for_no_network_of_covers(
    stored: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_covers, of_songs = open_bundle(stored / "made.test"), open_bundle(stored / "made.song")
    loading, gate = threading.Event(), threading.Event()
    load = Classifier.load.__func__

    def slow(reader: type[Classifier], name: str) -> Classifier:
        loading.set()
        assert gate.wait(20)
        return load(reader, name)

    monkeypatch.setattr(Classifier, "load", classmethod(slow))
    cached.classifier.clear()
    work = warm_up.WarmUp([of_covers, of_songs])
    work.begin()
    assert loading.wait(20)
    file = io.BytesIO()
    soundfile.write(file, np.random.default_rng(5).uniform(-1, 1, 40_000), 22_050, format="WAV")
    heard, _ = songs.read(own("own.wav", file.getvalue()), [of_songs])
    assert list(heard.predictions) == ["made.song"]
    assert work.done == 1
    gate.set()
    wait(work)


def test_the_page_comes_first_and_then_the_corner_tells(
    made_home: Path,
    open_app: Callable[..., AppTest],
    loaded: list[tuple[str, int]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    app = open_app("about")
    assert "Getting ready" not in everything(app.run())
    assert not loaded  # it is switched off in tests
    monkeypatch.setenv(warm_up.SETTING, "1")
    gate = threading.Event()
    monkeypatch.setattr(warm_up, "_use_once", lambda _bundle: gate.wait(20))
    assert "Getting ready" not in everything(app.run())
    assert not loaded
    assert "of 2" in everything(app.run())
    gate.set()
    wait(warm_up._warm_up())
    assert "Getting ready" not in everything(app.run())


def test_a_page_s_end_neither_collects_nor_forgets_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(keras.backend, "clear_session", keras.backend.clear_session)
    cached.libraries.clear()
    cached.libraries()
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda *_: collected.append(1))
    script_runner._clean_problem_modules()  # as Streamlit does after each run
    assert not collected
