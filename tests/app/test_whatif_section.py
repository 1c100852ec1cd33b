"""What if the cover were different: edits by link, by number and by switch, and their scores."""

import base64
import io
import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from genre_core.cli.parser import make_parser
from genre_core.cli.what_if import edit_of
from genre_core.data.demo import demo_covers
from genre_core.image.decode import decode_cover
from genre_core.image.edits import CoverEdit, edit_cover, shrink_to_edit
from genre_core.runs.bundle import find_bundle
from pages.ui import cached, figures
from tests.app_words import everything
from tests.made_bundles import write_bundle

Open = Callable[..., AppTest]

VIEW = "What if it were different?"


def command(app: AppTest) -> CoverEdit:
    """Read the edit from the command line that the page gives."""
    [line] = [code.value for code in app.code if " what-if " in code.value]
    return edit_of(make_parser().parse_args(shlex.split(line)[3:]), CoverEdit)


def scores(name: str, edit: CoverEdit) -> str:
    """Compute what the figure must say."""
    classifier = cached.classifier(find_bundle(name))
    picture = decode_cover(demo_covers()[0].path)
    before, after = (classifier.classify(edit_cover(picture, e)) for e in (CoverEdit(), edit))
    return figures.before_after(before.genres, before.probs, after.probs).alt


def test_it_waits_behind_its_tab(made_home: Path, open_app: Open) -> None:
    app = open_app("covers")
    assert not app.exception
    assert "what-if" not in everything(app)
    assert "Before and after" not in everything(app)


def test_at_first_nothing_is_changed(made_home: Path, open_app: Open) -> None:
    app = open_app("covers", view=VIEW)
    assert not app.exception
    assert not app.error
    assert "Nothing is changed yet" in everything(app)
    assert scores("made.test", CoverEdit()) in everything(app)
    assert command(app) == CoverEdit()
    assert "Nothing is drawn" in everything(app)
    assert any("changed cover" in button.label for button in app.get("download_button"))


def test_a_link_restores_an_edit_its_scores_and_its_maps(made_home: Path, open_app: Open) -> None:
    app = open_app(
        "covers", view=VIEW, left="20", top="30", right="60", bottom="70", fill="mid-grey",
        mirror="true", blur="2.5", shrink="4", jpeg="30", turn="90",
    )  # fmt: skip
    assert not app.exception
    edit = CoverEdit(
        hide=(0.2, 0.3, 0.6, 0.7), hide_with="grey", mirror=True, blur=2.5, rescale=0.25, jpeg=30,
        rotate=90.0,
    )  # fmt: skip
    assert command(app) == edit
    assert scores("made.test", edit) in everything(app)
    assert "Drawn: 20 to 60 % across, 30 to 70 % down" in everything(app)
    assert "Every network asked above" in everything(app)
    for word in edit.words:
        assert word in everything(app)
    # Where one draws, the region is hidden, not only outlined.
    before = shrink_to_edit(decode_cover(demo_covers()[0].path))
    hidden = edit_cover(before, CoverEdit(hide=edit.hide, hide_with="grey"))
    address = figures.drawing(hidden).figure.layout.images[0].source
    assert max(address.split("/"), key=len) in everything(app)  # a figure's text has no slashes
    for when in ("before", "after"):
        assert f"{when} the change" in everything(app)


def test_where_only_a_region_is_kept_the_rest_is_dark() -> None:
    white = np.full((200, 100, 3), 255, np.uint8)
    chart = figures.drawing(white, (25, 50, 75, 100), is_kept=True)
    content = base64.b64decode(chart.figure.layout.images[0].source.partition(",")[2])
    drawn = np.asarray(Image.open(io.BytesIO(content)).convert("L"))
    is_bright = np.zeros_like(drawn, np.bool_)
    is_bright[100:, 25:75] = True
    assert ((drawn > 128) == is_bright).mean() > 0.99  # JPEG blurs the edge


def test_switches_and_numbers_change_the_scores_and_undo_brings_all_back(
    made_home: Path, open_app: Open
) -> None:
    app = open_app("covers", view=VIEW)
    app.toggle("grey").set_value(True).run()
    assert command(app) == CoverEdit(grey=True)
    app.slider("trim").set_value(10).run()
    assert command(app) == CoverEdit(grey=True, crop=(0.1, 0.1, 0.9, 0.9))
    for side, value in (("left", 0), ("top", 0), ("right", 50), ("bottom", 100)):
        app.number_input(side).set_value(value).run()
    edit = CoverEdit(grey=True, crop=(0.1, 0.1, 0.9, 0.9), hide=(0.0, 0.0, 0.5, 1.0))
    assert command(app) == edit
    assert scores("made.test", edit) in everything(app)
    app.button("undo").click().run()
    assert not app.exception
    assert command(app) == CoverEdit()
    assert scores("made.test", CoverEdit()) in everything(app)


def test_what_is_drawn_may_be_kept_instead_of_hidden(made_home: Path, open_app: Open) -> None:
    drawn = {"left": "10", "top": "20", "right": "60", "bottom": "70"}
    app = open_app("covers", view=VIEW, fill="keep only it", trim="10", **drawn)
    assert command(app) == CoverEdit(crop=(0.1, 0.2, 0.6, 0.7))
    assert app.slider("trim").disabled
    narrow = open_app("covers", view=VIEW, fill="keep only it", **{**drawn, "right": "12"})
    assert not narrow.exception
    assert len(narrow.error) == 1
    assert "at least 0.05 apart" in everything(narrow)


@pytest.mark.parametrize("drawn", [("50", "0", "20", "60"), ("0", "50", "60", "50")])
def test_a_region_turned_inside_out_is_none(
    made_home: Path, open_app: Open, drawn: tuple[str, ...]
) -> None:
    sides = dict(zip(("left", "top", "right", "bottom"), drawn, strict=True))
    app = open_app("covers", view=VIEW, **sides)
    assert not app.exception
    assert command(app) == CoverEdit()


def test_nonsense_in_a_link_falls_back(made_home: Path, open_app: Open) -> None:
    app = open_app("covers", view=VIEW, blur="lots", left="-7", jpeg="200", whatif_model="none")
    assert not app.exception
    assert command(app) == CoverEdit()


def test_every_network_asked_is_listed_with_its_change(made_home: Path, open_app: Open) -> None:
    write_bundle(made_home / "models", name="made.second")
    app = open_app("covers", view=VIEW, blur="5", whatif_model="made.second")
    assert not app.exception
    [table] = [each.value for each in app.dataframe if "answer after" in each.value]
    assert len(table) == 2
    edit = CoverEdit(blur=5.0)
    assert scores("made.second", edit) in everything(app)
    for _, row in table.iterrows():
        assert row["change"] == pytest.approx(100 * (row["after"] - row["before"]))


def test_edits_never_compile_again(made_home: Path, open_app: Open) -> None:
    cached.predict.clear()  # so that it is asked, and compiled, here
    app = open_app("covers", view=VIEW)
    bundle = find_bundle("made.test")
    compiled = cached.classifier(bundle)._forward._forward
    assert compiled is not None
    for blur in (1.0, 2.0, 3.0):
        app.slider("blur").set_value(blur).run()
    app.slider("trim").set_value(30).run()
    assert cached.classifier(bundle)._forward._forward is compiled


def test_a_map_of_one_cell_is_no_location_and_no_noise(
    made_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from genre_core.explain.cam import Cam

    own = Cam.explain
    monkeypatch.setattr(
        Cam, "explain", lambda *given, **named: own(*given, **(named | {"stage": "single"}))
    )
    app = open_app("covers", view=VIEW, cover=demo_covers()[5].title)
    assert not app.exception
    assert "no location" in everything(app)
