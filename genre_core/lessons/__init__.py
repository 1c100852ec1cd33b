"""The studies that are rebuilt here, and the lessons: what trains for them, and stored results."""
