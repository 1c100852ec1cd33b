"""The command line: every command reads its arguments here and works in the rooms below.

JSON goes to standard output alone; progress and errors go to standard error. Exit codes: 0 all
went well, 1 something could not be done, 2 the call itself was wrong.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

# Must stand before TensorFlow loads, wherever that happens: its greetings are no result.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from genre_core.cli.parser import make_parser
from genre_core.errors import DatasetError, GenreError, ParameterError

_MAX_PROBLEMS = 20


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command, `sys.argv` by default; return its exit code.

    >>> main(["experiments", "--json"]) # doctest: +ELLIPSIS
    [...
    0
    """
    options = make_parser().parse_args(arguments)
    try:
        return int(options.run(options))
    except GenreError as error:
        print(f"error: {error}", file=sys.stderr)
        if isinstance(error, DatasetError):
            more = [problem for problem in map(str, error.problems) if problem not in str(error)]
            for problem in more[:_MAX_PROBLEMS]:
                print(f"  {problem}", file=sys.stderr)
            left = len(more) - _MAX_PROBLEMS
            if left > 0:
                print(f"  and {left} more", file=sys.stderr)
        return 2 if isinstance(error, ParameterError) else 1
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Somebody's `head` has seen enough; Python would complain again at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        # What was asked for was right, but a disk or a folder does not allow it.
        place = error.filename2 or error.filename or "a file"
        print(
            "error: Folders and files must be there to be read, and free to be written. "
            f"Received {place}: {error.strerror or error}. "
            "Give another place, or make this one free.",
            file=sys.stderr,
        )
        return 1
