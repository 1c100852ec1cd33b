"""`python -m genre_core.data.demo_songs [FOLDER]` plays the built-in songs again."""

import sys

from genre_core.data.demo_songs.shipped import SONGS_DIR, write_demo_songs

if __name__ == "__main__":
    for song in write_demo_songs(sys.argv[1] if len(sys.argv) > 1 else SONGS_DIR):
        print(f"{song.path.name}: {song.duration_s:.0f} s, {song.title}")
