"""A fresh server shows built-in covers, songs and kernels before it has loaded a network."""

import subprocess
import sys
from pathlib import Path

from genre_core.data.demo import demo_songs

PROJECT = Path(__file__).resolve().parents[2]

SCRIPT = """
import sys
from streamlit.testing.v1 import AppTest
from pages.ui import frame
from tests.app_words import everything

def look(page, *keys, **query):
    app = AppTest.from_file("pages/main.py", default_timeout=120)
    app.query_params.update(query)
    if page != "start":
        app.switch_page(frame.PAGES[page].path)
    app.run()
    assert not app.exception, app.exception
    assert not app.error, app.error
    missing = [key for key in keys if app.get_by_key(key) is None]
    assert not missing, missing
    return everything(app)

assert "most probably" in look("start", "start_ranking")
assert "Grad-CAM on" in look("covers", "ranking_efficientnet_lite2.gaid5")
assert "How sure is that?" in look("songs", "player", "piece")
look("songs", "player", "piece", song=sys.argv[1])
assert "**What excites them most**" in look("kernels", "kernel")
# What a first page loads its visitor waits for: half a second for tables, a third for SciPy.
print(sorted({"pandas", "pyarrow", "scipy"} & set(sys.modules)))
print(sorted({"tensorflow", "keras", "numba"} & set(sys.modules)))
# Patterns of a network of songs have the scale of its features, whose loops numba compiles.
assert "**What excites them most**" in look("kernels", network="s5_cnn.soft_prog", layer="conv_4")
print(sorted({"tensorflow", "keras"} & set(sys.modules)))
"""


def test_what_is_built_in_needs_no_network() -> None:
    shown = subprocess.run(
        [sys.executable, "-c", SCRIPT, demo_songs()[1].title],
        cwd=PROJECT,
        capture_output=True,
        text=True,
    )
    assert shown.stdout.split() == ["[]", "[]", "[]"], shown.stderr
