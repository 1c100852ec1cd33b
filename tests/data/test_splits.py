from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from genre_core.data.folds import group_folds
from genre_core.data.item import items_frame
from genre_core.data.splits import check_no_leak, find_leaks, make_splits, merge_groups
from genre_core.errors import LeakError, ParameterError

Items = list[tuple[int, int, int]]  # label, group, checksum of each item

# Few labels, groups and files: so they repeat, which is what is to be tested.
ITEMS = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 25), st.integers(0, 60)), min_size=3, max_size=120
)
SEEDS = st.integers(0, 2**32 - 1)


def columns(items: Items) -> tuple[list[str], np.ndarray, list[str]]:
    labels = [f"genre {label}" for label, _, _ in items]
    checksums = [f"{checksum:064x}" for _, _, checksum in items]
    groups = merge_groups([f"artist {group}" for _, group, _ in items], checksums)
    return labels, groups, checksums


def split_of(items: Items, seed: int) -> np.ndarray | None:
    labels, groups, _ = columns(items)
    if len(set(groups)) < 3:
        with pytest.raises(ParameterError, match="Received"):
            make_splits(labels, groups, seed=seed)
        return None
    return make_splits(labels, groups, seed=seed)


@settings(max_examples=60)
@given(ITEMS, SEEDS)
def test_no_group_and_no_file_crosses_and_every_item_has_one_split(items: Items, seed: int) -> None:
    split = split_of(items, seed)
    if split is None:
        return
    _, _, checksums = columns(items)
    assert split.shape == (len(items),)
    assert set(split) == {"train", "val", "test"}
    frame = items_frame(
        {"item_id": k, "group": f"artist {item[1]}", "checksum": checksums[k], "split": split[k]}
        for k, item in enumerate(items)
    )
    # The groups as given, not the merged ones: merging must not hide a leak.
    assert find_leaks(frame) == []
    check_no_leak(frame)


@settings(max_examples=60)
@given(ITEMS, SEEDS, st.randoms(use_true_random=False))
def test_split_depends_on_items_not_on_their_order(items: Items, seed: int, random: object) -> None:
    split = split_of(items, seed)
    if split is None:
        return
    order = list(range(len(items)))
    random.shuffle(order)  # type: ignore[attr-defined]
    shuffled = split_of([items[k] for k in order], seed)
    assert shuffled is not None
    assert shuffled.tolist() == split[order].tolist()
    again = split_of(items, seed)
    assert again is not None
    assert again.tolist() == split.tolist()


@settings(max_examples=60)
@given(ITEMS, SEEDS, st.integers(2, 6))
def test_folds_hold_whole_groups(items: Items, seed: int, n_folds: int) -> None:
    labels, groups, _ = columns(items)
    if len(set(groups)) < n_folds:
        with pytest.raises(ParameterError, match="Received"):
            group_folds(labels, groups, n_folds, seed)
        return
    folds = group_folds(labels, groups, n_folds, seed)
    assert folds.min() >= 0
    assert folds.max() < n_folds
    folds_of = defaultdict(set)
    for group, fold in zip(groups, folds, strict=True):
        folds_of[group].add(fold)
    assert max(map(len, folds_of.values())) == 1


@settings(max_examples=100)
@given(ITEMS)
def test_merged_groups_are_the_connected_parts(items: Items) -> None:
    names = [f"artist {group}" for _, group, _ in items]
    _, merged, checksums = columns(items)
    # The same by brute force: spread the smallest name until nothing changes.
    smallest = list(names)
    while True:
        by_name: dict[str, str] = {}
        by_file: dict[str, str] = {}
        for own, file, name in zip(names, checksums, smallest, strict=True):
            by_name[own] = min(name, by_name.get(own, name))
            by_file[file] = min(name, by_file.get(file, name))
        spread = [min(by_name[o], by_file[f]) for o, f in zip(names, checksums, strict=True)]
        if spread == smallest:
            break
        smallest = spread
    assert merged.tolist() == smallest


def test_nameless_groups_stand_alone_unless_files_are_the_same() -> None:
    merged = merge_groups(["", "", "", "b", ""], ["1" * 64, "2" * 64, "1" * 64, "3", "3"])
    assert merged.tolist() == ["file:" + "1" * 16, "file:" + "2" * 16, "file:" + "1" * 16, "b", "b"]
    assert merge_groups([], []).tolist() == []


@pytest.mark.parametrize("parts", [(0.7, 0.15, 0.15), (0.5, 0.25, 0.25), (0.8, 0.2, 0.0)])
def test_parts_are_met_for_every_label(parts: tuple[float, float, float]) -> None:
    rng = np.random.default_rng(0)
    # Artists of 1 to 8 covers, one genre in ten times as many as another.
    sizes = rng.integers(1, 9, 400)
    groups = np.repeat(np.arange(400), sizes)
    genre_of = rng.choice(4, 400, p=[0.55, 0.25, 0.145, 0.055])
    labels = genre_of[groups]
    split = make_splits(labels, groups, parts=parts, seed=3)
    for name, part in zip(("train", "val", "test"), parts, strict=True):
        assert np.mean(split == name) == pytest.approx(part, abs=0.02)
        for label in range(4):
            # The rarest genre has some 100 covers: an artist of 8 is 8 % of them.
            assert np.mean(split[labels == label] == name) == pytest.approx(part, abs=0.06)


def test_folds_are_stratified() -> None:
    labels = ["a"] * 80 + ["b"] * 20
    folds = group_folds(labels, range(100), 5, seed=1)
    assert Counter(zip(labels, folds.tolist(), strict=True)) == {
        **{("a", fold): 16 for fold in range(5)},
        **{("b", fold): 4 for fold in range(5)},
    }


def test_small_sets_still_fill_every_split() -> None:
    for n in range(3, 12):
        counts = Counter(make_splits(["x"] * n, range(n)))
        assert set(counts) == {"train", "val", "test"}
        assert counts["train"] == max(counts.values())
    one_giant = [0] * 97 + [1, 2, 3]
    split = make_splits(["x"] * 100, one_giant)
    assert set(split) == {"train", "val", "test"}
    assert set(split[:97]) == {"train"}


def test_label_of_three_groups_comes_into_every_split() -> None:
    # Three artists of 15 covers among 300 of another genre: parts alone would leave one split out.
    labels = ["rare"] * 45 + ["common"] * 300
    groups = [k // 15 for k in range(45)] + list(range(3, 303))
    split = make_splits(labels, groups)
    assert set(split[:45]) == {"train", "val", "test"}
    assert np.mean(split[45:] == "train") == pytest.approx(0.7, abs=0.04)


def test_seeds_differ() -> None:
    splits = {tuple(make_splits(["x"] * 60, range(60), seed=seed)) for seed in range(5)}
    assert len(splits) == 5


@pytest.mark.parametrize(
    ("n_labels", "groups", "parts"),
    [
        (4, [0, 1, 2, 3], (0.7, 0.2, 0.2)),
        (4, [0, 1, 2, 3], (0.0, 0.5, 0.5)),
        (4, [0, 1, 2, 3], (1.2, -0.1, -0.1)),
        (4, [0, 1, 2, 3], (0.7, 0.3)),
        (4, [0, 0, 1, 1], (0.7, 0.15, 0.15)),
        (3, [0, 1, 2, 3], (0.7, 0.15, 0.15)),
        (0, [], (0.7, 0.15, 0.15)),
    ],
)
def test_bad_input(n_labels: int, groups: list[int], parts: tuple[float, float, float]) -> None:
    with pytest.raises(ParameterError, match="Received"):
        make_splits(["x"] * n_labels, groups, parts=parts)


def test_leaks_name_items_and_every_one() -> None:
    rows = [
        ("a", "g", "1", "train"),
        ("b", "g", "2", "test"),
        ("c", "h", "2", "val"),
        ("d", "k", "3", "train"),
        ("e", "k", "4", ""),  # Without split, it is in none.
        ("f", "", "", "train"),
        ("i", "", "", "test"),
    ]
    names = ("item_id", "group", "checksum", "split")
    frame = items_frame(dict(zip(names, row, strict=True)) for row in rows)
    assert [str(each) for each in find_leaks(frame)] == [
        "group 'g': in test and train (a, b)",
        "checksum '2': in test and val (b, c)",
    ]
    with pytest.raises(LeakError, match="Received 2 that do") as caught:
        check_no_leak(frame)
    assert len(caught.value.problems) == 2
