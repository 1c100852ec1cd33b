"""What a visitor chose, in the page's link, and back from it: where Streamlit's binding is no help.

It would write what is shown: a title instead of a name, or a file's name with the marks that keep
it from being read as Markdown.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import streamlit as st


def follow(key: str, names: Sequence[str], known: Collection[str], default: str) -> None:
    """Choose what the link says when the page opens, and whenever it says something new.

    It does so after a step back in the browser, and where another link leads to the open page.
    `names` are the parameters that may say it.
    """
    said = next((v for name in names if (v := st.query_params.get(name)) in known), None)
    # A widget forgets its value while another page is shown.
    if said != last_written(key) or key not in st.session_state:
        st.session_state[key] = said or default


def write(key: str, name: str, value: str, default: str) -> None:
    """Put a choice into the link. Each change is a step back: none is made without need.

    A default needs no word there, yet a link that names it is left as it is: taking the word out
    would make a second step of the one that led here, and Back would not leave the page.
    """
    if st.query_params.get(name) != value:
        if value == default:
            st.query_params.pop(name, None)
        else:
            st.query_params[name] = value
    st.session_state[f"{key}_in_link"] = st.query_params.get(name)


def last_written(key: str) -> str | None:
    """Give what the link said when `write` was done with it; None where it said nothing."""
    said: str | None = st.session_state.get(f"{key}_in_link")
    return said
