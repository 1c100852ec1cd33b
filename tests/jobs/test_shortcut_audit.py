"""The audit of a data set's files: kept, resumed, and the same as one that nobody stopped."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from genre_core.analysis.shortcuts import KINDS
from genre_core.data.catalog import Catalog
from genre_core.errors import JobError, ParameterError
from genre_core.jobs import run_control, shortcut_audit
from genre_core.jobs.importing import delete_dataset
from genre_core.jobs.run_worker import carry_out
from genre_core.jobs.shortcut_audit import Audit, audit_request, carry_out_audit, find_audit
from genre_core.runs.run_folder import Status, new_run
from tests.made_framed_covers import write_framed_covers
from tests.made_songs_set import write_songs


def audited(catalog: Catalog, **options: int) -> Audit:
    """Audit a data set as a run does."""
    run = new_run(audit_request(catalog.head.name, digest=catalog.digest, **options))
    carry_out(run)
    assert run.status().result == catalog.head.name
    audit = find_audit(catalog.digest)
    assert audit is not None
    return audit


def test_a_limit_reads_no_more_and_what_is_broken_is_said(tmp_path: Path) -> None:
    catalog = write_framed_covers(tmp_path / "covers")
    catalog.path_of("Blue/00.png").unlink()
    audit = audited(catalog)
    assert audit.report.n == 39
    assert [(own.where, own.what[:14]) for own in audit.left_out] == [
        ("Blue/00.png", "cannot be read")
    ]
    # No digest leads out of the folder of audits.
    kept = shortcut_audit._file_of(catalog.digest)
    shutil.copy(kept, kept.parents[1] / "outside.json")
    assert find_audit("../outside") is None
    fewer = audited(catalog, limit=30)
    assert fewer.report.n_all + len(fewer.left_out) == 30


def test_what_was_measured_is_not_measured_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    catalog = write_framed_covers(tmp_path / "covers")
    whole = audited(catalog).report
    monkeypatch.setattr(shortcut_audit, "_AT_ONCE", {"cover": 8})
    seen: list[str] = []
    use_file = shortcut_audit.use_file

    def breaks_at_the_twentieth(file, use):  # type: ignore[no-untyped-def]
        seen.append(file.item_id)
        if len(seen) == 20:
            raise OSError(5, "a disk that is gone")
        return use_file(file, use)

    monkeypatch.setattr(shortcut_audit, "use_file", breaks_at_the_twentieth)
    run = new_run(audit_request(catalog.head.name))
    with pytest.raises(JobError, match="gone"):
        carry_out(run)
    n_read = len(seen)
    run_control.forget_stop(run)
    carry_out(run)
    assert len(seen) - n_read == 40 - 16
    again = find_audit(catalog.digest)
    assert again is not None
    assert again.report.to_dict() == whole.to_dict()
    # The report is what a table of it would say, from the file too.
    pd.testing.assert_frame_equal(again.report.table, whole.table)
    assert (again.report.named, again.report.genres) == (whole.named, ("Blue", "Red"))


def test_a_stop_is_seen_amid_a_part(tmp_path: Path) -> None:
    catalog = write_framed_covers(tmp_path / "covers")
    done: list[int] = []

    def stop_at_ten(n: int, total: int, text: str) -> None:
        done.append(n)
        assert (total, text) == (40, "covers")
        if n == 10:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        carry_out_audit(new_run(audit_request(catalog.head.name)), stop_at_ten, str)
    assert done == list(range(1, 11))
    assert find_audit(catalog.digest) is None


def test_the_digest_decides_which_data_set_is_meant(tmp_path: Path) -> None:
    catalog = write_framed_covers(tmp_path / "covers")
    run = new_run(audit_request("its older name", digest=catalog.digest))
    carry_out(run)
    assert find_audit(catalog.digest) is not None


def test_songs_are_heard(tmp_path: Path, genre_home: Path) -> None:
    made = write_songs(tmp_path / "songs")
    frame = pd.concat([made.frame] * 3, ignore_index=True)
    frame["item_id"] = [f"{place}-{name}" for place, name in enumerate(frame["item_id"])]
    frame["group"] = ""
    catalog = replace(made, frame=frame)
    catalog.save(genre_home / "datasets" / "made_songs")
    audit = audited(catalog)
    assert audit.left_out == ()
    assert set(audit.report.table["kind"]) <= set(KINDS["song"])


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"left_out": [], "made": ""}'])
def test_a_file_that_was_damaged_is_no_audit(tmp_path: Path, content: str) -> None:
    catalog = write_framed_covers(tmp_path / "covers")
    shortcut_audit._file_of(catalog.digest).parent.mkdir(parents=True)
    shortcut_audit._file_of(catalog.digest).write_text(content)
    assert find_audit(catalog.digest) is None


def test_what_cannot_be_audited_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="20 items or more"):
        audit_request("mine", limit=3)
    catalog = write_framed_covers(tmp_path / "covers")
    for item_id in catalog.frame["item_id"]:
        catalog.path_of(item_id).unlink()
    run = new_run(audit_request(catalog.head.name, digest=catalog.digest))
    with pytest.raises(ParameterError, match="two genres of 10 items"):
        carry_out(run)
    assert "left out: Blue/00.png: cannot be read" in run.log_tail()


def test_a_data_set_that_is_audited_is_not_deleted(tmp_path: Path) -> None:
    catalog = write_framed_covers(tmp_path / "covers")
    run = new_run(audit_request(catalog.head.name))
    run.write_status(Status("waiting"))
    with pytest.raises(JobError, match="works with"):
        delete_dataset(catalog.head.name)
