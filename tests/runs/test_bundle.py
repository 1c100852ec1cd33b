"""Finding and listing bundles without loading a network."""

import json
import shutil
from pathlib import Path

import pytest

from genre_core.errors import CheckpointError
from genre_core.inference.checkpoint import load_network
from genre_core.runs import bundle as bundles
from genre_core.runs.bundle import find_bundle, list_bundles, open_bundle, put_in_place
from genre_core.runs.card import load_card
from tests.made_bundles import write_bundle


@pytest.fixture
def shipped(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shipped"
    monkeypatch.setattr(bundles, "SHIPPED_DIR", folder)
    return folder


def test_no_bundles_is_an_empty_list(shipped: Path) -> None:
    assert list_bundles() == ()


def test_shipped_and_own_are_listed_together(shipped: Path, genre_home: Path) -> None:
    write_bundle(shipped, name="made.shipped")
    write_bundle(genre_home / "models", name="made.own")
    assert [each.name for each in list_bundles()] == ["made.shipped", "made.own"]


def test_own_hides_shipped_of_the_same_name(shipped: Path, genre_home: Path) -> None:
    write_bundle(shipped, name="made.test")
    own = write_bundle(genre_home / "models", name="made.test")
    assert [each.folder for each in list_bundles()] == [own.folder]
    assert find_bundle("made.test").folder == own.folder


def test_a_broken_bundle_hides_nothing_else(shipped: Path) -> None:
    write_bundle(shipped, name="made.good")
    broken = write_bundle(shipped, name="made.bad")
    (broken.folder / "card.json").write_text("{}")
    assert [each.name for each in list_bundles()] == ["made.good"]
    with pytest.raises(CheckpointError, match="Received"):
        open_bundle(broken.folder)


def test_only_the_asked_for_media(shipped: Path) -> None:
    write_bundle(shipped, name="made.test")
    assert list_bundles(media="song") == ()


def test_figures_are_empty_before_a_measurement(shipped: Path) -> None:
    bundle = write_bundle(shipped)
    assert bundle.metrics() == {}
    assert bundle.history().empty
    assert bundle.predictions().empty


def test_unreadable_figures_say_what_to_do(shipped: Path) -> None:
    bundle = write_bundle(shipped)
    (bundle.folder / "metrics.json").write_text("{")
    with pytest.raises(CheckpointError, match="evaluate"):
        bundle.metrics()


def test_card_survives_writing_and_reading(shipped: Path) -> None:
    bundle = write_bundle(shipped)
    assert load_card(bundle.folder) == bundle.card
    stored = json.loads((bundle.folder / "card.json").read_text())
    assert stored["card_sha256"]
    assert bundle.card.n_parameters > 0


def test_no_folder(shipped: Path, tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="Received"):
        bundles.open_bundle(tmp_path / "none")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_bundle_takes_the_place_of_an_older_one(tmp_path: Path, genre_home: Path) -> None:
    write_bundle(genre_home / "models", title="older")
    newer = write_bundle(tmp_path, title="newer")
    placed = put_in_place(newer.folder)
    assert placed.folder.parent == genre_home / "models"
    assert placed.card == newer.card
    assert names_in(genre_home / "models") == [newer.name]


@pytest.mark.parametrize("step", ["copytree", "step aside", "take its place"])
@pytest.mark.parametrize("how", ["an error", "a killed process"])
def test_whatever_step_fails_the_older_bundle_is_found(
    step: str, how: str, tmp_path: Path, genre_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    older = write_bundle(genre_home / "models", title="older")
    newer = write_bundle(tmp_path, title="newer")
    n_renames = {"step aside": 1, "take its place": 2}.get(step, 0)
    rename, n_done = Path.rename, 0

    def fails(path: Path, target: Path) -> Path:
        nonlocal n_done
        n_done += 1
        if n_done == n_renames or (n_done > n_renames and how == "a killed process"):
            raise OSError("a full disk")
        return rename(path, target)

    def copies_half(source: Path, target: Path) -> None:
        target.mkdir()
        shutil.copy(source / "card.json", target)
        raise OSError("a full disk")

    with monkeypatch.context() as patch:
        if n_renames:
            patch.setattr(Path, "rename", fails)
        else:
            patch.setattr(shutil, "copytree", copies_half)
        if how == "a killed process":  # nothing is cleaned up, nothing renamed back
            patch.setattr(shutil, "rmtree", lambda *_, **__: None)
        with pytest.raises(OSError, match="a full disk"):
            put_in_place(newer.folder)
    assert find_bundle(older.name).card == older.card
    assert [bundle.card for bundle in list_bundles(need_network=True)].count(older.card) == 1
    load_network(find_bundle(older.name))
    # The next one that is stored tidies up.
    assert put_in_place(newer.folder).card == newer.card
    assert find_bundle(older.name).card == newer.card
    left = [name for name in names_in(genre_home / "models") if name.endswith(".replaced")]
    assert left == []
