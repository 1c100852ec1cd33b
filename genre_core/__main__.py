"""`python -m genre_core`: the command line."""

import os
import sys

from genre_core.cli import main
from genre_core.quiet import keep_libraries_quiet

if __name__ == "__main__":
    if os.environ["TF_CPP_MIN_LOG_LEVEL"] == "3":  # else somebody wants to hear them
        keep_libraries_quiet()
    sys.exit(main())
