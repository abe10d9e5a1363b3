"""`python -m bench.memory COUNT`: import as many actors in this process and print how many MB its memory grew."""

from __future__ import annotations

import resource
import sys
from pathlib import Path

import django

_STATUS = Path("/proc/self/status")


def main(count: int) -> None:
    """Import into the database of the environment, which must be migrated."""
    django.setup()
    from bench.connector import MemoryErp
    from bench.scene import scene

    # The customers are made as they are read, for those of a real ERP are not in this process either.
    with scene(MemoryErp(count, kept=False)) as made:
        before = _megabytes("VmRSS")
        made.timed_import()
        print(round(_megabytes("VmHWM") - before, 1))
        made.clear()


def _megabytes(name: str) -> float:
    """VmRSS is the memory of the process now, VmHWM the most it had; elsewhere than on Linux the most is known only."""
    if _STATUS.exists():
        lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
        return int(lines[name].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main(int(sys.argv[1]))
