"""What if the cover were different: a change by hand, and what it does to scores and heat map."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import streamlit as st

from genre_core.config.options import as_options
from genre_core.image.edits import MAX_EDIT_PX, CoverEdit
from genre_core.image.overlay import superimpose
from genre_core.runs.bundle import Bundle
from pages.ui import cached, controls, figures, problems
from pages.ui.media import choosing
from pages.ui.media.choice import Choice
from pages.ui.problems import plain

Region = tuple[int, int, int, int]

SIDES = ("left", "top", "right", "bottom")
"""Keys of the region's four numbers, in per cent; all 0 is no region."""

FILLS = {"mean colour": "mean", "mid-grey": "grey", "blur": "blur"}
KEEP = "keep only it"
AS_IT_IS = "as it is"
_LIKELIEST = "the likeliest before"

# Every control's first value, which leaves the cover as it is, is also its smallest: Streamlit
# warns of a default that a callback sets.
_UNCHANGED = {
    **dict.fromkeys((*SIDES, "trim", "turn"), 0),
    "blur": 0.0,
    "shrink": 1,
    "jpeg": AS_IT_IS,
    "mirror": False,
    "grey": False,
}


@st.fragment
def section(chosen: Choice, bundles: Sequence[Bundle], answering: Sequence[Bundle]) -> None:
    """Ask for a change; show the scores and heat maps before and after it."""
    st.markdown(
        "Hide what you think the network looks at, or change how the file was made, and see "
        "whether its answer stays. If scaling or JPEG compression alone changes the answer, the "
        "network has learned how files are made, not what covers show."
    )
    draw, change = st.columns([2, 3], gap="medium")
    with draw:
        picture_place = st.container()
        region = _region_numbers()
    with change:
        bundle, genre, edit_fields = _controls(bundles, region)
        answer_place = st.container()
    with problems.shown(chosen.file):
        edit = CoverEdit(**edit_fields)
        with picture_place:
            # What is hidden is hidden here too; what is cut off is dark: it can be drawn on.
            hidden = CoverEdit(hide=edit.hide, hide_with=edit.hide_with)
            is_kept = edit.hide is None  # where there is a region at all
            figures.drawing(cached.edited(chosen, hidden), region, is_kept=is_kept).show(
                "draw", on_select=_take_drawn, selection_mode=("box",)
            )
        before = cached.edited_prediction(chosen, CoverEdit(), bundle)
        after = cached.edited_prediction(chosen, edit, bundle)
        index = before.genres.index(genre) if genre in before.genres else before.genre_index
        with answer_place:
            if edit.is_empty:
                st.caption("Nothing is changed yet: draw on the cover, or move a control.")
            elif before.genre == after.genre:
                st.markdown(f"It still says **{plain(after.genre)}**.")
            else:
                st.markdown(f"It said {plain(before.genre)}; now it says **{plain(after.genre)}**.")
            figures.before_after(
                before.genres, before.probs, after.probs, calibrated=before.is_calibrated
            ).show("whatif_scores")
        _maps(chosen, bundle, edit, index)
        if not edit.is_empty:
            _every_network(chosen, answering, edit)
        _take_along(chosen, bundle, edit)


def _take_drawn() -> None:
    boxes = st.session_state["draw"].selection.box
    # A drawing ends with a new figure, which reports that nothing is selected any more.
    if not boxes:
        return
    (x0, x1), (y0, y1) = (sorted(boxes[-1][axis]) for axis in ("x", "y"))
    for side, value in zip(SIDES, (x0, y0, x1, y1), strict=True):
        st.session_state[side] = int(min(100, max(0, round(value))))


def _reset() -> None:
    for key, value in _UNCHANGED.items():
        st.session_state[key] = value


def _region_numbers() -> Region | None:
    st.caption("Draw a rectangle with the mouse, or type its edges in per cent:")
    with st.grid(4, min_column_width=76, gap="xsmall"):
        left, top, right, bottom = (
            st.number_input(
                side.capitalize(),
                0,
                100,
                step=1,
                key=side,
                bind="query-params",
                persist_state="page",
            )
            for side in SIDES
        )
    return (left, top, right, bottom) if left < right and top < bottom else None


def _controls(
    bundles: Sequence[Bundle], region: Region | None
) -> tuple[Bundle, str, dict[str, object]]:
    bound = {"bind": "query-params", "persist_state": "page"}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        bundle = choosing.model("whatif_model", bundles)
        genres = [_LIKELIEST, *bundle.card.genres]
        genre = controls.select("Heat map for", genres, key="whatif_genre")
        st.button("Undo all", icon=":material/restart_alt:", on_click=_reset, key="undo")
    use = controls.switch(
        "The region drawn",
        [*FILLS, KEEP],
        key="fill",
        wrap=True,
        help="Fill it with the mean colour of the rest, with mid-grey, or blur it; or keep it "
        "and cut off everything else.",
    )
    is_cut = use == KEEP and region is not None
    with st.grid(3, min_column_width=170):
        trim = st.slider(
            "Cut off each edge", 0, 45, step=1, format="%d %%", key="trim", disabled=is_cut, **bound
        )
        turn = st.slider("Turn", 0, 355, step=5, format="%d°", key="turn", **bound)
        blur = st.slider(
            "Blur",
            0.0,
            10.0,
            step=0.25,
            format="%g %%",
            key="blur",
            help="Standard deviation in per cent of the shorter side.",
            **bound,
        )
        shrink = st.slider(
            "Scale down and up",
            1,
            16,
            step=1,
            format="%d x",
            key="shrink",
            help="Study S1 (prog covers, 2023) took its two classes from two collections of "
            "different picture sizes: does the network respond to the scaling?",
            **bound,
        )
        jpeg = st.select_slider(
            "JPEG quality", [AS_IT_IS, *range(95, 0, -5), 1], key="jpeg", **bound
        )
        with st.container(horizontal=True):
            mirror = st.toggle("Mirror", key="mirror", **bound)
            grey = st.toggle("Grey", key="grey", **bound)
    parts = None if region is None else tuple(value / 100 for value in region)
    kept = (trim / 100, trim / 100, 1 - trim / 100, 1 - trim / 100) if trim else None
    return (
        bundle,
        genre,
        {
            "hide": None if is_cut else parts,
            "hide_with": FILLS.get(use, "mean"),
            "crop": parts if is_cut else kept,
            "rotate": float(turn),
            "mirror": mirror,
            "grey": grey,
            "blur": float(blur),
            "rescale": 1 / shrink,
            "jpeg": None if jpeg == AS_IT_IS else int(jpeg),
        },
    )


def _maps(chosen: Choice, bundle: Bundle, edit: CoverEdit, index: int) -> None:
    genre = bundle.card.genres[index]
    steps = "; ".join(edit.words) or "nothing is changed"
    maps = []
    for version in (CoverEdit(), edit):
        seen, saliency = cached.edited_saliency(chosen, version, bundle, index)
        is_located = saliency.is_located
        shown = superimpose(seen, saliency.map, opacity=0.5) if is_located else seen
        maps.append((shown, "" if is_located else f": no location, {saliency.reason}"))
    one, two, three = st.columns(3)
    one.image(
        seen,
        width="stretch",
        caption=f"The changed cover as the network receives it: {plain(steps)}",
        alt=f"{chosen.alt}, changed: {steps}",
    )
    for column, (picture, where), when in zip((two, three), maps, ("before", "after"), strict=True):
        column.image(
            picture,
            width="stretch",
            caption=f"What speaks for {plain(genre)} {when} (Grad-CAM){plain(where)}",
            alt=f"Grad-CAM for {genre} {when} the change{where}",
        )


def _every_network(chosen: Choice, answering: Sequence[Bundle], edit: CoverEdit) -> None:
    rows = []
    calibrated = all(bundle.card.calibration is not None for bundle in answering)
    for bundle in answering:
        with problems.shown(bundle.name):
            before, after = (
                cached.edited_prediction(chosen, version, bundle) for version in (CoverEdit(), edit)
            )
            was = float(before.probs[before.genre_index])
            now = float(after.probs[before.genre_index])
            rows.append(
                {
                    "network": bundle.card.title,
                    "answer before": before.genre,
                    "before": was,
                    "after": now,
                    "change": 100 * (now - was),
                    "answer after": after.genre,
                }
            )
    share, kind = ("percent", "") if calibrated else ("%.2f", ", score")
    st.markdown(
        f"**Every network asked above** ({len(rows)}): what it gives to the genre that it "
        "first named, after the change."
    )
    controls.long_table(
        rows,
        "Each network's answer before the change, and what it gives to it after",
        before=controls.share(share, label=f"before{kind}"),
        after=controls.share(share, label=f"after{kind}"),
        change=st.column_config.NumberColumn("change, points", format="%+.1f"),
    )


def _take_along(chosen: Choice, bundle: Bundle, edit: CoverEdit) -> None:
    # Written anew at every edit, so speed counts more than size.
    picture = controls.png(cached.edited(chosen, edit), compress_level=1)
    controls.download("Download the changed cover (PNG)", picture, "changed.png", "image/png")
    controls.command(
        f"python -m genre_core what-if {chosen.shell_path} --model {bundle.name} "
        f"{shlex.join(as_options(edit))}".rstrip()
    )
    st.caption(
        f"Covers of more than {MAX_EDIT_PX:,} px are first scaled down to that. The two heat maps "
        "each have colours of their own: compare places, not strengths."
    )
