"""First lessons: at every step guess, see, sentence, next; what was guessed stays in the link."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from genre_core.lessons.first import COURSES, MEASURED, load_course
from genre_core.lessons.first.look import HEAD, SQUARES, STACK, load_look, shares
from genre_core.runs.bundle import SHIPPED_DIR, open_bundle
from pages.ui import cached as shared
from pages.ui import figures
from pages.ui.first_lessons import study_steps
from tests.app_words import everything

Open = Callable[..., AppTest]
STEPS = [(name, k) for name in COURSES for k in range(len(load_course(name).steps))]


def guess(app: AppTest, name: str, index: int, choice: int) -> AppTest:
    app.radio(key=f"guess_{name}_{index}").set_value(choice).run()
    app = app.button(key=f"commit_{name}_{index}").click().run()
    assert "To keep" not in said(app), "one looks before one is told"
    assert not [*app.success, *app.warning]
    if name == "studies":
        # The answer comes only after another look than the study's own.
        assert app.button(key="looked").disabled
        assert f"other than *{study_steps.OWN}*" in everything(app)
        check = app.segmented_control(key=f"check_s{index + 1}")
        app = check.set_value(check.options[1]).run()
        assert not app.exception
        assert study_steps.OWN not in "".join(one.value for one in app.caption)
    assert not app.button(key="looked").disabled
    return app.button(key="looked").click().run()


def said(app: AppTest) -> str:
    return "\n".join(one.value for one in (*app.success, *app.warning, *app.info))


@pytest.mark.parametrize(("name", "index"), STEPS)
def test_every_step_asks_shows_judges_and_goes_on(
    genre_home, open_app: Open, name: str, index: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Built-in items need no network: asking one would fail here."""
    monkeypatch.setattr(shared, "classifier", None)
    step = load_course(name).steps[index]
    query = {"course": name, "step": str(index + 1)}
    app = open_app("first", **query)
    assert not app.exception
    assert not app.error
    assert step.title in app.subheader[0].value
    assert "To keep" not in said(app), "the sentence comes after the guess"
    assert app.button(key=f"commit_{name}_{index}").disabled
    app = guess(app, name, index, 0)
    assert not app.exception
    assert not app.error
    verdicts = [*app.success, *app.warning]
    first = verdicts[0].value
    if step.right != MEASURED:
        assert ("was right" in first) == (step.right == 0)
        if step.right:
            assert step.choices[step.right] in first.replace("\\", "")
    assert f"**To keep:** {step.keep.split('{')[0]}" in said(app)
    app = app.button(key="next").click().run()
    assert not app.exception
    is_last = index == len(load_course(name).steps) - 1
    assert app.query_params["step"] == ("Summary" if is_last else str(index + 2))
    assert app.query_params["said"] == "-" * index + "0"


def test_a_right_guess_is_told_so_and_the_link_restores_it(genre_home, open_app: Open) -> None:
    app = guess(open_app("first"), "pictures", 0, 1)
    assert "Your guess was right" in app.success[0].value
    again = open_app("first", said="1").button(key="looked").click().run()
    assert "Your guess was right" in again.success[0].value
    assert not [one for one in again.button if one.key.startswith("commit")]
    # What is no choice of the step is no guess.
    assert open_app("first", said="9").button(key="commit_pictures_0")


def test_the_summary_counts_and_can_be_printed_and_begun_again(genre_home, open_app: Open) -> None:
    app = open_app("first", step="Summary", said="110")
    assert not app.exception
    words = everything(app)
    assert "3 of 6 questions guessed, 2 of them right." in words
    assert words.count("Not guessed yet.") == 3
    assert "Summary to print" in words
    app = app.button(key="again").click().run()
    assert "said" not in app.query_params
    assert app.button(key="commit_pictures_0")


def test_a_reloaded_summary_judges_the_cover_in_the_link(genre_home, open_app: Open) -> None:
    told = set()
    for title in (shared.built_in_covers()[0][0].title, "A Map of Falling Water"):
        link = {"cover": title, "said": "----2"}
        app = open_app("first", step="5", **link).button(key="looked").click().run()
        is_right = bool(app.success)
        told.add(is_right)
        words = everything(open_app("first", step="Summary", **link))
        assert f"1 of 6 questions guessed, {int(is_right)} of them right." in words, title
    assert told == {True, False}, "covers of one answer tell nothing"


def test_the_kernel_that_is_painted_makes_the_map(genre_home, open_app: Open) -> None:
    app = open_app("first", step="2", said="-1")
    words = everything(app)
    assert "276 of 576 cells" in words  # rows 1 to 11 of 24, and 12 of the next
    app = app.slider(key="kernel_row").set_value(0).run()
    assert "12 of 576 cells" in everything(app)
    app.selectbox(key="kernel_preset").set_value("copy").run()
    numbers = [app.number_input(key=f"kernel_{k}").value for k in range(9)]
    assert numbers == [0, 0, 0, 0, 1, 0, 0, 0, 0]
    app = app.number_input(key="kernel_4").set_value(3).run()
    assert app.selectbox(key="kernel_preset").value == "my own numbers"
    app = app.toggle(key="fill_map").set_value(True).run()
    assert "576 of 576 cells" in everything(app)
    assert not app.exception


def test_hiding_a_square_shows_what_was_measured(genre_home, open_app: Open) -> None:
    [(cover, checksum), *_] = shared.built_in_covers()
    cards = [open_bundle(SHIPPED_DIR / name).card for name in (STACK, HEAD)]
    look = load_look(checksum, *cards)
    assert look is not None
    app = open_app("first", step="5", said="----0", cover=cover.title)
    answer = int(np.argmax(look.logits))
    after = shares(look.hidden)[:, answer].reshape(SQUARES, SQUARES)
    # Where row and column taken for one another would show most.
    row, column = np.unravel_index(np.argmax(np.abs(after - after.T)), after.shape)
    app.slider(key="hide_row").set_value(int(row) + 1).run()
    app = app.slider(key="hide_column").set_value(int(column) + 1).run()
    told = f"with it hidden {100 * after[row, column]:.0f} %"
    assert told in everything(app)
    assert told != f"with it hidden {100 * after[column, row]:.0f} %"


def test_pushing_a_score_takes_from_the_others(genre_home, open_app: Open) -> None:
    app = open_app("first", step="4", said="---1")
    before = everything(app)
    app = app.slider(key="push").set_value(3.0).run()
    after = everything(app)
    assert "Together 100 %" in before
    assert "Together 100 %" in after
    assert before != after


def test_a_cover_of_ones_own_waits_for_a_click(genre_home, open_app: Open, tmp_path) -> None:
    """Steps that need a network ask first; pixels and kernels do not."""
    path = tmp_path / "mine.png"
    Image.fromarray(np.random.default_rng(1).integers(0, 255, (90, 90, 3), np.uint8)).save(path)
    app = open_app("first", step="3")
    app.file_uploader(key="covers_upload").upload(path.name, path.read_bytes(), "image/png")
    app = app.run()
    assert not app.exception
    assert app.button(key="ask_network")
    app = app.segmented_control(key="first_step").set_value("2").run()
    assert app.button(key="commit_pictures_1")


def test_a_song_of_ones_own_is_seen_at_once_and_scored_on_a_click(
    genre_home, open_app: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    from scipy.io import wavfile

    monkeypatch.setattr(shared, "classifier", None)
    file = io.BytesIO()
    tones = np.sin(np.arange(12 * 22_050) * 2 * np.pi * 440 / 22_050)
    wavfile.write(file, 22_050, (9_000 * tones).astype(np.int16))
    app = open_app("first", course="sounds", step="1", said="1")
    name = "*mine*.wav"
    app = app.file_uploader(key="songs_upload").upload(name, file.getvalue()).run()
    assert not app.exception
    assert "220,500 numbers" in everything(app)
    app = app.segmented_control(key="first_step").set_value("3").run()
    assert not app.exception
    assert app.button(key="ask_network")


def test_without_the_networks_a_step_says_so(empty_home, open_app: Open) -> None:
    app = open_app("first", step="4")
    assert not app.exception
    assert "are not here" in said(app)
    assert not [one for one in app.button if one.key == "ask_network"]


def test_two_rules_on_ten_seconds(genre_home, open_app: Open) -> None:
    app = open_app("first", course="sounds", step="4", said="---1")
    assert "The two rules disagree." in everything(app)
    app = app.slider(key="n_high").set_value(9).run()
    assert "Both rules say the same." in everything(app)


def test_a_band_is_heard_alone_and_a_wave_is_numbers(genre_home, open_app: Open) -> None:
    app = open_app("first", course="sounds", step="1", said="1")
    assert "220,500 numbers" in everything(app)
    app = app.segmented_control(key="wave_zoom").set_value("2 milliseconds").run()
    assert "44 numbers, 22,050 a second: each dot is one." in everything(app)
    app = app.segmented_control(key="band").set_value("low: below 250 Hz").run()
    assert not app.exception
    assert "Framed: 38 to 48 s, 0 to 250 Hz." in everything(app)


def test_each_course_remembers_its_step_and_guesses(genre_home, open_app: Open) -> None:
    app = guess(open_app("first"), "pictures", 0, 1)
    app = app.button(key="next").click().run()
    app = app.segmented_control(key="course").set_value("sounds").run()
    assert app.button(key="commit_sounds_0")
    assert "said" not in app.query_params
    app = app.segmented_control(key="course").set_value("pictures").run()
    assert app.button(key="commit_pictures_1")
    assert app.query_params["said"] == "1"


@pytest.mark.parametrize(
    ("number", "check", "words"),
    [
        (1, "prog covers found", "prog covers found 0 %"),
        (1, "how the files were made", "Pairs in which the prog cover has the higher score"),
        (2, "always the commonest", "always the commonest 23 %"),
        (2, "what it answers", "Answers by genre"),
        (3, "the average over the genres", "model 6 10.9 %, model 8 13.2 %"),
        (3, "genre by genre", "Found, of each genre"),
        (4, "other songs", "songs it never heard"),
        (4, "other artists", "no artist in both"),
        (5, "chosen without the test", "chosen without the test 66 %"),
        (5, "the study's 99.7 %", "best network, on songs it had learned from 100 %"),
    ],
)
def test_a_check_shows_what_the_study_s_own_figure_hides(
    genre_home, open_app: Open, number: int, check: str, words: str
) -> None:
    app = open_app("first", course="studies", step=str(number), said="-" * (number - 1) + "0")
    before = everything(app)
    assert study_steps.OWN in before
    assert words not in before
    app = app.segmented_control(key=f"check_s{number}").set_value(check).run()
    assert not app.exception
    assert words in everything(app)


def test_more_other_covers_make_the_figure_fine(genre_home, open_app: Open) -> None:
    app = open_app("first", course="studies", step="1", said="0")
    assert "right answers 50 %" in everything(app)
    app = app.slider(key="s1_mix").set_value(34).run()
    assert "right answers 97 %" in everything(app)


def test_more_tries_make_the_best_better(genre_home, open_app: Open) -> None:
    app = open_app("first", course="studies", step="5", said="----0")
    assert "one try 66 %" in everything(app)
    app = app.slider(key="s5_tries").set_value(10).run()
    assert "the best of 10 70 %" in everything(app)
    app = app.segmented_control(key="check_s5").set_value("chosen without the test").run()
    assert "the best of 10 70 %, chosen without the test 66 %" in everything(app)


def test_bars_tell_their_values_and_the_line() -> None:
    chart = figures.simple_bars(["a", "b"], [0.9, 0.2], ["90 %", "20 %"], "Right", line=0.88)
    assert chart.alt == "Right: a 90 %, b 20 %. Majority line 88 %."
    assert [shape.x0 for shape in chart.figure.layout.shapes] == [0.88]
    assert list(chart.figure.data[0].x) == [0.9, 0.2]


def test_numbers_are_written_where_they_can_be_read() -> None:
    picture = np.array([[[0, 0, 0], [250, 240, 230]]], dtype=np.uint8)
    [texts] = figures.cells(picture, "two", numbers=picture).figure.data
    assert list(texts.text) == ["0<br>0<br>0", "250<br>240<br>230"]
    assert list(texts.textfont.color) == ["#fff", "#000"]
