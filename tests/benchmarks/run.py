"""Run every benchmark in a process of its own and write the table that the repository keeps.

Run `python tests/benchmarks/run.py`, or `make bench`. Names of benchmarks as arguments run only
those; the others keep their rows. A benchmark with `PARTS` is run part by part, each with a table
of its own: `bench_class` is all of them, `bench_class:quiz` one. What follows a colon is given to
`measure`. What fails leaves the others' rows.
"""

from __future__ import annotations

import ast
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parent
ROOT = FOLDER.parents[1]
TABLE = FOLDER / "RESULTS.md"
sys.path.insert(0, str(ROOT))

import genre_core  # noqa: E402, F401, each benchmark inherits how it has TensorFlow compute
from tests.benchmarks.timing import print_rows  # noqa: E402

_CODE = "import importlib, json, sys; m = importlib.import_module(sys.argv[1]); "
_CODE += "print('ROWS', json.dumps(m.measure(*sys.argv[2:])))"


def run(name: str) -> list[dict[str, Any]]:
    """Run one benchmark's `measure()`, or of `name:part` `measure(part)`, in a fresh process."""
    module, *part = name.split(":")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", _CODE, f"tests.benchmarks.{module}", *part],
        stdout=subprocess.PIPE,
        text=True,
        env=environment,
        cwd=ROOT,
        check=False,
    )
    lines = [line for line in done.stdout.splitlines() if line.startswith("ROWS ")]
    if done.returncode or not lines:
        raise RuntimeError(f"{name} failed with code {done.returncode}; what it said is above.")
    rows: list[dict[str, Any]] = json.loads(lines[-1].removeprefix("ROWS "))
    return rows


def parts_of(name: str) -> list[str]:
    """List the parts of a benchmark that has some, else the benchmark itself."""
    text = (FOLDER / f"{name}.py").read_text(encoding="utf-8") if ":" not in name else ""
    found = re.search(r"^PARTS = (\(.*?\))$", text, re.MULTILINE)
    return [f"{name}:{part}" for part in ast.literal_eval(found[1])] if found else [name]


def table(results: dict[str, list[dict[str, Any]]], old: str = "") -> str:
    """Write all rows as Markdown, those of other benchmarks as they stand in `old`."""
    kept = {text.partition("\n")[0]: text for text in old.split("\n## ")[1:]}
    lines = [
        "# Benchmarks",
        "",
        "Written by `make bench`; do not edit. Ratios are medians of interleaved rounds inside one",
        f"process. Machine: {os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, no GPU.",
    ]
    for name in sorted({*results, *kept}):
        if name not in results:
            lines += ["", f"## {kept[name].rstrip()}"]
            continue
        rows = results[name]
        lines += ["", f"## {name}", "", "| what | value | aim | holds |", "|---|---|---|---|"]
        for each in rows:
            holds = "" if not each["aim"] else "yes" if each["holds"] else "**no**"
            lines.append(f"| {each['name']} | {each['value']:.4g} | {each['aim']} | {holds} |")
    return "\n".join(lines) + "\n"


def main() -> int:
    """Run, print and write after each; 1 if an aim is missed or a benchmark failed."""
    asked = sys.argv[1:] or sorted(path.stem for path in FOLDER.glob("bench_*.py"))
    code = 0
    for name in (part for each in asked for part in parts_of(each)):
        print(f"== {name}", flush=True)
        try:
            rows = run(name)
        except RuntimeError as error:
            print(error, flush=True)
            code = 1
            continue
        code |= print_rows(rows)
        old = TABLE.read_text(encoding="utf-8") if TABLE.is_file() else ""
        TABLE.write_text(table({name: rows}, old), encoding="utf-8")
    return code


if __name__ == "__main__":
    raise SystemExit(main())
