"""What a process takes of the memory, as Linux counts it."""

from __future__ import annotations

from pathlib import Path


def memory_kb(name: str) -> int:
    """Read VmRSS (memory now), VmHWM (its peak) or RssFile (pages of files) of this process."""
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
