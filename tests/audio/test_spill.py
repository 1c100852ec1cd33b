"""An array comes back from its file as it was, to whoever asks."""

from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

from genre_core.audio import spill
from genre_core.audio.spill import OnDisk


@pytest.mark.parametrize("shape", [(1,), (7, 3), (2, 3, 4), (0, 5)])
def test_an_array_comes_back(shape):
    array = np.random.default_rng(0).normal(size=shape).astype(np.float32)
    waiting = OnDisk(array)
    assert waiting.shape == shape
    for _ in range(2):
        found = waiting.read()
        np.testing.assert_array_equal(found, array)
        found[:] = -1  # a copy


def test_a_view_comes_back():
    array = np.arange(12, dtype=np.float32).reshape(3, 4).T[::2]
    np.testing.assert_array_equal(OnDisk(array).read(), array)


def test_threads_may_read_at_once():
    array = np.arange(300_000, dtype=np.float32)
    waiting = OnDisk(array)
    with ThreadPoolExecutor(4) as pool:
        for found in pool.map(lambda _: waiting.read(), range(16)):
            np.testing.assert_array_equal(found, array)


def test_a_full_disk_is_told(monkeypatch):
    class Full:
        closed = False

        def write(self, _):
            raise OSError(28, "No space left on device")

        def close(self):
            self.closed = True

    full = Full()
    monkeypatch.setattr(spill.tempfile, "TemporaryFile", lambda: full)
    with pytest.raises(OSError, match="No space"):
        OnDisk(np.ones(9, np.float32))
    assert full.closed
