"""What two networks make of a cover: stored, current, and adding up."""

from __future__ import annotations

import re

import numpy as np
import pytest

from genre_core.data.demo import demo_covers
from genre_core.data.files import sha256_file
from genre_core.errors import ParameterError
from genre_core.explain.prepared import load_prepared
from genre_core.lessons.first import facts
from genre_core.lessons.first import look as looks
from genre_core.lessons.first.look import (
    HEAD,
    SQUARES,
    STACK,
    CoverLook,
    box_of,
    load_look,
    save_look,
    shares,
    square_means,
)
from genre_core.metrics.probabilities import probabilities
from genre_core.runs.bundle import SHIPPED_DIR, open_bundle

STACK_CARD, HEAD_CARD = (open_bundle(SHIPPED_DIR / name).card for name in (STACK, HEAD))
COVERS = {cover.name: sha256_file(cover.path) for cover in demo_covers()}


def stored(name: str) -> CoverLook:
    look = load_look(COVERS[name], STACK_CARD, HEAD_CARD)
    assert look is not None, f"Run {looks.COMMAND}"
    return look


@pytest.mark.parametrize("name", COVERS)
def test_every_built_in_cover_is_stored_and_agrees_with_the_stored_answer(name: str) -> None:
    look = stored(name)
    prediction = load_prepared(COVERS[name]).prediction(HEAD_CARD)
    assert prediction is not None
    # Both were computed apart, in float32: a millionth of a score of 1.
    np.testing.assert_allclose(look.logits, prediction.logits, atol=1e-4)
    assert look.genres == HEAD_CARD.genres
    assert look.hidden.shape == (SQUARES**2, len(look.genres))
    assert [depth.maps.shape[0] for depth in look.depths] == [126, 61, 28, 12]
    assert [depth.field_px for depth in look.depths] == [3, 8, 18, 38]
    for genre, parts in enumerate(look.parts):
        total = look.starts[genre] + sum(part.adds for part in parts) + look.rest(genre)
        assert total == pytest.approx(look.logits[genre])
        assert [abs(p.adds) for p in parts] == sorted((abs(p.adds) for p in parts), reverse=True)


def test_nothing_lies_there_that_is_no_cover() -> None:
    assert {path.stem for path in looks.FOLDER.iterdir()} == {one[:16] for one in COVERS.values()}


def test_what_is_stored_comes_back_and_other_networks_are_refused(
    tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    look = stored("prog-16")
    monkeypatch.setattr(looks, "FOLDER", tmp_path)
    save_look("f" * 64, look, STACK_CARD, HEAD_CARD)
    again = load_look("f" * 64, STACK_CARD, HEAD_CARD)
    assert again is not None
    np.testing.assert_allclose(again.hidden, look.hidden, atol=1e-6)
    np.testing.assert_array_equal(again.depths[1].maps, look.depths[1].maps)
    assert again.parts[0][0].adds == look.parts[0][0].adds
    assert load_look("f" * 64, HEAD_CARD, HEAD_CARD) is None
    assert load_look("e" * 64, STACK_CARD, HEAD_CARD) is None


@pytest.mark.slow
def test_a_part_is_the_mean_of_its_map_and_the_sum_is_the_networks_answer() -> None:
    from genre_core.image.decode import decode_cover
    from genre_core.inference.classifier import Classifier
    from genre_core.lessons.cover_look import look_into

    cover = next(one for one in demo_covers() if one.name == "jazz-2")
    picture = decode_cover(cover.path)
    stack, head = (Classifier.load(SHIPPED_DIR / name) for name in (STACK, HEAD))
    look, kept = look_into(stack, head, picture), stored("jazz-2")
    np.testing.assert_allclose(look.logits, kept.logits, atol=1e-3)
    np.testing.assert_allclose(look.hidden, kept.hidden, atol=1e-3)
    weights, _ = head.network.layers[-1].get_weights()
    for genre, parts in enumerate(look.parts):
        assert all(np.isclose(weights[:, genre], part.weight).any() for part in parts)
    with pytest.raises(ParameterError, match="without branches"):
        look_into(head, head, picture)
    with pytest.raises(ParameterError, match="means of whole maps"):
        look_into(stack, stack, picture)


def test_shares_are_softmax_and_move_together() -> None:
    scores = np.array([[0.3, -2.0, 1.5], [800.0, 0.0, -800.0]])
    np.testing.assert_allclose(shares(scores), probabilities(scores, "softmax"), atol=1e-12)
    np.testing.assert_allclose(shares(scores + 5), shares(scores))
    pushed = shares([1.3, -2.0, 1.5])
    assert pushed[0] > shares(scores[0])[0]
    assert (pushed[1:] < shares(scores[0])[1:]).all()


def test_squares_tile_the_cover() -> None:
    boxes = [box_of(k) for k in range(SQUARES**2)]
    assert sum((r - left) * (b - t) for left, t, r, b in boxes) == pytest.approx(1)
    heat = np.zeros((13, 13))
    heat[-1, 0] = 1
    assert int(np.argmax(square_means(heat))) == SQUARES * (SQUARES - 1)
    assert box_of(SQUARES * (SQUARES - 1)) == (0.0, 0.75, 0.25, 1.0)


def made_look(logits: list[float], hidden: list[list[float]]) -> CoverLook:
    return CoverLook(
        depths=(),
        genres=("Jazz", "Pop"),
        logits=np.array(logits),
        parts=(),
        starts=np.zeros(2),
        n_numbers=0,
        hidden=np.array(hidden),
    )


@pytest.mark.parametrize(("score", "right"), [(0.0, 0), (1.0, 1), (3.0, 2)])
def test_what_hiding_changes_decides_what_is_right(score: float, right: int) -> None:
    hidden = [[1.0, 0.0]] * SQUARES**2
    hidden[6] = [score, 0.0]
    heat = np.zeros((8, 8))
    heat[2, 5] = 1.0
    told, place, hottest = facts.hidden_facts(made_look([1.0, 0.0], hidden), heat)
    assert (place, hottest) == (right, 6)
    assert (told["answer"], told["row"], told["column"]) == ("Jazz", "2", "3")
    assert told["before"] == f"{100 * shares([1.0, 0.0])[0]:.0f} %"
    assert told["other"] == "Hiding any other square changes it no more than that."


def test_what_is_right_agrees_with_the_figures_that_are_told() -> None:
    """Of 46.6 and 44.4 %, which are told as 47 and 44 %, a reader counts three points."""
    rng = np.random.default_rng(4)
    places, words = set(), set()
    for _ in range(300):
        logits = np.array([rng.normal(), 0.0])
        logits[0] = abs(logits[0])
        hidden = logits + np.column_stack([rng.normal(0, 0.1, SQUARES**2), np.zeros(SQUARES**2)])
        told, place, _ = facts.hidden_facts(made_look(logits, hidden), rng.random((8, 8)))
        points = int(told["after"][:-2]) - int(told["before"][:-2])
        places.add(place)
        assert place == (1 if abs(points) <= 2 else 0 if points < 0 else 2)
        n = abs(points)
        moved = f"{n} point{'s' if n > 1 else ''} {'less' if points < 0 else 'more'}"
        assert told["moved"] == (moved if n else "no change")
        words.add(told["other"].split(" square")[0])
        if found := re.search(r"row (\d), column (\d), changes it most: to (\d+) %", told["other"]):
            row, column, most = map(int, found.groups())
            assert (str(row), str(column)) != (told["row"], told["column"])
            assert abs(most - int(told["before"][:-2])) > n
    assert places == {0, 1, 2}
    assert words == {"Hiding another", "Hiding any other"}


def test_what_is_found_and_how_common_it_is_make_the_accuracy() -> None:
    counts = np.array([[6, 2], [1, 3]])
    shares_of = counts.sum(axis=1) / counts.sum()
    accuracy = facts.accuracy_at(facts.found_shares(counts), shares_of)
    assert accuracy == pytest.approx(counts.trace() / counts.sum())
    with pytest.raises(ParameterError, match="at least one item"):
        facts.found_shares([[1, 0], [0, 0]])


def test_accuracy_follows_how_common_genres_are() -> None:
    recalls = [0.9, 0.4]
    assert facts.accuracy_at(recalls, [0.5, 0.5]) == pytest.approx(0.65)
    assert facts.accuracy_at(recalls, [1.0, 0.0]) == 0.9
    grown = [facts.accuracy_at(recalls, [p, 1 - p]) for p in np.linspace(0, 1, 5)]
    assert grown == sorted(grown)
