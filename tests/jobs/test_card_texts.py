"""What a card says is true of the data that its network was trained on."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from genre_core.config import Experiment, list_experiments, load_experiment
from genre_core.data.catalog import Catalog, DatasetHead
from genre_core.data.item import items_frame
from genre_core.jobs.card_texts import CardTexts, card_texts

NOT_OURS = (
    *("magnatune", "five genres", "four genres", "ten genres", "gtzan", "discogs", "1966", "mumu"),
    *("artists are unknown", "fan's", "top of the pops", "80,000", "study"),
)


def texts_of(
    experiment: Experiment,
    *,
    n: int = 60,
    artist: str = "Artist {}",
    sources: tuple[str, ...] = ("",),
) -> CardTexts:
    """Write the texts of a network of this recipe on other data than its own."""
    genres, n = experiment.task.genres, 60
    rows = [
        {
            "item_id": str(k),
            "labels": [genres[k % len(genres)]],
            "artist": artist.format(k),
            "source": sources[k % len(sources)],
            "group": str(k),
            "split": ("train", "val", "test")[k // len(genres) % 3],
        }
        for k in range(n)
    ]
    media = "cover" if type(experiment.input).__name__ == "CoverInput" else "track"
    catalog = Catalog(DatasetHead("mine", "My records", "", "", media), Path(), items_frame(rows))
    frame = catalog.frame.assign(genre_index=[k % len(genres) for k in range(n)])
    return card_texts(experiment, catalog, dict(iter(frame.groupby("split"))))


@pytest.mark.parametrize("name", list_experiments())
def test_no_shipped_recipe_speaks_of_its_own_data_on_another(name: str) -> None:
    recipe = load_experiment(name)
    genres = ("Polka", "Waltz", "Tango") if recipe.task.head != "binary" else ("Polka", "Waltz")
    task = dataclasses.replace(recipe.task, genres=genres, sources=(), rules={})
    prog = {"prog_genre": genres[1]} if recipe.prog_genre else {}
    changed = dataclasses.replace(recipe, task=task, reports=(), **prog)
    texts = texts_of(changed)
    assert "My records" in texts.title
    assert "'My records'" in texts.description
    assert f"recipe {name} " in texts.description
    said = " ".join((texts.title, texts.description, *texts.confounds)).replace(name, "").lower()
    assert [words for words in NOT_OURS if words in said] == []
    assert texts.confounds


def test_what_follows_from_the_items() -> None:
    recipe = load_experiment("gaid5_lite2")
    mine = dataclasses.replace(
        recipe, task=dataclasses.replace(recipe.task, genres=("Polka", "Waltz"), sources=())
    )
    plain = texts_of(mine)
    assert plain.title == "Polka or Waltz from covers of My records"
    assert "20 of test, 20 of train, 20 of val" in plain.description
    assert any("from one source" in text for text in plain.confounds)
    assert any("20 artists or groups" in text for text in plain.confounds)
    assert not any("unknown" in text for text in plain.confounds)
    assert texts_of(mine, artist="").confounds[0].startswith("Artists are unknown")
    two = texts_of(mine, sources=("shop", "archive"))
    coincide = [text for text in two.confounds if "coincide" in text]
    assert len(coincide) == 2
    assert "Polka alone comes from shop" in coincide[0]
    three = texts_of(mine, sources=("shop", "archive", "fair", "archive"))
    assert ["Waltz alone" in text for text in three.confounds if "coincide" in text] == [True]
    mixed = texts_of(mine, sources=("shop", "shop", "archive"))
    assert not any("coincide" in text or "one source" in text for text in mixed.confounds)


def test_the_recipes_own_data_keeps_its_words() -> None:
    recipe = load_experiment("gaid5_lite2")
    texts = texts_of(recipe, sources=("gaid5", "spotify6"))
    assert texts == (recipe.title, recipe.description, recipe.confounds)
    assert texts_of(recipe, sources=("spotify6",)).title.startswith("Five genres from covers of My")
    study = load_experiment("s3_model_8")  # twelve genres of MuMu's names
    assert texts_of(study).title == study.title


def test_what_somebody_wrote_stays() -> None:
    recipe = load_experiment("gaid5_lite2")
    named = dataclasses.replace(recipe, title="Mine")
    texts = texts_of(named)
    assert texts.title == "Mine"
    assert texts.description != recipe.description
    own = dataclasses.replace(recipe, name="my_recipe", confounds=("made",))
    assert texts_of(own) == (own.title, own.description, ("made",))
