"""What there is to see in the lessons on pictures: pixels, a kernel, layers, scores, hiding."""

from __future__ import annotations

import numpy as np
import streamlit as st

from genre_core.image.overlay import colour_cells, superimpose
from genre_core.lessons.first import PRESETS, grown, pool, products, slide
from genre_core.lessons.first.look import SQUARES, CoverLook, box_of, shares
from genre_core.lessons.first.slide import SIDE
from pages.ui import cached as shared
from pages.ui import controls, figures
from pages.ui.first_lessons import cached
from pages.ui.media.choice import Choice
from pages.ui.problems import plain

ZOOMS = {"the whole cover": shared.GALLERY_PX, "64 pixels": 64, "16 pixels": 16, "5 pixels": 5}
_CELLS = 26
_NUMBERS = tuple(f"kernel_{k}" for k in range(SIDE * SIDE))
_OWN = "my own numbers"
_MAP_PX = 300


def illustrate(choice: Choice) -> None:
    """Show the cover that a lesson is about."""
    st.image(shared.small_picture(choice), width=180, alt=choice.alt, caption=plain(choice.label))


@st.fragment
def numbers(choice: Choice) -> None:
    """Zoom into a cover until the numbers of its pixels can be read."""
    picture = shared.small_picture(choice)
    height, width = picture.shape[:2]
    zoom = controls.switch("Zoom in to", list(ZOOMS), key="zoom", is_linked=False, wrap=True)
    n = min(ZOOMS[zoom], height, width)
    left_place, right_place = st.columns(2, gap="medium")
    with right_place:
        is_whole = n >= min(height, width)
        across = st.slider("Across", 0, 100, 50, format="%d %%", key="across", disabled=is_whole)
        down = st.slider("Down", 0, 100, 50, format="%d %%", key="down", disabled=is_whole)
        left, top = round(across / 100 * (width - n)), round(down / 100 * (height - n))
        cut = picture if is_whole else picture[top : top + n, left : left + n]
        red, green, blue = (int(value) for value in cut[len(cut) // 2, cut.shape[1] // 2])
        st.markdown(
            f"The pixel in the middle of what you see: red **{red}**, green **{green}**, blue "
            f"**{blue}**."
        )
        st.caption(
            f"This cover was first scaled to {width} x {height} pixels: {width} times {height} "
            f"times 3 = {width * height * 3:,} numbers."
        )
    with left_place:
        is_readable = n <= ZOOMS["5 pixels"]
        figures.cells(
            cut,
            f"{cut.shape[1]} x {cut.shape[0]} pixels of the cover"
            + (", each with its three numbers" if is_readable else ""),
            numbers=cut if is_readable else None,
            height=400 if is_readable else 320,
        ).show("pixels")
        if is_readable:
            st.caption("In each pixel from top to bottom: red, green, blue.")


@st.fragment
def kernel(choice: Choice) -> None:
    """Move a kernel over a cover, change its numbers, and watch its map grow."""
    grey = cached.grey_cells(choice, _CELLS)
    _edit_kernel()
    kernel_numbers = [float(st.session_state[key]) for key in _NUMBERS]
    divide_by = float(st.session_state["kernel_divide"])
    last = _CELLS - SIDE
    is_all = st.toggle("Fill the whole map", key="fill_map")
    with st.container(horizontal=True):
        row = st.slider("Window: down", 0, last, last // 2, key="kernel_row", disabled=is_all)
        column = st.slider(
            "Window: across", 0, last, last // 2, key="kernel_column", disabled=is_all
        )
    row, column = (last, last) if is_all else (row, column)
    whole = slide(grey, kernel_numbers, divide_by)
    left, right = st.columns(2, gap="medium")
    with left:
        figures.cells(
            np.repeat(grey[..., np.newaxis], 3, axis=2),
            f"The cover as {_CELLS} x {_CELLS} grey cells, the window at row {row + 1}, column "
            f"{column + 1}",
            outline=(column, row, SIDE, SIDE),
            height=_MAP_PX,
        ).show("kernel_cover")
        st.caption(f"The cover in {_CELLS} x {_CELLS} grey cells: 0 is black, 255 is white.")
    with right:
        shown = whole if is_all else grown(whole, row, column)
        n_filled = int(np.isfinite(shown).sum())
        figures.cells(
            _coloured(whole, shown),
            f"The map so far: {n_filled} of {whole.size} cells",
            outline=(column, row, 1, 1),
            height=_MAP_PX,
        ).show("kernel_map")
        st.caption(
            f"The map: {n_filled} of {whole.size} cells. Black is the least (below 0), white the "
            "most, grey in between about 0."
        )
    _sum(grey, kernel_numbers, divide_by, row, column)


def _coloured(whole: np.ndarray, shown: np.ndarray) -> np.ndarray:
    """Colour what is filled as it will look in the whole map."""
    picture = colour_cells(whole, "grey")
    picture[~np.isfinite(shown), 3] = 0
    return picture


def _edit_kernel() -> None:
    names = [*PRESETS, _OWN]
    if _NUMBERS[0] not in st.session_state:
        _write(names[0])
    st.selectbox("Kernel", names, key="kernel_preset", on_change=_take_preset)
    with st.expander("Change its nine numbers", icon=":material/edit:"):
        for start in range(0, SIDE * SIDE, SIDE):
            with st.container(horizontal=True, gap="xsmall"):
                for k in range(start, start + SIDE):
                    st.number_input(
                        f"Row {k // SIDE + 1}, column {k % SIDE + 1}",
                        -9,
                        9,
                        step=1,
                        key=_NUMBERS[k],
                        label_visibility="collapsed",
                        width=110,
                        on_change=_is_own,
                    )
        st.number_input(
            "Divide the sum by (to make it blurry 9: an average)",
            1,
            20,
            step=1,
            key="kernel_divide",
        )


def _take_preset() -> None:
    _write(st.session_state["kernel_preset"])


def _write(name: str) -> None:
    if name in PRESETS:
        numbers, divide_by = PRESETS[name]
        for key, number in zip(_NUMBERS, numbers, strict=True):
            st.session_state[key] = number
        st.session_state["kernel_divide"] = divide_by


def _is_own() -> None:
    st.session_state["kernel_preset"] = _OWN


def _sum(grey: np.ndarray, numbers: list[float], divide_by: float, row: int, column: int) -> None:
    under = grey[row : row + SIDE, column : column + SIDE].ravel()
    results = products(grey, numbers, row, column).ravel()
    terms = [f"{cell} x {number:g}" for cell, number in zip(under, numbers, strict=True)]
    lines = [" | ".join(terms[k : k + SIDE]) for k in range(0, SIDE * SIDE, SIDE)]
    divided = f", divided by {divide_by:g}" if divide_by != 1 else ""
    st.markdown(
        f"**In the window** (cell x kernel):\n\n| {lines[0]} |\n| --- | --- | --- |\n"
        f"| {lines[1]} |\n| {lines[2]} |\n\n"
        f"Added up: {results.sum():g}{divided}: the map's cell is "
        f"**{results.sum() / divide_by:g}**."
    )


@st.fragment
def depth(choice: Choice, look: CoverLook) -> None:
    """Pool one's own map; then go through the layers of a real network."""
    grey = cached.grey_cells(choice, _CELLS)
    own = slide(grey, *PRESETS["every edge"])
    n_times = st.slider(
        'Shrink the map of the kernel "every edge": how many times?', 0, 3, key="pooled"
    )
    for _ in range(n_times):
        own = pool(own)
    figures.cells(
        colour_cells(own, "grey"), f"A map of {len(own)} x {len(own)} cells", height=220
    ).show("own_pooled")
    st.caption(f"{len(own)} x {len(own)} cells: of every 2 x 2 the largest number stays.")
    layers = [f"layer {k + 1}" for k in range(len(look.depths))]
    st.markdown(
        f"**A real network**: kernels of 3 x 3, then pooling, and that {len(layers)} times over."
    )
    chosen = controls.switch("Look at", layers, key="depth", is_linked=False)
    one = look.depths[layers.index(chosen)]
    left, right = st.columns([2, 3], gap="medium")
    with left:
        picture = _square(shared.small_picture(choice), one.picture_px)
        seen = min(one.field_px, one.picture_px)
        start = (one.picture_px - seen) / 2
        figures.cells(
            picture,
            f"The cover; a square of {one.field_px} x {one.field_px} of its {one.picture_px} x "
            f"{one.picture_px} pixels is framed",
            outline=(start, start, seen, seen),
            height=280,
        ).show("depth_field")
        st.caption(
            f"What one cell in the middle sees: {one.field_px} x {one.field_px} of "
            f"{one.picture_px} x {one.picture_px} pixels."
        )
    with right:
        n = one.maps.shape[0]
        gap = np.full((n, max(1, n // 20)), np.nan)
        maps = [one.maps[..., k] for k in range(one.maps.shape[-1])]
        rows = [np.hstack([maps[k], gap, maps[k + 1]]) for k in range(0, len(maps) - 1, 2)]
        flat = np.full((gap.shape[1], rows[0].shape[1]), np.nan)
        figures.cells(
            colour_cells(
                np.vstack([rows[0], *[part for row in rows[1:] for part in (flat, row)]]), "grey"
            ),
            f"The {len(maps)} maps with the largest numbers, of {one.n_maps} of {n} x {n} cells",
            height=280,
        ).show("depth_maps")
        st.caption(
            f"The {len(maps)} maps with the largest numbers, of {one.n_maps}, {n} x {n} cells. "
            "White is where the kernel's pattern is found."
        )


@st.fragment
def scores(look: CoverLook) -> None:
    """Add a genre's score up, and turn all scores into per cent."""
    answer = int(np.argmax(look.logits))
    genre = st.selectbox("Add up the score of", look.genres, answer, key="score_genre")
    index = look.genres.index(genre)
    parts = look.parts[index]
    with st.grid(len(parts), min_column_width=130):
        for place, part in enumerate(parts):
            with st.container():
                figures.cells(
                    colour_cells(part.map, "grey"),
                    f"Map {place + 1}: average {part.average:.2f}, weight {part.weight:+.2f}",
                    height=130,
                ).show(f"part_{place}")
                st.caption(
                    f"average {part.average:.2f} x weight {part.weight:+.4f} = **{part.adds:+.3f}**"
                )
    shown = sum(part.adds for part in parts)
    n_others = look.n_numbers - len(parts)
    st.markdown(
        f"These {len(parts)} maps count most for {plain(genre)}, together **{shown:+.3f}**. The "
        f"{n_others:,} numbers of all other maps add **{look.rest(index):+.3f}**, and a starting "
        f"number, also learned, adds {look.starts[index]:+.3f}: that makes "
        f"**{look.logits[index]:.2f}**. No single map decides: it is very many small amounts."
    )
    push = st.slider(f"Push the score of {genre}", -3.0, 3.0, 0.0, 0.25, key="push", format="%+.2f")
    pushed = look.logits.copy()
    pushed[index] += push
    now = shares(pushed)
    figures.simple_bars(
        [f"{name} (score {score:.2f})" for name, score in zip(look.genres, pushed, strict=True)],
        now.tolist(),
        [f"{100 * value:.0f} %" for value in now],
        "After softmax",
        most=1.0,
        marked=(index,),
    ).show("softmax")
    st.caption(
        f"Together {100 * now.sum():.0f} %, each rounded. The page Covers shows slightly "
        "different per cent: corrected, so that they tell how often such an answer is right."
    )


def heat_map(choice: Choice, heat: np.ndarray) -> None:
    """Show a heat map over the cover."""
    picture = superimpose(shared.small_picture(choice), heat, opacity=0.5)
    st.image(picture, width=180, alt=f"{choice.alt}, under a heat map", caption="The heat map")


@st.fragment
def looked(choice: Choice, look: CoverLook, heat: np.ndarray, hottest: int) -> None:
    """Show a heat map, hide a square of the cover, and compare the answer before and after."""
    left, right = st.columns(2, gap="medium")
    answer = int(np.argmax(look.logits))
    with right:
        row = st.slider(
            "Hide the square in row", 1, SQUARES, hottest // SQUARES + 1, key="hide_row"
        )
        column = st.slider("and column", 1, SQUARES, hottest % SQUARES + 1, key="hide_column")
        square = (row - 1) * SQUARES + column - 1
        before, after = shares(look.logits), shares(look.hidden[square])
        figures.simple_bars(
            ["before", "with it hidden"],
            [before[answer], after[answer]],
            [f"{100 * value:.0f} %" for value in (before[answer], after[answer])],
            f"{look.genres[answer]}",
            most=1.0,
            marked=(1,),
        ).show("hidden")
        now = look.genres[int(np.argmax(look.hidden[square]))]
        said = "still says" if now == look.genres[answer] else "now says"
        st.markdown(f"The network {said} **{plain(now)}**.")
    with left:
        side = 200
        picture = superimpose(_square(shared.small_picture(choice), side), heat, opacity=0.4)
        x0, y0, x1, y1 = (round(part * side) for part in box_of(square))
        picture = picture.copy()
        picture[y0:y1, x0:x1] = picture.reshape(-1, 3).mean(axis=0).astype(np.uint8)
        figures.cells(
            picture,
            f"The cover under its heat map; the square in row {row}, column {column} is hidden",
            outline=(x0, y0, x1 - x0, y1 - y0),
            height=_MAP_PX,
        ).show("hide_picture")
        st.caption("Red: speaks most for the answer. Blue: least. The framed square is hidden.")


def _square(picture: np.ndarray, side: int) -> np.ndarray:
    """Scale a picture to a square, as networks do, by taking the nearest pixel."""
    rows, columns = (np.arange(side) * length // side for length in picture.shape[:2])
    return np.asarray(picture[rows[:, np.newaxis], columns])
