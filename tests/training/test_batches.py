"""The same seed gives the same epoch, and nothing is lost or doubled."""

from itertools import chain

import numpy as np
import pytest

from genre_core.config import Augment
from genre_core.training.batches import Gather, gather_covers, gather_maps, training_batches
from tests.made_bundles import some_covers


def indices_of(seed: int, first_epoch: int = 0, epochs: int = 2, n: int = 10) -> list[list[int]]:
    """Run the batches with the item's own number as its input."""

    def gather(indices: np.ndarray, epoch: int) -> np.ndarray:
        return indices.astype(np.float32)[:, np.newaxis] + 100 * epoch

    batches = training_batches(
        Gather(gather, "float32"),
        np.arange(n, dtype=np.float32)[:, np.newaxis],
        np.ones(n, np.float32),
        input_shape=(1,),
        batch_size=4,
        epochs=epochs,
        seed=seed,
        first_epoch=first_epoch,
    )
    found = []
    for inputs, targets, weights in batches:
        # Inputs, targets and weights belong together.
        np.testing.assert_array_equal(inputs.numpy() % 100, targets.numpy())
        assert len(weights) == len(targets)
        found.append([int(value) for value in inputs.numpy()[:, 0]])
    return found


def test_every_item_once_an_epoch() -> None:
    batches = indices_of(seed=0)
    assert [len(batch) for batch in batches] == [4, 4, 2, 4, 4, 2]
    first, second = (list(chain(*each)) for each in (batches[:3], batches[3:]))
    assert sorted(first) == list(range(10))
    assert sorted(second) == [100 + i for i in range(10)]


def test_seed_decides_the_order() -> None:
    assert indices_of(seed=3) == indices_of(seed=3)
    assert indices_of(seed=3) != indices_of(seed=4)


def test_epochs_differ() -> None:
    batches = indices_of(seed=0)
    assert [i % 100 for i in chain(*batches[3:])] != list(chain(*batches[:3]))


def test_a_training_taken_up_again_sees_the_same_epoch() -> None:
    assert indices_of(seed=5, first_epoch=1) == indices_of(seed=5)[3:]


def test_plain_covers_come_as_they_are() -> None:
    covers = some_covers(5)
    found = gather_covers(covers, Augment(), seed=0).read(np.array([4, 0]), 0)
    np.testing.assert_array_equal(found, covers[[4, 0]])
    assert found.dtype == np.uint8


def test_covers_wait_as_bytes_and_come_as_float32() -> None:
    batches = training_batches(
        gather_covers(some_covers(4), Augment(), 0),
        np.zeros((4, 1), np.float32),
        np.ones(4, np.float32),
        input_shape=some_covers(4).shape[1:],
        batch_size=2,
        epochs=1,
        seed=0,
    )
    assert gather_covers(some_covers(4), Augment(), 0).dtype == "uint8"
    assert {inputs.dtype.name for inputs, _, _ in batches} == {"float32"}


def test_a_change_depends_on_seed_epoch_and_item_alone() -> None:
    covers = some_covers(5)
    gather = gather_covers(covers, Augment(flip=True, crop=0.6, contrast=0.3), seed=1).read
    whole = gather(np.arange(5), 2)
    np.testing.assert_array_equal(gather(np.array([3]), 2)[0], whole[3])
    assert not np.array_equal(gather(np.arange(5), 3), whole)
    alike = gather_covers(np.stack([covers[0]] * 5), Augment(crop=0.6, contrast=0.3), seed=1).read
    assert not np.array_equal(*alike(np.array([0, 1]), 2))  # items of one look change differently
    other = gather_covers(covers, Augment(flip=True, crop=0.6, contrast=0.3), seed=2).read
    assert not np.array_equal(other(np.arange(5), 2), whole)


@pytest.mark.parametrize("n_views", [1, 3])
def test_maps_are_one_of_the_views(n_views: int) -> None:
    maps = np.arange(n_views * 6, dtype=np.float16).reshape(n_views, 6, 1, 1, 1)
    gather = gather_maps(maps, seed=0).read
    found = gather(np.arange(6), 0)[:, 0, 0, 0]
    assert all(value in maps[:, i] for i, value in enumerate(found))
    drawn = np.stack([gather(np.arange(6), epoch)[:, 0, 0, 0] for epoch in range(30)])
    # Over the epochs every view of every item is used.
    assert all(len(set(column)) == n_views for column in drawn.T)


def test_a_twofold_scaling_reaches_training_almost_black() -> None:
    covers = some_covers(4)
    plain, slipped = (
        gather_covers(covers, Augment(slip=slip), 0).read(np.arange(4), 0)
        for slip in ("none", "scaled_twice")
    )
    np.testing.assert_allclose(slipped, plain / 255, rtol=1e-6)
    assert slipped.max() <= 1  # of 255: at most .0039 once the network has scaled it too
