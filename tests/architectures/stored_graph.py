"""Run the graphs stored with musicnn: `stored_graph.py PACKAGE_FOLDER INPUT.npy OUTPUT.npz`.

A process of its own: the graphs are TensorFlow 1's, and nothing of our networks takes part.
"""

import os
import sys
from pathlib import Path

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["CUDA_VISIBLE_DEVICES"] = "-1"

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


if __name__ == "__main__":
    package, inputs, outputs = sys.argv[1:]
    patches = np.load(inputs)
    stored = {
        f"{name}/{key}": values
        for name in LOGITS
        for key, values in run_stored(Path(package) / name, patches).items()
    }
    np.savez(outputs, **stored)
