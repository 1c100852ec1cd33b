"""A convolution of a network as a place that can be explained, and which one is unless named."""

from __future__ import annotations

from dataclasses import dataclass

from genre_core.errors import ParameterError, describe, did_you_mean

SMALL_MAP = 7
"""A map whose longer side has fewer cells is too coarse to point anywhere; the caller warns."""


@dataclass(frozen=True, slots=True)
class Stage:
    """A convolution and the map it gives.

    name: Name of the convolution's layer.
    kind {"conv", "pointwise", "depthwise"}: `pointwise` is a convolution of 1x1.
    map_size: (height, width) of the map, in cells.
    output: Name of the layer whose output is the map: the normalization and activation that follow
        the convolution belong to its stage.
    """

    name: str
    kind: str
    map_size: tuple[int, int]
    n_filters: int
    output: str

    @property
    def is_small(self) -> bool:
        """Whether both sides of the map have fewer than 7 cells, so that a caller should warn.

        Maps of covers are square. A song's map may be long in time and a single cell in
        frequency, or the other way round: it still points along its longer side.

        Examples
        --------
        >>> Stage("conv_7", "conv", (1, 1), 128, "conv_7").is_small
        True
        >>> Stage("middle_3_conv", "conv", (187, 1), 64, "middle_3_conv").is_small
        False
        """
        return max(self.map_size) < SMALL_MAP


def pick_stage(stages: tuple[Stage, ...], name: str | None = None) -> Stage:
    """Look a stage up in a list that is already there; listing a large network takes a while.

    Examples
    --------
    >>> stages = (
    ...     Stage("conv_1", "conv", (9, 9), 8, "relu_1"),
    ...     Stage("conv_2", "conv", (1, 1), 8, "relu_2"),
    ... )
    >>> pick_stage(stages).name, pick_stage(stages, "relu_2").name
    ('conv_1', 'conv_2')
    """
    if name is None:
        large = [stage for stage in stages if not stage.is_small]
        widest = max(max(stage.map_size) for stage in stages)
        return (large or [stage for stage in stages if max(stage.map_size) == widest])[-1]
    for stage in stages:
        if name in (stage.name, stage.output):
            return stage
    names = [stage.name for stage in stages]
    raise ParameterError(
        "The stage must be one of the network's convolutions.",
        received=describe(name),
        cure=did_you_mean(name, names),
    )
