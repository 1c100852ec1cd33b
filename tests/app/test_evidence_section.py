"""Covers: which method is to be believed, and a test of the map that is shown, on a click."""

from collections.abc import Callable
from pathlib import Path

from streamlit.testing.v1 import AppTest

from genre_core.runs.bundle import find_bundle
from genre_core.runs.evidence import Figure, MethodEvidence, StoredEvidence, save_evidence
from pages.ui.evidence import words
from pages.ui.problems import plain
from tests.app_words import everything

Open = Callable[..., AppTest]

WORSE = {"value": -0.2, "low": -0.3, "high": -0.1}
CLEAR, UNCLEAR = {"value": 0.1, "low": 0.05, "high": 0.2}, {"value": 0.0, "low": -0.1, "high": 0.1}


def evidence_of(
    bundle_name: str, n_seen: int = 0, stage: str = "", gradcam: Figure = CLEAR
) -> None:
    """Store evidence: Grad-CAM beats edges, SmoothGrad does not, occlusion does not change."""
    area = {"value": 0.5, "low": 0.4, "high": 0.6}
    methods = {
        "gradcam": MethodEvidence(200, 200, area, area, {"edges": gradcam, "random": CLEAR}, 1.3),
        "smoothgrad": MethodEvidence(
            140, 140, area, area, {"edges": UNCLEAR, "random": CLEAR}, 99.0
        ),
        "layercam": MethodEvidence(9, 9, area, area, {"edges": UNCLEAR, "random": UNCLEAR}),
        "scorecam": MethodEvidence(39, 39, area, area, {"edges": WORSE, "random": WORSE}),
        "occlusion": MethodEvidence(
            40, 40, area, area, {"edges": CLEAR, "random": CLEAR}, 82.0, 1.0, [1, 0.9], area | CLEAR
        ),
    }
    methods["occlusion"].changed.update(value=0.9, low=0.8)
    control = MethodEvidence(200, 200, area, area, {"random": UNCLEAR})
    settings = words.settings_now("cover", "the network's answer") | {
        "n_pointed": 100,
        "stage": stage,
    }
    stored = StoredEvidence(
        methods,
        {"edges": control},
        {"title": "Made", "n_seen": n_seen, "split": "test", "n_items": 565},
        [[0, ""]],
        settings,
        "python -m x",
    )
    bundle = find_bundle(bundle_name)
    save_evidence(stored, bundle.card.model_sha256, bundle.folder)


def test_nothing_is_computed_before_a_click_and_what_nobody_measured_is_said(
    made_home: Path, open_app: Open
) -> None:
    app = open_app("covers")
    text = everything(app)
    assert "Nobody has measured yet" in text
    assert "What the network looked at" in text
    assert "insertion less deletion" not in text
    app = open_app("covers", method="Occlusion")
    assert not app.exception
    assert "Occlusion on the pixels, 10 x 10" in everything(app)
    assert app.selectbox("stage").disabled


def test_each_method_says_whether_to_believe_it(made_home: Path, open_app: Open) -> None:
    evidence_of("made.test")
    told = {
        "Grad-CAM": ("**Better than marking edges** on 200", "as much as one forward pass"),
        "SmoothGrad": ("**No better than marking edges** on 140", "no better than marking edges"),
        "LayerCAM": ("**Not shown to be better than a random map** on 9", "is not shown yet"),
        "Score-CAM": ("**No better than a random map** on 39", "no better than a random map"),
        "Occlusion": ("hardly change when", "about 82 forward passes"),
    }
    app = open_app("covers")
    for method, texts in told.items():
        app.segmented_control("method").select(method).run()
        assert not app.exception
        for text in texts:
            assert text in everything(app), method


def test_an_opened_test_shows_table_sentence_and_curve(made_home: Path, open_app: Open) -> None:
    evidence_of("made.test")
    app = open_app("covers")
    app.toggle("evidence").set_value(True).run()
    assert not app.exception
    text = everything(app)
    assert "On this cover the places that Grad-CAM marks matter" in text
    assert "insertion less deletion" in text
    assert "mean colour" in text
    assert "**Every method**, on test covers of this network (data set *Made*)" in text
    assert (
        "The test split has 565 covers: 200 of them, drawn once, took part. Methods whose" in text
    )
    [marks] = [own.value for own in app.table if "beside edges" in own.value]
    marked = dict(zip(marks["map"], marks["beside edges"], strict=True))
    assert marked["Grad-CAM"] == "better"
    assert marked["SmoothGrad"] == "no better"
    assert marked["LayerCAM"] == "not shown"
    assert marked["an edge map"] == ""
    app.toggle("shuffled").set_value(True).run()
    assert not app.exception
    assert "With all layers shuffled the map of Grad-CAM" in everything(app)
    assert "Rank correlation with the map of the trained network" in everything(app)


def test_items_that_the_network_learnt_from_are_called_no_test_items(
    made_home: Path, open_app: Open
) -> None:
    evidence_of("made.test", n_seen=200)
    app = open_app("covers", evidence="true")
    assert not app.exception
    said = "covers, of which it learnt from 200 of 200: no test covers"
    text = everything(app)
    assert f"**Better than marking edges** on 200 {said}" in text
    assert f"**Every method**, on {said}" in text
    assert "test covers of this network" not in text


def test_another_layer_than_the_measured_one_is_told_apart(made_home: Path, open_app: Open) -> None:
    app = open_app("covers")
    measured, other = app.selectbox("stage").options[-1], app.selectbox("stage").options[1]
    assert measured != other
    evidence_of("made.test", stage=measured)
    app.selectbox("stage").select(measured).run()
    assert "not at this layer" not in everything(app)
    app.selectbox("stage").select(other).run()
    assert not app.exception
    marked = f"Measured at *{plain(measured)}*, not at this layer."
    # Beside the choice of the method, and with what the network looked at.
    assert everything(app).count(marked) == 2
    app.segmented_control("method").select("SmoothGrad").run()
    assert "not at this layer" not in everything(app)


def test_the_glance_on_start_marks_a_method_no_better_than_edges(
    made_home: Path, open_app: Open
) -> None:
    said = "Grad-CAM: **no better than marking edges** on 200 test covers"
    evidence_of("made.test")
    assert said not in everything(open_app())
    evidence_of("made.test", gradcam=WORSE)
    app = open_app()
    assert not app.exception
    assert "Where it looked for" in everything(app)
    assert said in everything(app)
