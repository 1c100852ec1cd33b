"""Painters of the made covers, one style a file; `genre_core.data.demo` is the door."""
