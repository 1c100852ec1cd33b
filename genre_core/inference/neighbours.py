"""The training covers nearest to a cover, as the network that was trained on them sees it."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from genre_core.config import Experiment, cover_input, from_dict, require
from genre_core.data.catalog import Catalog
from genre_core.data.cover_cache import cached_covers
from genre_core.data.files import atomic_path, sha256_file
from genre_core.errors import CheckpointError, ParameterError, describe
from genre_core.inference.classifier import Classifier
from genre_core.progress import Log
from genre_core.runs.bundle import NEIGHBOURS_FILE, VECTORS_FILE, Bundle

FORMAT_VERSION = 1

DUPLICATE = 0.9999
"""From this cosine on a network takes two covers for the same; float16 alone costs 1e-6."""

_COLUMNS = ("item_id", "checksum", "title", "artist", "labels", "source", "genre_index")
_HEADER = b"genre_core"
_CHUNK = 512
_MAX_BYTES = 1_000_000_000
_CURE = "Write them again: python -m genre_core neighbours MODEL --data NAME."


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A training cover and how near it is.

    `labels` are the data set's own words, `genre_index` the genre that it counted as in training,
    `similarity` the cosine of the two embeddings, -1 to 1; `is_duplicate` means the same file, or
    one that the network cannot tell from it (cosine at least `DUPLICATE`).
    """

    item_id: str
    checksum: str
    title: str
    artist: str
    labels: tuple[str, ...]
    source: str
    genre_index: int
    similarity: float
    is_duplicate: bool

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON."""
        names = ("item_id", "title", "artist", "source", "genre_index", "is_duplicate")
        values = {name: getattr(self, name) for name in names}
        return values | {"labels": list(self.labels), "similarity": round(self.similarity, 4)}


@dataclass(frozen=True, slots=True, eq=False)
class Neighbours:
    """The training covers of one network.

    frame [shape=(n, 7)]: item_id, checksum, title, artist, labels, source, genre_index
    vectors [shape=(n, d), dtype=float32]: embeddings of length 1, or 0 where the network gives
        nothing but zeros
    data_name, data_digest: of the data set that they are from

    Examples
    --------
    >>> rows = [[name, "", name, "", ["Pop"], "", 0] for name in ("a", "b")]
    >>> near = Neighbours(pd.DataFrame(rows, columns=_COLUMNS), np.eye(2, dtype="f4"), "mine", "")
    >>> [(each.item_id, each.similarity) for each in near.nearest(np.array([0.0, 7.0]), k=2)]
    [('b', 1.0), ('a', 0.0)]
    >>> near.nearest(np.array([0.0, 7.0, 1.0]))
    Traceback (most recent call last):
        ...
    genre_core.errors.ParameterError: An embedding must be 2 finite numbers of this network. \
Received an array of shape (3,) and dtype float64. Use Classifier.embed of the same bundle.
    """

    frame: pd.DataFrame
    vectors: NDArray[np.float32]
    data_name: str
    data_digest: str

    def __len__(self) -> int:
        return len(self.frame)

    def nearest(
        self, embedding: NDArray[np.floating[Any]], *, k: int = 8, checksum: str = ""
    ) -> tuple[Neighbour, ...]:
        """Find the `k` most similar training covers; equals in the order of the data set.

        `embedding` is one row of `Classifier.embed`, of any length; zeros are similar to nothing
        (0). `checksum` is the SHA-256 of the cover's file, where known: the same file is a
        duplicate in any case. Raises `ParameterError`: `k` below 1, or not an embedding of this
        network.
        """
        require(k >= 1, "k must be at least 1 cover.", k, "Give 8 where in doubt.")
        width = self.vectors.shape[1]
        if embedding.shape != (width,) or not np.isfinite(embedding).all():
            raise ParameterError(
                f"An embedding must be {width} finite numbers of this network.",
                received=describe(embedding),
                cure="Use Classifier.embed of the same bundle.",
            )
        [unit] = unit_length(np.asarray(embedding, dtype=np.float32)[np.newaxis])
        similarity = np.clip(self.vectors @ unit, -1, 1)  # (n,)
        order = np.argsort(-similarity, kind="stable")[:k]
        return tuple(self._row(int(row), float(similarity[row]), checksum) for row in order)

    def _row(self, row: int, similarity: float, checksum: str) -> Neighbour:
        item = self.frame.iloc[row].to_dict()
        item["labels"] = tuple(item["labels"])
        is_same_file = item["checksum"] == checksum != ""
        return Neighbour(
            **item, similarity=similarity, is_duplicate=is_same_file or similarity >= DUPLICATE
        )


def write_neighbours(
    bundle: Bundle,
    catalog: Catalog,
    *,
    log: Log,
    classifier: Classifier | None = None,
) -> Path:
    """Store what a network makes of each cover that it was trained on, in its bundle.

    Embeddings are scaled to length 1 and stored as float16 (two bytes a number); no picture is.
    The table, `neighbours.parquet`, is written last and names the checksum of `neighbours.npy`: a
    half-written pair is refused when it is read.

    Parameters
    ----------
    bundle : Bundle
        As written by `inference.checkpoint.save_network`.
    catalog : Catalog
        The data set on its card.
    log : callable
        Takes one line at a time.
    classifier : Classifier, optional
        The bundle's network where it is loaded already.

    Raises
    ------
    CheckpointError
        Another data set than the one on the card, or an embedding that is not finite.
    DatasetError
        A cover cannot be read.
    """
    card = bundle.card
    if catalog.digest != card.data.get("digest"):
        raise CheckpointError(
            "The training covers must be those of the data set on the card.",
            received=f"{catalog.head.name} of digest {catalog.digest[:12]}, on the card of "
            f"{bundle.name} stands {str(card.data.get('digest'))[:12]}",
            cure="Give the data set that the network was trained on, or train it again.",
        )
    experiment = from_dict(Experiment, card.experiment)
    items = catalog.select(experiment.task)
    items = items[items["split"].isin(experiment.training.train_on.split("+"))]
    covers = cached_covers(catalog, items, cover_input(card.input))
    log(f"{bundle.name}: embedding {len(items)} training covers")
    own = classifier or Classifier.load(bundle)
    starts = range(0, len(covers), _CHUNK)
    vectors = np.concatenate(
        [own.embed(np.asarray(covers[start : start + _CHUNK])) for start in starts]
    )  # (n, d)
    is_finite = np.isfinite(vectors).all(axis=1)
    if not is_finite.all():
        raise CheckpointError(
            "Every embedding must be finite.",
            received=f"{int((~is_finite).sum())} of {len(vectors)} that are not",
            cure="Train the network again with a smaller learning rate.",
        )
    with atomic_path(bundle.folder / VECTORS_FILE) as path:
        np.save(path, unit_length(vectors).astype(np.float16), allow_pickle=False)
        vectors_sha256 = sha256_file(path)
    frame = items.loc[:, list(_COLUMNS)].reset_index(drop=True)
    header = {
        "format_version": FORMAT_VERSION,
        "model_sha256": card.model_sha256,
        "data_name": catalog.head.name,
        "data_digest": catalog.digest,
        "vectors_sha256": vectors_sha256,
        "rows_sha256": _digest(frame),
    }
    table = pa.Table.from_pandas(frame, preserve_index=False)
    table = table.replace_schema_metadata({_HEADER: json.dumps(header).encode()})
    with atomic_path(bundle.folder / NEIGHBOURS_FILE) as path:
        pq.write_table(table, path)
    return bundle.folder / NEIGHBOURS_FILE


def load_neighbours(bundle: Bundle) -> Neighbours:
    """Read what `write_neighbours` stored, if it is whole and belongs to this very network.

    Raises `CheckpointError`: nothing there, a damaged or exchanged file, or one of another network
    or data set.
    """
    table_path, vectors_path = bundle.folder / NEIGHBOURS_FILE, bundle.folder / VECTORS_FILE
    for path in (table_path, vectors_path):
        if not path.is_file() or path.stat().st_size > _MAX_BYTES:
            raise _refuse(bundle, f"no {path.name} of at most 1 GB")
    try:
        table = pq.read_table(table_path)
        header = json.loads((table.schema.metadata or {})[_HEADER])
        frame = table.select(list(_COLUMNS)).to_pandas()
        rows_sha256 = _digest(frame)
        stored = np.load(vectors_path, allow_pickle=False)
    except (OSError, ValueError, TypeError, KeyError, EOFError, pa.ArrowException) as error:
        raise _refuse(bundle, f"{type(error).__name__}: {str(error)[:80]}") from error
    compared = (
        ("format_version", FORMAT_VERSION, "format"),
        ("model_sha256", bundle.card.model_sha256, "network"),
        ("data_digest", bundle.card.data.get("digest"), "data set"),
        ("vectors_sha256", sha256_file(vectors_path), f"checksum of {VECTORS_FILE}"),
        ("rows_sha256", rows_sha256, f"content of {NEIGHBOURS_FILE}"),
    )
    for key, wanted, what in compared:
        if header.get(key) != wanted:
            raise _refuse(bundle, f"another {what}")
    if stored.ndim != 2 or stored.dtype != np.float16 or len(stored) != len(frame):
        raise _refuse(bundle, f"{describe(stored)} for {len(frame)} covers")
    vectors = stored.astype(np.float32)
    if not np.isfinite(vectors).all():
        raise _refuse(bundle, "vectors that are not finite")
    return Neighbours(frame, unit_length(vectors), header["data_name"], header["data_digest"])


def unit_length(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale rows to length 1; a row of zeros stays one."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)  # (n, 1)
    return np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)


def _digest(frame: pd.DataFrame) -> str:
    digest = hashlib.sha256()
    for row in zip(*(frame[name] for name in _COLUMNS), strict=True):
        plain = [list(value) if not isinstance(value, str | int) else value for value in row]
        digest.update(json.dumps(plain, ensure_ascii=False).encode("utf-8", "surrogatepass"))
        digest.update(b"\n")
    return digest.hexdigest()


def _refuse(bundle: Bundle, received: str) -> CheckpointError:
    return CheckpointError(
        "The training covers of a bundle must be whole and of its own network and data set.",
        received=f"{bundle.name}: {received}",
        cure=_CURE,
    )
