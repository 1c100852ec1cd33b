"""What C libraries print reaches nobody, what Python says does."""

import os
import subprocess
import sys

import pytest

SWITCH = "TF_ENABLE_ONEDNN_OPTS"
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


@pytest.mark.parametrize(("said", "holds"), [(None, "1"), ("0", "0")])
def test_onednn_is_on_unless_somebody_says_otherwise(said: str | None, holds: str) -> None:
    environment = {key: what for key, what in os.environ.items() if key != SWITCH}
    environment |= {} if said is None else {SWITCH: said}
    code = f"import genre_core, os; print(os.environ[{SWITCH!r}])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, env=environment)
    assert done.stdout.decode().strip() == holds
