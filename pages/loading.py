"""What the first pages import, loaded while a visitor's browser still loads Streamlit's own."""

import importlib
import inspect
import threading

MODULES = ("pages.ui.first_sight", "pages.ui.songs.explaining", "pages.ui.warm_up")


def _load() -> None:
    for name in MODULES:
        importlib.import_module(name)
    # Streamlit asks for it once, at its first element: then Python looks for every module's file.
    inspect.stack()


_thread = threading.Thread(target=_load, name="loading", daemon=True)


def begin() -> None:
    """Begin to load beside the server, which answers meanwhile."""
    _thread.start()


def end() -> None:
    """Wait until that is over, if it was begun: two threads that import one library may collide."""
    if _thread.ident is not None:
        _thread.join()
