"""Import data sets of eleven layouts, and find them again by name.

`contract` says what a layout is and does what all have in common; each layout is one file with its
`Layout`, listed in `layouts.LAYOUTS`.
"""

from genre_core.data.importers.contract import ImportResult
from genre_core.data.importers.find import dataset_of, find_dataset, list_datasets
from genre_core.data.importers.layouts import AUTO, LAYOUTS, detect_layout
from genre_core.data.importers.options import ImportOptions
from genre_core.data.importers.sources import import_source
from genre_core.data.importers.stored import save_import

__all__ = [
    "AUTO",
    "LAYOUTS",
    "ImportOptions",
    "ImportResult",
    "dataset_of",
    "detect_layout",
    "find_dataset",
    "import_source",
    "list_datasets",
    "save_import",
]
