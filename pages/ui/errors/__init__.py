"""The parts of the page Errors: one selection, the matrix, the list, and what explains them."""
