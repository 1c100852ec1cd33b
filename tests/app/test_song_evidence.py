"""Songs: what a method marks in a segment is tested on a click, also with shuffled weights."""

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from genre_core.data.demo import demo_songs
from genre_core.runs.bundle import find_bundle
from genre_core.runs.evidence import MethodEvidence, StoredEvidence, save_evidence
from pages.ui.evidence.words import settings_now
from tests.app_words import everything

Open = Callable[..., AppTest]
SHORT = demo_songs()[2].title


def test_a_segments_map_is_tested_and_made_again_with_shuffled_weights(
    song_home: Path, open_app: Open
) -> None:
    app = open_app("songs", song=SHORT)
    assert "With all layers shuffled" not in everything(app)
    app.toggle("segment_evidence").set_value(True).run()
    assert not app.exception
    assert "On this segment the places that Grad-CAM marks matter" in everything(app)
    app.toggle("segment_shuffled").set_value(True).run()
    assert not app.exception
    assert not app.error
    words = everything(app)
    assert "With all layers shuffled the map of Grad-CAM" in words
    assert "on this segment it" in words
    assert "Rank correlation with the map of the trained network" in words


def test_a_method_no_better_than_edges_is_marked_in_the_simple_view(
    song_home: Path, open_app: Open
) -> None:
    said = "Grad-CAM: **no better than marking edges** on 200 test songs of this network"
    assert said not in everything(open_app("songs", song=SHORT, detail="Simple"))
    area = {"value": 0.5, "low": 0.4, "high": 0.6}
    better = {"value": 0.2, "low": 0.1, "high": 0.3}
    worse = {name: -value for name, value in better.items()}
    own = MethodEvidence(200, 200, area, area, {"edges": worse, "random": better})
    data = {"title": "Made", "n_seen": 0, "split": "test"}
    settings = settings_now("spectrogram", "prog") | {"n_pointed": 0, "stage": ""}
    stored = StoredEvidence({"gradcam": own}, {}, data, [], settings, "python -m x")
    bundle = find_bundle("made.song")
    save_evidence(stored, bundle.card.model_sha256, bundle.folder)
    app = open_app("songs", song=SHORT, detail="Simple")
    assert not app.exception
    assert said in everything(app)
    assert everything(open_app("songs", song=SHORT, part="What if")).count(said) == 1
