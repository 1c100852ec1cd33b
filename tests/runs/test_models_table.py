"""The table of models: a network for several genres has other figures, and no colours."""

from pathlib import Path

from genre_core.runs.bundle import SHIPPED_DIR, open_bundle
from genre_core.runs.table import model_rows, models_markdown
from tests.made_results import write_multilabel


def test_a_network_for_several_genres_is_listed_by_its_own_figure(tmp_path: Path) -> None:
    bundle = write_multilabel(tmp_path)
    (row,) = model_rows([bundle])
    assert (row["figure"], row["value"]) == ("macro auc", 0.61)
    assert row["majority"] is None
    assert "baseline" not in row
    assert "| macro auc | 0.610 [0.500, 0.700] |" in models_markdown([bundle])


def test_a_prog_score_s_card_says_what_it_finds_and_beside_what() -> None:
    bundle = open_bundle(SHIPPED_DIR / "s5_cnn.soft_prog")
    metrics, text = bundle.metrics(), models_markdown([bundle])
    called = metrics["extra"][0]["called_prog"]
    assert called["sensitivity"]["k"] > 0
    assert f"sensitivity {called['sensitivity']['value']:.3f} [no interval: 4 groups]" in text
    assert f"Balanced accuracy {called['balanced_accuracy']['value']:.3f}" in text
    assert "of a constant answer 0.500" in text
    assert f"segment by segment: {metrics['segment_correlation_test']['value']:.3f} [" in text
    within = metrics["rank_correlation_within"]["Classical"]
    assert f"within a genre: Classical {within['value']:.3f} [{within['low']:.3f}" in text
    # Its teachers' columns, and none of what is known of covers alone
    head = next(line for line in text.splitlines() if line.startswith("| further test"))
    assert head.endswith("| both teachers | the teachers that heard real prog | the tagger |")
    assert "colour" not in text.split("## s5_cnn")[1]
    tagger = models_markdown([open_bundle(SHIPPED_DIR / "msd_musicnn.tagger")])
    assert "over the 23 artists of 51 songs" in tagger
