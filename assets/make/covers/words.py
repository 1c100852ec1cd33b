"""Invented titles and artists, a pool for every style."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

POOLS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "prog": (
        (
            "The Lanterns of Ulm",
            "Seventh Tide",
            "A Map of Falling Water",
            "Gardens Without Ground",
            "The Long Eclipse",
            "Tales of the Root",
        ),
        ("Orrelune", "Mossgate", "Velden Hythe", "Quillmere", "Astrolarch"),
    ),
    "hip-hop": (
        (
            "Concrete Psalms",
            "Night Bus Gospel",
            "Receipts",
            "Corner Store Kings",
            "Gold Dust Block",
        ),
        ("Big Lorne", "Saint Ninety", "Dex Obadi", "Kilo Verse", "Mama Static"),
    ),
    "electronic": (
        ("Phase Garden", "Soft Machines Dream", "Lattice", "Night Protocol", "Carrier Wave"),
        ("Nullpunkt", "Vektor Avenue", "Hexa Lumen", "Tau Relay", "Osc/Low"),
    ),
    "country": (
        ("Dust on the Dashboard", "Two Miles Past Mercy", "Porch Light Burning", "Cottonwood Road"),
        ("Wade Harlan", "Loretta Mae Pruitt", "The Split Rail Boys", "Josie Tarwater"),
    ),
    "pop": (
        ("Sugar Weather", "Call Me Neon", "Bubble Heart", "Hello Hello", "Summer Receipt"),
        ("Lila Bonbon", "Mimi Voss", "Kira Kay", "Pixie Dahl", "Juno Peach"),
    ),
    "rock": (
        ("Broken Amplifiers", "No Curfew", "Burn the Setlist", "Gasoline Sermon", "Loud Enough"),
        ("The Rust Belts", "Cinder Parade", "Velvet Hammers", "Black Kettle", "Dead Signals"),
    ),
    "metal": (
        ("Throne of Cinders", "The Ninth Pyre", "Ashen Dominion", "Requiem for Iron"),
        ("Gravmaul", "Vorthrax", "Skarnhelm", "Morbithorn", "Ulgrath"),
    ),
    "jazz": (
        ("blue corner", "walkin' late", "open door", "true north", "the long way"),
        ("Otis Lamarr Quartet", "Clyde Beaumont", "Thelma Rudd Trio", "Hank Delacroix"),
    ),
    "classical": (
        ("Nocturnes", "Winter Sonatas", "Symphony in D", "The Sea Quartets", "Evening Variations"),
        ("Amalia Brandt", "Ilse Hartenau", "Piotr Lenski", "Corelle Ensemble"),
    ),
    "reggae": (
        ("Rising Light", "Roots and Rain", "Sunday in Kingstown", "One Drop Morning"),
        ("Jah Meridian", "The Upfull Riders", "Sister Amaru", "King Tamarind"),
    ),
}


@dataclass(frozen=True, slots=True)
class Words:
    """What is written on a cover."""

    title: str
    artist: str


def words_for(style: str, seed: int) -> Words:
    """Choose a title and an artist.

    Parameters
    ----------
    style : str
        Key of `POOLS`.
    seed : int
        The cover's seed.

    Returns
    -------
    Words

    Examples
    --------
    >>> words_for("prog", 1) == words_for("prog", 1)
    True
    """
    titles, artists = POOLS[style]
    rng = np.random.default_rng([seed, 1])
    return Words(titles[rng.integers(len(titles))], artists[rng.integers(len(artists))])
