"""What evidence says in plain words, and as rows of tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from genre_core.config import song_input
from genre_core.explain.hiding import (
    CENTRE,
    CONTROLS,
    EDGES,
    RANDOM,
    SLICES,
    SQUARES,
    STEPS,
    Trial,
)
from genre_core.explain.plain_inputs import BLURRED_WORDS, PLAIN_WORDS
from genre_core.explain.saliency import PERTURBING, WITHOUT_LAYER
from genre_core.runs.bundle import Bundle
from genre_core.runs.evidence import MethodEvidence, StoredEvidence
from pages.ui.cards import written
from pages.ui.problems import plain

METHODS = {
    "gradcam": "Grad-CAM",
    "gradcam++": "Grad-CAM++",
    "layercam": "LayerCAM",
    "scorecam": "Score-CAM",
    "smoothgrad": "SmoothGrad",
    "integrated-gradients": "Integrated gradients",
    "occlusion": "Occlusion",
}
"""The names of `genre_core.explain` and how they are written; the link carries the latter."""

FRAMES = {"gradient x input": "Gradient x input"}
"""The same of networks that read frames."""

CONTROL_NAMES = {RANDOM: "a random map", EDGES: "an edge map", CENTRE: "the middle"}

_DRAWN = {RANDOM: "a random map", EDGES: "marking edges"}

CHANGED_AT_MOST = 0.5
"""A map that still resembles itself more than this, all weights shuffled, hardly asks the network;
as `genre_core.explain.shuffled.LEVEL`."""

_SAME = 0.01


def over_time(bundle: Bundle) -> dict[str, str]:
    """List the methods that tell what mattered over a song's time; "" is the usual one."""
    return {"": name_of(usual(bundle)), **{name: METHODS[name] for name in PERTURBING}}


def usual(bundle: Bundle) -> str:
    """Name the method that explains a network of songs unless another is chosen."""
    return next(iter(FRAMES)) if is_frames(bundle) else next(iter(METHODS))


def is_frames(bundle: Bundle) -> bool:
    """Tell whether a network of songs reads frames of features, and no spectrogram."""
    return bool(song_input(bundle.card.input).features == "frames_205")


def name_of(method: str) -> str:
    """Write a method's name."""
    return (METHODS | FRAMES).get(method, method)


def verdict(stored: StoredEvidence | None, method: str, media: str, stage: str = "") -> str:
    """Say whether a method's maps of a network can be believed, and what one costs.

    `stage` is the layer that is shown, "" for the one that was measured.

    Examples
    --------
    >>> gain = {"value": 0.1, "low": 0.02, "high": 0.2}
    >>> own = MethodEvidence(200, 200, {}, {}, {"edges": gain, "random": gain})
    >>> stored = StoredEvidence({"gradcam": own}, {}, {}, [], {}, "")
    >>> verdict(stored, "gradcam", "cover")
    '**Better than marking edges** on 200 test covers of this network.'
    >>> verdict(None, "gradcam", "cover")
    'Nobody has measured yet how far such maps of this network can be believed.'
    """
    own = None if stored is None else stored.methods.get(method)
    if stored is None or own is None:
        return "Nobody has measured yet how far such maps of this network can be believed."
    return _worth_of(stored, own, media) + _measured_at(stored, method, stage) + _cost(own)


def mark(stored: StoredEvidence | None, method: str, media: str, stage: str = "") -> str:
    """Warn of a method whose maps of a network are not better than edges; else "".

    For places that show a map and let nobody choose its method.

    Examples
    --------
    >>> none = {"value": -0.1, "low": -0.2, "high": -0.05}
    >>> own = MethodEvidence(200, 200, {}, {}, {"edges": none, "random": none | {"low": 1}})
    >>> own.over["random"] = {"value": 0.1, "low": 0.02, "high": 0.2}
    >>> mark(StoredEvidence({"gradcam": own}, {}, {}, [], {}, ""), "gradcam", "song")
    'Grad-CAM: **no better than marking edges** on 200 test songs of this network: do not take it \
for what the network uses.'
    >>> mark(None, "gradcam", "song")
    ''
    """
    own = None if stored is None else stored.methods.get(method)
    if stored is None or own is None or (not _worst(own) and not _hardly_changes(own)):
        return ""
    text = _worth_of(stored, own, media)
    text = text[:2] + text[2].lower() + text[3:]
    return f"{name_of(method)}: {text}{_measured_at(stored, method, stage)}"


def _worst(own: MethodEvidence) -> str:
    """Name the first of the maps that ask no network which a method's are not better than."""
    return next((control for control in (RANDOM, EDGES) if not own.beats(control)), "")


def _hardly_changes(own: MethodEvidence) -> bool:
    return bool(own.changed.get("low", 0.0) > CHANGED_AT_MOST)


def _worth_of(stored: StoredEvidence, own: MethodEvidence, media: str) -> str:
    many = f"on {own.n:,} {tried_on(stored, media)}"
    worst = _worst(own)
    if not worst:
        text = f"**Better than marking edges** {many}."
    elif own.is_no_better(worst):
        text = (
            f"**No better than {_DRAWN[worst]}** {many}: do not take it for what the network uses."
        )
    else:
        text = f"**Not shown to be better than {_DRAWN[worst]}** {many}, too few to be sure."
    if _hardly_changes(own):
        text += " Its maps hardly change when what the network has learnt is shuffled."
    return text


def _measured_at(stored: StoredEvidence, method: str, stage: str) -> str:
    """Say which layer was measured, where another one is shown."""
    measured = stored.settings.get("stage", "")
    if not stage or not measured or stage == measured or method in WITHOUT_LAYER:
        return ""
    return f" Measured at *{plain(measured)}*, not at this layer."


def tried_on(stored: StoredEvidence, media: str) -> str:
    """Say which items methods were tried on: test items, or such as the network learnt from.

    Examples
    --------
    >>> stored = StoredEvidence({}, {}, {"n_seen": 0, "is_seen_known": True}, [], {}, "")
    >>> tried_on(stored, "cover")
    'test covers of this network'
    >>> own = MethodEvidence(30, 30, {}, {})
    >>> tried_on(StoredEvidence({"a": own}, {}, {"n_seen": 30}, [], {}, ""), "song")
    'songs, of which it learnt from 30 of 30: no test songs'
    >>> tried_on(StoredEvidence({}, {}, {"is_seen_known": False}, [], {}, ""), "song")
    'songs, of which nobody here knows whether it learnt from them'
    """
    n_seen = stored.data.get("n_seen", 0)
    if n_seen:
        n = max(own.n for own in stored.methods.values())
        return f"{media}s, of which it learnt from {n_seen:,} of {n:,}: no test {media}s"
    if not stored.data.get("is_seen_known", True):
        return f"{media}s, of which nobody here knows whether it learnt from them"
    return f"test {media}s of this network"


def how_many(stored: StoredEvidence, media: str) -> str:
    """Say how many of the items there are took part, and whether some methods saw fewer.

    Examples
    --------
    >>> many, few = (MethodEvidence(n, n, {}, {}) for n in (62, 30))
    >>> data = {"split": "test", "n_items": 62}
    >>> stored = StoredEvidence({"gradcam": many, "occlusion": few}, {}, data, [], {}, "")
    >>> print(how_many(stored, "song"))
    The test split has 62 songs: all took part. Methods whose maps cost many forward passes were \
    tried on fewer.
    """
    counts = {own.n for own in stored.methods.values()}
    n_items = stored.data.get("n_items")
    text = ""
    if n_items is not None:
        whole = "The test split" if stored.data["split"] == "test" else "The data set"
        took = "all" if max(counts) == n_items else f"{max(counts):,} of them, drawn once,"
        text = f"{whole} has {n_items:,} {media}s: {took} took part. "
    if len(counts) > 1:
        text += "Methods whose maps cost many forward passes were tried on fewer."
    return text.strip()


def looked(stored: StoredEvidence | None, method: str, where: str, stage: str = "") -> str:
    """Say what the network looked at, as far as the method is to be believed on this network.

    `stage` as in `verdict`.

    Examples
    --------
    >>> print(looked(None, "gradcam", "the top left"))
    **What the network looked at**, as far as Grad-CAM can tell: most of all the top left. Whether \
that is so nobody has measured for this network: *Can this map be believed?* tests this one map.
    """
    own = None if stored is None else stored.methods.get(method)
    place = f"most of all {where}"
    if stored is None or own is None:
        return (
            f"**What the network looked at**, as far as {name_of(method)} can tell: {place}. "
            "Whether that is so nobody has measured for this network: *Can this map be believed?* "
            "tests this one map."
        )
    worst = _worst(own)
    at = _measured_at(stored, method, stage)
    if not worst:
        return (
            f"**What the network looked at**: {place}. Of this network such maps found what the "
            f"answer hangs on better than chance and better than marking edges.{at}"
        )
    if own.is_no_better(worst):
        return (
            f"**What the network looked at** this map does not show reliably: {name_of(method)} "
            f"marks {place}, but of this network its maps were no better than {_DRAWN[worst]}.{at}"
        )
    return (
        f"**What the network looked at**, as far as {name_of(method)} can tell: {place}. That its "
        f"maps of this network are better than {_DRAWN[worst]} is not shown yet.{at}"
    )


def _cost(own: MethodEvidence) -> str:
    if own.cost is None:
        return ""
    if own.cost < 1.5:
        return " A map costs about as much as one forward pass."
    return f" A map costs about {own.cost:.0f} forward passes."


def methods_table(stored: StoredEvidence) -> list[dict[str, str]]:
    """List every method that was measured, the best first, then the maps that ask no network."""
    ranked = sorted(stored.methods.items(), key=lambda pair: -_worth(pair[1]))
    rows = [_row(name_of(name), own) for name, own in ranked]
    return rows + [_row(CONTROL_NAMES[name], own) for name, own in stored.controls.items()]


def _worth(own: MethodEvidence) -> float:
    return float(own.insertion["value"] - own.deletion["value"])


def _row(name: str, own: MethodEvidence) -> dict[str, str]:
    return {
        "map": name,
        "beside edges": _mark(own),
        "items": f"{own.n:,}",
        "insertion": written(own.insertion),
        "deletion": written(own.deletion),
        "better than edges by": written(own.over[EDGES]) if EDGES in own.over else "",
        "alike after shuffling": f"{own.changed['value']:.2f}" if own.changed else "",
        "points at the cause": "" if own.pointing is None else f"{100 * own.pointing:.0f} %",
        "forward passes": "" if own.cost is None else f"{own.cost:g}",
    }


def _mark(own: MethodEvidence) -> str:
    if EDGES not in own.over:
        return ""
    return "better" if own.beats(EDGES) else "no better" if own.is_no_better(EDGES) else "not shown"


def trials_table(trials: Mapping[str, Trial], method: str) -> list[dict[str, str]]:
    """List what became of the score by one map, and by the maps that ask no network."""
    names = {method: name_of(method), **CONTROL_NAMES}
    return [
        {
            "map": names[name],
            "insertion": f"{trials[name].insertion:.3f}",
            "deletion": f"{trials[name].deletion:.3f}",
            "insertion less deletion": f"{trials[name].worth:+.3f}",
        }
        for name in (method, *CONTROLS)
    ]


def trials_sentence(trials: Mapping[str, Trial], method: str, what: str) -> str:
    """Say in a sentence what one map was better than, on this one input.

    Examples
    --------
    >>> import numpy as np
    >>> flat, shares = np.full(2, 0.5), np.array([0.0, 1.0])
    >>> good, bad = Trial(shares, flat + 0.5, flat), Trial(shares, flat, flat)
    >>> trials = {"gradcam": good, "random": bad, "edges": bad, "centre": bad}
    >>> trials_sentence(trials, "gradcam", "cover")
    'On this cover the places that Grad-CAM marks matter **more** to the network than those of a \
random map, an edge map and the middle.'
    """
    own = trials[method].worth
    better = [CONTROL_NAMES[one] for one in CONTROLS if own > trials[one].worth + _SAME]
    others = [name for name in CONTROL_NAMES.values() if name not in better]
    places = f"On this {what} the places that {name_of(method)} marks matter"
    if not better:
        return (
            f"{places} **no more** to the network than those of {_listed(others)}: do not take "
            "them for what it uses."
        )
    rest = f", but no more than those of {_listed(others)}" if others else ""
    return f"{places} **more** to the network than those of {_listed(better)}{rest}."


def _listed(names: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))


def shuffled_sentence(last: float, method: str, what: str) -> str:
    """Say what shuffling all layers did to a map of one input.

    >>> shuffled_sentence(0.9, "gradcam", "cover")
    'With all layers shuffled the map of Grad-CAM still resembles itself (rank correlation 0.90): \
on this cover it hardly depends on what the network has learnt.'
    """
    if last > CHANGED_AT_MOST:
        return (
            f"With all layers shuffled the map of {name_of(method)} still resembles itself (rank "
            f"correlation {last:.2f}): on this {what} it hardly depends on what the network has "
            "learnt."
        )
    return (
        f"With all layers shuffled the map of {name_of(method)} is another one (rank correlation "
        f"{last:.2f}): on this {what} it depends on what the network has learnt."
    )


def how(settings: Mapping[str, Any]) -> str:
    """Say how it was measured, with its baselines."""
    parts = " x ".join(map(str, settings["squares"]))
    return (
        f"Every map is averaged over {parts} parts. **Insertion** shows the marked parts first, in "
        f"{settings['blurred']}; **deletion** hides them first, by {settings['plain']}. Both are "
        f"areas below the probability of {settings['explained']}, in {settings['steps']} steps: "
        "insertion should be large, deletion small."
    )


def settings_now(kind: str, explained: str) -> dict[str, Any]:
    """Give the settings of a test that is made now, as `StoredEvidence.settings` holds them."""
    return {
        "squares": [SQUARES, SQUARES] if kind == "cover" else [SLICES],
        "steps": STEPS,
        "plain": PLAIN_WORDS[kind],
        "blurred": BLURRED_WORDS[kind],
        "explained": explained,
    }


def columns(stored: StoredEvidence) -> str:
    """Say what the other columns of `methods_table` mean."""
    return (
        "In brackets 95 % intervals; *better than edges by* is insertion less deletion, over that "
        "of an edge map of the same items. *Alike after shuffling*: rank correlation with the map "
        f"before, all weights shuffled; above {CHANGED_AT_MOST:g} a map hardly asks the network. "
        f"*Points at the cause*: on {stored.settings['n_pointed']} made covers and a network made "
        "for them."
    )
