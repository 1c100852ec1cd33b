"""Made songs: played by NumPy from a seed, one style a file; nothing is read or downloaded."""

from assets.make.songs.make import STYLES, SongInfo, make_song
from assets.make.songs.shipped import write_songs

__all__ = ["STYLES", "SongInfo", "make_song", "write_songs"]
