"""What stands behind a network's figures: items, slices, labels, pairs of networks."""
