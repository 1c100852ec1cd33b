"""Tests mirror the tree.

This file makes the name `tests` ours: tf-keras-vis installs a package that is called so too.
"""
