"""C libraries kept from writing into a terminal or a log: what they say helps no visitor."""

from __future__ import annotations

import faulthandler
import os
import sys


def keep_libraries_quiet() -> None:
    """Send what C libraries print as errors to nowhere; Python's own words still reach their place.

    TensorFlow greets in six lines whatever it is told (2.21), and decoders name every odd byte.
    A process that breaks down still tells where.
    """
    sys.stderr.flush()
    own = os.fdopen(
        os.dup(2), "w", buffering=1, encoding=sys.stderr.encoding, errors="backslashreplace"
    )
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)
    sys.stderr = own
    faulthandler.enable(own)
