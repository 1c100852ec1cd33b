"""Prog or not prog, at a threshold that the visitor sets; and which genres each network names."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from genre_core.lessons.stored import load_lesson
from genre_core.metrics.thresholds import Above, Answer, above, answer, at_false_alarms, share
from genre_core.runs.bundle import Bundle
from pages.ui import controls
from pages.ui.problems import plain
from pages.ui.songs import cached

if TYPE_CHECKING:
    import pandas as pd

    from genre_core.runs.answers import SongPrediction

MAJORITY, MEAN = "majority vote", "mean score"

RULES = (
    "**Mean score**: the mean over all segments lies above the threshold; on real songs no other "
    "rule does better (see Further reading, *A real prog score*). **Majority vote**: most segments "
    "do; of an even split the mean decides. Study S5 (prog rock from audio) judged songs both ways."
)

NO_BORDER = "No score is a border by itself: set where prog begins for you, and see who says so."

Thresholds = dict[str, float | None]
"""Of each network with a prog score by its name; None where the visitor set none."""


def key_of(bundle: Bundle) -> str:
    """Name the field, and the link's parameter, of a network's own threshold."""
    return f"threshold_{bundle.name}"


def thresholds(bundles: Sequence[Bundle]) -> Thresholds:
    """Read the thresholds that the visitor or the link set, before their fields are drawn.

    A network's own goes before the one for all.
    """
    common = _set_by("threshold")
    return {
        bundle.name: common if (own := _set_by(key_of(bundle))) is None else own
        for bundle in bundles
        if bundle.card.prog_score is not None
    }


def _set_by(key: str) -> float | None:
    # Before its field is drawn a link's value stands in the link alone.
    value = st.session_state[key] if key in st.session_state else st.query_params.get(key, "")
    try:
        number = float(value)
    except (TypeError, ValueError):
        return None
    return number if 0 <= number <= 1 else None


def ask(
    bundles: Sequence[Bundle], predictions: dict[str, SongPrediction], chosen: Thresholds
) -> str:
    """Ask for a threshold and the rule, and say what follows; gives the rule."""
    _field("Threshold for all networks", "threshold", None)
    rule = controls.switch(
        "Judge the song by", [MEAN, MAJORITY], default=MEAN, key="vote", wrap=True
    )
    judged = [
        (bundle, said)
        for bundle in _scoring(bundles, predictions, chosen)
        if (said := _answer(bundle, predictions[bundle.name], chosen[bundle.name], rule))
    ]
    if judged:
        st.markdown(difference(judged))
        if reasons := dict.fromkeys(said.reason for _, said in judged if said.reason):
            st.caption(f"No answer: {'; '.join(reasons)}.")
    else:
        st.caption(NO_BORDER)
    return str(rule)


def section(
    bundles: Sequence[Bundle],
    predictions: dict[str, SongPrediction],
    chosen: Thresholds,
    rule: str,
) -> None:
    """Ask for a threshold of each network's own, and say what each answer is worth."""
    scoring = _scoring(bundles, predictions, chosen)
    is_set = any(value is not None for value in chosen.values())
    with st.expander("A threshold for each network, and what it is worth", expanded=is_set):
        st.markdown(
            "No score is a border by itself: where prog begins is yours to say, for each network "
            "on its own scale. Beside each answer stands how many known songs lie above your "
            "threshold, rightly or wrongly."
        )
        with st.grid(len(scoring), min_column_width=250):
            for bundle in scoring:
                with st.container(border=True):
                    st.markdown(f"**{plain(short(bundle))}**")
                    _field("Threshold of its own", key_of(bundle), chosen[bundle.name])
                    _judge(bundle, predictions[bundle.name], chosen[bundle.name], rule)
        st.caption(RULES)


def _scoring(
    bundles: Sequence[Bundle], predictions: dict[str, SongPrediction], chosen: Thresholds
) -> list[Bundle]:
    return [bundle for bundle in bundles if bundle.name in chosen and bundle.name in predictions]


def _field(label: str, key: str, common: float | None) -> None:
    st.number_input(
        label,
        0.0,
        1.0,
        value=None,
        step=0.01,
        key=key,
        bind="query-params",
        persist_state="page",
        placeholder="not set" if common is None else f"{common:g}, as for all",
    )


def _answer(
    bundle: Bundle, prediction: SongPrediction, threshold: float | None, rule: str
) -> Answer | None:
    """Say what one network answers at its threshold; None without one."""
    if threshold is None or prediction.scores is None:
        return None
    heard_s = float(prediction.end_s[-1] - prediction.start_s[0])
    stored = cached.references(bundle)
    songs = None if stored is None else stored.songs
    return answer(
        prediction.scores, threshold, songs, by_majority=rule == MAJORITY, heard_s=heard_s
    )


def _judge(bundle: Bundle, prediction: SongPrediction, threshold: float | None, rule: str) -> None:
    """Show one network's answer at its threshold, and what known songs say of that threshold."""
    said = _answer(bundle, prediction, threshold, rule)
    if said is None or threshold is None:
        return
    verdict = prediction.verdict(threshold)
    counted = "" if verdict is None else f"{verdict.n_above} of {verdict.n_segments} segments"
    st.metric(
        rule,
        _word(said),
        delta=f"mean {prediction.prog_score:.2f} · {counted} above",
        delta_color="off",
        delta_arrow="off",
    )
    if said.reason:
        st.caption(f"No answer: {said.reason}.")
    stored = cached.references(bundle)
    if stored is None:
        st.caption("What this threshold is worth is not known: no references are stored.")
    else:
        rows = above(stored.songs, threshold)
        worth(rows)
        if teachers := teachers_at(bundle, rows):
            st.caption(teachers)


def worth(rows: Sequence[Above]) -> None:
    """Say how many known prog songs lie above a threshold, and how many others, by genre."""
    prog = [row for row in rows if row.is_prog]
    others = [row for row in rows if not row.is_prog and row.n_songs]
    found = "; ".join(map(_counted, prog)) or "no known prog song to ask"
    false = [row for row in others if row.n_above]
    alarms = "; ".join(map(_counted, false)) or "none"
    clear = ", ".join(row.name for row in others if not row.n_above)
    st.caption(
        plain(f"Above it, of known prog: {found}. False alarms: {alarms}.")
        + (plain(f" None of {clear}.") if clear and false else "")
    )


def _counted(row: Above) -> str:
    artists = f" by {row.n_artists} artists" if row.is_prog and row.n_artists else ""
    return f"{row.name} {row.n_above} of {row.n_songs}{artists}"


def teachers_at(bundle: Bundle, rows: list[Above]) -> str:
    """Say what a network's teachers find among real songs with as many false alarms as it has."""
    taught_by = bundle.card.experiment.get("training", {}).get("prog_teachers", ())
    alarms = share([row for row in rows if not row.is_prog and not row.is_rendered])
    result: dict[str, Any] = load_lesson("song_votes")
    if alarms is None or not result or not set(REAL_TEACHERS) <= set(taught_by):
        return ""
    curve, data = result["thresholds"], result["data"]
    false, found = at_false_alarms(curve["false_alarms"], curve["sensitivity"], alarms)
    return (
        f"Real songs only its teachers heard: with as many false alarms ({100 * false:.0f} % of "
        f"{data['songs'] - data['prog']} songs that are not prog) they find {100 * found:.0f} % of "
        f"{data['prog']} prog songs. A pupil finds fewer."
    )


REAL_TEACHERS = ("acoustic", "resnet")
"""Teachers whose votes the lesson on votes holds."""


def difference(judged: Sequence[tuple[Bundle, Answer]]) -> str:
    """Say in a sentence whether the networks agree at their thresholds, and why they may not."""
    yes, no, open_ = (
        [short(bundle) for bundle, said in judged if said.is_prog is value]
        for value in (True, False, None)
    )
    if len(judged) == 1:
        return f"**At your threshold it says {_word(judged[0][1])}.**"
    if not open_ and (not yes or not no):
        word = _word(judged[0][1])
        pupils = _pupils([bundle for bundle, _ in judged])
        return f"**At your thresholds all {len(judged)} say {word}.**{pupils}"
    parts = (("prog", yes), ("not prog", no), ("no answer", open_))
    listed = "; ".join(f"{word}: {plain(', '.join(names))}" for word, names in parts if names)
    differ = f"**At your thresholds they say** {listed}."
    lengths = sorted({round(getattr(bundle.card.input, "segment_s", 0.0)) for bundle, _ in judged})
    if not (yes and no) or len(lengths) < 2:
        return differ
    shortest, *_, longest = lengths
    named = ", ".join(map(str, lengths[:-1]))
    return (
        f"{differ} They hear segments of different lengths: {named} and {longest} s. A passage "
        f"that stands out for {shortest} s can be lost in the mean over {longest} s; a slow "
        f"change, such as one of metre, does not fit into {shortest} s."
    )


def _word(said: Answer) -> str:
    return {True: "prog", False: "not prog", None: "no answer"}[said.is_prog]


def _pupils(bundles: Sequence[Bundle]) -> str:
    """Say which of these networks were trained on the answers of another of them."""
    here = {bundle.name: bundle for bundle in bundles}
    teachers = Counter(
        bundle.card.experiment.get("training", {}).get("teacher", "") for bundle in bundles
    )
    return "".join(
        f" {n} of them learned from the answers of {plain(short(here[teacher]))}, so that they "
        "agree is no independent evidence."
        for teacher, n in teachers.items()
        if teacher in here
    )


def table(
    bundles: Sequence[Bundle], predictions: dict[str, SongPrediction], chosen: Thresholds
) -> pd.DataFrame:
    """List the scores, and where a threshold is set the verdicts, as study S5's tables do."""
    import pandas as pd

    rows = []
    for bundle in bundles:
        prediction = predictions.get(bundle.name)
        if prediction is None or prediction.prog_score is None:
            continue
        row: dict[str, Any] = {
            "network": short(bundle),
            "segments": len(prediction),
            "mean score": round(prediction.prog_score, 3),
        }
        threshold = chosen.get(bundle.name)
        verdict = None if threshold is None else prediction.verdict(threshold)
        if verdict is not None:
            row |= {
                "your threshold": threshold,
                "above it": verdict.n_above,
                "share": round(verdict.share, 3),
                "majority vote": "prog" if verdict.by_majority else "not prog",
                "by mean": "prog" if verdict.by_mean else "not prog",
            }
        rows.append(row)
    return pd.DataFrame(rows)


def genres(bundles: Sequence[Bundle], predictions: dict[str, SongPrediction]) -> None:
    """Show the ranking of every network that names genres."""
    naming = [b for b in bundles if b.card.head == "softmax" and b.name in predictions]
    tagging = [b for b in bundles if b.card.head == "multilabel" and b.name in predictions]
    if not naming and not tagging:
        return
    with st.grid(len(naming) + len(tagging), min_column_width=260):
        for bundle in (*naming, *tagging):
            ranked = predictions[bundle.name].ranking()[:8]
            with st.container(border=True):
                st.markdown(f"**{plain(bundle.card.title)}**")
                names, probs = zip(*ranked, strict=True)
                calibrated = bundle.card.calibration is not None
                controls.ranking(names, probs, key=f"genres_{bundle.name}", calibrated=calibrated)
                if bundle in tagging:
                    st.caption("The eight strongest of its tags, each by itself.")


_SHORT = {
    "s5_lstm": "LSTM",
    "s5_cnn": "CNN",
    "s5_cnn_han": "Han's CNN",
    "s5_mlp": "MLP",
    "msd_musicnn": "Tagger",
    "mtt_musicnn": "MTT tagger",
    "msd_vgg": "VGG tagger",
    "mtt_vgg": "MTT VGG tagger",
    "picture_bands": "Spectrum",
}
"""Architectures in a word or two; of others the title stands."""


def called(bundle: Bundle) -> str:
    """Name a network by its title, and by what the player calls its curve."""
    title = f"**{plain(bundle.card.title)}**"
    has_curve = bundle.card.prog_score is not None
    return f"{title}, *{plain(short(bundle))}* in the player" if has_curve else title


def short(bundle: Bundle) -> str:
    """Name a network in a few words, with the seconds that it reads at once."""
    card = bundle.card
    seconds = getattr(card.input, "segment_s", 0.0)
    name = _SHORT.get(card.architecture)
    if not seconds:
        return name or card.title
    return f"{name} ({seconds:.0f} s)" if name else f"{card.title} ({seconds:.0f} s at a time)"
