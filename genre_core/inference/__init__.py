"""From a bundle and a file to genres: the only way to a prediction."""

from genre_core.inference.checkpoint import load_network, save_network
from genre_core.inference.classifier import Classifier
from genre_core.runs.answers import Prediction

__all__ = ["Classifier", "Prediction", "load_network", "save_network"]
