"""What a training leaves behind: bundles of a network, its card, its figures and its history."""
