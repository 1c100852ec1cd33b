"""`python -m assets.make.covers [FOLDER]` paints covers, their zip and the logo again."""

import sys
from pathlib import Path

from assets.make.covers.logo import write_logo
from assets.make.covers.shipped import write_covers, write_zip
from genre_core.data.demo import ASSETS_DIR

if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ASSETS_DIR
    print(f"{len(write_covers(folder / 'covers'))} covers")
    print(write_zip(folder).name)
    write_logo(folder)
