"""Guess first: rooms in which a class names genres before a network does."""
