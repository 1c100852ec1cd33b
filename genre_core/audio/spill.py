"""An array kept in a temporary file until it is asked for."""

from __future__ import annotations

import tempfile
import threading
import weakref

import numpy as np
from numpy.typing import NDArray


class OnDisk:
    """A copy of an array in a temporary file, which goes with this object."""

    def __init__(self, array: NDArray[np.float32]) -> None:
        self.shape = array.shape
        # Without a name: the system removes it, however the process ends.
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 - open as long as this object
        weakref.finalize(self, self._file.close)
        self._lock = threading.Lock()
        self._file.write(np.ascontiguousarray(array).data)
        self._file.flush()

    def read(self) -> NDArray[np.float32]:
        """Return the array, a new one at each call; any thread may ask."""
        array = np.empty(self.shape, np.float32)
        with self._lock:
            self._file.seek(0)
            self._file.readinto(array.reshape(-1).view(np.uint8).data)
        return array
