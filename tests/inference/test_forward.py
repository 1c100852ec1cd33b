"""The compiled forward pass: many networks side by side, without a word of TensorFlow's."""

from __future__ import annotations

import logging

import keras
import numpy as np
import pytest

from genre_core.inference.forward import Compiled


def test_many_networks_are_no_retracing(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    log = logging.getLogger("tensorflow")
    monkeypatch.setattr(log, "handle", lambda record: said.append(record.getMessage()))
    for width in range(1, 9):
        sound = keras.Input((width,))
        compiled = Compiled(keras.Model(sound, keras.layers.Dense(2)(sound)), "float32")
        [given] = compiled(np.ones((3, width), np.float32))
        assert given.shape == (3, 2)
    assert said == []
