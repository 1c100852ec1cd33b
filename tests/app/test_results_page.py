"""Results, Start and About: figures in words, covers behind a cell, and no TensorFlow."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from tests.app_words import everything
from tests.made_results import CONFUSION, GENRES

Open = Callable[..., AppTest]
PROJECT = Path(__file__).resolve().parents[2]


def test_start_shows_a_live_result_and_honest_figures(made_home: Path, open_app: Open) -> None:
    app = open_app("start")
    assert not app.exception
    assert not app.error
    assert "most probably" in everything(app)
    assert app.metric[0].value == "0.695"
    assert "colours alone reach 0.55" in everything(app)


def test_a_gain_whose_interval_holds_zero_is_called_chance(made_home: Path, open_app: Open) -> None:
    app = open_app("results")
    assert not app.exception
    assert "may be chance" in everything(app)
    assert "Rows are the true genre" in everything(app)


@pytest.mark.parametrize("true", range(2))
@pytest.mark.parametrize("said", range(2))
def test_a_cell_lists_exactly_its_covers_the_surest_first(
    made_home: Path, open_app: Open, true: int, said: int
) -> None:
    app = open_app("results", true=GENRES[true], predicted=GENRES[said])
    assert not app.exception
    n = CONFUSION[true][said]
    assert f"{n:,} covers" in everything(app)
    listed = next(table.value for table in app.dataframe if "item_id" in table.value)
    assert len(listed) == n
    assert listed["item_id"].str.startswith(GENRES[true].lower()).all()
    assert listed["probability"].is_monotonic_decreasing
    assert "GENRE_DATA" in everything(app)


def test_with_its_data_set_a_cell_is_a_gallery(
    made_home: Path, open_app: Open, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(0)
    for k in range(20):
        style = GENRES[k % 2].lower()
        file = tmp_path / "data" / "made" / style / f"{style}-{k:03d}.jpg"
        file.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(rng.integers(0, 256, (64, 64, 3), dtype=np.uint8)).save(file)
    monkeypatch.setenv("GENRE_DATA", str(tmp_path / "data"))
    from pages.ui import cached

    cached.dataset.clear()
    app = open_app("results", true="Jazz", predicted="Jazz")
    cached.dataset.clear()
    assert not app.exception
    assert "Cover 0" in everything(app)
    # jazz-000 and jazz-002 are in the folder, jazz-001 is not: its place says so.
    assert everything(app).count('alt: "Cover: Cover') == 2


def test_a_source_probe_as_good_as_the_network_is_a_warning(
    made_home: Path, open_app: Open
) -> None:
    path = next((made_home / "models").glob("*/metrics.json"))
    metrics = json.loads(path.read_text(encoding="utf-8"))
    assert "Do not trust this figure" not in everything(open_app("results"))
    metrics["extra"][0]["source_probe"] = {"value": 0.99}
    path.write_text(json.dumps(metrics), encoding="utf-8")
    assert "Do not trust this figure" in open_app("results").warning[0].value


def test_counts_and_shares_are_the_same_cells(made_home: Path, open_app: Open) -> None:
    app = open_app("results", cells="per cent of its row")
    assert not app.exception
    drawn = everything(app)
    assert "75" in drawn
    assert "Confusion matrix, rows = true. Jazz: 75 % right of 4. Pop: 67 % right of 6." in drawn


def test_about_explains_words_limits_and_licences(made_home: Path, open_app: Open) -> None:
    app = open_app("about")
    assert not app.exception
    titles = [header.value for header in app.header]
    assert titles == ["Method", "Limits", "Glossary", "Sources", "Licences"]


def test_results_and_about_never_load_tensorflow(made_home: Path) -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from genre_core.runs import bundle; bundle.SHIPPED_DIR = Path('none')\n"
        "from streamlit.testing.v1 import AppTest\n"
        "for page in ('judge/results.py', 'learn/about.py'):\n"
        "    app = AppTest.from_file('app.py', default_timeout=120)\n"
        "    app.switch_page('pages/' + page).run(); assert not app.exception\n"
        "    assert app.main\n"
        "sys.exit(', '.join({'tensorflow', 'keras'} & set(sys.modules)) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=PROJECT,
        env=os.environ | {"GENRE_HOME": str(made_home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
