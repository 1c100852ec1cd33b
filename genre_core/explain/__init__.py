"""Where in a cover or a song a network looks, and what its kernels have learned.

`cam.Cam` makes every heat map (`gradcam`, `keras_vis`, `perturbed`), `activations` and `exciting`
read the maps of single kernels, `kernels` the weights; `patterns` seeks the input that excites a
kernel most. `evidence`, `shuffled` and `pointing` test maps. `saliency`, `places`, `prepared`,
`packed_map`, `lru_store`, `peaks`, `song_spectrogram`, `kernel_weights`, `kernel_pictures`,
`kernel_groups`, `plain_inputs`, `occlusion`, `integrated`, `hiding` and, of what concerns patterns,
scale, groups, store and sound import no TensorFlow.
"""

from genre_core.turns import Turns

MAPS_LOCK = Turns()
"""Held by whatever makes maps: one at a time, in the order in which they came.

A class of 30 shares the processor better in a queue than in a crowd.
"""
