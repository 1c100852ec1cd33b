"""The house keeps its own rules: floors listed, requirements explained, papers true."""

import argparse
import re
import shlex
import subprocess
import sys
import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from pages.ui import frame
from pages.ui.figures import chart
from pages.ui.songs.timeline import COLOURS

PROJECT = Path(__file__).resolve().parents[1]
PYPROJECT = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
CONTRACTS = PYPROJECT["tool"]["importlinter"]["contracts"]
STREAMLIT = tomllib.loads((PROJECT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
REQUIREMENTS = sorted(PROJECT.glob("requirements*.txt"))
MAX_LINES = 400
DOCS = sorted(f"docs/{path.name}" for path in (PROJECT / "docs").glob("*.md"))
PAPERS = ["README.md", "CONTRIBUTING.md", *DOCS]


def tracked_files() -> list[Path]:
    if not (PROJECT / ".git").exists():
        pytest.skip("not a git checkout: nothing says which files belong to the project")
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=PROJECT,
        capture_output=True,
    )
    assert listed.returncode == 0, listed.stderr.decode()
    paths = [PROJECT / name for name in listed.stdout.decode().split("\0") if name]
    present = [path for path in paths if path.is_file()]
    assert len(present) > 20
    return present


def test_every_room_below_architectures_is_kept_from_tensorflow() -> None:
    layers = next(contract for contract in CONTRACTS if contract["type"] == "layers")["layers"]
    floors = [re.findall(r"\w+", layer) for layer in layers]
    top = next(index for index, rooms in enumerate(floors) if "architectures" in rooms)
    lower = {room for rooms in floors[top + 1 :] for room in rooms}
    built = {room for room in lower if (PROJECT / "genre_core" / room / "__init__.py").is_file()}
    built |= {room for room in lower if (PROJECT / "genre_core" / f"{room}.py").is_file()}
    contract = next(c for c in CONTRACTS if "tensorflow" in c.get("forbidden_modules", []))
    read_by_pages = {"analysis", "lessons.first", "lessons.stored", "lessons.studies"}
    read_by_pages |= {f"explain.patterns_{part}" for part in ("groups", "heard", "store")}
    read_by_pages |= {"explain.exciting_store", "explain.kernels_store"}
    read_by_pages |= {"explain.kernel_groups", "explain.prepared"}
    assert set(contract["source_modules"]) == {
        f"genre_core.{part}" for part in built | read_by_pages
    }


def test_importing_the_lower_floors_loads_neither_tensorflow_nor_streamlit() -> None:
    # import-linter reads the code; this also sees what third parties load.
    contract = next(c for c in CONTRACTS if "tensorflow" in c.get("forbidden_modules", []))
    code = "\n".join(f"import {module}" for module in contract["source_modules"])
    code += "\nimport sys; print(sorted({'tensorflow', 'keras', 'streamlit'} & set(sys.modules)))"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=PROJECT, capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


@pytest.mark.parametrize("path", REQUIREMENTS, ids=lambda path: path.name)
def test_every_requirement_has_a_range_and_a_reason(path: Path) -> None:
    lines = path.read_text(encoding="utf-8").splitlines()
    wanted = [line for line in lines if line.strip() and not line.startswith(("#", "-r "))]
    assert wanted
    for line in wanted:
        requirement, _, reason = line.partition("#")
        assert re.search(r"==|>=.*,<", requirement), f"{path.name}: no range in {line!r}"
        assert len(reason.strip()) > 5, f"{path.name}: no reason in {line!r}"


def test_one_tensorflow_distribution_without_cuda() -> None:
    names = re.findall(r"^([\w.\-\[\]]+?)[=<>]", REQUIREMENTS_TXT, flags=re.MULTILINE)
    assert [name for name in names if name.startswith("tensorflow")] == ["tensorflow"]


REQUIREMENTS_TXT = (PROJECT / "requirements.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md", ".ci/run"])
def test_every_make_command_named_in_the_papers_exists(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    named = set(re.findall(r"(?:^|`|\$ )make ([a-z-]+)", text, re.MULTILINE))
    assert named
    assert named <= targets


def command_lines(name: str) -> list[list[str]]:
    """Return the words after `python -m genre_core` of every line of code of a paper."""
    text = (PROJECT / name).read_text(encoding="utf-8")
    return [shlex.split(line, comments=True) for line in re.findall(r"-m genre_core (.+)", text)]


def test_every_command_line_of_the_readme_is_understood() -> None:
    from genre_core.cli.parser import make_parser

    lines = command_lines("README.md")
    assert {"classify", "explain", "train", "evaluate", "import"} <= {words[0] for words in lines}
    for words in lines:
        make_parser().parse_args(words)  # exits where it does not know a word


def test_the_paper_of_the_command_line_has_every_command_and_no_other() -> None:
    from genre_core.cli.parser import make_parser

    commands = next(
        set(action.choices or ())
        for action in make_parser()._actions
        if isinstance(action, argparse._SubParsersAction)
    )
    assert len(commands) > 15
    text = (PROJECT / "docs" / "cli.md").read_text(encoding="utf-8")
    firsts = re.findall(r"^\| (`[^|]*) \|", text, re.MULTILINE)
    named = {word for first in firsts for word in re.findall(r"`([a-z-]+)", first)}
    assert named == commands - {"work"}  # what a run starts for itself


def test_every_recipe_named_in_the_paper_of_the_studies_exists() -> None:
    text = (PROJECT / "docs" / "studies.md").read_text(encoding="utf-8")
    known = {path.stem for path in (PROJECT / "genre_core" / "experiments").glob("*.toml")}
    named = set(re.findall(r"`((?:s\d|emotify|gtzan|msd)_\w+)`", text))
    assert len(named) > 20
    assert named <= known


def test_every_file_named_in_contributing_exists() -> None:
    text = (PROJECT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = re.findall(r"`((?:\w+/)+[\w.]*)`", text)
    assert len(named) > 20
    named.remove("covers/")  # of the folder that GENRE_DATA names
    missing = [n for n in named if not any((PROJECT / r / n).exists() for r in (".", "genre_core"))]
    assert missing == []


@pytest.mark.parametrize(
    "name", ["README.md", "CONTRIBUTING.md", "docs/cli.md", "docs/data.md", "docs/studies.md"]
)
def test_links_between_the_papers_lead_somewhere(name: str) -> None:
    text = (PROJECT / name).read_text(encoding="utf-8")
    targets = [t for t in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in t]
    assert targets
    folder = (PROJECT / name).parent
    assert [target for target in targets if not (folder / target).exists()] == []


def test_tests_that_the_papers_name_are_there() -> None:
    named = re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", "".join(map(_text_of, PAPERS)))
    assert len(named) > 10
    assert [own for own in named if f"def {own[1]}(" not in _text_of(own[0])] == []


def _text_of(name: str) -> str:
    path = PROJECT / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def test_every_paper_of_docs_is_linked_from_the_readme_or_another() -> None:
    texts = [(PROJECT / name).read_text(encoding="utf-8") for name in PAPERS]
    linked = {
        target for text in texts for target in re.findall(r"\]\((?:docs/)?([\w-]+\.md)\)", text)
    }
    assert DOCS
    assert {Path(name).name for name in DOCS} <= linked


def test_no_file_is_too_long_to_read() -> None:
    code = [path for path in tracked_files() if path.suffix in {".py", ".toml", ".md"}]
    code.remove(PROJECT / "models" / "README.md")  # a chapter a model, written by a command
    code.remove(PROJECT / "tests" / "benchmarks" / "RESULTS.md")  # a table a benchmark, likewise
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in code}
    long = {str(p.relative_to(PROJECT)): n for p, n in lengths.items() if n > MAX_LINES}
    assert long == {}


def test_no_path_of_somebodys_machine_stands_in_the_project() -> None:
    # A home or work folder of one machine; system folders such as /etc or /usr are every machine's.
    pattern = re.compile(r"""(?<![\w.~*)\]}])/(?:home|root|work|Users|farm|tmp)/\w""")
    found = []
    for path in tracked_files():
        if path.suffix in {".py", ".toml", ".md", ".txt", ".json", ".csv", ""}:
            text = path.read_text(encoding="utf-8", errors="ignore")
            found += [f"{path.relative_to(PROJECT)}: {hit}" for hit in pattern.findall(text)]
    assert found == []


def test_only_the_app_and_its_pages_know_streamlit() -> None:
    knows = re.compile(r"^\s*(?:import|from) streamlit\b", re.MULTILINE)
    python = [path for path in tracked_files() if path.suffix == ".py"]
    hits = {p.relative_to(PROJECT).parts[0] for p in python if knows.search(p.read_text("utf-8"))}
    assert hits <= {"app.py", "pages", "tests"}
    assert "app.py" in hits


def test_every_cache_of_the_pages_is_bounded() -> None:
    # Streamlit's caches grow without end by default.
    caches = []
    for path in (PROJECT / "pages").rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        caches += re.findall(r"@st\.cache_(?:data|resource)\b(\([^@]*?\))?\s*\n", text)
    assert caches
    assert [arguments for arguments in caches if "max_entries" not in arguments] == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_theme_can_be_read(theme: str) -> None:
    # WCAG 2.2, AA: 4.5 for text, 3 for the parts of a control or a chart.
    colours = STREAMLIT["theme"][theme]
    grounds = [colours["backgroundColor"], colours["secondaryBackgroundColor"]]
    for ground in grounds:
        assert contrast(colours["textColor"], ground) >= 7
        assert contrast(colours["linkColor"], ground) >= 4.5
        assert contrast(colours["primaryColor"], ground) >= 3
    assert contrast("#ffffff", colours["primaryColor"]) >= 4.5  # the words on a primary button
    chart = STREAMLIT["theme"]["chartCategoricalColors"]
    assert len(chart) == len(set(chart)) == 10
    assert min(contrast(colour, grounds[0]) for colour in chart) >= 3
    # The player's lanes lie on the second ground.
    assert min(contrast(colour, grounds[1]) for colour in COLOURS) >= 3


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_painted_stands_out_from_its_ground(theme: str) -> None:
    colours = STREAMLIT["theme"][theme]
    page, lane = colours["backgroundColor"], colours["secondaryBackgroundColor"]
    # Taggram, strips and the ruler's segments: the words' violet at a full shade, or at these.
    drawing = (PROJECT / "pages" / "ui" / "player" / "drawing.js").read_text(encoding="utf-8")
    assert 'shade: get("link-color"' in drawing
    [shades] = re.findall(r"globalAlpha = .* \? ([\d.]+) : ([\d.]+);", drawing)
    for alpha in (1.0, *map(float, shades)):
        assert contrast(_over(colours["linkColor"], lane, alpha), lane) >= 3
    # The edge of a switch that is off, which Streamlit's track alone does not have.
    [share] = re.findall(r"currentColor (\d+)%", frame._STYLE)
    assert contrast(_over(colours["textColor"], page, int(share) / 100), page) >= 3
    for colour in (*chart.SERIES, chart.LINE):
        red, green, blue = map(int, re.findall(r"\d+", colour))
        assert contrast(f"#{red:02x}{green:02x}{blue:02x}", page) >= 3


def test_contrast_knows_its_ends() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#777777") == pytest.approx(1)


def test_the_server_keeps_its_guards() -> None:
    server = STREAMLIT["server"]
    assert server["enableXsrfProtection"] is True
    assert server["enableCORS"] is True
    assert server["address"] == "localhost"
    assert STREAMLIT["browser"]["gatherUsageStats"] is False
    assert STREAMLIT["client"]["showErrorDetails"] in {"type", "none"}


def test_changelog_is_dated_newest_first() -> None:
    text = (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8")
    dates = re.findall(r"^## .*(\d{4}-\d{2}-\d{2})", text, re.MULTILINE)
    assert dates
    assert all(newer >= older for newer, older in pairwise(dates))


def contrast(one: str, other: str) -> float:
    """WCAG's contrast ratio of two colours `#rrggbb`, 1 to 21."""
    darker, lighter = sorted((_luminance(one), _luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def _over(colour: str, ground: str, alpha: float) -> str:
    """Lay a colour over a ground, both `#rrggbb`."""
    pairs = ((int(one[k : k + 2], 16) for one in (colour, ground)) for k in (1, 3, 5))
    return "#" + "".join(f"{round(alpha * on + (1 - alpha) * under):02x}" for on, under in pairs)


def _luminance(colour: str) -> float:
    channels = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
