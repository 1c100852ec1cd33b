"""Bring your own data: a zip that is uploaded, or a folder of this machine."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from genre_core.data.importers import AUTO, LAYOUTS
from genre_core.jobs.importing import import_request, start_import
from pages.ui import controls, limits, permission, problems
from pages.ui.problems import plain

_ROUND = "data_round"
_STARTED = "data_started"
_ZIP, _FOLDER = "Upload a zip", "A folder of this machine"
_FIRST = ("folders", "csv", "prog-songs")
INSIST = (
    "Whatever is trained on it will look too good: the network already knows the test's artists or "
    "files. The data set and every result of it stay marked as leaking."
)


def section() -> None:
    """Ask for a data set and start its import, where this visitor may."""
    st.subheader("Bring your own", anchor=False)
    st.markdown(
        "One folder per genre, with covers or songs; or a table `labels.csv` with *path* and "
        "*genre* beside them; or folders of prog songs and of others. Files that cannot be used "
        "are listed, the rest imports."
    )
    if not permission.show_why_not():
        return
    if (name := st.session_state.pop(_STARTED, None)) is not None:
        st.toast(f"The import of {plain(name)} has started.", icon=":material/rocket_launch:")
    ways = [_ZIP] if limits.may_upload("zips") else []
    ways += [_FOLDER] if permission.may_name_folders() else []
    if not ways:
        return
    way = controls.switch("From where?", ways, key="data_from", is_linked=False)
    # After a start everything is asked anew: else the upload would stay in memory.
    turn = st.session_state.get(_ROUND, 0)
    upload = path = None
    if way == _FOLDER:
        path = st.text_input(
            "Folder, table or zip on this machine",
            key=f"data_path_{turn}",
            placeholder=str(Path.home() / "Music"),
        ).strip()
    else:
        upload = st.file_uploader(
            "A zip of the folder",
            type=["zip"],
            max_upload_size=limits.of_server().zip_mb,
            key=f"data_upload_{turn}",
            help="Only covers, songs and tables are unpacked. For more than fits start the app "
            "where the files are, and type the folder's path.",
        )
        fitting = limits.within([upload] if upload else (), limits.of_server().zip_mb)
        upload = fitting[0] if fitting else None
    settings = _settings(turn)
    if st.button(
        "Start the import",
        type="primary",
        icon=":material/download:",
        key="data_start",
        disabled=not (upload or path),
    ):
        with problems.shown("Import"):
            permission.need_permission(to_name_folders=way == _FOLDER)
            if upload is not None:
                request = import_request(upload.name, settings)
                start_import(request, upload)
            else:
                request = import_request(str(path), settings)
                start_import(request)
            st.session_state[_STARTED] = plain(request.settings["name"])
            st.session_state[_ROUND] = turn + 1
            st.rerun()


def _settings(turn: int) -> dict[str, Any]:
    layouts = [AUTO, *_FIRST, *(name for name in LAYOUTS if name not in _FIRST)]
    with st.container(horizontal=True, gap="medium"):
        settings: dict[str, Any] = {
            "name": st.text_input(
                "Name", key=f"data_name_{turn}", placeholder="as the folder", width=240
            ).strip(),
            "layout": st.selectbox(
                "Layout",
                layouts,
                key=f"data_layout_{turn}",
                format_func=lambda name: (
                    "detect automatically" if name == AUTO else LAYOUTS[name].text
                ),
                width=380,
            ),
        }
    with st.expander("Licence, duplicates and splits", icon=":material/tune:"):
        with st.container(horizontal=True, gap="medium"):
            for key, label, hint in (
                ("title", "Title", "one line for people"),
                ("licence", "Licence", "CC BY 4.0"),
                ("citation", "To cite", "author, year"),
            ):
                settings[key] = st.text_input(
                    label, key=f"data_{key}_{turn}", placeholder=hint, width=240
                ).strip()
        settings["near_duplicates"] = st.checkbox(
            "Keep near-duplicates in one split",
            value=True,
            key=f"data_near_{turn}",
            help="The same cover in another size, the same recording in another encoding. Every "
            "song has to be decoded for this.",
        )
        settings["merge_spellings"] = st.checkbox(
            "Merge the spellings of one genre",
            key=f"data_merge_{turn}",
            help="*Hip Hop*, *hip-hop* and *HIPHOP* become the one that most items have. They are "
            "named in any case; --merge-spellings on the command line.",
        )
        settings["verify"] = st.checkbox(
            "Decode every song whole",
            key=f"data_verify_{turn}",
            help="Finds songs that are cut short too, but is slower. Covers always are.",
        )
        settings["new_splits"] = st.checkbox(
            "Make new splits by artist, although the data has its own",
            key=f"data_new_{turn}",
            help="--new-splits on the command line.",
        )
        settings["cut_val"] = st.checkbox(
            "Take a validation part of train where the data has none",
            key=f"data_cut_{turn}",
            help="--cut-val on the command line: 15 % of train, by artist.",
        )
        settings["replace"] = st.checkbox(
            "Replace the data set that has this name",
            key=f"data_replace_{turn}",
            help="--replace on the command line. Without it a name that is taken is refused.",
        )
        settings["allow_leaks"] = st.checkbox(
            "Allow splits that leak: keep the data's own", key=f"data_leaks_{turn}"
        )
        if settings["allow_leaks"]:
            st.warning(INSIST, icon=":material/warning:")
    return settings
