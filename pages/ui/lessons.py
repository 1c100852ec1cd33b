"""The lessons' figures and words: the scaling question, and blank heat maps with their cures."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from genre_core.image.overlay import heat_picture, superimpose
from genre_core.lessons.stored import load_lesson
from pages.ui import controls, figures
from pages.ui.problems import plain

if TYPE_CHECKING:
    from genre_core.explain.blank_maps import Attempt, BlankMap

PLAIN, APART, OTHER_WAY = "as they are", "scaled apart", "scaled the other way"
NEUTRALISED, ALIKE = "scaled apart, neutralised", "scaled apart, then all alike"
NEVER_APART = "as they are, then all alike"
COIN = 0.5
VISIBLE = 0.05
"""Difference of ROC AUC that is worth a sentence."""
HEAT_PX = 170
"""Five maps beside one another on a screen, two on a telephone."""


def stored(name: str, command: str) -> dict[str, Any]:
    """Read a lesson's stored result, anew at each visit; where there is none, say what makes it."""
    result = load_lesson(name)
    if not result:
        st.info("No stored result yet. The command below makes it.", icon=":material/help:")
        controls.command(f"python -m genre_core {command} --data FOLDER")
    return result


def scaling_answer(result: Mapping[str, Any]) -> None:
    """Say what the network learnt and what cures it, with the figures that rests on."""
    honest = _auc(result, PLAIN, PLAIN)
    apart = _auc(result, APART, APART)
    swapped = _auc(result, APART, OTHER_WAY)
    other, one = (plain(genre) for genre in result["genres"])
    st.subheader("Would a network learn how files were scaled?", anchor=False)
    st.markdown(
        f"The same covers, the same labels ({one} or {other}), the same network. "
        f"Trained and tested on the covers as they are, its ROC AUC is **{honest:.2f}**. With the "
        f"{one} covers scaled down and up first it is **{apart:.2f}**. Scale the *other* covers "
        f"instead, and the same network has **{swapped:.2f}**."
    )
    if apart > honest and swapped < COIN:
        st.markdown(
            "**Yes.** The better figure did not come from a better network: it had learned to spot "
            "rescaled pictures, so it fails when the other class is rescaled."
        )
        st.markdown(
            f"- **Hiding it at random** (border, scale, sharpness and JPEG quality, anew in each "
            f"epoch) {_cure(swapped, _auc(result, NEUTRALISED, OTHER_WAY))}.\n{_alike(result, one)}"
        )
    figures.trained_and_tested(result["rows"]).show(key="scaling")
    st.caption(
        "Dots: ROC AUC on test covers; whiskers: 95 % of a bootstrap over groups. 0.5 is a coin "
        "toss; below it the network was fooled: it relies on something that has been reversed. A "
        "network that is cured gives the same on every line."
    )
    softened = _auc(result, PLAIN, APART), _auc(result, PLAIN, OTHER_WAY)
    if abs(softened[0] - softened[1]) > VISIBLE:
        st.warning(
            f"Even the network that was trained on covers as they are reads sharpness: "
            f"{softened[0]:.2f} with the {one} covers softened, {softened[1]:.2f} with the others. "
            "These covers come from two collections, and part of its figure is the way they were "
            "made.",
            icon=":material/warning:",
        )


def scaling_maps(result: Mapping[str, Any]) -> None:
    """Show where each network looked on average, beside what an even map would give."""
    st.subheader("Where did it look?", anchor=False)
    with st.container(horizontal=True):
        for row in result["maps"]:
            name = plain(row["trained_on"])
            if not row["n_located"]:
                st.warning(
                    f"Trained on covers {name}: no map located anything.",
                    icon=":material/blur_on:",
                    width=HEAT_PX,
                )
                continue
            st.image(
                heat_picture(np.array(row["mean_heat"], np.float32), HEAT_PX),
                width=HEAT_PX,
                alt=f"Mean heat map of the network trained on covers {row['trained_on']}",
                caption=f"Trained on covers {name}: mean Grad-CAM of {row['n_located']} of "
                f"{row['n']} test covers, {plain(row['stage'])}",
            )
    controls.long_table(
        [
            {
                "trained on covers": row["trained_on"],
                "of the map at the border": row.get("border_share"),
                "an even map would have": row.get("border_area"),
                "correlation with the cover's contours": row.get("contour_correlation"),
            }
            for row in result["maps"]
        ],
        "How much of each mean map lies at the border, and how far it follows contours",
    )
    st.caption(
        "The study wondered about a *weird right corner*. A map that lies at the border, or "
        "follows every contour whatever it belongs to, may have found how a file was made rather "
        "than what it shows. Compare the two columns: where they are close, the heat maps do "
        "not reveal the shortcut. The test with the other covers scaled does."
    )


def scaling_method(result: Mapping[str, Any]) -> None:
    """Say what was done, on which covers, and how to do it again."""
    data, recipe = result["data"], result["experiment"]
    training = recipe["training"]
    st.subheader("How it was made", anchor=False)
    st.markdown(
        f"- **Covers**: {plain(data['title'])}; train {data['n_train']:,}, val {data['n_val']:,}, "
        f"test {data['n_test']:,}; official split, no group in two parts.\n"
        f"- **Scaled apart**: {plain(result['treatment'])}; the others as they come. **The other "
        "way**: the others are scaled instead. **Neutralised**: scaled apart, then each cover gets "
        f"a random border, scale, sharpness and JPEG quality.\n{_all_alike(result)}"
        f"- **Network**: {plain(recipe['architecture'])}, {training['epochs']} epochs, best epoch "
        f"and run of {training['repeats']} by the ROC AUC on val, covers made as in training.\n"
        f"- **Always answering the larger class**: accuracy {result['majority']:.3f}, ROC "
        "AUC 0.5.\n"
        + "".join(f"- **Choice**: {plain(note)}\n" for note in recipe["notes"])
        + "- **Still a confound**: the covers of prog come from one catalogue and the others from "
        "another, so even *as they are* they may differ in how they were made."
    )
    controls.command(result["command"])


def blank_map(fault: BlankMap) -> None:
    """Show one fault: the cover, the blank map, the cure."""
    st.subheader(fault.title, anchor=False)
    st.markdown(fault.why)
    seen, blank, cured = st.columns(3)
    size = fault.blank.seen.shape[0]
    seen.image(
        fault.blank.seen,
        width="stretch",
        caption=f"The cover as the network receives it, {size} x {size} px",
        alt="The cover, resized for the network",
    )
    with blank:
        _attempt(fault.blank)
    with cured:
        _attempt(fault.cured)
    st.markdown(f"**Cure**: {fault.cure}")


def _attempt(attempt: Attempt) -> None:
    if attempt.saliency.is_located:
        st.image(
            superimpose(attempt.seen, attempt.saliency.map, opacity=0.5),
            width="stretch",
            caption=f"Grad-CAM of {attempt.what}: largest gradient {attempt.largest_gradient:.2g}",
            alt=f"The cover with the heat map of {attempt.what} over it",
        )
        return
    cells = attempt.map.size
    st.error(
        f"**{attempt.what[0].upper()}{attempt.what[1:]}**: nothing to draw. "
        f"Largest gradient {attempt.largest_gradient:.2g}, largest activation "
        f"{attempt.largest_activation:.2g}; dividing by the range turns "
        f"{attempt.n_not_a_number} of {cells} cells into 0 / 0, not a number.",
        icon=":material/blur_on:",
    )
    st.caption(f"This app says instead: no location, {attempt.saliency.reason}.")


def _cure(swapped: float, cured: float) -> str:
    if cured >= COIN:
        return f"cures it: there it has **{cured:.2f}**"
    if cured > swapped:
        return f"weakens the shortcut (**{cured:.2f}** there) and does not remove it"
    return f"does not help (**{cured:.2f}** there)"


def _alike(result: Mapping[str, Any], one: str) -> str:
    if "alike" not in result:  # made by an older version
        return ""
    apart, swapped = _auc(result, ALIKE, APART), _auc(result, ALIKE, OTHER_WAY)
    aim = _auc(result, NEVER_APART, PLAIN)
    gives = (
        f"- **Scaling all alike**, in training and whenever the network is asked, gives "
        f"**{apart:.2f}** with the {one} covers scaled and **{swapped:.2f}** with the others. The "
        f"same network has {aim:.2f} where no cover was ever scaled apart"
    )
    if abs(apart - swapped) > VISIBLE:
        return f"{gives}: part of the shortcut is left."
    return f"{gives}: **the shortcut is gone**, and with it the finest detail of every cover."


def _all_alike(result: Mapping[str, Any]) -> str:
    if "alike" not in result:
        return ""
    return (
        f"- **All alike**: {plain(result['alike'])}, further than any was before, as the first "
        "step of the network's input: in training and in every test. To the same size would not "
        "do: what is scaled twice is softer than what is scaled once.\n"
    )


def _auc(result: Mapping[str, Any], trained_on: str, tested_on: str) -> float:
    return next(
        float(row["roc_auc"]["value"])
        for row in result["rows"]
        if (row["trained_on"], row["tested_on"]) == (trained_on, tested_on)
    )
