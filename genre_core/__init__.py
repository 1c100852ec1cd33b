"""Music-genre deep learning from covers and songs: the library behind Genre Explorer."""

__version__ = "0.1.0"
