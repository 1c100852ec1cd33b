"""Who may change anything on this server: import, delete, train, stop, resume, promote and tag."""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from genre_core.errors import GenreError, describe
from pages.ui.problems import plain

SETTING = "GENRE_ALLOW_TRAINING"
MODES = ("local", "signed-in", "nobody")
"""Values of the setting; `local` where there is none."""

_FORWARDING = ("forwarded", "via", "x-real-ip", "x-client-ip", "x-cluster-client-ip")
_FORWARDING_STARTS = (
    "x-forwarded",
    "x-original-",
    "x-envoy-",
    "x-amzn-",
    "x-amz-",
    "x-appengine-",
    "x-arr-",
    "x-azure-",
    "x-proxy",
    "cf-",
    "cdn-",
    "fly-",
    "fastly-",
    "true-client-",
    "tailscale-",
)
_HOST = re.compile(r"(?:\[(?P<v6>[0-9a-fA-F:.]+)\]|(?P<name>[^:/\[\]@\s]+))(?::\d{1,5})?")


class NotAllowedError(GenreError):
    """A visitor may look at everything here and change nothing."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What is known of a visitor.

    ip: Address that the request came from; None where it is this machine's own.
    headers: Of the request, names in any case.
    is_signed_in: Whether `st.login` let them in.
    """

    ip: str | None
    headers: Mapping[str, str]
    is_signed_in: bool = False


@dataclass(frozen=True, slots=True)
class Permission:
    """What a visitor may do, and why not.

    is_allowed: Import, delete, train, stop, resume, promote and tag.
    may_name_folders: Type paths of this machine, too.
    why, how: Where it is not allowed: the reason, and what would allow it.
    warning: What is wrong with the setting itself, else empty.
    """

    is_allowed: bool
    may_name_folders: bool = False
    why: str = ""
    how: str = ""
    warning: str = ""


def decide(setting: str, visit: Visit) -> Permission:
    """Decide what a visitor may do.

    `setting` is one of `MODES`; empty means `local`, anything else `nobody`, with a warning.
    `local` asks for four things at once, since each alone is true of somebody else too: the request
    comes from this machine's own address (true of everybody behind a proxy that runs here), it was
    sent to a local name (`Host`; an outer name that leads here is not one), by a page of a local
    name (`Origin`, which browsers send and proxies keep), and no proxy says that it passed it on.
    A proxy that rewrites all of these cannot be told from a browser here: whoever runs one sets
    `signed-in` or `nobody`.

    Examples
    --------
    >>> here = Visit(None, {"Host": "localhost:8501", "Origin": "http://localhost:8501"})
    >>> decide("", here).is_allowed, decide("nobody", here).is_allowed
    (True, False)
    >>> decide("local", Visit(None, {"Host": "localhost:8501", "Via": "1.1 proxy"})).why
    'Your request was passed on by a proxy (via).'
    """
    mode = setting.strip().lower() or "local"
    how_to_set = f"Whoever runs this server sets {SETTING} to local, signed-in or nobody."
    if mode not in MODES:
        warning = (
            f"{SETTING} must be local, signed-in or nobody. Received {describe(setting[:60])}. "
            "Until it is, nobody may change anything here."
        )
        return Permission(
            False, why="The setting is none of its values.", how=how_to_set, warning=warning
        )
    if mode == "nobody":
        why = "Imports and trainings are switched off on this server."
        return Permission(False, why=why, how=how_to_set)
    if mode == "signed-in":
        if visit.is_signed_in:
            return Permission(True)
        how = "Sign in. A server without `st.login` set up lets nobody sign in."
        return Permission(False, why="You are not signed in.", how=how)
    if why := _why_not_local(visit):
        how = f"Open this app on the machine that it runs on, as http://localhost. {how_to_set}"
        return Permission(False, why=why, how=how)
    return Permission(True, may_name_folders=True)


def of_visitor() -> Permission:
    """Tell what the visitor of this run of the page may do."""
    return decide(os.environ.get(SETTING, ""), visitor())


def visitor() -> Visit:
    """Tell who is there, as far as the connection says; tests put another in its place."""
    # Without `st.login` set up there is no such attribute.
    is_signed_in = getattr(st.user, "is_logged_in", False) is True
    # A header may come twice: a second one must not hide the first.
    headers = st.context.headers
    every = {name: ", ".join(headers.get_all(name)) for name in headers}
    return Visit(st.context.ip_address, every, is_signed_in)


def may_change() -> bool:
    """Tell whether this visitor may import, delete, train, stop, resume, promote and tag."""
    return of_visitor().is_allowed


def may_name_folders() -> bool:
    """Tell whether this visitor may type paths of the server's machine."""
    return of_visitor().may_name_folders


def need_permission(*, to_name_folders: bool = False) -> None:
    """Raise where this visitor may change nothing; every action calls it, not only its button.

    A button that is not drawn can still be pressed by whoever speaks Streamlit's protocol.
    `to_name_folders` where the action reads a path that the visitor typed.
    """
    permission = of_visitor()
    if not permission.is_allowed:
        raise NotAllowedError(
            "Only whom this server lets may change anything here.",
            received=permission.why[:1].lower() + permission.why[1:].rstrip("."),
            cure=permission.how,
        )
    if to_name_folders and not permission.may_name_folders:
        raise NotAllowedError(
            "Only somebody at this machine may name its folders.",
            received="a path from elsewhere",
            cure="Upload a zip instead.",
        )


def show_why_not() -> bool:
    """Write why this visitor may only look, and how that is changed; return `may_change`."""
    permission = of_visitor()
    if permission.warning:
        st.warning(plain(permission.warning), icon=":material/warning:")
    if not permission.is_allowed:
        st.info(
            "**You can look at everything here, and change nothing.** "
            f"{plain(permission.why)} {plain(permission.how)}",
            icon=":material/lock:",
        )
    return permission.is_allowed


def _why_not_local(visit: Visit) -> str:
    headers = {name.strip().lower(): value for name, value in visit.headers.items()}
    passed_on = sorted(
        name for name in headers if name in _FORWARDING or name.startswith(_FORWARDING_STARTS)
    )
    if visit.ip is not None and not _is_loopback(visit.ip):
        return "Your browser is on another machine."
    if passed_on:
        return f"Your request was passed on by a proxy ({passed_on[0]})."
    if not _is_local_name(headers.get("host", "")):
        return "This page was not opened as http://localhost."
    origin = headers.get("origin")
    if origin is not None and not _is_local_name(re.sub(r"^https?://", "", origin)):
        return "This page belongs to another site."
    return ""


def _is_local_name(host: str) -> bool:
    match = _HOST.fullmatch(host.strip())
    if match is None:
        return False
    if match["v6"]:
        return _is_loopback(match["v6"])
    return match["name"].lower() == "localhost" or _is_loopback(match["name"])


def _is_loopback(text: str) -> bool:
    try:
        address = ipaddress.ip_address(text.strip())
    except ValueError:
        return False
    mapped = getattr(address, "ipv4_mapped", None)
    return (mapped or address).is_loopback
