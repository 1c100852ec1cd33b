"""Songs: the first visit, segments, covers in files, bad files."""

import io
import json
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import keras
import numpy as np
import pytest
import soundfile
from streamlit.testing.v1 import AppTest

from genre_core.config import SongInput
from genre_core.data.demo import demo_songs
from genre_core.explain import song_strip
from genre_core.explain.song_strip import cam_strip
from genre_core.inference import song_reading
from genre_core.inference.song_reading import read_song
from genre_core.lessons.studies import list_studies
from genre_core.metrics.thresholds import Answer
from genre_core.runs.bundle import Bundle, open_bundle
from genre_core.runs.family_importance import FamilyImportance, save_families
from pages.ui import cards, frame
from pages.ui.songs import cached, standing, verdicts
from tests.app_words import everything
from tests.made_results import with_card
from tests.made_song_bundles import write_song_bundle

Open = Callable[..., AppTest]
SHORT = demo_songs()[2].title


def wav(seconds: float = 4.0) -> bytes:
    file = io.BytesIO()
    y = 0.2 * np.random.default_rng(0).normal(size=round(seconds * 22_050))
    soundfile.write(file, np.clip(y, -1, 1), 22_050, format="WAV")
    return file.getvalue()


def test_the_studies_of_networks_are_told_where_their_names_stand_first(
    song_home: Path, open_app: Open
) -> None:
    assert set(cards.STUDIES) == set(list_studies())
    with_card(open_bundle(song_home / "models" / "made.genres"), study="S5")
    app = open_app("songs", song=SHORT)
    assert not app.exception
    assert "Study S5: prog rock from audio." in [caption.value for caption in app.caption]


def test_without_networks_of_songs_it_says_what_to_do(made_home: Path, open_app: Open) -> None:
    app = open_app("songs")
    assert not app.exception
    assert "no trained network here" in everything(app)


def test_first_visit_shows_score_segment_genres_and_how_far_to_trust_it(
    song_home: Path, open_app: Open
) -> None:
    app = open_app("songs", song=SHORT)
    assert not app.exception
    assert not app.error
    words = everything(app)
    assert "mean score" in words
    assert "Segment " in words
    assert app.get_by_key("piece") is not None
    assert "Not evaluated yet" in words
    # How good those are that only name genres waits behind a click.
    [others] = [one for one in app.expander if one.label.startswith("The other networks here")]
    [own] = [one.value for one in others.markdown]
    title = open_bundle(song_home / "models" / "made.genres").card.title
    assert title in own
    assert "Not evaluated yet" in own
    # What stands behind a closed tab is not drawn.
    with pytest.raises(KeyError):
        app.get_by_key("genres_made.genres")
    app = open_app("songs", song=SHORT, part="Genres")
    assert app.get_by_key("genres_made.genres") is not None
    assert "There is no picture" not in everything(open_app("songs", song=SHORT, part="Its cover"))
    assert "Scores (CSV)" in everything(open_app("songs", song=SHORT, part="Every score"))


def test_the_threshold_moves_the_verdict(song_home: Path, open_app: Open) -> None:
    app = open_app("songs", song=SHORT)
    app.number_input("threshold").set_value(0.0).run()
    assert "it says prog" in everything(app)
    app.number_input("threshold").set_value(1.0).run()
    assert "it says not prog" in everything(app)


def test_a_network_of_genres_can_be_looked_into(song_home: Path, open_app: Open) -> None:
    app = open_app("songs", song=SHORT, look="made.genres")
    assert not app.exception
    assert app.get_by_key("piece_genres") is not None
    assert app.selectbox("look").value == "made.genres"


def test_a_segment_is_in_the_link_until_another_song_is_chosen(
    song_home: Path, open_app: Open
) -> None:
    app = open_app("songs", song=SHORT, segment="2", part="Genres")
    assert not app.exception
    assert app.number_input("segment").value == 2
    app.number_input("segment").set_value(3).run()
    assert "Segment 3 of" in everything(app)  # its tab comes up
    app.button_group("song").set_value(app.button_group("song").options[0]).run()
    assert app.number_input("segment").value is None
    assert "most prog moment" in everything(app)
    assert "most prog moment" in everything(open_app("songs", song=SHORT, segment="999"))


def test_two_uploads_are_offered_and_the_newest_is_read(song_home: Path, open_app: Open) -> None:
    app = open_app("songs", song=SHORT)
    uploader = app.file_uploader("songs_upload")
    uploader.upload("a.wav", wav(3), "audio/wav").upload("b.wav", wav(5), "audio/wav").run()
    assert not app.exception
    assert "b.wav (0:05.0)" in everything(app).replace("\\", "")
    # On another page an uploader forgets; what was dropped and looked at is there on the way back.
    for page in ("results", "songs"):
        app.switch_page(frame.PAGES[page].path).run()
    assert not app.exception
    assert "b.wav (0:05.0)" in everything(app).replace("\\", "")
    assert len([button for button in app.button if "dropped" in button.key]) == 2  # to take away


def place_of_player(block: Any, place: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    """Find where in a page the player stands: in another place it would be another player."""
    if not hasattr(block, "children"):
        return [place] if '"lanes"' in getattr(block.proto, "json", "") else []
    return [
        found
        for index, child in block.children.items()
        for found in place_of_player(child, (*place, index))
    ]


@pytest.mark.parametrize("is_scored", [True, False])
def test_an_own_song_plays_before_a_network_has_heard_it_and_no_click_begins_anew(
    song_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch, is_scored: bool
) -> None:
    if not is_scored:
        monkeypatch.setattr(standing, "of", lambda *_: [])
    app = open_app("songs", song=SHORT)
    has_answered, may_go_on, begun = threading.Event(), threading.Event(), []
    places = []

    def slowly(*args: Any, each: Any, **options: Any) -> Any:
        def keep(said: Any) -> None:
            each(said)
            has_answered.set()
            assert may_go_on.wait(60)

        begun.append(1)
        return read_song(*args, each=keep, **options)

    monkeypatch.setattr(song_reading, "read_song", slowly)
    monkeypatch.setattr(cached, "PATIENCE_S", 0.0)
    new = wav(3 if is_scored else 4)  # nobody has read it before
    app.file_uploader("songs_upload").upload("own.wav", new, "audio/wav").run()
    assert has_answered.wait(60)
    for _ in range(2):
        words = everything(app.run())
        # What one network has heard can be clicked.
        sent = [json.loads(one.proto.json) for one in app.get("bidi_component")]
        players = [one[0] for one in sent if isinstance(one, list)]  # others send no list
        assert [one["start_s"] for one in players if "lanes" in one] > [""]
        assert "The networks are listening" in words
        assert "own.wav" in words
        places += place_of_player(app.main)
        cached._hearings().clear()  # as songs of other visitors would
    may_go_on.set()
    monkeypatch.setattr(cached, "PATIENCE_S", 60.0)
    app.run()
    assert not app.error
    assert "The networks are listening" not in everything(app)
    assert len(begun) == 1
    places += place_of_player(app.main)
    assert len(places) == 3
    assert len(set(places)) == 1  # it plays on


def test_the_player_does_not_wait_for_what_mattered(
    song_home: Path, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    may_go_on, begun = threading.Event(), []

    def slowly(*args: Any, **options: Any) -> Any:
        begun.append(1)
        assert may_go_on.wait(60)
        return cam_strip(*args, **options)

    def lanes(app: AppTest) -> list[str]:
        assert not app.exception
        [sent] = [one.proto.json for one in app.get("bidi_component") if "lanes" in one.proto.json]
        return [lane["kind"] for lane in json.loads(sent)[0]["lanes"]]

    monkeypatch.setattr(song_strip, "cam_strip", slowly)
    monkeypatch.setattr(cached, "PATIENCE_S", 0.0)
    cached._strips().clear()  # what other tests asked
    app = open_app("songs", song=SHORT)
    while "The networks are listening" in everything(app):
        app.run()
    for _ in range(2):
        assert "strip" not in lanes(app.run())
        assert "comes into the player" in everything(app)
    may_go_on.set()
    monkeypatch.setattr(cached, "PATIENCE_S", 60.0)
    while "comes into the player" in everything(app.run()):  # the page is drawn anew with it
        pass
    assert "strip" in lanes(app)
    assert begun == [1]


@pytest.mark.parametrize(
    "content",
    [b"", b"no song", b"\x89PNG\r\n\x1a\n" + bytes(99), wav()[:30]],
    ids=["empty", "text", "picture", "header alone"],
)
def test_what_is_no_song_is_a_message_and_nothing_is_lost(
    song_home: Path, open_app: Open, content: bytes
) -> None:
    app = open_app("songs", song=SHORT)
    app.file_uploader("songs_upload").upload("bad.mp3", content, "audio/mpeg").run()
    assert not app.exception
    assert "Received" in app.error[0].value
    assert app.get_by_key("song") is not None


def test_silence_gets_a_note_and_no_verdict(song_home: Path, open_app: Open) -> None:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(50_000), 22_050, format="WAV")
    app = open_app("songs", song=SHORT)
    app.file_uploader("songs_upload").upload("silence.wav", file.getvalue(), "audio/wav").run()
    assert not app.exception
    assert not app.error
    words = everything(app)
    assert "No verdict: nothing is to be heard in it." in words
    assert "mean score" not in words


def judged(
    *networks: tuple[str, float, str, bool | None], architecture: str = "made"
) -> list[tuple[Bundle, Answer]]:
    """Stand in for bundles: name, seconds a segment, teacher's name and answer of each."""
    return [
        (
            SimpleNamespace(
                name=name,
                card=SimpleNamespace(
                    title=name.title(),
                    architecture=architecture,
                    input=SimpleNamespace(segment_s=segment_s),
                    experiment={"training": {"teacher": teacher}},
                ),
            ),
            Answer(is_prog, "" if is_prog is not None else "too short"),
        )
        for name, segment_s, teacher, is_prog in networks
    ]


def test_what_is_said_of_lengths_and_teachers_comes_from_the_cards() -> None:
    say = verdicts.difference
    assert say(judged(("one", 1, "", True))) == "**At your threshold it says prog.**"
    agreed = judged(("teacher", 3, "", True), ("pupil", 1, "teacher", True), ("o", 1, "", True))
    assert say(agreed) == (
        "**At your thresholds all 3 say prog.** 1 of them learned from the answers of Teacher "
        "\\(3 s at a time\\), so that they agree is no independent evidence."
    )
    assert say(judged(("a", 1, "gone", False), ("b", 1, "", False))) == (
        "**At your thresholds all 2 say not prog.**"
    )
    apart = say(judged(("a", 0.998, "", True), ("b", 2.99, "", False), ("c", 9.98, "", False)))
    assert "prog: A \\(1 s at a time\\); not prog: B \\(3 s at a time\\), C" in apart
    assert "lengths: 1, 3 and 10 s" in apart
    assert "lengths" not in say(judged(("a", 1, "", True), ("b", 1, "", False)))
    unsure = say(judged(("a", 1, "", True), ("b", 3, "", None)))
    assert unsure == (
        "**At your thresholds they say** prog: A \\(1 s at a time\\); no answer: B \\(3 s at a "
        "time\\)."
    )
    [(known, _)] = judged(("a", 9.98, "", True), architecture="s5_lstm")
    assert verdicts.short(known) == "LSTM (10 s)"


def test_what_families_of_features_spoke_is_asked_on_demand(
    empty_home: Path, open_app: Open
) -> None:
    spec = SongInput(
        features="frames_205",
        n_frames=86,
        hop_frames=86,
        offsets=(0.0,) * 205,
        scales=(50.0,) * 205,
    )
    frames = keras.Input(spec.shape)
    logits = keras.layers.Dense(1, name="logits")(keras.layers.LSTM(3)(frames))
    write_song_bundle(
        empty_home / "models", spec=spec, network=keras.Model(frames, logits, name="made_lstm")
    )
    app = open_app("songs", song=SHORT)
    assert not app.exception
    assert "against an average song" not in everything(app)
    app.toggle("families").set_value(True).run()
    assert not app.exception
    assert not app.error
    words = everything(app)
    assert "against an average song" in words
    assert "What speaks for" in words
    assert "Second by second, what each of 14 families adds" in words
    assert "Nobody has measured yet which families this network needs." in words
    made = open_bundle(empty_home / "models" / "made.song")
    row = {"family": "rms", "drop": {"value": 0.01}, "by_fold": [0.01, None], "moved": 0.1}
    dear = {"family": "mfcc", "drop": {"value": 0.2, "low": 0.1, "high": 0.3}, "moved": 0.2}
    about = {"name": "made", "title": "Made songs", "source": "rendered"}
    figures = ({"value": 0.75}, [row, dear], "Made by one synthesizer.", "")
    stored = FamilyImportance(about, 9, 8, [4, 5], 8, [5, 4], 5, "roc_auc", *figures)
    save_families(stored, made.card.model_sha256, made.folder)
    app.run()
    assert not app.exception
    words = everything(app)
    assert "AUC lost where a family comes from other songs: timbre (MFCC) 0.200, loud" in words
    assert "9 songs of *Made songs*, source rendered, in 8 groups: AUC 0.750" in words
    assert "within 2 folds that split no group" in words
    assert "Made by one synthesizer." in words
