"""Music-genre deep learning from covers and songs: the library behind Genre Explorer."""

import os

# TensorFlow leaves oneDNN's convolutions off on some processors (AMD's without AVX-512), where they
# take half the time of its own. It reads this once, when it is first loaded; on ARM it is nothing.
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")

__version__ = "0.1.0"
