"""What the command line prints for programs is JSON, whatever stands in it."""

from __future__ import annotations

import json

import pytest

from genre_core.cli.console import print_json_rows


def test_signs_that_end_lines_elsewhere_stay_within_a_value(
    capsys: pytest.CaptureFixture[str],
) -> None:
    rows = [{"title": "a\u2028b\u0085c"}, {}]
    print_json_rows(rows)
    assert json.loads(capsys.readouterr().out) == rows
