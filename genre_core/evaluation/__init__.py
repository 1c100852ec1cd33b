"""How good a network is: measured through `Classifier`, so that what is measured is served."""
