"""What C libraries print reaches nobody, what Python says does."""

import subprocess
import sys

CODE = """
import os, sys
from genre_core.quiet import keep_libraries_quiet
keep_libraries_quiet()
os.write(2, b"a library's greeting")
print("our word: \\u00e4", file=sys.stderr)
raise SystemExit("and the last one")
"""


def test_only_python_s_own_words_are_heard() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, env={"PYTHONIOENCODING": "utf-8"}
    )
    assert done.stderr.decode().split("\n") == ["our word: ä", "and the last one", ""]
