"""HTML from parts: whatever is no markup already is escaped."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

_NO_TEXT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_EMPTY = ("img", "meta", "br")

# Nothing is loaded and nothing runs, whatever a title holds.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"

_STYLE = """
:root { color-scheme: light dark; --ink: #1c1f24; --soft: #5b6470; --ground: #fff; --line: #d5dae1;
  --mark: 37 99 235; --wrong: 190 60 30; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaee; --soft: #a3acb8; --ground: #14171c;
  --line: #383f49; --mark: 110 160 255; --wrong: 255 140 100; } }
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--ground);
  max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 .5rem; }
h2 { font-size: 1.15rem; margin: 2.2rem 0 .5rem; border-bottom: 1px solid var(--line); }
p.lead { font-size: 1.1rem; } p.soft, caption, .soft { color: var(--soft); }
table { border-collapse: collapse; margin: .6rem 0; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: .3rem; }
th, td { padding: .25rem .7rem; text-align: left; border-bottom: 1px solid var(--line);
  vertical-align: top; overflow-wrap: anywhere; }
th { font-weight: 600; } td.number, th.number { text-align: right; white-space: nowrap; }
td.share { text-align: right; background: rgb(var(--tint) / calc(var(--part) * .6)); }
div.wide { overflow-x: auto; } ul { padding-left: 1.2rem; }
ul.covers { display: grid; grid-template-columns: repeat(auto-fill, minmax(15rem, 1fr));
  gap: .9rem; padding: 0; list-style: none; }
ul.covers li { display: flex; gap: .7rem; overflow-wrap: anywhere; break-inside: avoid; }
ul.covers img { width: 96px; height: 96px; object-fit: contain; flex: none; }
svg { max-width: 100%; height: auto; }
svg text { fill: var(--ink); font: 13px system-ui, sans-serif; }
svg .axis { stroke: var(--soft); } svg .bar { fill: rgb(var(--mark)); }
svg .plain { fill: var(--soft); opacity: .55; }
svg .whisker { stroke: var(--ink); stroke-width: 1.5; }
@media print { body { max-width: none; margin: 0; font-size: 11px; } h2 { break-after: avoid; }
  tr, svg { break-inside: avoid; } td.share { print-color-adjust: exact; } }
"""


class Markup(str):
    """HTML, with all text in it escaped."""

    __slots__ = ()


def element(tag: str, *children: object, **attributes: object) -> Markup:
    """Make an element; children that are no `Markup`, and attributes, are escaped.

    An attribute's `_` is a `-` and is left off its end. Signs that HTML cannot hold become U+FFFD.

    Examples
    --------
    >>> element("td", "<b>", element("br"), class_="a&b")
    '<td class="a&amp;b">&lt;b&gt;<br></td>'
    """
    pairs = (
        f' {name.rstrip("_").replace("_", "-")}="{_escaped(value)}"'
        for name, value in attributes.items()
    )
    opened = f"<{tag}{''.join(pairs)}>"
    return Markup(opened if tag in _EMPTY else f"{opened}{joined(children)}</{tag}>")


def joined(children: Iterable[object]) -> Markup:
    """Put parts one behind the other; what is no `Markup` is escaped."""
    return Markup(
        "".join(part if isinstance(part, Markup) else _escaped(part) for part in children)
    )


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], caption: str = "", *, n_text: int = 1
) -> Markup:
    """Make a table; columns from the `n_text`-th on hold numbers. A `td` of one's own may be given.

    >>> table(["genre", "n"], [["Rock", 3]])
    '<div class="wide"><table><tr><th>genre</th><th class="number">n</th></tr><tr><td>Rock</td>\
<td class="number">3</td></tr></table></div>'
    """

    def cell(tag: str, place: int, value: object) -> Markup:
        if isinstance(value, Markup) and value.startswith("<td"):
            return value
        return element(tag, value) if place < n_text else element(tag, value, class_="number")

    def row(tag: str, values: Sequence[object]) -> Markup:
        return element("tr", *(cell(tag, place, value) for place, value in enumerate(values)))

    head, body = row("th", columns), [row("td", values) for values in rows]
    title = [element("caption", caption)] if caption else []
    return element("div", element("table", *title, head, *body), class_="wide")


def listing(lines: Iterable[object]) -> Markup:
    """Make a list, a point a line."""
    return element("ul", *(element("li", line) for line in lines))


def section(title: str, *parts: object) -> Markup:
    """Make a section under a heading."""
    return element("section", element("h2", title), *parts)


def page(title: str, *parts: object) -> str:
    """Make a whole file that needs nothing beside it: light and dark, for screen and paper."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        Markup(f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Markup(_STYLE)),
    )
    return f"<!doctype html>\n{element('html', head, element('body', *parts), lang='en')}\n"


def _escaped(value: object) -> str:
    return html.escape(_NO_TEXT.sub("\ufffd", str(value)))
