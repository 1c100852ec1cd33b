"""Read the rows of a delimited table, one at a time: a row that is broken costs itself alone."""

from __future__ import annotations

import codecs
import contextlib
import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from genre_core.data.item import clean_text, is_empty_word
from genre_core.errors import DatasetError, Problem, describe

Row = tuple[int, list[str]]
"""The line that a row ends on, counted from 1, and its cells."""

_Line = tuple[int, str]
_MAX_LINE = 2**20  # Characters; a file whose lines are longer is no table.
_MAX_LINES = 1_000  # Of one row, whose quoted text may hold line ends.
_SEPARATORS = ",;\t|"
_SEP = re.compile(r'"?sep=(.)"?[,;\t]*', re.IGNORECASE)
_QUOTED = re.compile(r'"[^"]*"')
_SUFFIX = re.compile(r"\.\w{1,5}\s*$")
_WIDE = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def read_rows(
    path: str | Path, *, cure: str, problems: list[Problem] | None = None
) -> Iterator[Row]:
    """Read a table row by row: those that are not blank, the first of them its header.

    Each line is UTF-8 or else Windows-1252; UTF-16 is told by its first bytes. Cells are separated
    as Excel's first line `sep=;` says, else by comma, semicolon, tab or |, whichever the header has
    most of. Yields the line that the row ends on, counted from 1, and its cells, not stripped. A
    quote that is never closed costs at most its own row, which `problems` gets. `cure` is what to
    do about a table that cannot be read, as a whole sentence.
    """
    try:
        yield from parse_rows(_read_lines(Path(path)), problems)
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise DatasetError(
            "A table of covers must be a CSV file that can be read.",
            received=f"{path}: {reason}",
            cure=cure,
        ) from error


def parse_rows(lines: Iterable[str], problems: list[Problem] | None = None) -> Iterator[Row]:
    r"""Read the rows of lines that keep their ends, as `read_rows` does.

    >>> list(parse_rows(["path;genre\n", "\n", "a.jpg;Rock\n"]))
    [(1, ['path', 'genre']), (3, ['a.jpg', 'Rock'])]
    >>> list(parse_rows(["path,title\n", 'a.jpg,"Heroes\n', "b.jpg,x\n"]))
    [(1, ['path', 'title']), (2, ['a.jpg', 'Heroes']), (3, ['b.jpg', 'x'])]
    """
    noted = problems if problems is not None else []
    ahead: deque[_Line] = deque()
    numbered = enumerate(lines, start=1)

    def take() -> _Line | None:
        return ahead.popleft() if ahead else next(numbered, None)

    separator = ""
    header: list[str] = []
    last: list[str] = []
    while (line := take()) is not None:
        number, text = line
        if not separator:
            text = text.removeprefix("\ufeff")
            if (sep := _SEP.fullmatch(text.rstrip("\r\n"))) is not None:
                separator = sep[1]
                continue
            if not text.strip():
                continue
            separator = max(_SEPARATORS, key=_QUOTED.sub("", text).count)
        cells = _split(text, separator)
        if cells is None:
            taken = _take_row((number, text), take)
            cells = _split("".join(part for _, part in taken), separator)
            if cells is None or _is_swallowed(taken, cells, len(header), last, separator):
                ahead.extendleft(reversed(taken[1:]))
                cells = _read_stray(number, text, separator, len(header), noted)
            else:
                number = taken[-1][0]
        if any(cell.strip() for cell in cells):
            yield number, cells
            last = cells if header else []
            header = header or cells


def find_columns(header: Sequence[str], names: Mapping[str, Sequence[str]]) -> dict[str, int]:
    """Tell in which column of a table each thing stands, by its lower-case names, the best first.

    >>> find_columns(["File ", "GENRE"], {"path": ("path", "file"), "year": ("year",)})
    {'path': 0}
    """
    known = [cell.strip().lower() for cell in header]
    return {
        key: known.index(name)
        for key, wanted in names.items()
        for name in reversed(wanted)
        if name in known
    }


def need_columns(
    header: Sequence[str], names: Mapping[str, Sequence[str]], needed: Sequence[str], *, table: str
) -> dict[str, int]:
    """Find the columns of a known table; `DatasetError` where one of the `needed` is missing."""
    columns = find_columns(header, names)
    if not set(needed) <= set(columns):
        raise DatasetError(
            f"{table} has the columns {', '.join(names[key][0] for key in needed)}.",
            received=f"the columns {describe([cell.strip() for cell in header])}",
            cure="Give that table as it was published.",
        )
    return columns


def read_cell(cells: Sequence[str], columns: Mapping[str, int], key: str) -> str:
    """Return a cell's text, cleaned; "" where the table or the row has none, or a word for it.

    Titles and albums stay as they are written: some are called None.
    """
    place = columns.get(key)
    text = clean_text(cells[place]) if place is not None and place < len(cells) else ""
    return "" if is_empty_word(text) and key not in ("title", "album") else text


def find_table(source: str | Path, names: Sequence[str]) -> Path:
    """Return the table that a source is, whatever it is called, or holds under one of the names."""
    source = Path(source)
    for candidate in (source, *(source / name for name in names)):
        if candidate.is_file():
            return candidate
    raise DatasetError(
        "A data set of this layout is its table or the folder that holds it.",
        received=f"no {' or '.join(names)} in {source}",
        cure="Give the table's own path.",
    )


def _read_lines(path: Path) -> Iterator[str]:
    with path.open("rb") as start:
        head = start.read(64)
    wide = next((name for mark, name in _WIDE if head.startswith(mark)), "")
    if not wide and b"\0" in head:
        n_even, n_odd = head[0::2].count(0), head[1::2].count(0)
        if min(n_even, n_odd) or 8 * max(n_even, n_odd) < 3 * len(head):
            raise UnicodeError("no text (a workbook must be saved as CSV first)")
        wide = "utf-16-le" if n_odd else "utf-16-be"
    # Latin-1 keeps every byte: so a line can still be read as what it is, and line ends are found.
    with path.open(encoding=wide or "latin-1", errors="replace", newline="") as file:
        while line := file.readline(_MAX_LINE):
            yield line if wide else _decode(line)


def _decode(line: str) -> str:
    if line.isascii():
        return line
    for encoding in ("utf-8", "cp1252"):
        try:
            return line.encode("latin-1").decode(encoding)
        except UnicodeDecodeError:
            continue
    return line


def _split(text: str, separator: str) -> list[str] | None:
    """Split a row into its cells; None where its quotes are not right."""
    if '"' not in text:
        return text.rstrip("\r\n").split(separator)
    # Some programs write \" for a quote within quotes, where others double it.
    for escape in (None, "\\") if '\\"' in text else (None,):
        with contextlib.suppress(csv.Error, ValueError):
            (cells,) = csv.reader(
                [text], delimiter=separator, strict=True, skipinitialspace=True, escapechar=escape
            )
            return cells
    return None


def _take_row(first: _Line, take: Callable[[], _Line | None]) -> list[_Line]:
    """Take the lines up to the one that closes what the first one opens."""
    taken, n_quotes = [first], first[1].count('"')
    while n_quotes % 2 and len(taken) < _MAX_LINES and (line := take()) is not None:
        taken.append(line)
        n_quotes += line[1].count('"')
    return taken


def _is_swallowed(
    taken: list[_Line], cells: list[str], n_cells: int, last: list[str], separator: str
) -> bool:
    """Tell rows between two stray quotes from one row whose text holds line ends.

    Lines that were swallowed have as many cells as a row, and names of files where rows have them.
    """
    if not n_cells:
        return False
    first, *more = [text.rstrip("\r\n").split(separator) for _, text in taken]
    if separator not in _QUOTED.sub("", taken[0][1]).partition('"')[0]:
        more = more[:-1]  # Its text ends in the first cell: the line has a row's cells anyway.
    names = [place for place, cell in enumerate(last or first) if _SUFFIX.search(cell)]
    return len(cells) > n_cells or (
        any(more)
        and all(
            len(own) >= n_cells and all(_SUFFIX.search(own[place]) for place in names)
            for own in more
        )
    )


def _read_stray(
    number: int, text: str, separator: str, n_cells: int, problems: list[Problem]
) -> list[str]:
    """Read a line whose quotes are not right as it stands; no cells where it cannot be a row."""
    cells = text.rstrip("\r\n").split(separator)
    if n_cells and len(cells) != n_cells:
        what = f"a quote in it is not closed, and it has {len(cells)} cells instead of {n_cells}"
        problems.append(Problem(f"row {number}", what))
        return []
    what = "a quote in it is not closed: read without that quote"
    problems.append(Problem(f"row {number}", what, is_note=True))
    return [
        cell.strip('"') if cell.count('"') % 2 or cell[:1] == cell[-1:] == '"' else cell
        for cell in map(str.strip, cells)
    ]
