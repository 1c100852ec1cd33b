"""Networks for the commands: found before TensorFlow loads, loaded without its greetings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from genre_core.cli.quiet import load_tensorflow
from genre_core.config import require
from genre_core.runs.bundle import Bundle, find_bundle, list_bundles

if TYPE_CHECKING:
    from genre_core.inference.classifier import Classifier


def chosen_bundles(names: Sequence[str] | None) -> list[Bundle]:
    """Find the bundles of these names; every one there is where none is named.

    Raises
    ------
    CheckpointError
        No bundle of a name.
    ParameterError
        There is no bundle at all.
    """
    bundles = (
        [find_bundle(name) for name in names] if names else list(list_bundles(need_network=True))
    )
    require(
        bool(bundles), "There must be a trained model.", "none", "Train one, or put one in models/."
    )
    return bundles


def load_classifiers(names: Sequence[str] | None) -> list[Classifier]:
    """Load the networks of these names; every one there is where none is named.

    Raises
    ------
    CheckpointError
        No bundle of a name, or one that does not hold.
    ParameterError
        There is no bundle at all.
    """
    bundles = chosen_bundles(names)
    load_tensorflow()
    from genre_core.inference.classifier import Classifier

    return [Classifier.load(bundle) for bundle in bundles]
