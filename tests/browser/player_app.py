"""A page with the player alone, for the browser tests: `?song=short`, `four` or `long`."""

from __future__ import annotations

import io
import sys
import wave
from pathlib import Path

import numpy as np
import soundfile as sf
import streamlit as st
from PIL import Image

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from pages.ui.player import (
    Curves,
    Series,
    Spectrogram,
    Strip,
    Taggram,
    Waveform,
    song_player,
)

SR = 8000
DURATION_S = {"short": 20, "four": 240, "ogg": 240, "mp3": 240, "other": 20, "long": 1200}
SEGMENT_S = {"short": 2.0, "other": 2.0, "long": 1.0}


def made_sound(name: str) -> bytes:
    """Return a quiet tone whose pitch rises in steps of a second."""
    t = np.arange(DURATION_S[name] * SR) / SR
    hz = 200 + 5 * np.floor(t) + 50 * (name == "other")
    y = 0.1 * np.sin(2 * np.pi * np.cumsum(hz) / SR)
    file = io.BytesIO()
    if name in ("ogg", "mp3"):
        sf.write(file, y, SR, format=name.upper())
        return file.getvalue()
    with wave.open(file, "wb") as out:
        out.setparams((1, 2, SR, 0, "NONE", ""))
        out.writeframes((y * 32767).astype("<i2").tobytes())
    return file.getvalue()


def made_lanes(name: str) -> list[object]:
    """Return one lane of every kind; the long song has the full load."""
    rng = np.random.default_rng(3)
    duration, segment_s = DURATION_S[name], SEGMENT_S.get(name, 5.0)
    n = int(duration / segment_s)
    starts = np.arange(n) * segment_s
    ends = starts + segment_s
    high = np.abs(rng.normal(0, 0.25, 20 * duration)).clip(0, 1)
    n_rows = 50 if name == "long" else 5
    shades = rng.random((256, min(8192, 10 * duration))) * np.linspace(30, 255, 256)[:, None]
    picture = io.BytesIO()
    Image.fromarray(shades.astype(np.uint8)).save(picture, format="PNG")
    walk = 0.5 + 0.4 * np.sin(np.outer((1, 2, 3), np.arange(n)) / 7)
    names = ("LSTM", "CNN", "MLP")
    return [
        Waveform(-high, high),
        Spectrogram(picture.getvalue(), ticks=[(0.1, "100 Hz"), (0.5, "1 kHz"), (0.9, "3 kHz")]),
        Curves([Series(names[k], walk[k], starts, ends) for k in range(3)], label="Prog"),
        Taggram(rng.random((n_rows, n)), [f"genre {k}" for k in range(n_rows)], starts, ends),
        Strip(rng.random(n), starts, ends),
    ]


st.set_page_config(layout="wide")
name = st.query_params.get("song", "short")
name = st.segmented_control("Song", list(DURATION_S), default=name) or name
st.session_state["n_runs"] = st.session_state.get("n_runs", 0) + 1
st.title("Player")
st.text(f"runs: {st.session_state['n_runs']}")
st.button("Run again")
jump = 3 if st.button("Jump to segment 3") else st.session_state.get("jump")
st.session_state["jump"] = jump

# Kept, so that runs are short and equal: what is measured is the player.
if st.session_state.get("made") != name:
    st.session_state["made"] = name
    st.session_state["sound"], st.session_state["lanes"] = made_sound(name), made_lanes(name)
chosen = song_player(
    st.session_state["sound"],
    st.session_state["lanes"],
    duration_s=DURATION_S[name],
    key="player",
    name=f"made song {name}",
    selected=jump,
    moment=("Best 0:07", 7.5) if name == "short" else None,
)
st.text(f"selected: {chosen}")
