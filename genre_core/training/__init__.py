"""From an experiment and covers to a fitted network with its history."""
