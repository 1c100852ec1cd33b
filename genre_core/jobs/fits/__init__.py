"""One file for each kind of recipe: how it is fitted."""
