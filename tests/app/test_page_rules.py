"""What every page keeps to: bounded caches, no HTML, short scripts, words as they are."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from genre_core.errors import DatasetError, Problem
from pages.ui import figures, frame, problems

PAGES = Path(__file__).resolve().parents[2] / "pages"
SCRIPTS = sorted(path for path in PAGES.glob("*/*.py") if path.parent.name != "ui")
FILES = sorted(PAGES.glob("**/*.py"))


def test_every_page_stands_in_the_menu_and_none_lies_where_streamlit_would_find_it_alone() -> None:
    assert len(SCRIPTS) >= 4
    assert {str(PAGES / page.path) for page in frame.PAGES.values()} == set(map(str, SCRIPTS))
    # Streamlit takes files of a folder "pages" beside its script for pages without a frame.
    assert not (PAGES / "pages").exists()


def test_what_pages_import_is_loaded_before_the_first_one_where_a_server_began_it() -> None:
    """In a process of its own: here all is loaded."""
    script = (
        "import sys; from pages import loading; loading.end()\n"
        "assert not {*loading.MODULES} & {*sys.modules}\n"
        "loading.begin(); loading.end()\n"
        "assert {*loading.MODULES} <= {*sys.modules}\n"
        "sys.exit(', '.join({'tensorflow', 'keras', 'numba'} & {*sys.modules}) or 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=PAGES.parent, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


def test_the_readme_lists_the_pages_with_their_questions() -> None:
    readme = (PAGES.parent / "README.md").read_text(encoding="utf-8")
    for page in frame.PAGES.values():
        assert f"| {page.title} | {page.question} | {page.try_this} |" in readme


def test_caches_are_bounded_and_in_files_called_cached() -> None:
    found = 0
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("cache_data", "cache_resource"):
                assert path.name == "cached.py", path
            for decorator in getattr(node, "decorator_list", []):
                if "cache_" in ast.unparse(decorator):
                    assert "max_entries=" in ast.unparse(decorator), f"{path.name}: {node}"
                    found += 1
    assert found >= 5


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_a_page_is_a_short_script_without_definitions(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 125
    assert not any(isinstance(n, ast.FunctionDef) for n in ast.walk(ast.parse(text)))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_html_of_its_own_and_every_picture_in_words(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    assert "unsafe_allow_html" not in text
    # The frame's one style, and the one drawing that does without the charting library.
    assert text.count("st.html(") == (path.name in ("frame.py", "segment.py"))
    for node in ast.walk(ast.parse(text)):
        called = getattr(getattr(node, "func", None), "attr", "")
        if called in ("image", "plotly_chart"):
            assert any(k.arg == "alt" for k in node.keywords), f"{path.name}:{node.lineno}"


def test_a_files_name_cannot_write_markdown() -> None:
    assert problems.plain("[a](http://b) :red[c] $x$") == (r"\[a\]\(http\://b\) \:red\[c\] \$x\$")
    assert problems.plain("Drum & Bass &lt;b&#62;") == r"Drum & Bass \&lt;b\&\#62;"


def test_a_data_sets_problems_are_all_told() -> None:
    many = tuple(Problem(f"row {k}", "no label") for k in range(30))
    error = DatasetError(
        "Every row needs a label.", received="30 without", cure="Add.", problems=many
    )
    assert len(error.problems) > problems.LISTED


def test_a_matrix_has_one_square_to_click_for_each_cell() -> None:
    chart = figures.confusion([[3, 1], [2, 4]], ("Jazz", "Pop"), chosen=(0, 1))
    squares = [
        (tuple(cell), x, y, text)
        for trace in chart.figure.data[1:]
        for cell, x, y, text in zip(trace.customdata, trace.x, trace.y, trace.text, strict=True)
    ]
    assert sorted(squares) == [
        ((0, 0), "Jazz", "Jazz", "3"),
        ((0, 1), "Pop", "Jazz", "1"),
        ((1, 0), "Jazz", "Pop", "2"),
        ((1, 1), "Pop", "Pop", "4"),
    ]
    assert {trace.marker.symbol for trace in chart.figure.data[1:]} == {"square"}


def test_a_row_without_covers_is_zero_per_cent_not_nan() -> None:
    chart = figures.confusion([[0, 0], [2, 6]], ("Jazz", "Pop"), cells="row")
    squares = chart.figure.data[1:]
    texts = {tuple(c): t for s in squares for c, t in zip(s.customdata, s.text, strict=True)}
    assert texts == {(0, 0): "0", (0, 1): "0", (1, 0): "25", (1, 1): "75"}
