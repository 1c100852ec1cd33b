"""Covers: rankings, explanations and uploads, as a visitor's clicks reach the script."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from genre_core.data.demo import demo_covers
from genre_core.explain.prepared import SHOWN_FIRST, shipped
from genre_core.guarded import worker
from pages.ui import cached, compare
from pages.ui.evidence.words import METHODS
from tests.app_words import everything
from tests.made_bundles import write_bundle

Open = Callable[..., AppTest]


def jpeg(seed: int = 0) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (80, 80, 3), dtype=np.uint8)
    file = io.BytesIO()
    Image.fromarray(noise).save(file, format="JPEG")
    return file.getvalue()


def test_first_visit_shows_a_ranking_and_where_it_looked_to_be_taken_along(
    made_home: Path, open_app: Open
) -> None:
    app = open_app("covers")
    assert not app.exception
    assert not app.error
    assert not app.warning
    assert app.get_by_key("ranking_made.test") is not None
    assert app.selectbox("model").value == "made.test"
    assert "As the network receives it, 64 x 64 px" in everything(app)
    assert "Grad-CAM on wide, 64 x 64" in everything(app)
    labels = [button.label for button in app.get("download_button")]
    assert any("JSON" in label for label in labels)
    assert any("PNG" in label for label in labels)
    assert len(labels) == 3
    # A small map warns, and a single cell has no location.
    app.selectbox("stage").select("small").run()
    assert "a map of only 6 x 6" in everything(app)
    app.selectbox("stage").select("single").run()
    assert not app.exception
    assert "No location" in everything(app)
    assert "single cell" in everything(app)
    # The network's card is one click away.
    app.button("card_made.test").click().run()
    assert not app.exception
    assert "For tests only." in everything(app)
    assert "0.695 (0.410 to 0.930)" in everything(app)


def test_every_fitting_model_stands_side_by_side(made_home: Path, open_app: Open) -> None:
    write_bundle(made_home / "models", name="made.second")
    app = open_app("covers")
    assert app.get_by_key("ranking_made.test") is not None
    assert app.get_by_key("ranking_made.second") is not None
    assert "a model that sees only colours reaches 0.55" in everything(app)
    assert "Not evaluated yet" in everything(app)


@pytest.mark.slow
@pytest.mark.parametrize(
    "method", ["Grad-CAM", "Grad-CAM++", "LayerCAM", "Score-CAM", "SmoothGrad"]
)
def test_every_method_answers_or_says_why_not(made_home: Path, open_app: Open, method: str) -> None:
    app = open_app("covers", method=method)
    assert not app.exception
    assert not app.error
    assert f"{method} on" in everything(app) or "No location" in everything(app)


def test_a_link_restores_cover_genre_method_and_stage(made_home: Path, open_app: Open) -> None:
    cover = demo_covers()[2]
    app = open_app("covers", cover=cover.title, genre="Pop", method="LayerCAM", stage="small")
    assert not app.exception
    assert "LayerCAM on small, 6 x 6" in everything(app)
    assert "What speaks for Pop" in everything(app)
    assert cover.alt in everything(app)


def test_a_link_with_nonsense_falls_back(made_home: Path, open_app: Open) -> None:
    app = open_app("covers", cover="../../etc", genre="Polka", stage="conv_99", model="none")
    assert not app.exception
    assert "Grad-CAM on wide" in everything(app)


def test_an_upload_is_read_at_once(made_home: Path, open_app: Open) -> None:
    app = open_app("covers")
    app.file_uploader[0].upload("mine_*1*.jpg", jpeg()).run()
    assert not app.exception
    assert "Your cover mine_*1*.jpg" in everything(app)
    assert "genre_core classify 'mine_*1*.jpg' --json" in everything(app)
    assert not app.warning
    app.file_uploader[0].set_value(("cut.jpg", jpeg()[:-2], "image/jpeg")).run()
    assert "cut short or damaged" in app.warning[0].value


def test_several_uploads_are_listed_with_every_models_answer(
    made_home: Path, open_app: Open
) -> None:
    app = open_app("covers")
    for seed in range(3):
        app.file_uploader[0].upload(f"cover_{seed}.jpg", jpeg(seed))
    app.run()
    assert not app.exception
    assert list(app.dataframe[0].value["cover"]) == ["cover_0.jpg", "cover_1.jpg", "cover_2.jpg"]
    assert set(app.dataframe[0].value["made.test: genre"]) <= {"Jazz", "Pop"}


@pytest.mark.parametrize(
    "content", [b"", b"this is text, not a picture", jpeg()[:300]], ids=["empty", "text", "cut"]
)
def test_a_file_that_is_no_picture_is_a_message_and_no_traceback(
    made_home: Path, open_app: Open, content: bytes
) -> None:
    app = open_app("covers")
    app.file_uploader[0].upload("not_a_cover.jpg", content).run()
    assert not app.exception
    assert len(app.error) == 1  # said once, not once a network
    assert "Received" in app.error[0].value
    assert "Traceback" not in everything(app)


def test_a_file_that_ends_its_decoder_is_a_message_and_the_next_one_is_read(
    made_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.stop()
    monkeypatch.setattr(worker, "MODULE", "tests.guarded.stand_in")
    app = open_app("covers")
    app.file_uploader[0].upload("bad.jpg", b"crash").run()
    assert not app.exception
    assert len(app.error) == 1
    assert "its decoder broke down" in app.error[0].value
    app.file_uploader[0].upload("good.jpg", jpeg()).run()
    assert not app.error
    worker.stop()


def test_a_damaged_network_is_a_message(made_home: Path, open_app: Open) -> None:
    model = made_home / "models" / "made.test" / "model.keras"
    model.write_bytes(model.read_bytes()[:-100])
    cached.predict.clear()
    cached.classifier.clear()
    app = open_app("covers", cover=demo_covers()[3].title)
    assert not app.exception
    assert "checksum" in everything(app)


def test_without_any_model_it_says_how_to_make_one(empty_home: Path, open_app: Open) -> None:
    for page in ("start", "covers", "results"):
        app = open_app(page)
        assert not app.exception
        assert "no trained network" in everything(app)


@pytest.mark.parametrize("model", [None, *SHOWN_FIRST])
def test_every_method_on_a_built_in_cover_is_there_without_loading_a_network(
    genre_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch, model: str | None
) -> None:
    """A class that goes through them waits for nothing; asking a network would fail here."""
    monkeypatch.setattr(cached, "classifier", None)
    leaders, _ = compare.leading(shipped("cover"))
    assert set(SHOWN_FIRST) <= {bundle.name for bundle in leaders}
    app = open_app("covers", model=model) if model else open_app("covers")
    for name in METHODS.values():
        app = app.segmented_control(key="method").set_value(name).run()
        assert not app.exception
        assert not app.error
        assert f"{name} on" in everything(app) or "No location" in everything(app)
