"""Two descriptions of every cover that know nothing of its content: colours and file facts."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import pandas as pd

from genre_core.data.catalog import Catalog
from genre_core.image.augment import neutralise_cover
from genre_core.image.colour import colour_statistics, file_facts
from genre_core.image.decode import decode_cover

_T = TypeVar("_T")


@dataclass(frozen=True, slots=True)
class Descriptors:
    """Descriptions of a table of covers, row by row.

    Parameters
    ----------
    colour : np.ndarray [shape=(n, n_colour), dtype=float32]
        `image.colour.colour_statistics`: the plain baseline.
    facts : np.ndarray [shape=(n, n_facts), dtype=float32]
        `image.colour.file_facts`: how a file was made, for the source-only probe.
    """

    colour: np.ndarray
    facts: np.ndarray

    def take(self, rows: np.ndarray) -> Descriptors:
        """Pick rows, in their order."""
        return Descriptors(self.colour[rows], self.facts[rows])


def describe_covers(
    catalog: Catalog, frame: pd.DataFrame, *, neutralised: bool = False
) -> Descriptors:
    """Describe covers by colour and by how their files were made.

    Parameters
    ----------
    catalog : Catalog
        Knows where the files are.
    frame : pd.DataFrame
        Rows of the catalog.
    neutralised : bool
        Hide first how the files were made (see `read_covers`).

    Returns
    -------
    Descriptors
    """

    def describe(picture: np.ndarray, n_bytes: int) -> tuple[np.ndarray, np.ndarray]:
        return colour_statistics(picture), file_facts(picture, n_bytes)

    pairs = read_covers(catalog, frame, describe, neutralised=neutralised)
    colour, facts = zip(*pairs, strict=True)
    return Descriptors(np.stack(colour), np.stack(facts))


def read_covers(
    catalog: Catalog,
    frame: pd.DataFrame,
    use: Callable[[np.ndarray, int], _T],
    *,
    neutralised: bool = False,
) -> list[_T]:
    """Decode covers one by one on two threads and keep only what `use` makes of each.

    Parameters
    ----------
    use : callable
        `use(picture, n_bytes)` with the decoded RGB picture and the file's size.
    neutralised : bool
        Change each cover first by a random resize, JPEG, border and sharpness, decided by its
        checksum alone, so that every source's files look made alike. Its size is then that of no
        file and given as the picture's own number of bytes.

    Returns
    -------
    list
        In the order of `frame`.
    """

    def one(item_id: str, checksum: str) -> _T:
        data = catalog.path_of(item_id).read_bytes()
        picture = decode_cover(data, name=item_id)
        if not neutralised:
            return use(picture, len(data))
        picture = neutralise_cover(picture, np.random.default_rng(int(checksum[:16], 16)))
        return use(picture, picture.nbytes)

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(one, frame["item_id"], frame["checksum"]))
