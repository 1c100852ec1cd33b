"""Finding and listing bundles without loading a network."""

import json
from pathlib import Path

import pytest

from genre_core.errors import CheckpointError
from genre_core.runs import bundle as bundles
from genre_core.runs.bundle import broken_bundles, find_bundle, list_bundles
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
    assert set(broken_bundles()) == {"made.bad"}


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
