"""From a false alarm on Results to its worst segment on Songs, and links that lead nowhere."""

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from urllib.parse import parse_qsl

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from genre_core.data.catalog import Catalog
from genre_core.evaluation.stored_predictions import worst_segment
from genre_core.inference.songs import SongClassifier
from genre_core.runs.answers import SongPrediction
from genre_core.runs.bundle import Bundle
from genre_core.runs.card import ProgScore
from pages.ui.media import linked
from pages.ui.media.choice import own
from tests.app_words import everything
from tests.made_song_bundles import write_song_bundle as write_looking
from tests.made_songs_set import GENRES, MEL, write_song_bundle

Open = Callable[..., AppTest]
NAME = "tiny.songs"
PROG = "tiny.prog"


def write_predictions(bundle: Bundle, rows: pd.DataFrame, **metrics: object) -> None:
    """A bundle's figures as far as the list needs them."""
    rows.to_parquet(bundle.folder / "predictions.parquet")
    plain = {"headline": "accuracy", "values": {"accuracy": {"value": 0.5}}, "n": len(rows)}
    text = json.dumps(plain | {"split": "test", "n_groups": 6} | metrics)
    (bundle.folder / "metrics.json").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def wrong(tmp_path_factory: pytest.TempPathFactory, song_set: Catalog) -> Path:
    """A network of the made songs' genres that errs, and one of a prog score."""
    models = tmp_path_factory.mktemp("wrong")
    rows = song_set.frame[song_set.frame["split"] == "test"]
    true = np.array([GENRES.index(labels[0]) for labels in rows["labels"]])
    said = (true + 1) % 3
    probs = np.full((len(rows), 3), 0.1)
    probs[np.arange(len(rows)), said] = np.linspace(0.5, 0.8, len(rows))
    about = rows[["item_id", "title", "artist", "split"]].assign(group="")
    write_predictions(
        write_song_bundle(models, NAME, MEL),
        about.assign(
            genre_index=true, predicted=said, **{f"prob_{k}": probs[:, k] for k in range(3)}
        ),
    )
    write_predictions(
        write_song_bundle(
            models,
            PROG,
            MEL,
            genres=("non-prog", "prog"),
            head="binary",
            prog_score=ProgScore(genre="prog", rule="Made, for tests."),
        ),
        about.assign(prog_score=np.linspace(0.2, 0.9, len(rows))),
    )
    return models


@pytest.fixture
def set_here(
    empty_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    wrong: Path,
    song_set: Catalog,
) -> Path:
    """The data set and both networks, for this test alone."""
    shutil.copytree(wrong, empty_home / "models")
    folder = shutil.copytree(song_set.root, tmp_path / "data" / "made_songs")
    monkeypatch.setenv("GENRE_DATA", str(folder.parent))
    return folder


def links(app: AppTest) -> list[dict[str, str]]:
    """The parameters of every link to a worst segment."""
    return [
        dict(parse_qsl(each.proto.query_string))
        for each in app.get("page_link")
        if "worst segment" in each.proto.label
    ]


def test_only_songs_known_not_to_be_prog_are_alarms(set_here: Path, open_app: Open) -> None:
    app = open_app("results", result=PROG)
    words = everything(app)
    assert "5 test songs known not to be prog" in words
    # Tones-7 is highest, and only presumed not to be prog.
    found = links(app)
    assert found[0]["item"] == "Tones-6.ogg"
    assert {each["wrong"] for each in found} == {"prog"}
    assert {each["of"] for each in found} == {PROG}
    assert words.count("a false alarm by its mean") == 2


def test_a_song_whose_file_is_gone_has_none(set_here: Path, open_app: Open) -> None:
    (set_here / "Tones-6.ogg").unlink()
    app = open_app("results", result=PROG)
    assert "Tones-6.ogg" not in {each["item"] for each in links(app)}
    assert "not on this machine" in everything(app)


def test_a_link_opens_the_song_at_its_worst_piece(set_here: Path, open_app: Open) -> None:
    item = "Noise-6.ogg"
    app = open_app("songs", of=NAME, item=item, wrong="Tones", look=NAME)
    assert not app.exception
    assert not app.error
    words = everything(app)
    assert "Title 14 · Artist 14 (made_songs)" in words.replace("\\", "")
    said = SongClassifier.load(NAME).classify(set_here / item)
    index = worst_segment(said, "Tones")
    # Neither what the page would choose by itself.
    assert index != int(np.argmax(said.probs.max(axis=1)))
    assert f"Segment {index + 1} of {len(said)}" in words
    assert "speaks most for *Tones*" in words
    # The visitor's own choice then holds.
    app.button_group("song").set_value(app.button_group("song").options[1]).run()
    assert "speaks most for" not in everything(app)


def explained(app: AppTest) -> set[str]:
    """The genres whose evidence is told of."""
    return set(re.findall(r"(?:looked|spoke|speaks) for \*([\w-]+)\*", everything(app)))


def test_the_wrong_answer_is_what_is_explained(
    empty_home: Path, set_here: Path, open_app: Open
) -> None:
    write_looking(empty_home / "models", name="made.looking")  # by itself it explains prog
    asked = {"of": NAME, "item": "Noise-6.ogg", "look": "made.looking"}
    app = open_app("songs", **asked, wrong="non-prog")
    assert not app.exception
    assert explained(app) == {"non-prog"}
    # Another song is not asked about.
    app.button_group("song").set_value(app.button_group("song").options[1]).run()
    assert not app.exception
    assert explained(app) == {"prog"}


@pytest.mark.parametrize(
    "query",
    [
        {"of": NAME, "item": "../../../etc/passwd"},
        {"of": NAME, "item": "/etc/passwd"},
        {"of": NAME, "item": "nothing.ogg"},
        {"of": "no.such", "item": "Noise-6.ogg"},
        {"of": "/etc", "item": "passwd"},
    ],
)
def test_a_link_to_what_is_not_here_says_so_and_shows_the_built_in_songs(
    set_here: Path, open_app: Open, query: dict[str, str]
) -> None:
    app = open_app("songs", **query)
    assert not app.exception
    assert "is not on this machine" in app.info[0].value
    assert app.button_group("song").value is not None
    assert "etc" not in str(app.button_group("song").value)


def test_a_wrong_answer_that_the_network_does_not_know_is_no_error(
    set_here: Path, open_app: Open
) -> None:
    app = open_app("songs", of=NAME, item="Noise-6.ogg", wrong="Polka", look=NAME)
    assert not app.exception
    assert not app.error
    assert "speaks most for" not in everything(app)


def test_the_worst_moment_is_that_of_the_list_on_errors() -> None:
    choice = own("a.wav", b"RIFF")
    probs = np.array([[0.45, 0.5, 0.05], [0.01, 0.48, 0.51]])
    starts = np.arange(2.0)
    said = SongPrediction(
        "made", ("Jazz", "Metal", "Pop"), "softmax", starts, starts + 1, np.log(probs), probs, None
    )
    assert linked.worst(linked.Linked(choice, "Metal"), choice, said) == 0
    assert linked.worst(linked.Linked(choice, "Metal", true="Jazz"), choice, said) == 1
    assert linked.worst(linked.Linked(choice, "Polka"), choice, said) is None
