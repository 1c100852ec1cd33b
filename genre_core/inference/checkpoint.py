"""Store a network with its card, and load it only where the two agree."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import keras

from genre_core.data.files import atomic_path, sha256_file
from genre_core.errors import CheckpointError
from genre_core.runs.bundle import MODEL_FILE, Bundle
from genre_core.runs.card import Card, save_card, with_model

CONTRACT_MEMBER = "genre_core.json"
_MEMBERS = {"metadata.json", "config.json", "model.weights.h5", CONTRACT_MEMBER}
_MAX_BYTES = 600_000_000
_MAX_JSON_BYTES = 5_000_000
_LAYERS = frozenset(
    [
        "Functional",
        "InputLayer",
        "Rescaling",
        "Conv2D",
        "DepthwiseConv2D",
        "Dense",
        "BatchNormalization",
        "ReLU",
        "Activation",
        "Softmax",
        "Conv1D",
        "GlobalMaxPooling1D",
        "GlobalAveragePooling1D",
        "GlobalMaxPooling2D",
        "ZeroPadding1D",
        "MaxPooling2D",
        "AveragePooling2D",
        "GlobalAveragePooling2D",
        "ZeroPadding2D",
        "Flatten",
        "Reshape",
        "Dropout",
        "SpatialDropout2D",
        "Add",
        "Subtract",
        "Cropping2D",
        "Concatenate",
        "LSTM",
        "Masking",
    ]
)
_CURE = "Take the bundle as it was written; train it again if it was changed."


def save_network(network: keras.Model, card: Card, folder: Path) -> Card:
    """Write `model.keras` (without optimizer) and `card.json` into a folder, each atomically.

    The network's file carries a copy of the card's contract (taxonomy, head, input), so that the
    two can be compared when they are loaded. `network` is flat functional and ends in logits.
    Returns the card as written, with checksum and parameter count.
    """
    # The same layers in a new model have no optimizer, loss or metrics to be stored.
    bare = keras.Model(network.input, network.output, name=network.name)
    with atomic_path(folder / MODEL_FILE) as path:
        bare.save(path)
        with zipfile.ZipFile(path, "a") as archive:
            archive.writestr(CONTRACT_MEMBER, json.dumps(card.contract, sort_keys=True))
        card = with_model(card, sha256_file(path), network.count_params())
    save_card(card, folder)
    return card


def load_network(bundle: Bundle) -> keras.Model:
    """Load a bundle's network after comparing it with its card.

    The checks run from cheap to dear and before Keras reads anything: size, checksum, members of
    the zip file, contract, layer classes. Keras then loads in safe mode. The network turns
    (batch, *card.input.shape), covers as RGB 0 to 255, into logits (batch, n_logits).

    Raises
    ------
    CheckpointError
        Missing or truncated file, another checksum than the card's, unsafe content (a layer outside
        a short list, code, foreign members), or any difference in taxonomy and its order, head,
        input, shape, parameter count.
    """
    path, card = bundle.model_path, bundle.card
    if not bundle.has_network:
        raise CheckpointError(
            f"A bundle needs its {MODEL_FILE} to predict.",
            received=f"{bundle.name}: only its record",
            cure=f"Train it: python -m genre_core train {card.experiment.get('name', 'NAME')}.",
        )
    if path.stat().st_size > _MAX_BYTES:
        raise _refuse(bundle, "A network's file may hold at most 600 MB.", "a larger one")
    if sha256_file(path) != card.model_sha256:
        raise _refuse(
            bundle,
            f"{MODEL_FILE} must have the checksum on its card.",
            "another (truncated, damaged or exchanged)",
        )
    _check_archive(bundle)
    try:
        network = keras.saving.load_model(path, compile=False, safe_mode=True)
    except Exception as error:  # Keras raises many kinds; none may reach a caller as it is
        raise _refuse(bundle, "The network must be loadable by Keras.", str(error)[:200]) from error
    _check_network(bundle, network)
    return network


def _check_archive(bundle: Bundle) -> None:
    try:
        with zipfile.ZipFile(bundle.model_path) as archive:
            sizes = {info.filename: info.file_size for info in archive.infolist()}
            if set(sizes) != _MEMBERS or sum(sizes.values()) > _MAX_BYTES:
                raise _refuse(
                    bundle,
                    f"{MODEL_FILE} must hold exactly {', '.join(sorted(_MEMBERS))}.",
                    ", ".join(sorted(sizes))[:200],
                )
            contract = _read_json(archive, CONTRACT_MEMBER)
            config = _read_json(archive, "config.json")
    except (OSError, ValueError, zipfile.BadZipFile, RecursionError) as error:
        raise _refuse(bundle, f"{MODEL_FILE} must be a Keras archive.", str(error)) from error
    for key, stated in bundle.card.contract.items():
        if contract.get(key) != stated:
            raise _refuse(
                bundle,
                f"Card and network must agree on {key!r}.",
                f"{stated} on the card, {contract.get(key)} in the network",
            )
    for module, name in _class_names(config):
        # Initializers and dtype policies are plain settings; layers are what could run code.
        is_plain = module.startswith("keras.") or module == "keras"
        is_layer = module == "keras.layers" or module.startswith("keras.src.models")
        if not is_plain or (is_layer and name not in _LAYERS):
            raise _refuse(
                bundle, "A network may only be made of plain Keras layers.", f"{module}.{name}"
            )


def _check_network(bundle: Bundle, network: keras.Model) -> None:
    card = bundle.card
    nested = [layer.name for layer in network.layers if isinstance(layer, keras.Model)]
    if nested:
        raise _refuse(bundle, "The network must be flat, without a network inside.", nested[0])
    compared = (
        ("input shape", (None, *card.input.shape), tuple(network.input_shape)),
        ("output shape", (None, card.n_logits), tuple(network.output_shape)),
        ("parameter count", card.n_parameters, network.count_params()),
    )
    for what, stated, actual in compared:
        if stated != actual:
            raise _refuse(
                bundle,
                f"Card and network must agree on the {what}.",
                f"{stated} on the card, {actual} in the network",
            )


def _class_names(config: Any) -> list[tuple[str, str]]:
    """Collect (module, class name) of every object that a Keras configuration names."""
    class_names, waiting = [], [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, list):
            waiting.extend(value)
        elif isinstance(value, dict):
            if "class_name" in value and value["class_name"] != "__tuple__":
                registered = value.get("registered_name")
                module = str(value.get("module") or "keras.layers")
                name = str(value["class_name"])
                # A registered name points outside Keras and would import somebody's code.
                own = registered in (None, name)
                if name != "__keras_tensor__":
                    class_names.append((module if own else f"registered.{registered}", name))
            waiting.extend(value.values())
    return class_names


def _read_json(archive: zipfile.ZipFile, member: str) -> dict[str, Any]:
    if archive.getinfo(member).file_size > _MAX_JSON_BYTES:
        raise ValueError(f"{member} is larger than 5 MB")
    values = json.loads(archive.read(member))
    if not isinstance(values, dict):
        raise ValueError(f"{member} is not a table")
    return values


def _refuse(bundle: Bundle, rule: str, received: str) -> CheckpointError:
    return CheckpointError(rule, received=f"{bundle.name}: {received}", cure=_CURE)
