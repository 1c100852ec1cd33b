"""Several networks side by side: the first as cards, the others on request, and who agrees."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from genre_core.inference.classifier import Classifier
from genre_core.runs import bundle as bundles
from pages.ui import cached, compare
from tests.app_words import everything
from tests.made_bundles import make_network, write_bundle
from tests.made_results import GENRES, write_evaluated, write_results

Open = Callable[..., AppTest]


def certain(genre_index: int) -> object:
    """Make a network that always says the same genre."""
    network = make_network()
    kernel, _ = network.get_layer("logits").get_weights()
    bias = np.array([3.0 if k == genre_index else 0.0 for k in range(2)])
    network.get_layer("logits").set_weights([0 * kernel, bias])
    return network


@pytest.fixture
def many(made_home: Path) -> Path:
    """Add three more for Jazz and Pop, and one for other genres, all of a study."""
    models = made_home / "models"
    for name, index in (("s3.jazz", 0), ("s3.pop", 1), ("s3.pops", 1)):
        network = certain(index)
        title = f"Always {name}"
        write_bundle(models, genres=GENRES, name=name, network=network, study="S3", title=title)
    write_bundle(models, name="s1.colours", study="S1", title="Blue or red")
    return made_home


def test_only_the_first_networks_answer_and_load_unasked(
    many: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = []
    own = Classifier.load.__func__
    monkeypatch.setattr(
        Classifier, "load", classmethod(lambda cls, name: loaded.append(name) or own(cls, name))
    )
    cached.predict.clear()
    cached.classifier.clear()
    app = open_app("covers")
    assert not app.exception
    assert [Path(name).name for name in loaded] == ["made.test", "s1.colours"]
    assert app.get_by_key("ranking_made.test") is not None
    assert "ranking_s3" not in everything(app)
    assert app.multiselect("more").options == [
        "Always s3.jazz",
        "Always s3.pop",
        "Always s3.pops",
    ]
    assert "trained on different genres, so their answers cannot be compared" in everything(app)
    app.multiselect("more").set_value(["s3.pop"]).run()
    assert [Path(name).name for name in loaded] == ["made.test", "s1.colours", "s3.pop"]


def test_those_of_the_same_genres_are_counted_and_others_are_not(
    many: Path, open_app: Open
) -> None:
    app = open_app("covers")
    app.multiselect("more").set_value(["s3.pop", "s3.pops"]).run()
    assert not app.exception
    [table] = [each.value for each in app.dataframe if "how far to trust it" in each.value]
    assert list(table["genre"]) == ["Pop", "Pop"]
    said = everything(app)
    # The made network itself is sure of Pop, whatever the cover.
    assert "All 3 networks for Jazz and Pop agree: Pop" in said
    assert "Not compared, since they were trained on other genres: *Blue or red*" in said
    app.multiselect("more").set_value(["s3.jazz", "s3.pop", "s3.pops"]).run()
    said = everything(app)
    assert "4 networks for Jazz and Pop disagree" in said
    assert "*A made network*, *Always s3.pop* and *Always s3.pops* say Pop" in said
    assert "*Always s3.jazz* says Jazz" in said
    assert "On average" in said


def test_a_link_may_name_a_network_that_was_not_asked(many: Path, open_app: Open) -> None:
    app = open_app("covers", model="s3.pop", genre="Pop")
    assert not app.exception
    assert app.selectbox("model").value == "s3.pop"
    assert "No location" in everything(app)  # it never looks at the cover


def test_several_covers_say_who_agrees_on_each(many: Path, open_app: Open) -> None:
    from tests.app.test_covers_page import jpeg

    app = open_app("covers", more="s3.pop")
    for seed in range(2):
        app.file_uploader[0].upload(f"cover_{seed}.jpg", jpeg(seed))
    app.run()
    assert not app.exception
    [table] = [each.value for each in app.dataframe if "cover" in each.value]
    assert list(table["cover"]) == ["cover_0.jpg", "cover_1.jpg"]
    for _, row in table.iterrows():
        agree = row["made.test: genre"] == "Pop"
        assert row["networks of the same genres"] == ("all 2: Pop" if agree else "Jazz 1, Pop 1")


def test_a_damaged_network_does_not_hide_the_others(many: Path, open_app: Open) -> None:
    model = many / "models" / "s3.pop" / "model.keras"
    model.write_bytes(model.read_bytes()[:-100])
    cached.predict.clear()
    cached.classifier.clear()
    app = open_app("covers", more="s3.pop")
    assert not app.exception
    assert "checksum" in app.error[0].value
    assert app.get_by_key("ranking_made.test") is not None
    assert "Grad-CAM on wide" in everything(app)


def test_ours_come_first_one_for_each_list_of_genres_the_best_of_it(
    empty_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shipped = tmp_path / "shipped"
    monkeypatch.setattr(bundles, "SHIPPED_DIR", shipped)
    write_bundle(shipped, name="a.study", genres=GENRES, study="S3")
    write_bundle(shipped, name="b.ours", genres=GENRES)
    best = write_results(write_bundle(shipped, name="c.ours", genres=GENRES))
    metrics = (best.folder / "metrics.json").read_text()
    (best.folder / "metrics.json").write_text(metrics.replace('"accuracy"', '"macro_f1"'))
    write_bundle(shipped, name="d.prog", genres=("other", "prog"), head="binary")
    write_evaluated(empty_home / "models", name="mine.test")
    first, rest = compare.leading(bundles.list_bundles())
    assert [bundle.name for bundle in first] == ["c.ours", "d.prog"]
    assert [bundle.name for bundle in rest] == ["b.ours", "mine.test", "a.study"]
    assert compare.leading(()) == ([], [])
