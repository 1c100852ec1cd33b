"""A player whose lanes share one time axis; a click on a segment plays it and returns its index."""

from pages.ui.player.lanes import Curves, Lane, Series, Spectrogram, Strip, Taggram, Waveform
from pages.ui.player.mount import song_player

__all__ = ["Curves", "Lane", "Series", "Spectrogram", "Strip", "Taggram", "Waveform", "song_player"]
