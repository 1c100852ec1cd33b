"""Teachers are found, asked once about each sound, and copies of songs are theirs alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from genre_core.audio.clip import Clip
from genre_core.audio.snippets import song_snippets
from genre_core.data.catalog import Catalog
from genre_core.errors import CheckpointError, GenreError, ParameterError
from genre_core.jobs.fits.lessons import (
    LESSONS,
    Lesson,
    ProgTeachers,
    TaggerTeacher,
    find_teachers,
    lesson_of,
)
from genre_core.jobs.fits.pupil import as_scores, hear
from genre_core.jobs.fits.sounds import sounds_of
from genre_core.jobs.train import train
from genre_core.runs.card import ProgScore
from tests.audio.made_songs import made_song
from tests.made_songs_set import STATISTICS, pupil_recipe, write_song_bundle
from tests.made_teachers import made_weights, write_prog_real, write_runs

KEY = "0" * 64
SR = 22_050
SONG = Clip(made_song(SR, SR), SR)


@pytest.fixture
def prog_real(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = write_prog_real(tmp_path / "data", ("acoustic",))
    monkeypatch.setenv("GENRE_DATA", str(root))
    return root


class Counting:
    """A teacher that counts how often it is asked."""

    name, key, sr = "counting", "k", SR
    n_asked = 0

    def hear(self, clip: Clip) -> Lesson:
        self.n_asked += 1
        return Lesson(np.array([0.0]), np.array([clip.duration_s]), np.array([0.25]))


def test_a_teacher_is_asked_once_a_song_and_again_where_its_answer_is_damaged() -> None:
    teacher = Counting()
    for key, n_asked in ((KEY, 1), (KEY, 1), ("1" * 64, 2)):
        lesson = lesson_of(teacher, key, lambda: SONG)
        assert lesson.values.tolist() == [0.25]
        assert lesson.end_s.tolist() == [1.0]
        assert teacher.n_asked == n_asked
    files = list(LESSONS.file("x").parent.glob("*.npz"))
    assert len(files) == 2
    for file in files:
        file.write_bytes(file.read_bytes()[:50])
    assert lesson_of(teacher, KEY, lambda: SONG).values.tolist() == [0.25]
    assert teacher.n_asked == 3


def test_another_teacher_s_answer_is_never_taken() -> None:
    first, second = Counting(), Counting()
    second.key = "another"
    lesson_of(first, KEY, lambda: SONG)
    lesson_of(second, KEY, lambda: SONG)
    assert (first.n_asked, second.n_asked) == (1, 1)


def test_the_mean_logit_of_all_runs(prog_real: Path) -> None:
    from tests.architectures.test_prog_teachers import plain_logits

    lesson = ProgTeachers(("acoustic",)).hear(SONG)
    snippets = song_snippets(SONG)
    logits = np.mean(
        [plain_logits("acoustic", made_weights("acoustic", k), snippets.inputs) for k in (0, 1)],
        axis=0,
    )
    np.testing.assert_allclose(lesson.values, logits[:, 1] - logits[:, 0], rtol=1e-4, atol=1e-4)
    np.testing.assert_array_equal(lesson.start_s, snippets.start_s)


def test_other_weights_are_another_teacher(prog_real: Path) -> None:
    key = ProgTeachers(("acoustic",)).key
    write_runs(prog_real / "prog_real" / "acoustic.npz", made_weights("acoustic", 7))
    assert ProgTeachers(("acoustic",)).key != key


def test_teachers_that_are_not_there(prog_real: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CheckpointError, match=r"Received no depthwise\.npz, resnet\.npz there"):
        find_teachers(pupil_recipe(prog_teachers=("acoustic", "depthwise", "resnet")))
    monkeypatch.delenv("GENRE_DATA")
    with pytest.raises(CheckpointError, match="Received no setting GENRE_DATA"):
        find_teachers(pupil_recipe(prog_teachers=("acoustic",)))


@pytest.mark.parametrize(
    "training", [{"copies": 1}, {"copies": -1, "prog_teachers": ("acoustic",)}]
)
def test_copies_need_teachers(training: dict[str, object]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        pupil_recipe(**training)


def test_copies_come_after_the_songs_and_are_mixed_with_songs_of_the_table_alone(
    song_set: Catalog,
) -> None:
    frame = song_set.frame[song_set.frame["split"] == "val"]
    sounds = list(sounds_of(song_set, frame, clip_s=0.0, copies=2, seed=3))
    assert len(sounds) == 3 * len(frame)
    assert len({sound.key for sound in sounds}) == len(sounds)
    files = {song_set.root / path for path in frame["path"]}
    assert {sound._other for sound in sounds[len(frame) :]} <= files
    again = list(sounds_of(song_set, frame, clip_s=0.0, copies=2, seed=3))
    other = list(sounds_of(song_set, frame, clip_s=0.0, copies=1, seed=4))
    assert [sound.key for sound in again] == [sound.key for sound in sounds]
    assert not {sound.key for sound in other[len(frame) :]} & {sound.key for sound in sounds}
    copy = sounds[-1]
    np.testing.assert_array_equal(copy.at(SR).y, again[-1].at(SR).y)
    assert copy.at(16_000).sr == 16_000
    assert copy.at(16_000).duration_s == pytest.approx(copy.at(SR).duration_s, abs=1e-3)
    own = copy.at(SR)
    copy.forget()
    np.testing.assert_array_equal(copy.at(SR).y, own.y)


def test_scores_of_several_teachers_are_their_mean_rank_and_each_alone() -> None:
    said = [np.array([[3.0, 1.0], [0.2, 0.4]]), np.array([[2.0], [0.9]])]
    mean, first, second = as_scores(said, is_ranked=True)
    np.testing.assert_allclose(np.concatenate(first), [5 / 6, 1 / 6, 1 / 2])
    np.testing.assert_allclose(np.concatenate(second), [1 / 6, 1 / 2, 5 / 6])
    np.testing.assert_allclose(np.concatenate(mean), [1 / 2, 1 / 3, 2 / 3])
    assert [len(song) for song in mean] == [2, 1]
    alone = as_scores([row[1:] for row in said], is_ranked=False)
    assert len(alone) == 1
    np.testing.assert_allclose(np.concatenate(alone[0]), [0.2, 0.4, 0.9])
    assert as_scores([np.empty((0, 2))], is_ranked=False) == []


@pytest.mark.usefixtures("few_resamples", "small_mlp", "kept_features")
def test_a_pupil_of_two_teachers_from_recipe_to_figures(
    prog_real: Path, song_set: Catalog, tmp_path: Path
) -> None:
    tagger = write_song_bundle(
        tmp_path / "teachers", "made.tagger", prog_score=ProgScore(genre="Tones")
    )
    recipe = pupil_recipe(prog_teachers=("acoustic",), teacher=str(tagger.folder), copies=1)
    lines: list[str] = []
    bundle = train(recipe, song_set.root, command="a test", log=lines.append, out=tmp_path)
    assert "train songs and copies: 24 of 24" in lines
    assert "val songs: 6 of 6" in lines
    score = bundle.card.prog_score
    assert "acoustic of type-null/progrock and made.tagger" in score.rule
    assert "two ranks" in score.rule
    metrics = bundle.metrics()
    each = metrics["rank_correlation_each_test"]
    assert list(each) == ["acoustic of type-null/progrock", "made.tagger"]
    assert -1 <= metrics["segment_correlation_test"]["value"] <= 1
    table = bundle.predictions()
    assert table["teacher_score"].between(0, 1).all()
    assert len(table) == 6


def test_each_teacher_hears_each_sound(prog_real: Path, song_set: Catalog) -> None:
    sounds = list(sounds_of(song_set, song_set.frame[:2], clip_s=0.0))
    teachers = [Counting(), *find_teachers(pupil_recipe(prog_teachers=("acoustic",)))]
    found = list(hear(sounds, teachers, STATISTICS))
    assert [each.values.shape for each in found] == [(2, len(each.song)) for each in found]
    assert all((each.values[0] == 0.25).all() for each in found)
    assert teachers[0].n_asked == 2


def test_a_network_without_a_score_is_no_teacher(tmp_path: Path) -> None:
    mute = write_song_bundle(tmp_path, "tiny.mute")
    with pytest.raises(GenreError, match=r"tiny\.mute"):
        TaggerTeacher(str(mute.folder))
