"""Figures that were published stay what they were: shipped cards, measurements and studies.

Compared are numbers and their names, not the words around them. After a change of figures that is
meant, such as a network trained again, renew the file and read its difference:
`python -m tests.test_golden`.
"""

import contextlib
import hashlib
import io
import json
import os
import tempfile
from pathlib import Path
from typing import Any

from genre_core.cli import main

PROJECT = Path(__file__).resolve().parents[1]
GOLDEN = Path(__file__).with_name("golden.json")


def figures(value: Any) -> Any:
    """Leave out texts; 9 digits, since another processor adds in another order."""
    if isinstance(value, dict):
        return {key: figures(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [figures(inner) for inner in value]
    if isinstance(value, float):
        return float(f"{value:.9g}")
    return None if isinstance(value, str) else value


def digest(value: Any) -> str:
    text = json.dumps(figures(value), sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def command(*words: str) -> Any:
    with contextlib.redirect_stdout(io.StringIO()) as out:
        assert main(words) == 0
    return json.loads(out.getvalue())


def collect() -> dict[str, str]:
    """Digests of everything that shows figures, by name."""
    found = {f"study {row['name']}": digest(row) for row in command("studies", "--json")}
    found |= {f"models {row['name']}": digest(row) for row in command("models", "--json")}
    for path in sorted((PROJECT / "models").glob("*/*.json")):
        found[f"{path.parent.name}/{path.name}"] = digest(json.loads(path.read_bytes()))
    return found


def test_no_figure_changed() -> None:
    golden = json.loads(GOLDEN.read_text(encoding="utf-8"))
    found = collect()
    assert len(golden) > 50
    assert [name for name in golden if found.get(name) != golden[name]] == []
    assert sorted(set(found) - set(golden)) == []


def test_a_changed_figure_is_seen() -> None:
    assert digest({"values": [0.5, 1]}) != digest({"values": [0.5, 2]})
    assert digest({"accuracy": 0.5}) != digest({"recall": 0.5})
    assert digest({"title": "one"}) == digest({"title": "two"})


if __name__ == "__main__":
    os.environ["GENRE_HOME"] = tempfile.mkdtemp()  # only what ships
    GOLDEN.write_text(json.dumps(collect(), indent=1) + "\n", encoding="utf-8")
