"""Run the graphs stored with musicnn, TensorFlow 1's: nothing of our networks takes part."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import tensorflow as tf

LOGITS = {
    "MSD_musicnn": "model/dense_1/BiasAdd:0",
    "MTT_musicnn": "model/dense_1/BiasAdd:0",
    "MSD_vgg": "model/dense/BiasAdd:0",
    "MTT_vgg": "model/dense/BiasAdd:0",
}


def run_stored(folder: Path, patches: np.ndarray) -> dict[str, np.ndarray]:
    meta = tf.compat.v1.MetaGraphDef()
    meta.ParseFromString((folder / ".meta").read_bytes())
    for node in meta.graph_def.node:
        # Written by an older version, and for gradients no longer true.
        node.attr.pop("_output_shapes", None)
    with tf.Graph().as_default(), tf.compat.v1.Session() as session:
        saver = tf.compat.v1.train.import_meta_graph(meta, clear_devices=True)
        saver.restore(session, f"{folder}/")
        feed = {"model/Placeholder:0": patches, "model/Placeholder_2:0": False}
        names = ("model/Flatten/flatten/Reshape:0", LOGITS[folder.name], "model/Sigmoid:0")
        found = session.run(names, feed)
    return dict(zip(("flat_pool", "logits", "probs"), found, strict=True))
