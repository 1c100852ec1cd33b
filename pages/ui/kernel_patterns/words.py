"""What is said of patterns."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from genre_core.explain.exciting_store import ExcitingFacts
from genre_core.explain.kernel_groups import KernelGroup, answers_real, groups_of_layer
from genre_core.explain.patterns_groups import GROUPS
from genre_core.explain.patterns_store import StoredLayer
from genre_core.runs.card import Card
from pages.ui.problems import plain

READING = (
    "Each picture is an input that was changed step by step until this kernel answered as strongly "
    "as it could: it shows what the kernel looks or listens for, not its weights. {scale} Frames "
    "name the group."
)
OF_COVER = "Mid-grey is where it does not care."
OF_SONG = "The brighter, the louder; the range is the network's own."

RULE = (
    "**Groups by a rule.** *Blank*: changing noise step by step found nothing that excites it more "
    "than noise does (by 1 % of the layer's largest rise). It need not be dead: one that answers a "
    "built-in {item} by more than 1 % of the layer's largest answer to one, or more strongly than "
    "its own pattern, is counted apart. *Low frequency*: half or more of what differs lies in the "
    "lowest quarter of the bands; of a cover, changes more slowly than four times over the "
    "picture. *Horizontal*, *vertical*: values change three times as much across the lines as "
    "along them. *Dots*: small round spots make up 60 % of the area of all spots. *Mixed*: the "
    "rest. The rule is ours: study S5 marked its kernels by eye, and its *dots*, *horizontal "
    "lines* and *low frequency* are meant. A pattern is one of many that excite a kernel: other "
    "noise at the start gives a sibling, not a twin."
)

CUT = (
    "Each is cut to all that the kernel's answer depends on, at most one from a {media}. What "
    "excites a kernel is no proof of what it stands for: look whether the others show the same."
)

STUDY_BLANK = (
    "**Blank kernels beside study S5.** It found *lots of* blank ones in its fourth and sixth "
    "layers, each the second of two equal ones, and prints no number. Here: {ours}."
)


MAY_CHANGE = 0.05
"""Of the answers, that may change without a layer that a network is said to do without."""


def excited(facts: ExcitingFacts, n_places: int, n_silent: int, n_filters: int) -> str:
    """Say in how much of a data set a kernel, and its layer, answers.

    Examples
    --------
    >>> data = {"name": "mine", "title": "My covers", "digest": "0"}
    >>> facts = ExcitingFacts("0", data, "cover", 1200, 1200, 0, ("conv_1",))
    >>> excited(facts, 8, 3, 32)
    'Of 1,200 covers of *My covers* these excite it most; 3 of the 32 kernels answer nowhere.'
    >>> excited(facts, 0, 0, 32)
    'It answers nowhere in 1,200 covers of *My covers*.'
    """
    many = f"{facts.n_items:,} {facts.media}s"
    if facts.media == "song":
        many = f"{facts.n_segments:,} segments of {many}"
    many += f" of *{plain(facts.data['title'])}*"
    if not n_places:
        return f"It answers nowhere in {many}."
    nowhere = f"; {n_silent} of the {n_filters} kernels answer nowhere" if n_silent else ""
    return f"Of {many} these excite it most{nowhere}."


def counted(groups: Mapping[int, KernelGroup]) -> str:
    """Count the kernels of a layer by group.

    Examples
    --------
    >>> counted({0: KernelGroup("dots", "dots"), 1: KernelGroup("mixed", "dots", at="now")})
    '1 dots, 1 mixed (1 corrected by hand)'
    """
    counts = Counter(group.name for group in groups.values())
    text = ", ".join(f"{counts[name]} {name}" for name in GROUPS if counts[name])
    n_by_hand = sum(group.is_corrected for group in groups.values())
    return text + (f" ({n_by_hand} corrected by hand)" if n_by_hand else "")


def counted_of(card: Card, stored: StoredLayer) -> str:
    """Count the stored kernels of a layer by group, and the blank ones that answer real items."""
    groups = groups_of_layer(card, stored)
    text = counted(groups)
    blank = [k for k, group in groups.items() if group.name == "blank"]
    answering = stored.kernels[answers_real(stored)].tolist()
    if n := len(set(blank) & set(answering)):
        text = text.replace(
            f"{len(blank)} blank",
            f"{len(blank)} blank, {n} of which answer{'s' * (n == 1)} real {card.media}s",
        )
    return text


def is_of_study(card: Card) -> bool:
    """Tell whether a network is study S5's CNN, of which that study drew the kernels."""
    return card.study == "S5" and card.architecture == "s5_cnn"


def blank_beside_study(card: Card, stored: Mapping[str, StoredLayer]) -> str:
    """Set our counts of blank patterns beside what study S5 says of its fourth and sixth layer.

    Nothing of networks that are not S5's CNN: a layer of the same name is another layer.
    """
    if not is_of_study(card):
        return ""
    counts = [
        f"{int(layer.blank.sum())} of {len(layer.kernels)} in *{name}* "
        f"(real songs excite {int(answers_real(layer).sum())} of these)"
        for name, layer in stored.items()
        if name in ("conv_4", "conv_6")
    ]
    return STUDY_BLANK.format(ours=" and ".join(counts)) if len(counts) == 2 else ""


def reached(stored: StoredLayer, place: int, media: str) -> str:
    """Say how strongly the kernel answers to its pattern, to noise and to real items."""
    value, noise, real = (
        float(values[place]) for values in (stored.values, stored.noise, stored.real)
    )
    item = "cover" if media == "cover" else "segment of a song"
    return (
        f"Mean of its map: **{value:.3g}** for its pattern, {noise:.3g} for noise, {real:.3g} for "
        f"the built-in {item} that excites it most."
    )


def why(kernel: int, group: KernelGroup) -> str:
    """Say in which group a kernel is, and who says so."""
    if group.is_corrected:
        who = f" by {group.who}" if group.who else ""
        at = group.at[:10]
        return f"Group **{group.name}**, corrected{who} on {at}; the rule says {group.rule}."
    return f"Group **{group.name}**, by the rule."


def removed_sentence(result: Mapping[str, Any], card: Card) -> str:
    """Answer whether second layers, and blank kernels, could be left out, as far as measured."""
    n, rows = result["n"], result["rows"]
    sentences = []
    if seconds := [row for row in rows if row["what"] == "second layer"]:
        parts = [
            f"without *{row['layer']}* **{row['n_changed']} of {n} answers change** ({change})"
            for row, change in zip(seconds, _changes(result, seconds, card), strict=True)
        ]
        sentences += [
            f"The second of two equal layers, passed by: {listed(parts)}.",
            _needed(max(row["n_changed"] for row in seconds), n, card),
        ]
    if blank := [row for row in rows if row["group"] == "blank"]:
        n_kernels = sum(row["n_kernels"] for row in blank)
        sentences.append(
            f"The {n_kernels} blank kernels, taken out layer by layer, change at most "
            f"**{max(row['n_changed'] for row in blank)} of {n} answers**."
        )
    return " ".join(sentences)


def _changes(result: Mapping[str, Any], rows: Sequence[Mapping[str, Any]], card: Card) -> list[str]:
    """Say how each row's figure differs from the whole network's.

    Where all items are of one genre a network that always names it is right, so there no accuracy
    is told but how often another genre is named.
    """
    whole, n = result["whole"], result["n"]
    present = [place for place, count in enumerate(result["n_per_genre"]) if count]
    if len(present) > 1:
        return [
            f"balanced accuracy {_short(whole['balanced_accuracy'])} to "
            f"{_short(row['figures']['balanced_accuracy'])}"
            for row in rows
        ]
    others = [genre for place, genre in enumerate(card.genres) if place not in present]
    called = plain(others[0]) if len(others) == 1 else "another genre"
    before, *after = (
        round(n * (1 - figures["accuracy"]["value"]))
        for figures in (whole, *(row["figures"] for row in rows))
    )
    return [
        f"it calls {_amount(k, before)} {card.media}s {called}: {k} of {n}, {before} before; "
        "none of them is"
        for k in after
    ]


def _amount(now: int, before: int) -> str:
    return "as many" if now == before else "fewer" if now < before else "more"


def _needed(most: int, n: int, card: Card) -> str:
    """Answer plainly whether this network does without its second layers."""
    asks = "Study S5 says there is no need to duplicate layers: true here? " * (card.study == "S5")
    asks = asks or "Does it do without its second layers? "
    if most <= MAY_CHANGE * n:
        return f"{asks}**Yes**: at most {most} of {n} answers change without one."
    return (
        f"{asks}**No**, not of this network as it was trained: up to {most} of {n} answers change "
        "without one. Whether one trained without them would do as well, this does not tell."
    )


def _short(figure: Mapping[str, Any]) -> str:
    return "none" if figure["value"] is None else f"{figure['value']:.3f}"


def row_name(row: Mapping[str, Any]) -> str:
    """Name what was taken out."""
    if row["what"] == "second layer":
        return f"{row['layer']}, passed by"
    if row["what"] == "group":
        return f"{row['layer']}: {row['group']}"
    return f"{row['layer']}: kernels {row['group']}"


def figure_text(figure: Mapping[str, Any], *, signed: bool = False) -> str:
    """Write a figure with its interval.

    Examples
    --------
    >>> figure_text({"value": 0.5, "low": 0.4, "high": 0.6}), figure_text({"value": None})
    ('0.500 (0.400 to 0.600)', 'none')
    >>> figure_text({"value": 0.5, "no_interval": "4 groups"}, signed=True)
    '+0.500 (no interval: 4 groups)'
    """
    if figure["value"] is None:
        return "none"
    form = "+.3f" if signed else ".3f"
    text = format(figure["value"], form)
    if "low" in figure:
        return f"{text} ({figure['low']:{form}} to {figure['high']:{form}})"
    return f"{text} (no interval: {figure['no_interval']})" if "no_interval" in figure else text


def in_table(figure: Mapping[str, Any], *, signed: bool = False) -> str:
    """Write a figure with its interval, where there is one; why there is none stands elsewhere.

    >>> in_table({"value": 0.5, "no_interval": "4 groups"}, signed=True)
    '+0.500'
    """
    return figure_text({k: v for k, v in figure.items() if k != "no_interval"}, signed=signed)


def change_in_table(row: Mapping[str, Any], whole: Mapping[str, Any], name: str) -> str:
    """Write how a figure changed; without an interval where a genre has too few groups for one.

    >>> row = {"gains": {"accuracy": {"value": 0.1, "low": 0.05, "high": 0.2}}}
    >>> [change_in_table(row, {"accuracy": {"value": 0.5, **why}}, "accuracy")
    ...  for why in ({"low": 0.4, "high": 0.6}, {"no_interval": "a genre of 4 groups"})]
    ['+0.100 (+0.050 to +0.200)', '+0.100']
    """
    change = row["gains"][name]
    if whole[name].get("no_interval", "").startswith("a genre of "):
        change = {"value": change["value"]}
    return in_table(change, signed=True)


def stored_of(layer: StoredLayer) -> str:
    """Say how many kernels of a layer have a stored pattern."""
    if len(layer.kernels) == layer.n_filters:
        return ""
    return (
        f"Stored are the {len(layer.kernels)} kernels of the largest norm, of {layer.n_filters:,}; "
        "the others are sought when you ask for one."
    )


def only_some(names: Sequence[str]) -> str:
    """Say which layers have stored patterns, where the one that is shown has none.

    >>> only_some(["stem", "head"])
    'Stored are *stem* and *head*. In other layers a kernel is sought when you ask for it.'
    """
    shown = [f"*{plain(name)}*" for name in names]
    return f"Stored are {listed(shown)}. In other layers a kernel is sought when you ask for it."


def listed(names: Sequence[str]) -> str:
    """Join names with commas and an and.

    >>> listed(["a"]), listed(["a", "b", "c"])
    ('a', 'a, b and c')
    """
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


def why_blank(stored: StoredLayer, place: int, media: str) -> str:
    """Say whether a blank kernel answers nothing at all, or only has no pattern."""
    if answers_real(stored)[place]:
        item = "cover" if media == "cover" else "segment of a song"
        return (
            "Changing noise step by step found nothing that excites it clearly more than noise "
            f"does, so it has no pattern. It isn't dead: a built-in {item} does excite it "
            f"({stored.real[place]:.3g})."
        )
    more = ", so there is nothing to hear" if media == "song" else ""
    return (
        "Nothing excites it: neither changed noise nor the built-in "
        f"{media}s, beyond 1 % of what this layer's other kernels answer{more}."
    )
