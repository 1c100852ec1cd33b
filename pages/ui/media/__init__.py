"""Covers and songs that a visitor can look at: what one is, and how one is chosen."""
