"""Evidence as it is stored: read back as it was, refused where damaged, none of another network."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from genre_core.errors import CheckpointError
from genre_core.explain.saliency import PERTURBING
from genre_core.runs.bundle import EVIDENCE_FILE, SHIPPED_DIR, open_bundle
from genre_core.runs.evidence import (
    MethodEvidence,
    StoredEvidence,
    load_evidence,
    save_evidence,
)
from tests.made_bundles import write_bundle

OVER = {"edges": {"value": 0.1, "low": 0.05, "high": 0.2}, "random": {"value": 0.1, "low": -0.1}}
OWN = MethodEvidence(40, 39, {"value": 0.6}, {"value": 0.2}, OVER, 1.3, 1.0, [1.0, 0.2], {}, 4)
STORED = StoredEvidence({"gradcam": OWN}, {}, {"name": "made"}, [[0, ""]], {"steps": 12}, "typed")


def test_what_is_stored_is_read_back_and_another_network_has_none(tmp_path: Path) -> None:
    bundle = write_bundle(tmp_path)
    assert load_evidence(bundle) is None
    path = save_evidence(STORED, bundle.card.model_sha256, bundle.folder)
    assert path.name == EVIDENCE_FILE
    assert load_evidence(bundle) == STORED
    save_evidence(STORED, "another", bundle.folder)
    assert load_evidence(bundle) is None


def test_better_is_what_chance_does_not_explain() -> None:
    assert OWN.beats("edges")
    assert not OWN.beats("random")
    assert not OWN.beats("centre")
    few = replace(OWN, n=29)
    assert not few.beats("edges")
    worse = {"edges": {"value": -0.1, "low": -0.2, "high": -0.05}}
    assert replace(OWN, over=worse).is_no_better("edges")
    assert not replace(few, over=worse).is_no_better("edges")
    assert not OWN.is_no_better("edges")
    tiny = replace(OWN, over={"edges": {"value": 0.0004, "low": 0.0002, "high": 0.0006}})
    assert not tiny.beats("edges")
    assert tiny.is_no_better("edges")
    assert not OWN.is_no_better("random")
    assert replace(OWN, n=100).is_no_better("random")


@pytest.mark.parametrize("text", ["", "[]", '{"model_sha256": 1}', "damaged"])
def test_a_damaged_file_is_an_error_that_says_what_to_do(tmp_path: Path, text: str) -> None:
    bundle = write_bundle(tmp_path)
    (bundle.folder / EVIDENCE_FILE).write_text(text)
    if text.startswith('{"model'):
        plain = {"model_sha256": bundle.card.model_sha256, "methods": {"gradcam": {}}}
        (bundle.folder / EVIDENCE_FILE).write_text(json.dumps(plain))
    with pytest.raises(CheckpointError, match=r"python -m genre_core evidence made\.test"):
        load_evidence(bundle)


def test_what_is_shipped_is_of_the_shipped_networks_and_names_its_items() -> None:
    shipped = [open_bundle(path.parent) for path in SHIPPED_DIR.glob(f"*/{EVIDENCE_FILE}")]
    assert shipped
    for bundle in shipped:
        stored = load_evidence(bundle)
        assert stored is not None, bundle.name
        assert stored.data["digest"] == bundle.card.data["digest"]
        assert stored.data["split"] == "test"
        # It was measured by folds, and what is stored learnt from all songs: the file says so.
        n_learnt = stored.controls["edges"].n if bundle.name == "msd_musicnn.gtzan10" else 0
        assert stored.data["n_seen"] == n_learnt, bundle.name
        assert set(stored.controls) == {"random", "edges", "centre"}
        assert "--out" not in stored.command
        for method in stored.methods.values():
            assert 0 < method.n <= stored.controls["edges"].n
            assert 0 <= method.deletion["value"] <= 1


def worth_of(stored: StoredEvidence, method: str) -> str:
    """Write a method's gain over edges as the table of docs/explanations.md has it."""
    own = stored.methods.get(method)
    if own is None:
        return ""
    verdict = (
        "better" if own.beats("edges") else "no better" if own.is_no_better("edges") else "open"
    )
    return f"{own.over['edges']['value']:+.3f} {verdict}, {own.n}"


def test_the_docs_tell_every_method_of_every_network_as_it_is_stored() -> None:
    methods = ("gradcam", "gradcam++", "layercam", "scorecam", "smoothgrad", *PERTURBING)
    rows = []
    for path in sorted(SHIPPED_DIR.glob(f"*/{EVIDENCE_FILE}")):
        stored = load_evidence(open_bundle(path.parent))
        assert stored is not None
        first = "gradient x input" if "gradient x input" in stored.methods else "gradcam"
        cells = [worth_of(stored, method) for method in (first, *methods[1:])]
        rows.append(f"| `{path.parent.name}` | {' | '.join(cells)} |")
    table = "\n".join(row.replace("  ", " ") for row in rows)
    docs = (SHIPPED_DIR.parent / "docs" / "explanations.md").read_text(encoding="utf-8")
    assert table in docs, f"docs/explanations.md must hold\n{table}"
