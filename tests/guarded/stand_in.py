"""The process that decodes, with contents that end, stop or swell it: run with `python -m`."""

import signal
import time
from pathlib import Path
from typing import Any

from genre_core.guarded import __main__ as guarded


def fragile(call: Any) -> Any:
    def answer(source: Any, **options: Any) -> guarded.Answer:
        content = source.read_bytes() if isinstance(source, Path) else source
        if content == b"crash":
            signal.raise_signal(signal.SIGSEGV)
        elif content == b"raise":
            raise ZeroDivisionError
        elif content == b"hang":
            time.sleep(600)
        elif content == b"swell":
            held = []
            while True:
                held.append(b"x" * 2**24)
        return call(source, **options)

    return answer


if __name__ == "__main__":
    guarded.CALLS |= {name: fragile(call) for name, call in guarded.CALLS.items()}
    guarded.main()
