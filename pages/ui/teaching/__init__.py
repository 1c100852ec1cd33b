"""For teachers: paths through the app, notes for each stop, and showing them to a class."""
