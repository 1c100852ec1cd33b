"""Items that every network gets wrong, and copies with different labels."""

import numpy as np
import pytest

from genre_core.analysis.disputed import always_wrong, conflicting_copies
from genre_core.analysis.shared_items import joined_by_item
from genre_core.errors import ParameterError
from tests.made_predictions import GENRES, made_predictions


def with_genres(frame, order):
    """The same answers by a network that lists its genres in another order."""
    place_of = np.argsort(order)
    turned = frame.assign(
        genre_index=place_of[frame["genre_index"]], predicted=place_of[frame["predicted"]]
    )
    for place, old in enumerate(order):
        turned[f"prob_{place}"] = frame[f"prob_{old}"]
    return turned, [GENRES[old].upper() for old in order]


def three_networks():
    one = made_predictions(200)
    others = []
    for seed in (1, 2):
        other = made_predictions(200, seed=seed)
        other["genre_index"] = one["genre_index"]  # so these answer as if blind
        others.append(other)
    return one, *others


def test_items_all_networks_get_wrong_whatever_the_order_of_rows_and_genres() -> None:
    one, two, three = three_networks()
    true = one["genre_index"]
    wrong = [frame["predicted"] != true for frame in (one, two, three)]
    expected = set(one["item_id"][wrong[0] & wrong[1] & wrong[2]])
    turned, genres = with_genres(two.sample(frac=1, random_state=0), [2, 0, 1])
    table = always_wrong([(one, GENRES), (turned, genres), (three, GENRES)])
    assert set(table["item_id"]) == expected
    assert len(expected) > 5
    for entry in table.itertuples():
        answers = [GENRES[frame["predicted"][entry.row]] for frame in (one, two, three)]
        assert one["item_id"][entry.row] == entry.item_id
        assert entry.label == GENRES[true[entry.row]]
        assert entry.n_agree == answers.count(entry.proposed) == max(map(answers.count, answers))
        if entry.n_agree == 1:
            assert entry.proposed == answers[0]
        p = [frame[f"prob_{true[entry.row]}"][entry.row] for frame in (one, two, three)]
        assert entry.p_label == pytest.approx(np.mean(p))
    assert (np.diff(table["n_agree"]) <= 0).all()
    two_alone = always_wrong([(one, GENRES), (turned, genres)])
    assert len(set(two_alone["n_agree"])) == 2
    for entry in two_alone.itertuples():
        assert entry.proposed == GENRES[one["predicted"][entry.row]]


def test_items_are_joined_once_and_only_where_the_true_genre_is_the_same() -> None:
    one, two, _ = three_networks()
    two = two.iloc[50:].reset_index(drop=True)
    two.loc[two["item_id"] == "item 00060", "genre_index"] = (one["genre_index"][60] + 1) % 3
    shared = joined_by_item([(one, GENRES), (two.iloc[::-1].reset_index(drop=True), GENRES)])
    assert shared.ids.tolist() == [k for k in one["item_id"][50:] if k != "item 00060"]
    assert shared.n_conflicting == 1
    assert (shared.rows[0] + shared.rows[1] == 199).all()
    more = joined_by_item([(one, GENRES), (two, [*GENRES[:2], "Folk"])])
    assert more.genres == (*GENRES, "Folk")
    assert not (more.true == 2).any()  # Jazz to one, Folk to the other: not the same genre


def test_networks_without_shared_items_are_told_so() -> None:
    one = made_predictions(5)
    with pytest.raises(ParameterError, match="Received '0 shared items"):
        always_wrong([(one, GENRES), (one.assign(item_id=[f"x{k}" for k in range(5)]), GENRES)])
    with pytest.raises(ParameterError, match="Received 1"):
        always_wrong([(one, GENRES)])
    assert len(always_wrong([(one.assign(predicted=one["genre_index"]), GENRES)] * 2)) == 0


def test_copies_are_listed_only_where_their_labels_differ() -> None:
    frame = made_predictions(6).assign(genre_index=[0, 0, 1, 1, 2, 0])
    ids = frame["item_id"].tolist()
    groups = [ids[:2], [ids[1], ids[2], ids[3]], [ids[4], "elsewhere"], [ids[4], ids[5]]]
    table = conflicting_copies(frame, GENRES, groups)
    assert table["row"].tolist() == [1, 2, 3, 4, 5]
    assert table["copies"].tolist() == [0, 0, 0, 1, 1]
    assert table["label"].tolist() == ["Pop", "Rock", "Rock", "Jazz", "Pop"]
    assert len(conflicting_copies(frame, GENRES, [])) == 0
