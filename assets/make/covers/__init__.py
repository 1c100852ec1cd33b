"""Made covers: painted from a seed, one style a file; nothing is read or downloaded."""

from assets.make.covers.paint import STYLES, make_cover
from assets.make.covers.shipped import made_dataset, write_covers, write_zip

__all__ = ["STYLES", "made_dataset", "make_cover", "write_covers", "write_zip"]
