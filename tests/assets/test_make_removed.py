"""Shipped measurements with kernels taken out: one that was stopped goes on where it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from assets.make import removed
from genre_core.explain import removed_store
from genre_core.explain.removed_store import load_removed
from genre_core.jobs import removing
from tests.made_bundles import make_network, write_bundle, write_dataset


@pytest.mark.usefixtures("few_resamples")
def test_what_was_measured_before_a_stop_is_kept(
    genre_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bundle = write_bundle(genre_home / "models", network=make_network())
    covers = write_dataset(tmp_path / "covers", 8)
    question = removed.Question(bundle.name, str(covers.root), note="Made covers.")
    monkeypatch.setattr(removed, "QUESTIONS", (question,))
    monkeypatch.setattr(removed, "SHIPPED", tmp_path / "shipped")
    monkeypatch.setattr(removed_store, "SHIPPED", tmp_path / "shipped")
    kernels = {"conv_1": [0], "conv_2": [1, 2]}
    measured, own_measure = removing._figures, removing.measure_removed
    monkeypatch.setattr(
        removed,
        "measure_removed",
        lambda *given, **named: own_measure(*given, **named, split="all", kernels=kernels),
    )
    calls: list[str] = []

    def stops(*scored: object) -> dict:
        calls.append("before")
        if len(calls) == 2:
            raise KeyboardInterrupt
        return measured(*scored)

    monkeypatch.setattr(removing, "_figures", stops)
    with pytest.raises(KeyboardInterrupt):
        removed.main([bundle.name])
    assert load_removed(bundle.card) == []
    monkeypatch.setattr(
        removing, "_figures", lambda *scored: calls.append("after") or measured(*scored)
    )
    removed.main(["another network"])
    assert "after" not in calls
    removed.main([])
    [result] = load_removed(bundle.card)
    assert [row["layer"] for row in result["rows"]][-2:] == ["conv_1", "conv_2"]
    assert calls.count("after") == len(result["rows"]) - 1
    assert result["note"] == "Made covers."
    assert not list((genre_home / "removed").iterdir())
