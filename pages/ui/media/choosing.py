"""What a visitor chooses: a cover or a song, and a network; each choice lives in the link."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from genre_core.audio.containers import SONG_SUFFIXES
from genre_core.image.decode import COVER_SUFFIXES
from genre_core.runs.bundle import Bundle
from pages.ui import cached, controls, frame, limits, link
from pages.ui.media.choice import Choice, Upload, own, uploaded
from pages.ui.problems import plain

RECORD_KEY = "song_recorded"
_RECORDER, _TAKES = "song_recorder", "song_takes"
_DROPS = "start_drops"
GALLERY_PX = 96
NETWORK = "network"
_MAIN = ("model", "look", "reader", NETWORK, "result", "data_network")
"""Keys of the widgets that ask for a page's main network."""


@dataclass(frozen=True, slots=True)
class Medium:
    """Covers or songs, as pages ask for them; `name` is the key of the choice and of the link."""

    name: str
    suffixes: tuple[str, ...]
    privacy_note: str

    @property
    def max_mb(self) -> int:
        """Largest upload that this server takes."""
        own = limits.of_server()
        return own.cover_mb if self.name == "cover" else own.song_mb

    @property
    def upload_key(self) -> str:
        """Key of the uploader."""
        return f"{self.name}s_upload"

    @property
    def drop_key(self) -> str:
        """Key of what was dropped on Start, or before another page was shown."""
        return f"{self.name}s_dropped"

    @property
    def last_key(self) -> str:
        """Key of what was looked at last."""
        return f"{self.name}_last"

    @property
    def kept_key(self) -> str:
        """Key of what lies in the uploader of the medium's own page."""
        return f"{self.name}s_kept"


COVER = Medium(
    "cover",
    tuple(COVER_SUFFIXES),
    "They stay in this server's memory while your tab is open and are never stored.",
)
SONG = Medium(
    "song",
    tuple(SONG_SUFFIXES),
    "They stay in this server's memory while your tab is open. What was computed of them is "
    "forgotten with the next songs.",
)


_COMMON = ("jpg", "png", "webp", "mp3", "wav", "flac", "m4a", "ogg")


def _types(*media: Medium) -> list[str]:
    """List what a field takes, the common ones first: the field shows no more than a line."""
    plain_ones = [suffix.lstrip(".") for medium in media for suffix in medium.suffixes]
    return sorted(plain_ones, key=lambda one: one not in _COMMON)


def built_in(medium: Medium) -> list[Choice]:
    """List the covers or songs that come with the app."""
    if medium is COVER:
        return [
            Choice(cover.title, f"{cover.title} · {cover.artist}", cover.path, checksum, cover.alt)
            for cover, checksum in cached.built_in_covers()
        ]
    return [
        Choice(song.title, song.about, song.path, checksum)
        for song, checksum in cached.built_in_songs()
    ]


def upload(medium: Medium, *, key: str = "") -> list[Choice]:
    """Ask for files, by click or drop, and return the visitor's own.

    The newest becomes the page's choice, unless the page has a key of its own for the uploader and
    shows all of them, those of the medium's own page too. They stay for as long as the tab is open.
    Where uploads are switched off it says so, and there are none.
    """
    if not limits.may_upload(f"{medium.name}s"):
        return []
    if not key and medium.upload_key not in st.session_state:
        # An uploader forgets its files while another page is shown.
        st.session_state[medium.drop_key] = [*_dropped(medium), *_kept(medium)]
    files = st.file_uploader(
        f"Drop your own {medium.name}s here, or browse",
        type=_types(medium),
        accept_multiple_files=True,
        max_upload_size=medium.max_mb,
        key=key or medium.upload_key,
        on_change=None if key else _choose_newest,
        args=None if key else (medium,),
        help=medium.privacy_note,
    )
    files = limits.within(files, medium.max_mb)
    _offer_to_take_away(medium)
    if not key:
        st.session_state[medium.kept_key] = files
    elsewhere = _kept(medium) if key else []
    return uploaded([*_dropped(medium), *elsewhere, *(files or [])], medium.name)


def present(medium: Medium) -> list[Choice]:
    """List what other pages hold, the one that was looked at last first: own ones, then built-in.

    Reads no file anew and shows no field: for pages that only take up what is there.
    """
    mine = uploaded([*_dropped(medium), *_kept(medium)], medium.name)
    every = {choice.label: choice for choice in [*built_in(medium), *mine]}  # own ones win
    last = st.session_state.get(medium.last_key)
    return sorted(every.values(), key=lambda choice: (choice.label != last, not choice.is_own))


def drop() -> None:
    """Ask for covers and songs in one field, and open the page that reads what was dropped last."""
    if not limits.may_upload("covers and songs"):
        return
    files = st.file_uploader(
        "Drop a cover or a song here, or browse",
        type=_types(COVER, SONG),
        accept_multiple_files=True,
        max_upload_size=max(COVER.max_mb, SONG.max_mb),
        key=f"start_upload_{st.session_state.get(_DROPS, 0)}",
        help=COVER.privacy_note,
    )
    is_cover = [Path(file.name).suffix.lower() in COVER.suffixes for file in files or ()]
    most = [COVER.max_mb if one else SONG.max_mb for one in is_cover]
    fitting = [limits.within([file], mb) for file, mb in zip(files or (), most, strict=True)]
    is_cover = [one for one, kept in zip(is_cover, fitting, strict=True) if kept]
    files = [file for kept in fitting for file in kept]
    if not files:
        return
    # Whoever comes back finds the field empty, or would be sent away at once.
    st.session_state[_DROPS] = st.session_state.get(_DROPS, 0) + 1
    for medium in (COVER, SONG):
        own = [
            file for file, cover in zip(files, is_cover, strict=True) if cover == (medium is COVER)
        ]
        st.session_state[medium.drop_key] = own or _dropped(medium)
    # Of covers the first own one is chosen anyway; a link that named it would be a step of its own
    # on the way back.
    medium = COVER if is_cover[-1] else SONG
    newest = uploaded(_dropped(medium), medium.name)[-1].label
    page = frame.PAGES[f"{medium.name}s"].path
    st.switch_page(page, query_params=None if medium is COVER else {medium.name: newest})


def _dropped(medium: Medium) -> list[Upload]:
    """Give what was dropped on Start, or here before another page was shown."""
    return list(st.session_state.get(medium.drop_key, ()))


def _kept(medium: Medium) -> list[Upload]:
    """Give what lies, or lay, in the uploader of the medium's own page."""
    return list(st.session_state.get(medium.kept_key) or ())


def _offer_to_take_away(medium: Medium) -> None:
    """List what was dropped before: no uploader shows it that could let it go."""
    if not (files := _dropped(medium)):
        return
    with st.container(horizontal=True, gap="xsmall"):
        for place, file in enumerate(files):
            st.button(
                plain(file.name),
                icon=":material/close:",
                help="Dropped before: take it away",
                key=f"{medium.drop_key}_{place}",
                on_click=_take_away,
                args=(medium, place),
            )


def _take_away(medium: Medium, place: int) -> None:
    files = _dropped(medium)
    st.session_state[medium.drop_key] = [*files[:place], *files[place + 1 :]]


def record() -> list[Choice]:
    """Ask for a recording with the microphone, where uploads are not switched off."""
    if not limits.of_server().uploads:
        return []
    with st.popover("Record", icon=":material/mic:", key=_RECORDER, on_change="rerun"):
        recording = st.audio_input(
            "What the microphone hears",
            sample_rate=44_100,
            key=RECORD_KEY,
            on_change=_choose_recorded,
        )
    return _recorded(recording)


def pick(medium: Medium, choices: list[Choice]) -> Choice:
    """Ask which cover or song to look at; the first built-in one by default."""
    n_own = sum(choice.is_own for choice in choices)
    by_label = {choice.label: choice for choice in choices}
    first = next((one.label for one in choices if not one.is_own), choices[0].label)
    # Whoever comes back by the menu finds what was looked at; a step back on the page does not.
    last = st.session_state.get(medium.last_key) if medium.name not in st.session_state else None
    link.follow(medium.name, [medium.name], by_label, last if last in by_label else first)
    if st.session_state.get(medium.name) not in by_label:
        st.session_state[medium.name] = first
    picked = st.pills(
        "Examples" if not n_own else "Yours" if n_own == len(choices) else "Yours, and examples",
        list(by_label),
        format_func=shown_labels(choices).__getitem__,
        required=True,
        key=medium.name,
        wrap=True,
    )
    label = picked if picked in by_label else first
    link.write(medium.name, medium.name, label, first)
    st.session_state[medium.last_key] = label
    return by_label[label]


def last_built_in(medium: Medium) -> Choice:
    """Give the built-in one that the link names, as after a reload; else the last one chosen."""
    every = built_in(medium)
    by_label = {choice.label: choice for choice in every}
    asked = (st.query_params.get(medium.name), st.session_state.get(medium.last_key))
    return next((by_label[label] for label in asked if label in by_label), every[0])


def offered(medium: Medium, mine: list[Choice]) -> list[Choice]:
    """Offer the visitor's own; the built-in ones without any, or where a link asks for one."""
    linked, chosen = st.query_params.get(medium.name), st.session_state.get(medium.name)
    asked = chosen if linked == link.last_written(medium.name) else linked
    return [*mine, *(one for one in built_in(medium) if not mine or one.label == asked)]


def shown_labels(choices: Sequence[Choice]) -> dict[str, str]:
    """Return what buttons show of each choice by its label: of a visitor's files without markup.

    Built-in ones stay as they are: what is shown stands in the link.
    """
    return {one.label: plain(one.label) if one.is_own else one.label for one in choices}


def gallery(choices: list[Choice], columns: int = 6) -> None:
    """Show covers as pictures with a button each that brings it to the top."""
    with st.grid(columns, min_column_width=GALLERY_PX):
        for choice in choices:
            with st.container(gap="xsmall"):
                picture = cached.gallery_picture(choice)
                st.image(picture, width=cached.shown_width(picture), alt=choice.alt)
                st.button(
                    plain(choice.label),
                    key=f"look_{choice.checksum[:12]}",
                    width="stretch",
                    on_click=_bring_up,
                    args=(choice.label,),
                )


def thumbnails(answers: Sequence[tuple[Choice, str, str]], chosen: Choice) -> None:
    """Show own covers, each under a button that brings it up, with an answer and more on it."""
    with st.grid(6, min_column_width=GALLERY_PX):
        for k, (choice, answer, more) in enumerate(answers):
            with st.container(gap="xxsmall"):
                st.button(
                    answer,
                    key=f"own_{k}",
                    width="stretch",
                    type="primary" if choice == chosen else "secondary",
                    help=more,
                    on_click=_choose,
                    args=(COVER, choice.label),
                )
                picture = cached.small_picture(choice)
                st.image(picture, width=cached.shown_width(picture), alt=choice.alt)


def model(
    key: str, bundles: Sequence[Bundle], label: str = "Network", *, hint: str | None = None
) -> Bundle:
    """Ask which model, by its title; its name stands below, and the link carries it.

    A page's main network is `network` in every link; links of before, which have the widget's key,
    are read too.
    """
    by_name = {bundle.name: bundle for bundle in bundles}
    in_link = NETWORK if key in _MAIN else key
    link.follow(key, [in_link, key], by_name, bundles[0].name)
    with st.container(gap="xxsmall"):
        picked = st.selectbox(
            label, list(by_name), key=key, format_func=titles(bundles).__getitem__, help=hint
        )
        bundle = by_name.get(picked, bundles[0])
        controls.code_name(plain(bundle.name))
    link.write(key, in_link, bundle.name, bundles[0].name)
    if key != in_link:
        st.query_params.pop(key, None)
    return bundle


def models(key: str, bundles: Sequence[Bundle], label: str, *, placeholder: str) -> list[Bundle]:
    """Ask for any number of models, by title; the link carries their names."""
    by_name = {bundle.name: bundle for bundle in bundles}
    if key not in st.session_state:
        st.session_state[key] = [n for n in st.query_params.get_all(key) if n in by_name]
    picked = st.multiselect(
        label,
        list(by_name),
        key=key,
        format_func=titles(bundles).__getitem__,
        placeholder=placeholder,
    )
    if picked:
        st.query_params[key] = picked
    else:
        st.query_params.pop(key, None)
    return [by_name[name] for name in picked]


def titles(bundles: Sequence[Bundle]) -> dict[str, str]:
    """Title each bundle, by name; of two with one title the names tell them apart."""
    counts = Counter(bundle.card.title for bundle in bundles)
    return {
        bundle.name: bundle.card.title
        + (f" ({bundle.name})" if counts[bundle.card.title] > 1 else "")
        for bundle in bundles
    }


def _recorded(file: object) -> list[Choice]:
    if file is None:
        return []
    content = file.getvalue()  # type: ignore[attr-defined]
    takes: list[str] = st.session_state.setdefault(_TAKES, [])
    checksum = hashlib.sha256(content).hexdigest()
    if checksum not in takes:
        takes.append(checksum)
    note = "From the microphone: a room and a loudspeaker lie between it and the song"
    return [own(f"Recording {takes.index(checksum) + 1}", content, note=note)]


def _choose(medium: Medium, label: str) -> None:
    st.session_state[medium.name] = label


def _bring_up(label: str) -> None:
    _choose(COVER, label)
    frame.go_to_top()


def _choose_newest(medium: Medium) -> None:
    files = st.session_state.get(medium.upload_key) or []
    choices = uploaded([*_dropped(medium), *files], medium.name) if files else []
    known = st.session_state.get(f"{medium.upload_key}_known", set())
    labels = [choice.label for choice in choices]
    st.session_state[f"{medium.upload_key}_known"] = set(labels)
    if fresh := [label for label in labels if label not in known]:
        # Of several covers the first, whose thumbnail is the first; a song is read alone.
        _choose(medium, fresh[0 if medium is COVER else -1])


def _choose_recorded() -> None:
    for choice in _recorded(st.session_state.get(RECORD_KEY)):
        _choose(SONG, choice.label)
        st.session_state[_RECORDER] = False  # its result lies behind it
