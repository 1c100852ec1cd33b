"""The words of this tool and what they mean."""

from __future__ import annotations

import pandas as pd

WORDS = [
    ("cover", "A square picture of an album, as the network receives it."),
    ("genre, taxonomy", "A label; the ordered list of labels that a network knows."),
    ("segment", "A stretch of a song of fixed length: what a network reads at once."),
    ("prog score", "0 to 1, orders songs and segments; not a probability of being prog."),
    ("taggram", "Tags or genres over a song's time, one row each."),
    ("logit, score", "The network's raw number; that number squeezed to 0 to 1."),
    (
        "probability, calibrated",
        "A score corrected on held-out items, so that of all said at 30 % about 30 in 100 are so.",
    ),
    ("group", "Items that must stay in one split: one artist's, or duplicates."),
    ("split", "Train (learn), validation (choose), test (measure, once)."),
    ("baseline", "What you get without a network: the most common genre, colours, file facts."),
    ("interval", "Where the figure lies in 95 of 100 redrawings of the test's groups."),
    ("better than that by", "The network's figure minus that of its baseline, on the same items."),
    ("confusion matrix", "Counts of covers; rows = true genre, columns = predicted genre."),
    (
        "precision, recall",
        "Of items given a genre, how many have it; of those with it, how many found.",
    ),
    ("F1, macro-F1", "Harmonic mean of the two; its plain average over the genres."),
    ("ROC AUC", "Chance that an item of the genre scores above another; .5 is luck."),
    ("confound", "Something else that goes with the genre and could explain a figure."),
    ("saliency", "Importance of each place of the picture for one genre."),
    ("layer", "One step of a network; early ones see edges, late ones things."),
    ("kernel", "A small pattern of numbers that a layer slides over the picture to find matches."),
    ("MFCC", "A few numbers that describe the timbre of a moment of sound."),
    ("experiment, run", "A recipe without results; one time that it was carried out."),
    ("bundle, card", "A trained network with its figures; what it says of itself."),
]


def words() -> pd.DataFrame:
    """List every word with its meaning."""
    return pd.DataFrame(WORDS, columns=["word", "meaning"])
