"""`python -m bench.wire_memory COUNT`: read an answer with so many actors and print how many MB this process grew.

The answer is made as it is read, so neither it nor the actors before the last are anywhere.
"""

from __future__ import annotations

import resource
import subprocess
import sys
from collections import deque
from collections.abc import Iterator
from pathlib import Path
from typing import cast

from bench.figures import Figure
from bench.wire_messages import LISTED, listing
from brygga.contract import ActorsResponse
from brygga.soap.codec import decode_response

MEMORY_LIMIT_MB = 100.0
_STATUS = Path("/proc/self/status")


class _Made:
    """A stream whose content is made as it is read."""

    def __init__(self, blocks: Iterator[bytes]) -> None:
        self._blocks = blocks
        self._rest = b""

    def read(self, size: int, /) -> bytes:
        self._rest = self._rest or next(self._blocks, b"")
        piece, self._rest = self._rest[:size], self._rest[size:]
        return piece


def memory_figure(count: int) -> Figure:
    """What reading `count` actors takes above what the process has when it has read one, in a process of its own."""
    command = [sys.executable, "-m", "bench.wire_memory", str(count)]
    output = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    return Figure(f"memory of reading {count:,} actors", [float(output)], unit="MB", limit=MEMORY_LIMIT_MB)


def main(count: int) -> None:
    """Measure and print."""
    _read(1)
    idle = _megabytes("VmRSS")
    _read(count)
    print(round(_megabytes("VmHWM") - idle, 1))


def _read(count: int) -> None:
    response = cast(ActorsResponse, decode_response(LISTED, _Made(iter(listing(count)))))
    last = deque(response.actors, maxlen=1).pop()
    if last.last_modified != str(count):
        raise RuntimeError(f"expected {count} actors, the last was {last.erp_key}")


def _megabytes(name: str) -> float:
    """From Linux, VmRSS is the memory now and VmHWM the most there was. `ru_maxrss`, for other systems, begins on
    Linux with the memory of the process that started this one."""
    if _STATUS.exists():
        lines = dict(line.split(":", 1) for line in _STATUS.read_text().splitlines())
        return int(lines[name].split()[0]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20


if __name__ == "__main__":
    main(int(sys.argv[1]))
