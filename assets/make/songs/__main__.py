"""`python -m assets.make.songs [FOLDER]` plays the built-in songs again."""

import sys

from assets.make.songs.shipped import write_songs
from genre_core.data.demo import SONGS_DIR

if __name__ == "__main__":
    for song in write_songs(sys.argv[1] if len(sys.argv) > 1 else SONGS_DIR):
        print(f"{song.path.name}: {song.duration_s:.0f} s, {song.title}")
