"""Whether a heat map can be believed: what was measured of its method, tests of the one shown."""
