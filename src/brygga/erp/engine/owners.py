"""Who holds a lease, said so that another process on the same machine can tell whether that one is still alive.

An owner is "MACHINE:PID:START:UNIQUE". MACHINE stands for one boot of one machine and one numbering of its processes,
START for the moment at which the process began: a number that is given to a new process does not bring the old one
back. Where the system does not tell (not Linux), the first three are empty and nobody is ever taken for dead.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from functools import cache
from pathlib import Path

_PROC = Path("/proc")
_OVER = ("Z", "X")
"""States of a process that has ended and whose parent has not been told yet."""


def new_owner() -> str:
    """An owner that stands for this process and differs from all others; at most 90 characters."""
    machine, pid, unique = _machine(), os.getpid(), uuid.uuid4().hex
    start = _start(pid) if machine else ""
    return f"{machine}:{pid}:{start}:{unique}" if start else f":::{unique}"


def is_dead(owner: str) -> bool:
    """Whether this owner is certain to have ended. False for one on another machine, and whenever in doubt."""
    machine, pid, start, *_unique = [*owner.split(":"), "", "", ""]
    if not machine or machine != _machine() or not pid.isdecimal():
        return False
    try:
        os.kill(int(pid), 0)  # tells of processes that /proc hides from this user, too
    except ProcessLookupError:
        return True
    except OSError:
        pass  # it is there, and somebody else's
    return _start(int(pid)) not in (start, "")


@cache
def _machine() -> str:
    """This boot and this numbering of processes, as 16 hex digits; empty where they are not known."""
    try:
        boot = (_PROC / "sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        numbering = os.readlink(_PROC / "self/ns/pid")
    except OSError:
        return ""
    return hashlib.sha256(f"{boot} {numbering}".encode()).hexdigest()[:16]


def _start(pid: int) -> str:
    """When a process began, in the kernel's ticks; "over" if it has ended, empty if that is not known."""
    try:
        stat = (_PROC / str(pid) / "stat").read_text(encoding="utf-8", errors="replace")
        state, *rest = stat.rpartition(")")[2].split()  # the name before it may hold anything
        return "over" if state in _OVER else rest[18]
    except (OSError, ValueError, IndexError):
        return ""
