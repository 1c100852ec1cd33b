"""Heat maps packed and given back: laws on made maps."""

import numpy as np
import pytest

from genre_core.explain.packed_map import LARGEST_WHOLE, error_of, pack, unpack


@pytest.mark.parametrize("scale", [1e-30, 1e30])
@pytest.mark.parametrize("side", [1, 32, 33, 50])
def test_no_cell_moves_by_more_than_is_said(side: int, scale: float) -> None:
    values = (np.random.default_rng(side).random((side, side)) ** 3 * scale).astype(np.float32)
    most = float(values.max())
    again = unpack(pack(values), most)
    assert (again.shape, again.dtype) == (values.shape, np.float32)
    np.testing.assert_allclose(again, values, rtol=0, atol=most * (error_of(values.size) + 1e-7))
    assert again.max() == pytest.approx(most)


def test_a_map_of_nothing_stays_nothing() -> None:
    for side in (9, 64):
        assert not unpack(pack(np.zeros((side, side), np.float32)), 0.0).any()


def test_only_large_maps_change_and_they_shrink() -> None:
    rows, columns = np.mgrid[:64, :64] / 64
    smooth = (rows * columns).astype(np.float32)
    assert pack(smooth[:32, :32]).dtype == np.float32
    assert smooth[:32, :32].size == LARGEST_WHOLE
    assert pack(smooth).nbytes < smooth.nbytes / 8
