"""A walk through a network: its layers as a picture, and what each makes of the present input."""
