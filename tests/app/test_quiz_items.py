"""What a quiz is about: a data set with its labels, songs, and the way in for phones."""

from __future__ import annotations

import hashlib
import io
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import segno
from PIL import Image
from streamlit.testing.v1 import AppTest

from genre_core.classroom import join, list_rooms
from genre_core.classroom.rooms import question_of
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.item import items_frame
from genre_core.inference.classifier import Classifier
from pages.ui.quiz import address
from tests.app_words import everything

Open = Callable[..., AppTest]


@pytest.fixture
def class_set(made_home: Path) -> Path:
    """A data set of the class: three covers of each genre in test, one damaged, others in train."""
    folder = made_home / "datasets" / "ours"
    folder.mkdir(parents=True)
    chance, rows = np.random.default_rng(0), []
    for genre in ("Jazz", "Pop", "Polka"):
        for split, n in (("test", 3), ("train", 4)):
            for k in range(n):
                name = f"{genre.lower()}-{split}-{k}.png"
                picture = chance.integers(0, 255, (64, 64, 3), dtype=np.uint8)
                Image.fromarray(picture).save(folder / name)
                row = {"item_id": name, "path": name, "labels": [genre], "split": split}
                rows.append({**row, "checksum": hashlib.sha256(name.encode()).hexdigest()})
    (folder / "jazz-test-0.png").write_bytes(b"no picture")
    head = DatasetHead("ours", "Ours <b>", "us", "none", "cover", ("Jazz", "Polka", "Pop"))
    Catalog(head, folder, items_frame(rows)).save(folder)
    return folder


def test_a_data_set_of_the_class_is_asked_with_its_labels_for_true(
    made_home: Path, class_set: Path, open_app: Open
) -> None:
    app = open_app("quiz")
    app.selectbox(key="quiz_items").select("ours").run()
    app = app.button(key="quiz_open").click().run()
    assert not app.exception
    said = everything(app)
    assert "True genres are the labels of *Ours <b>*" in said
    assert "All are of its test split." in said
    assert "Left out, since the network cannot read it: jazz-test-0" in said
    assert "So it is a room of 5 questions." in said
    [(room, _)] = list_rooms()
    assert (room.data, room.n_questions, room.genres) == ("ours", 5, ("Jazz", "Pop"))
    questions = [question_of(room, number) for number in range(1, 6)]
    # Test items alone, each with its label; what the network has no genre for is not asked.
    assert sorted(one.item for one in questions) == [
        *(f"jazz-test-{k}.png" for k in (1, 2)),
        *(f"pop-test-{k}.png" for k in range(3)),
    ]
    assert [one.truth for one in questions] == [
        int(one.item.startswith("pop")) for one in questions
    ]
    # The network's answers are those of the library.
    network = Classifier.load(made_home / "models" / "made.test")
    asked = [network.classify(class_set / one.item).genre_index for one in questions]
    assert [one.network for one in questions] == asked
    # No student reads a genre off a file's name.
    app.button(key="quiz_step_ask").click().run()
    app = open_app("quiz", room=room.code, me=join(room.code, "Ann"))
    assert "jazz-" not in everything(app)
    assert "pop-" not in everything(app)
    assert "The cover of this question" in everything(app)


def test_songs_are_played_on_the_wall_and_asked_on_phones(
    made_home: Path, stored: Path, open_app: Open
) -> None:
    shutil.copytree(stored / "made.genres", made_home / "models" / "made.genres")
    app = open_app("quiz")
    app.selectbox(key="quiz_items").select("Built-in songs").run()
    app.number_input(key="quiz_n").set_value(1)
    app = app.button(key="quiz_open").click().run()
    assert not app.exception
    [(room, _)] = list_rooms()
    assert (room.media, room.genres) == ("song", ("Jazz", "Metal", "Pop"))
    app.button(key="quiz_step_ask").click().run()
    assert len(app.get("audio")) == 1
    phone = open_app("quiz", room=room.code, me=join(room.code, "Ann"))
    assert "Listen to the song" in everything(phone)
    assert len(phone.get("audio")) == 0
    assert [one.label for one in phone.button][:3] == ["Jazz", "Metal", "Pop"]


@pytest.mark.parametrize(
    ("url", "ip", "phones"),
    [
        ("http://localhost:8501/quiz?room=X#a", "192.0.2.5", "http://192.0.2.5:8501/quiz"),
        ("http://127.0.0.1/quiz", "192.0.2.5", "http://192.0.2.5/quiz"),
        ("http://[::1]:80/quiz", "192.0.2.5", "http://192.0.2.5:80/quiz"),
        ("http://localhost:8501/quiz", "", "http://localhost:8501/quiz"),
        ("https://school.org/app/quiz", "192.0.2.5", "https://school.org/app/quiz"),
    ],
)
def test_phones_get_an_address_that_is_not_every_machines_own(
    url: str, ip: str, phones: str
) -> None:
    assert address.guess(url, ip) == phones


def test_the_picture_for_phones_holds_the_link() -> None:
    link = address.link("http://192.0.2.5:8501/quiz", "BCDFG")
    picture = np.asarray(Image.open(io.BytesIO(address.qr(link))))[..., 0]
    modules = picture[::8, ::8] == 0
    quiet = 4
    assert not modules[:quiet].any()
    assert not modules[:, -quiet:].any()
    wanted = np.array([list(row) for row in segno.make(link, error="m").matrix], dtype=bool)
    assert modules[quiet:-quiet, quiet:-quiet].tolist() == wanted.tolist()
