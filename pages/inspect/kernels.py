"""What has it learned: the kernels of every convolution, and which of them are blank."""

from pages.ui import frame, kernels
from pages.ui.kernel_patterns import worth

frame.head(
    "What has it learned? The patterns (kernels) a network looks for",
    "A convolution slides small patterns of numbers (kernels) over the picture of a cover or a "
    "song and marks where they match. Here they are, layer by layer, also those that learned "
    "nothing.",
)

networks = kernels.networks()
if not networks:
    frame.no_models()
else:
    # A layer's kernels first, then what genres ask for and what kernels are worth, then every layer
    kernels.section(networks)
    worth.runs()
    frame.onwards(
        covers="See where these kernels look",
        genres="What do genres look like, kernel by kernel?",
        results="How good is it, really?",
        about="What is a convolution?",
    )
