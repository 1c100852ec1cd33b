"""What has it learned: the kernels of every convolution, and which of them are blank."""

from pages.ui import frame, kernels

frame.head(
    "What has it learned?",
    "A convolution slides small stencils of weights, its kernels, over a cover or a song. Here "
    "they are, layer by layer, with those that have learned nothing.",
)

networks = kernels.networks()
if not networks:
    frame.no_models()
else:
    # A layer's kernels first, then how they are counted, then every layer
    kernels.section(networks)
    frame.onwards(
        covers="See where these kernels look",
        genres="What do genres look like, and which passages excite a kernel?",
        results="How good is it, really?",
        about="What is a convolution?",
    )
