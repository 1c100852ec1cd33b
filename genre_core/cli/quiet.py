"""Load TensorFlow without its greetings, which no log level silences."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator


def load_tensorflow() -> None:
    """Import TensorFlow and let it look for devices, both without a word on standard error."""
    with _hushed():
        import tensorflow as tf

        tf.config.list_physical_devices()


@contextlib.contextmanager
def _hushed() -> Iterator[None]:
    # Its C++ part writes to the descriptor itself, past sys.stderr.
    sys.stderr.flush()
    saved = os.dup(2)
    with tempfile.TemporaryFile() as kept:
        os.dup2(kept.fileno(), 2)
        try:
            yield
        except BaseException:
            # Whatever went wrong, the reason may stand in what was held back.
            kept.seek(0)
            os.write(saved, kept.read())
            raise
        finally:
            os.dup2(saved, 2)
            os.close(saved)
