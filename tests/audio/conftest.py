"""librosa is loaded before the tests that compare with it."""

import warnings

with warnings.catch_warnings():
    # librosa.load asks audioread which decoders there are; it imports modules of Python itself that
    # leave in 3.13 (aifc, audioop, sunau) and warn once, in whichever test comes first.
    warnings.simplefilter("ignore", DeprecationWarning)
    import audioread.rawread  # noqa: F401
