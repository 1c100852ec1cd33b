"""Made songs: played by NumPy from a seed, one style a file; nothing is read or downloaded.

`python -m genre_core.data.demo_songs` plays `assets/songs` again.
"""

from genre_core.data.demo_songs.make import STYLES, SongInfo, make_song
from genre_core.data.demo_songs.score import Section
from genre_core.data.demo_songs.shipped import DemoSong, demo_songs, write_demo_songs

__all__ = [
    "STYLES",
    "DemoSong",
    "Section",
    "SongInfo",
    "demo_songs",
    "make_song",
    "write_demo_songs",
]
