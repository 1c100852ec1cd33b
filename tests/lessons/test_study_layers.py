"""Networks in short notation: the parameter counts of the specification, and bad words."""

import pytest

from genre_core.errors import ParameterError
from genre_core.lessons.studies import list_studies, load_study, n_parameters, trace

# The counts that the specification of the studies gives; the files hold layers, never counts.
COUNTS = {
    ("S1", "seven stages"): 447_593,
    ("S3", "1"): 3_268_428,
    ("S3", "2"): 1_570_852,
    ("S3", "3"): 6_499_852,
    ("S3", "4.1"): 6_516_620,
    ("S3", "4.2"): 3_326_412,
    ("S3", "5"): 140_236,
    ("S3", "6"): 140_236,
    ("S3", "7.1"): 3_268_428,
    ("S3", "7.2"): 3_268_428,
    ("S3", "7.3"): 3_268_428,
    ("S3", "8"): 140_236,
}


@pytest.mark.parametrize(
    ("layers", "size", "rule"),
    [
        ("K32", 64, "A layer is one of"),
        ("C0 F", 64, "A layer is one of"),
        ("C32 drop F", 64, "A layer is one of"),
        ("c32 F", 64, "A layer is one of"),
        ("C32 P", 64, "'out' needs a flat vector"),
        ("D32", 64, "'D32' needs a flat vector"),
        ("F C32", 64, "'C32' needs a map"),
        ("F P", 64, "'P' needs a map"),
        ("F F", 64, "'F' needs a map"),
        ("C32 C32 C32 F", 6, "'C32' needs a map"),
        ("C32 P F", 3, "'P' needs a map"),
        ("C32k0 F", 64, "A layer is one of"),
        ("F D32k4", 64, "A layer is one of"),
        ("L32", 64, "'L32' needs a flat vector"),
        ("C8k4 F", (9, 3, 1), "'C8k4' needs a map"),
        ("F", (9,), "'F' needs a map"),
        ("F", (9, 9), "An input is a side"),
    ],
)
def test_what_is_no_network_is_refused(layers: str, size: int | tuple[int, ...], rule: str) -> None:
    with pytest.raises(ParameterError, match=f"{rule}.*Received"):
        trace(layers, size, 2)


def test_every_network_of_the_specification_has_its_count() -> None:
    found = {
        (name, each.name): each.n_parameters
        for name in list_studies(media="cover")
        for each in load_study(name).networks
        if each.layers
    }
    assert found == COUNTS


def test_the_maps_of_s1_are_those_that_it_printed() -> None:
    study = load_study("S1")
    (network,) = study.networks
    sides = [layer.side for layer in trace(network.layers, network.size, 1) if layer.word != "F"]
    places = [side for side, word in zip(sides, network.layers.split(), strict=False)]
    maps = [p for p, w in zip(places, network.layers.split(), strict=False) if "drop" not in w]
    assert maps[:14] == [258, 129, 127, 64, 62, 31, 29, 15, 13, 7, 5, 3, 1, 1]
    assert study.values["last_map"] == 1


def test_dropout_has_no_weights_and_changes_no_map() -> None:
    with_it = trace("C8 drop.2 P drop.25 F drop.5", 20, 3)
    without = [layer for layer in with_it if "drop" not in layer.word]
    plain = trace("C8 P F", 20, 3)
    assert without == plain
    assert sum(layer.n_parameters for layer in with_it) == n_parameters("C8 P F", 20, 3)


def test_long_maps_kernels_and_lstms_have_their_counts() -> None:
    # Network B of S4, layer by layer as its slides print it.
    layers = trace("C16k4 P C32k4 P C64 P C128 P drop.5 F D256", (128, 256, 1), 20)
    maps = [(each.side, each.across, each.width) for each in layers if each.side]
    assert maps[:5] == [(125, 253, 16), (62, 126, 16), (59, 123, 32), (29, 61, 32), (27, 59, 64)]
    assert [each.n_parameters for each in layers if each.n_parameters][:4] == [
        272, 8_224, 18_496, 73_856,
    ]  # fmt: skip
    assert next(each.width for each in layers if each.word == "F") == 8_320
    # An LSTM has four gates, each with weights to what comes in, to its own state, and a bias.
    gate = 3 * 5 + 5 * 5 + 5
    assert n_parameters("L5", (3,), 2) == 4 * gate + 5 * 2 + 2


def test_padding_only_matters_for_odd_maps() -> None:
    assert [layer.side for layer in trace("S F", 8, 2)] == [4, 0, 0]
    assert [layer.side for layer in trace("S F", 9, 2)] == [5, 0, 0]
    assert [layer.side for layer in trace("P F", 9, 2)] == [4, 0, 0]
