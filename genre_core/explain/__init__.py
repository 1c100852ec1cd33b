"""Where in a cover a network looks, and what its filters make of it.

`saliency` holds the plain result and the names of the methods and imports no TensorFlow;
`stages`, `gradcam`, `methods` and `activations` do.
"""
