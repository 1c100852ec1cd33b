"""Attacks on bundles: every one ends in a CheckpointError, never in a prediction."""

import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import keras
import numpy as np
import pytest

from genre_core.errors import CheckpointError
from genre_core.inference.checkpoint import CONTRACT_MEMBER, load_network
from genre_core.inference.classifier import Classifier
from genre_core.runs.bundle import Bundle, open_bundle
from genre_core.runs.card import load_card, save_card, with_model
from tests.made_bundles import make_network, some_covers, write_bundle


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_bundle(tmp_path_factory.mktemp("models"))


@pytest.fixture
def bundle(sound: Bundle, tmp_path: Path) -> Bundle:
    folder = tmp_path / sound.folder.name
    shutil.copytree(sound.folder, folder)
    return open_bundle(folder)


def reseal(folder: Path, **changes: object) -> None:
    """Edit the card as somebody would who also knows how to write its digest."""
    import dataclasses

    card = dataclasses.replace(load_card(folder), **changes)
    save_card(card, folder)


def rewrite(folder: Path, change: Callable[[dict[str, bytes]], None]) -> None:
    """Edit the network's archive and give the card its new checksum."""
    from genre_core.data.files import sha256_file

    path = folder / "model.keras"
    with zipfile.ZipFile(path) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    card = load_card(folder)
    save_card(with_model(card, sha256_file(path), card.n_parameters), folder)


def edit_config(members: dict[str, bytes], change: Callable[[dict], None]) -> None:
    config = json.loads(members["config.json"])
    change(config)
    members["config.json"] = json.dumps(config).encode()


def test_a_sound_bundle_gives_the_network_back(sound: Bundle) -> None:
    network, loaded = make_network(), load_network(sound)
    covers = some_covers(3).astype(np.float32)
    np.testing.assert_array_equal(
        np.asarray(network(covers, training=False)), np.asarray(loaded(covers, training=False))
    )
    assert not loaded.compiled


def test_the_optimizer_is_not_stored(tmp_path: Path) -> None:
    network = make_network()
    network.compile(optimizer="adam", loss="mse")
    network.train_on_batch(some_covers(2).astype(np.float32), np.zeros((2, 2), np.float32))
    fitted = write_bundle(tmp_path / "fitted", network=network)
    bare = write_bundle(tmp_path / "bare")
    difference = fitted.model_path.stat().st_size - bare.model_path.stat().st_size
    assert abs(difference) < 1000  # Adam's moments would double it


def missing_model(folder: Path) -> None:
    (folder / "model.keras").unlink()


def truncated(folder: Path) -> None:
    path = folder / "model.keras"
    path.write_bytes(path.read_bytes()[:-200])


def empty(folder: Path) -> None:
    (folder / "model.keras").write_bytes(b"")


def one_byte(folder: Path) -> None:
    path = folder / "model.keras"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(bytes(data))


def class_order(folder: Path) -> None:
    reseal(folder, genres=("Red", "Blue"))


def class_count(folder: Path) -> None:
    reseal(folder, genres=("Blue", "Red", "Green"))


def head(folder: Path) -> None:
    reseal(folder, head="multilabel")


def input_size(folder: Path) -> None:
    from genre_core.config import CoverInput

    reseal(folder, input=CoverInput(size=32))


def resampling(folder: Path) -> None:
    from genre_core.config import CoverInput

    reseal(folder, input=CoverInput(size=64, resample="nearest"))


def n_parameters(folder: Path) -> None:
    reseal(folder, n_parameters=7)


def foreign_member(folder: Path) -> None:
    rewrite(folder, lambda members: members.update({"../evil.py": b"print('no')"}))


def no_contract(folder: Path) -> None:
    rewrite(folder, lambda members: members.pop(CONTRACT_MEMBER))


def not_json(folder: Path) -> None:
    rewrite(folder, lambda members: members.update({"config.json": b"{"}))


def no_weights(folder: Path) -> None:
    rewrite(folder, lambda members: members.update({"model.weights.h5": b"none"}))


def lambda_layer(folder: Path) -> None:
    def change(config: dict) -> None:
        layer = config["config"]["layers"][1]
        layer["class_name"] = "Lambda"

    rewrite(folder, lambda members: edit_config(members, change))


def foreign_module(folder: Path) -> None:
    def change(config: dict) -> None:
        layer = config["config"]["layers"][1]
        layer.update(module="os", class_name="system", registered_name="system")

    rewrite(folder, lambda members: edit_config(members, change))


def registered_class(folder: Path) -> None:
    def change(config: dict) -> None:
        config["config"]["layers"][1]["registered_name"] = "evil>Layer"

    rewrite(folder, lambda members: edit_config(members, change))


def unsafe_function(folder: Path) -> None:
    def change(config: dict) -> None:
        config["config"]["layers"][2]["config"]["activation"] = {
            "module": "builtins",
            "class_name": "function",
            "config": "eval",
            "registered_name": "function",
        }

    rewrite(folder, lambda members: edit_config(members, change))


def pickled(folder: Path) -> None:
    import pickle

    from genre_core.data.files import sha256_file

    path = folder / "model.keras"
    path.write_bytes(pickle.dumps({"weights": [1, 2]}))
    card = load_card(folder)
    save_card(with_model(card, sha256_file(path), card.n_parameters), folder)


# Each with the words of the check that must stop it: Keras, the last one, would stop some as well.
ATTACKS = {
    missing_model: "needs its",
    truncated: "checksum",
    empty: "checksum",
    one_byte: "checksum",
    class_order: "agree on 'genres'",
    class_count: "agree on 'genres'",
    head: "agree on 'head'",
    input_size: "agree on 'input'",
    resampling: "agree on 'input'",
    n_parameters: "parameter count",
    foreign_member: "must hold exactly",
    no_contract: "must hold exactly",
    not_json: "Keras archive",
    no_weights: "loadable by Keras",
    lambda_layer: "plain Keras layers",
    foreign_module: "plain Keras layers",
    registered_class: "plain Keras layers",
    unsafe_function: "plain Keras layers",
    pickled: "Keras archive",
}


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.__name__)
def test_attack_is_refused(attack: Callable[[Path], None], bundle: Bundle) -> None:
    Classifier.load(bundle)  # it held before
    attack(bundle.folder)
    with pytest.raises(CheckpointError, match="Received") as error:
        Classifier.load(bundle.folder)
    assert ATTACKS[attack] in error.value.rule


CARD_EDITS = {
    "edited": lambda text: text.replace('"Blue"', '"Teal"'),
    "not json": lambda text: text[:-20],
    "a list": lambda _: "[]",
    "another format": lambda text: text.replace('"format_version": 1', '"format_version": 2'),
    "empty": lambda _: "",
    "deep": lambda _: "[" * 100_000,
}


@pytest.mark.parametrize("edit", CARD_EDITS.values(), ids=CARD_EDITS.keys())
def test_edited_card_is_refused(edit: Callable[[str], str], bundle: Bundle) -> None:
    path = bundle.folder / "card.json"
    path.write_text(edit(path.read_text()))
    with pytest.raises(CheckpointError, match="Received"):
        open_bundle(bundle.folder)


def test_a_network_of_another_shape_is_refused(tmp_path: Path) -> None:
    other = make_network(n_logits=3)
    bundle = write_bundle(tmp_path, network=other)  # two genres on the card, three logits inside
    with pytest.raises(CheckpointError, match="output shape"):
        load_network(bundle)


def test_nested_networks_are_refused(tmp_path: Path) -> None:
    inner = make_network()
    image = keras.Input((64, 64, 3))
    logits = keras.layers.Dense(2, name="logits")(inner(image))
    bundle = write_bundle(tmp_path, network=keras.Model(image, logits))
    with pytest.raises(CheckpointError, match="flat"):
        load_network(bundle)
