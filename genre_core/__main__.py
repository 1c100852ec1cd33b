"""`python -m genre_core`: the command line."""

import sys

from genre_core.cli import main

if __name__ == "__main__":
    sys.exit(main())
