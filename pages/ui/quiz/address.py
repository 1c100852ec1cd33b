"""Where phones reach this page: as the browser does, or by this machine's name in its network."""

from __future__ import annotations

import ipaddress
import socket
from urllib.parse import urlsplit, urlunsplit

import numpy as np
import segno
import streamlit as st

from genre_core.classroom.rooms import read_address
from genre_core.errors import GenreError
from pages.ui import controls
from pages.ui.problems import plain

_PX = 8  # of one square of a QR code
_QUIET = 4  # squares around it that scanners need


def guess(url: str, local_ip: str) -> str:
    """Give the address of the page for phones: a local name is replaced by this machine's.

    Examples
    --------
    >>> guess("http://localhost:8501/quiz?room=BCDFG", "192.168.1.20")
    'http://192.168.1.20:8501/quiz'
    >>> guess("https://genres.example.org/quiz", "192.168.1.20")
    'https://genres.example.org/quiz'
    """
    parts = urlsplit(url)
    host = parts.netloc
    if local_ip and _is_local(parts.hostname or ""):
        host = local_ip if parts.port is None else f"{local_ip}:{parts.port}"
    return urlunsplit((parts.scheme, host, parts.path, "", ""))


def of_page() -> str:
    """Give the address of this page for phones, as far as it can be told here."""
    url = st.context.url or ""
    try:
        return read_address(guess(url, _own_ip()))
    except GenreError:
        return ""  # odd, and can be corrected in the room


def link(address: str, code: str) -> str:
    """Write the link to a room."""
    return f"{address}?room={code}"


def qr(text: str) -> bytes:
    """Draw a text as a QR code, black on white with its quiet zone, as a PNG file."""
    squares = np.array([list(row) for row in segno.make(text, error="m").matrix], dtype=bool)
    squares = np.pad(squares, _QUIET).repeat(_PX, axis=0).repeat(_PX, axis=1)
    grey = np.where(squares, 0, 255).astype(np.uint8)
    return controls.png(np.stack([grey] * 3, axis=-1))


def show(address: str, code: str) -> None:
    """Show how one comes in: the code, the address, and both as a picture for phones."""
    picture, words = st.columns([1, 2], gap="large", vertical_alignment="center")
    if address:
        picture.image(
            qr(link(address, code)), width="stretch", alt=f"QR code of {link(address, code)}"
        )
    with words:
        st.markdown("Scan the picture, or open" if address else "Open the page *Guess first*")
        if address:
            st.markdown(f"### {plain(address)}")
        st.markdown("and type the code")
        st.title(f":violet[{' '.join(code)}]", anchor=False)


def why_unreachable(address: str) -> str:
    """Say why phones cannot come to this address; empty where nothing speaks against it."""
    only_here = "localhost" in str(st.get_option("server.address") or "")
    if only_here and (_is_local(urlsplit(address).hostname or "") or _is_private(address)):
        return (
            "This server listens to its own machine only. Start it with "
            "`make run ADDRESS=0.0.0.0`, so that phones in the same network reach it."
        )
    if not address or _is_local(urlsplit(address).hostname or ""):
        return "Phones cannot reach this address: it is every machine's name for itself."
    return ""


def _own_ip() -> str:
    """Give this machine's address in its network; empty where it is in none. Nothing is sent."""
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.connect(("192.0.2.1", 9))  # an address that is nobody's
            return str(probe.getsockname()[0])
    except OSError:
        return ""


def _is_local(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_private(address: str) -> bool:
    try:
        return ipaddress.ip_address(urlsplit(address).hostname or "").is_private
    except ValueError:
        return False
