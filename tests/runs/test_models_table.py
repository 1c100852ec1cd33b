"""The table of models: a network for several genres has other figures, and no colours."""

from pathlib import Path

from genre_core.runs.table import model_rows, models_markdown
from tests.made_results import write_multilabel


def test_a_network_for_several_genres_is_listed_by_its_own_figure(tmp_path: Path) -> None:
    bundle = write_multilabel(tmp_path)
    (row,) = model_rows([bundle])
    assert (row["figure"], row["value"]) == ("macro auc", 0.61)
    assert row["majority"] is None
    assert "baseline" not in row
    assert "| macro auc | 0.610 [0.500, 0.700] |" in models_markdown([bundle])
