"""Pictures side by side, each of which may be clicked, drawn without the charting library."""

from pages.ui.tiles.grid import Bar, Tiles

__all__ = ["Bar", "Tiles"]
