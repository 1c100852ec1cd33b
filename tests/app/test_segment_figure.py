"""The picture of a segment: the names of its rows have the room that they take."""

from __future__ import annotations

import re

import numpy as np
import pytest
import streamlit as st

from genre_core.audio.segment_picture import segment_picture
from genre_core.config import SongInput
from pages.ui.figures.segment import segment


@pytest.mark.parametrize(
    ("spec", "shape", "longest", "room"),
    [
        (SongInput(features="frames_205", n_frames=40, hop_frames=40), (40, 205), 17, (7, 9)),
        (SongInput(features="mel_128", n_frames=43, hop_frames=43), (43, 128, 1), 6, (4.8, 4.8)),
    ],
)
def test_long_names_get_room_and_short_ones_no_more_than_before(
    monkeypatch: pytest.MonkeyPatch,
    spec: SongInput,
    shape: tuple[int, ...],
    longest: int,
    room: tuple[float, float],
) -> None:
    drawn: list[str] = []
    monkeypatch.setattr(st, "html", drawn.append)
    picture = segment_picture(np.zeros(shape, np.float32), spec)
    assert picture is not None
    assert max(len(name) for _, name in picture.ticks) == longest
    segment(picture, None, 0.0)
    [rem] = re.findall(r'class="segment" style="--names:([\d.]+)rem"', drawn[0])
    assert room[0] <= float(rem) <= room[1]
