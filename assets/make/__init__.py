"""Painters of the made covers and players of the made songs; the app never imports them.

`python -m assets.make.covers` and `python -m assets.make.songs` write `assets/` again.
"""
