"""Covers as arrays: decoding, resizing, describing, changing and colouring them."""

from genre_core.image.augment import augment_cover, neutralise_cover
from genre_core.image.colour import COLOUR_FEATURES, colour_statistics
from genre_core.image.cover import prepare_cover, read_cover
from genre_core.image.decode import COVER_SUFFIXES, MAX_BYTES, MAX_PIXELS, decode_cover
from genre_core.image.edits import CoverEdit, edit_cover, shrink_to_edit
from genre_core.image.facts import FILE_FACTS, file_facts
from genre_core.image.overlay import heat_picture, superimpose

__all__ = [
    "COLOUR_FEATURES",
    "COVER_SUFFIXES",
    "FILE_FACTS",
    "MAX_BYTES",
    "MAX_PIXELS",
    "CoverEdit",
    "augment_cover",
    "colour_statistics",
    "decode_cover",
    "edit_cover",
    "file_facts",
    "heat_picture",
    "neutralise_cover",
    "prepare_cover",
    "read_cover",
    "shrink_to_edit",
    "superimpose",
]
