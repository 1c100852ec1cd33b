"""Tests mirror the tree. This file makes `tests` ours: tf-keras-vis installs a package of that name."""
