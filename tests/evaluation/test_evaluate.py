"""Figures come through the classifier that is served, beside baselines on the same covers."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from genre_core.config import Experiment, Report, Task
from genre_core.data.catalog import Catalog
from genre_core.data.importers import find_dataset
from genre_core.errors import ParameterError
from genre_core.evaluation.confounds import further_reports, same_genre_sources
from genre_core.evaluation.covers import describe_covers, evaluate, read_covers
from genre_core.evaluation.report import Scored, item_groups
from genre_core.inference.classifier import Classifier
from genre_core.metrics.classification import accuracy
from tests.made_bundles import make_experiment, write_bundle

pytestmark = pytest.mark.usefixtures("few_resamples")

SPLITS = ("train", "train", "train", "val", "test")


@pytest.fixture(scope="module")
def covers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two genres by colour, from two sources that differ in sharpness, 200 covers."""
    folder = tmp_path_factory.mktemp("covers")
    rng = np.random.default_rng(0)
    rows = []
    for i in range(200):
        genre = ("Blue", "Red")[i % 2]
        source = ("sharp", "soft")[(i // 2) % 2]
        pixels = rng.integers(0, 140, (64, 64, 3))
        pixels[..., 2 if genre == "Blue" else 0] += 90
        picture = Image.fromarray(pixels.astype(np.uint8))
        if source == "soft":
            picture = picture.resize((16, 16)).resize((64, 64))
        picture.save(folder / f"{i}.png")
        rows.append((f"{i}.png", genre, source, f"g{i // 2}", SPLITS[(i // 4) % 5]))
    table = pd.DataFrame(rows, columns=["path", "genre", "source", "group", "split"])
    table.to_csv(folder / "labels.csv", index=False)
    return folder


@pytest.fixture
def catalog(covers: Path) -> Catalog:
    return find_dataset(covers)


@pytest.fixture(scope="module")
def classifier(tmp_path_factory: pytest.TempPathFactory) -> Classifier:
    return Classifier.load(write_bundle(tmp_path_factory.mktemp("models")))


TASK = Task(genres=("Blue", "Red"))


def test_figures_are_those_of_the_classifier(catalog: Catalog, classifier: Classifier) -> None:
    evaluation = evaluate(classifier, catalog, TASK, n_runs=4)
    metrics, predictions = evaluation.metrics, evaluation.predictions
    test = catalog.frame[catalog.frame["split"] == "test"]
    assert metrics["n"] == len(test) == len(predictions) == 40
    assert metrics["n_runs"] == 4
    one_by_one = [
        classifier.classify(catalog.path_of(item)).genre_index for item in predictions["item_id"]
    ]
    assert predictions["predicted"].tolist() == one_by_one
    expected = accuracy(predictions["genre_index"], predictions["predicted"])
    assert metrics["values"]["accuracy"]["value"] == pytest.approx(expected, abs=1e-4)
    confusion = np.array(metrics["confusion"])
    assert confusion.sum() == 40
    assert confusion.sum(axis=1).tolist() == [20, 20]  # rows are true


def test_the_colour_baseline_sees_colours(catalog: Catalog, classifier: Classifier) -> None:
    metrics = evaluate(classifier, catalog, TASK).metrics
    assert metrics["baselines"]["colour"]["roc_auc"]["value"] > 0.95
    assert metrics["baselines"]["majority"]["roc_auc"]["value"] == 0.5
    gain = metrics["gain_over_colour"]
    difference = (
        metrics["values"]["roc_auc"]["value"] - metrics["baselines"]["colour"]["roc_auc"]["value"]
    )
    assert gain["value"] == pytest.approx(difference, abs=2e-4)
    assert gain["low"] <= gain["value"] <= gain["high"]


def test_other_genres_than_the_classifier_s(catalog: Catalog, classifier: Classifier) -> None:
    with pytest.raises(ParameterError, match="Received"):
        evaluate(classifier, catalog, Task(genres=("Red", "Blue")))


def test_the_source_probe_finds_how_files_were_made(
    catalog: Catalog, classifier: Classifier
) -> None:
    # "Red" only from the soft source and "Blue" only from the sharp one: S1's shortcut.
    report = Report(title="shortcut", rules={"Blue": ("sharp:Blue",), "Red": ("soft:Red",)})
    made = make_experiment()
    experiment = Experiment(
        **{name: getattr(made, name) for name in made.__slots__ if name != "reports"},
        reports=(report,),
    )
    [found] = further_reports(classifier, catalog, experiment, log=lambda _: None)
    assert found["n"] == sum(found["n_per_genre"]) == 20
    assert found["source_probe"]["value"] > 0.95
    for name in ("network", "network_neutralised", "colour", "source_probe_neutralised"):
        assert 0 <= found[name]["low"] <= found[name]["value"] <= found[name]["high"] <= 1


def test_sources_within_one_label(catalog: Catalog, classifier: Classifier) -> None:
    found = same_genre_sources(classifier, catalog, TASK, log=lambda _: None)
    assert [each["label"] for each in found] == ["Blue", "Red"]
    assert all(each["sources"] == ["sharp", "soft"] for each in found)
    assert all(0 <= each["roc_auc"]["value"] <= 1 for each in found)


def test_descriptions_keep_the_order(catalog: Catalog) -> None:
    frame = catalog.frame.iloc[:6]
    whole = describe_covers(catalog, frame)
    alone = describe_covers(catalog, frame.iloc[[4]])
    np.testing.assert_array_equal(whole.colour[4], alone.colour[0])
    np.testing.assert_array_equal(whole.facts[4], alone.facts[0])
    neutral = describe_covers(catalog, frame, neutralised=True)
    again = describe_covers(catalog, frame.iloc[::-1], neutralised=True)
    np.testing.assert_array_equal(neutral.facts, again.facts[::-1])
    assert not np.array_equal(neutral.facts, whole.facts)


def test_bytes_are_those_of_the_file(catalog: Catalog) -> None:
    frame = catalog.frame.iloc[:3]
    sizes = read_covers(catalog, frame, lambda _, n_bytes: n_bytes)
    assert sizes == [catalog.path_of(item).stat().st_size for item in frame["item_id"]]


def test_items_without_a_group_stand_for_themselves() -> None:
    frame = pd.DataFrame({"item_id": ["a", "b", "c"], "group": ["x", "", ""]})
    assert item_groups(frame).tolist() == ["x", "b", "c"]


def test_scored_figures_follow_the_index() -> None:
    scored = Scored(
        np.array([0, 1, 1, 0]),
        np.array([[0.9, 0.1], [0.2, 0.8], [0.7, 0.3], [0.6, 0.4]]),
        np.array(list("abcd")),
    )
    assert scored.measure("accuracy")(np.array([0, 1])) == 1.0
    assert scored.measure("accuracy")(np.array([2])) == 0.0
    assert scored.measure("roc_auc")(np.arange(4)) == 0.75


def test_no_interval_where_a_source_stands_on_few_groups() -> None:
    rng = np.random.default_rng(0)
    true = np.array([0] * 40 + [1] * 40)
    probs = rng.dirichlet((1, 1), 80)
    many = np.arange(80).astype(str)
    few = np.where(true == 1, "one artist", many)
    assert set(Scored(true, probs, many).figure("roc_auc")) == {"value", "low", "high"}
    assert Scored(true, probs, few).figure("roc_auc")["no_interval"] == "a genre of 1 group"
