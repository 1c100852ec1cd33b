"""Errors: the items behind a cell, chips, filters, notes, and the way to Covers and Songs."""

import json
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import cast
from urllib.parse import parse_qs

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from sklearn.metrics import roc_auc_score
from streamlit.testing.v1 import AppTest

from genre_core.analysis.embedding_map import nearest
from genre_core.analysis.pairs import compare
from genre_core.analysis.selection import Selection, select
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.importers import find_dataset
from genre_core.data.item import items_frame
from genre_core.data.notes import notes_of
from genre_core.inference.neighbours import Neighbours
from genre_core.metrics.calibration import Calibration
from genre_core.runs.bundle import METRICS_FILE, NEIGHBOURS_FILE
from genre_core.runs.evaluations import find_evaluation
from pages.ui import cached, permission
from pages.ui.data import cached as data_cached
from pages.ui.errors import notes, state
from pages.ui.errors.cached import Opened
from pages.ui.permission import Visit
from tests.app_words import everything
from tests.made_bundles import write_bundle
from tests.made_evaluations import GENRES, made_evaluation, made_predictions
from tests.made_results import CONFUSION
from tests.made_results import GENRES as TWO

Open = Callable[..., AppTest]


def listed(app: AppTest) -> dict[str, object]:
    """What the list was given."""
    (mounted,) = (
        each for each in app.get("bidi_component") if "genre_explorer_items" in str(each.proto)
    )
    return dict(json.loads(mounted.proto.json))


@pytest.mark.parametrize("true", range(2))
@pytest.mark.parametrize("said", range(2))
def test_a_cell_lists_exactly_its_covers_the_clearest_errors_first(
    made_home: Path, open_app: Open, true: int, said: int
) -> None:
    cell = Selection(true=(TWO[true],), predicted=(TWO[said],))
    app = open_app("errors", only=cell.to_query())
    assert not app.exception
    n = CONFUSION[true][said]
    assert f"{n} of 10 covers" in everything(app)
    items = listed(app)["items"]
    assert len(items) == n
    assert {(item["true"], item["said"]) for item in items} == {(TWO[true], TWO[said])}
    assert all(item["id"].startswith(TWO[true].lower()) for item in items)
    assert "GENRE_DATA" in everything(app)


def test_a_chip_is_taken_away_alone(empty_home: Path, open_app: Open) -> None:
    record = made_evaluation(60)
    chosen = Selection(true=(GENRES[0],), outcome="wrong")
    app = open_app("errors", only=chosen.to_query())
    table = record.predictions()
    assert f"{len(select(table, GENRES, chosen))} of 60 covers" in everything(app)
    app.button("chip_true").click().run()
    left = chosen.without("true")
    assert f"{len(select(table, GENRES, left))} of 60 covers" in everything(app)
    assert app.query_params["only"] == left.to_query()
    app.button("chip_all").click().run()
    assert "only" not in app.query_params


def test_a_link_opens_an_evaluation_that_was_made_a_moment_ago(
    empty_home: Path, open_app: Open
) -> None:
    made_evaluation(60)
    assert "60 test items" in everything(open_app("errors"))
    made_evaluation(30, model="made.later")
    assert "30 test items" in everything(open_app("errors", evaluation="made.later@made"))


def test_fifty_a_page_in_the_order_that_is_asked_for(empty_home: Path, open_app: Open) -> None:
    record = made_evaluation(120)
    app = open_app("errors", order="confidence")
    items = listed(app)["items"]
    assert len(items) == 50
    table = record.predictions()
    sure = table[[f"prob_{k}" for k in range(3)]].to_numpy().max(axis=1)
    assert items[0]["id"] == table["item_id"][int(np.argmax(sure))]


def test_songs_begin_where_they_erred_most(empty_home: Path, open_app: Open) -> None:
    record = made_evaluation(40, media="song")
    app = open_app("errors", only=Selection(outcome="wrong").to_query())
    assert not app.exception
    given = listed(app)
    assert given["media"] == "song"
    for item in given["items"]:
        segments = record.segments(item["id"])
        true, said = (GENRES.index(item[name]) for name in ("true", "said"))
        against = segments[f"prob_{said}"] - segments[f"prob_{true}"]
        assert item["start_s"] == segments["start_s"][int(against.to_numpy().argmax())]
        assert len(item["curve"]["said"]) == len(segments)


@pytest.fixture
def covers_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The covers of made.test's data set, as far as they are here."""
    rng = np.random.default_rng(0)
    for k in range(20):
        style = TWO[k % 2].lower()
        file = tmp_path / "data" / "made" / style / f"{style}-{k:03d}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(file)
    monkeypatch.setenv("GENRE_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "made"


def test_copies_with_different_labels_are_listed(
    made_home: Path, covers_here: Path, open_app: Open
) -> None:
    app = open_app("errors", further="Suspected labels")
    assert "Look for duplicates of this data set first" in everything(app)
    catalog = cached.dataset("made")
    assert catalog is not None
    report = {"groups": [["jazz/jazz-000.jpg", "pop/pop-005.jpg"], ["jazz/jazz-002.jpg"]]}
    data_cached.keep_duplicates(catalog, "made", report)
    app = open_app("errors", further="Suspected labels")
    assert not app.exception
    [table] = [each.value for each in app.dataframe if "copies" in each.value]
    assert sorted(table["item_id"]) == ["jazz/jazz-000.jpg", "pop/pop-005.jpg"]
    app.button("look_copies").click().run()
    assert "2 of 10 covers" in everything(app)


def test_what_is_noted_is_kept_and_shown(
    made_home: Path, covers_here: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permission, "visitor", lambda: Visit(None, {"Host": "localhost:8501"}))
    app = open_app("errors", item="jazz/jazz-000.jpg")
    assert not app.exception
    items = {item["id"]: item for item in listed(app)["items"]}
    assert items["jazz/jazz-000.jpg"]["address"].startswith("/items/")
    keys = [area.key for area in app.text_area]
    app.text_area(keys[0]).set_value("drawn by hand")
    app.multiselect(keys[0].replace("note_", "label_")).set_value(["Pop"])
    app.button(keys[0].replace("note_", "keep_")).click().run()
    assert not app.exception
    [item] = [item for item in listed(app)["items"] if item["id"] == "jazz/jazz-000.jpg"]
    assert (item["note"], item["label"]) == ("drawn by hand", "pop")
    again = open_app("errors", only=Selection(mark="with a new label").to_query())
    assert [item["id"] for item in listed(again)["items"]] == ["jazz/jazz-000.jpg"]


def test_a_link_that_says_nonsense_shows_all(empty_home: Path, open_app: Open) -> None:
    made_evaluation(10)
    app = open_app("errors", only="true.~?.~confidence.9_z", item="../../etc/passwd", order="up")
    assert not app.exception
    assert "10 covers" in everything(app)


def test_without_any_evaluation_it_says_what_to_do(empty_home: Path, open_app: Open) -> None:
    assert "no trained network" in everything(open_app("errors"))


def test_results_lead_to_the_wrong_ones(made_home: Path, open_app: Open) -> None:
    app = open_app("results")
    queries = [
        parse_qs(each.proto.query_string)
        for each in app.get("page_link")
        if each.proto.page.endswith("errors") and each.proto.query_string
    ]
    assert all(query["evaluation"] == ["made.test@made"] for query in queries)
    # The pair that is confused most, all that is wrong, then each genre.
    assert [Selection.from_query(query["only"][0]) for query in queries] == [
        Selection(true=(TWO[1],), predicted=(TWO[0],)),
        Selection(outcome="wrong"),
        *(Selection(true=(genre,)) for genre in TWO),
    ]


def test_the_way_back_has_what_was_chosen(empty_home: Path, open_app: Open) -> None:
    record = made_evaluation(30)
    chosen = Selection(outcome="wrong").to_query()
    app = open_app("errors", only=chosen, order="loss")
    assert app.session_state[state.WAY_BACK] == {
        "evaluation": record.name,
        "only": chosen,
        "order": "loss",
    }


@pytest.mark.parametrize("media", ["cover", "song"])
@pytest.mark.parametrize(
    ("tab", "words"),
    [
        ("Where it fails most", "slices"),
        ("Shortcuts", "No shortcut is named"),
        ("Spread", "sureness of the answer, from"),
        ("Map", "60 selected"),
        ("Suspected labels", "labels are suspected"),
        ("Two networks", "A right, B wrong: "),
        ("Curves", "Answering the 60 of 60"),
        ("Corrections", "GENRE_DATA"),
        ("Export", "Report (HTML)"),
    ],
)
def test_every_tab_says_its_part(
    empty_home: Path, open_app: Open, media: str, tab: str, words: str
) -> None:
    made_evaluation(60, media=media, model="made.other", seed=1)
    made_evaluation(60, media=media, seed=2)
    app = open_app("errors", further=tab, beside="made.other@made")
    assert not app.exception
    assert words in everything(app)


def test_a_slice_and_a_lasso_too_long_for_a_link_select_their_items(
    empty_home: Path, open_app: Open
) -> None:
    record = made_evaluation(4000, model="made.other", seed=1)
    made_evaluation(4000, seed=2)
    app = open_app("errors", further="Two networks", beside="made.other@made")
    pair = compare(
        (find_evaluation("made.test@made").predictions(), GENRES), (record.predictions(), GENRES)
    )
    app.button("only_a").click().run()
    assert f"{len(pair.only_a)} of 4,000 covers" in everything(app)
    assert "too many circled for a link" in everything(app)


def test_an_opened_item_has_its_scores_and_what_it_is_near_to(
    empty_home: Path, open_app: Open
) -> None:
    record = made_evaluation(40)
    table = record.predictions()
    app = open_app("errors", item=table["item_id"][7])
    assert not app.exception
    words = everything(app)
    assert f"true **{GENRES[table['genre_index'][7]]}**" in words or "rightly told" in words
    [near] = [each.value for each in app.dataframe if "similarity" in each.value]
    expected = nearest(record.embeddings(), table, 7, len(near))
    assert near["similarity"].tolist() == pytest.approx(expected["cosine"].tolist())
    assert [("same genre" in shared) for shared in near["shares"]] == expected[
        "same_genre"
    ].tolist()


def test_where_items_of_the_split_train_are_there_it_is_compared_with_these(
    empty_home: Path, open_app: Open
) -> None:
    rows = made_predictions(40)
    rows.loc[10:19, "split"] = "train"
    made_evaluation(predictions=rows)
    app = open_app("errors", item=rows["item_id"][12])
    assert "the 9 covers of the split train" in everything(app)
    [near] = [each.value for each in app.dataframe if "similarity" in each.value]
    listed = {name.split(" · ")[0] for name in near["name"]}
    assert listed <= set(rows["title"][10:20]) - {rows["title"][12]}


def test_of_tags_it_is_said_how_they_are_read(
    empty_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    tempered = Calibration(temperature=2.0, n=9, fitted_on="made")
    tags = ("sad", *GENRES)
    network = write_bundle(
        empty_home / "models", genres=tags, head="multilabel", calibration=tempered
    )
    (network.folder / NEIGHBOURS_FILE).touch()
    rows = made_predictions(40)
    # A network that learnt more tags than are meant here: places among them are not those of here.
    learnt = [[name, "", name, "", [], "", k] for k, name in enumerate(tags)]
    columns = ["item_id", "checksum", "title", "artist", "labels", "source", "genre_index"]
    near = Neighbours(pd.DataFrame(learnt, columns=columns), np.eye(4, 16, dtype="f4"), "mine", "")
    monkeypatch.setattr(cached, "neighbours", lambda *_: near)
    rule, sha256 = "Read by the highest.", network.card.model_sha256
    made_evaluation(predictions=rows, tags_rule=rule, sha256=sha256)
    app = open_app("errors", item=rows["item_id"][7], further="Curves")
    assert not app.exception
    words = everything(app)
    assert rule in words
    assert "(score " in words  # the network's own calibration is not for shares of scores
    genre = GENRES[rows["genre_index"][7]]
    [table] = [each.value for each in app.dataframe if "similarity" in each.value]
    assert table["genre"][table["shares"] == "same genre"].tolist() == [genre]
    [areas] = [each.value for each in app.dataframe if "ROC AUC" in each.value]
    expected = [
        roc_auc_score(rows["genre_index"] == k, rows[f"logit_{k}"]) for k in range(len(GENRES))
    ]
    assert areas["ROC AUC"].tolist() == pytest.approx(expected)


def test_what_keys_can_give_are_labels_of_the_data() -> None:
    # Rules of a recipe name sources and "all others": those are no labels.
    meant = {"Rock (live)": "Rock", "shop:Rock": "Rock", "archive:*": "Pop", "*": "Pop"}
    evaluation = SimpleNamespace(
        record=SimpleNamespace(about={"mapping": meant}), genres=("Rock", "Pop", "Jazz")
    )
    head = DatasetHead("made", "Made", "", "", labels=("Jazz", "Rock", "Rock (live)"))
    catalog = Catalog(head, Path(), items_frame([{"item_id": "a"}]))
    assert notes.labels(cast(Opened, evaluation), catalog) == {"Rock": "Rock", "Jazz": "Jazz"}


def test_how_labels_were_read_and_what_takes_no_part_is_told(
    empty_home: Path, open_app: Open
) -> None:
    record = made_evaluation(mapping={"rock (live)": "Rock", "Pop": "Pop"})
    path = record.folder / METRICS_FILE
    lines = [
        "3 items take no part: labels mean two genres or more.",
        "The network may have learnt from 2 of them: figures flatter.",
    ]
    path.write_text(json.dumps(json.loads(path.read_text()) | {"notes": lines}))
    words = everything(open_app("errors"))
    assert "What the labels mean here: rock (live) = Rock." in words
    assert lines[0] in words
    assert lines[1] not in words  # a warning of the page's own says it


@pytest.mark.parametrize(
    ("file", "tab", "what"),
    [
        ("predictions.parquet", "Curves", "predictions.parquet"),
        ("metrics.json", "Curves", "metrics.json"),
        ("embeddings.npy", "Map", "embeddings.npy"),
        ("segments.parquet", "Curves", "segments.parquet"),
        ("umap.npy", "Map", "umap.npy"),
    ],
)
@pytest.mark.parametrize("content", [b"", b"no such file", b"PAR1" + bytes(40)])
def test_a_damaged_evaluation_is_a_sentence(
    empty_home: Path, open_app: Open, file: str, tab: str, what: str, content: bytes
) -> None:
    record = made_evaluation(12, media="song")
    (record.folder / file).write_bytes(content)
    app = open_app("errors", further=tab, map_by="UMAP" if file == "umap.npy" else "PCA")
    assert not app.exception
    assert any(what in error.value.replace("\\", "") for error in app.error)


def test_a_damaged_file_of_notes_is_a_sentence(
    made_home: Path, covers_here: Path, open_app: Open
) -> None:
    (made_home / "notes.sqlite").write_bytes(b"no database at all" * 100)
    app = open_app("errors")
    assert not app.exception
    assert any("notes" in error.value for error in app.error)


def test_a_table_of_notes_is_taken_in_whole_or_not_at_all(
    made_home: Path, covers_here: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permission, "visitor", lambda: Visit(None, {"Host": "localhost:8501"}))
    app = open_app("errors", further="Corrections")
    rows = "item_id,labels,text\njazz/jazz-000.jpg,pop,by ear\njazz/jazz-002.jpg,polka,\n"
    for content, said in (
        (rows.encode(), "line 3"),
        (b"", "A table of notes is a CSV file"),
        (b"\xff\xfe\x00", "no UTF-8 text"),
    ):
        app.file_uploader("notes_table").upload("mine.csv", content, "text/csv").run()
        assert not app.exception
        assert any(said in one.value.replace("\\", "") for one in (*app.error, *app.markdown))
        assert "Items with a note: 0" in everything(app)
    good = rows.replace("polka", "pop").encode()
    app.file_uploader("notes_table").upload("mine.csv", good, "text/csv").run()
    assert "with a new label: 2" in everything(app)
    app.button("correct").click().run()
    assert not app.exception
    labels = find_dataset("made_corrected").frame.set_index("item_id")["labels"]
    assert labels["jazz/jazz-002.jpg"] == ["pop"]
    assert app.query_params["train_on"] == "made_corrected"


def test_several_labels_are_kept_by_their_shares(
    made_home: Path, covers_here: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(permission, "visitor", lambda: Visit(None, {"Host": "localhost:8501"}))
    app = open_app("errors", item="jazz/jazz-000.jpg")
    own = app.text_area[0].key.removeprefix("note_")
    app.multiselect(f"label_{own}").set_value(["Jazz", "Pop"]).run()
    app.slider(f"Jazz_{own}").set_value(60)
    app.slider(f"Pop_{own}").set_value(20)
    app.button(f"keep_{own}").click().run()
    assert not app.exception
    catalog = cached.dataset("made")
    assert catalog is not None
    [noted] = notes_of(catalog).to_dict("records")
    assert (noted["labels"], noted["weights"]) == (("jazz", "pop"), (0.75, 0.25))
