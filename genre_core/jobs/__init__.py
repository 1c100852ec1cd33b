"""The steps that the command line and the pages start; TensorFlow loads inside them."""
