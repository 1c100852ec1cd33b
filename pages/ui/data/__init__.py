"""Sections of the page on data sets."""
