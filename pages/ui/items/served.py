"""Files of data sets for the lists on pages: small pictures of covers, and songs to play.

Streamlit's own media files keep every file that a page shows in memory; a page of fifty songs would
take some 200 MB. These are read when the browser asks for them.
"""

from __future__ import annotations

import io
import os
import secrets
from collections import OrderedDict
from hashlib import blake2b
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:  # app.py imports this: the server shall not wait for libraries
    from genre_core.data.catalog import Catalog

THUMB_PX = 224
"""Longest side of a cover in a list."""

_PREFIX = "/items"
_SONGS = "/songs-of-libraries"
_MAX_SETS = 8
_MAX_SONGS = 5_000
_FOR_A_DAY = {"Cache-Control": "private, max-age=86400"}

_shown: OrderedDict[str, Catalog] = OrderedDict()
_KEY = secrets.token_bytes(32)
_songs: OrderedDict[str, Path] = OrderedDict()
_lock = Lock()


def address(catalog: Catalog, digest: str, item_id: str) -> str:
    """Return where the browser gets an item; "" where its file is not there.

    Only data sets that a page has shown can be fetched from, the last 8. `digest` is the
    catalog's: computed for each item it would cost more than the page.
    """
    from pages.ui.media.item import file_of

    if file_of(catalog, item_id) is None:
        return ""
    with _lock:
        _shown[digest] = catalog
        _shown.move_to_end(digest)
        while len(_shown) > _MAX_SETS:
            _shown.popitem(last=False)
    return f"{_PREFIX}/{digest}/{quote(item_id)}"


def song_address(path: Path) -> str:
    """Return where the browser gets one song, for as long as 5,000 later ones are not asked for.

    The address is a secret: only a page that lets its visitor hear the file gives it.
    """
    secret = blake2b(os.fsencode(path), key=_KEY, digest_size=16).hexdigest()
    with _lock:
        _songs[secret] = path
        _songs.move_to_end(secret)
        while len(_songs) > _MAX_SONGS:
            _songs.popitem(last=False)
    return f"{_SONGS}/{secret}"


async def _serve_song(request: Request) -> Response:
    with _lock:
        path = _songs.get(request.path_params["secret"])
    if path is None:
        return Response(status_code=404)
    return await run_in_threadpool(_song, path)


def _song(path: Path) -> Response:
    from pages.ui.player.media import sound_mime

    if not path.is_file():
        return Response(status_code=404)
    return FileResponse(path, media_type=sound_mime(path), headers=_FOR_A_DAY)


async def _serve(request: Request) -> Response:
    with _lock:
        catalog = _shown.get(request.path_params["digest"])
    if catalog is None:
        return Response(status_code=404)
    return await run_in_threadpool(_answer, catalog, request.path_params["item"])


def _answer(catalog: Catalog, item_id: str) -> Response:
    from PIL import Image

    from genre_core import guarded
    from genre_core.errors import GenreError
    from pages.ui.media.item import file_of

    path = file_of(catalog, item_id)
    if path is None:
        return Response(status_code=404)
    try:
        if catalog.head.media == "track":
            return _song(path)
        image = Image.fromarray(guarded.decode_cover(path))
    except (GenreError, OSError):
        return Response(status_code=415)
    image.thumbnail((THUMB_PX, THUMB_PX), Image.Resampling.LANCZOS)
    buffer = io.BytesIO()
    image.save(buffer, format="JPEG", quality=85)
    return Response(buffer.getvalue(), media_type="image/jpeg", headers=_FOR_A_DAY)


ROUTES = (
    Route(f"{_PREFIX}/{{digest}}/{{item:path}}", _serve, methods=["GET"]),
    Route(f"{_SONGS}/{{secret}}", _serve_song, methods=["GET"]),
)
"""What app.py serves beside the pages."""
