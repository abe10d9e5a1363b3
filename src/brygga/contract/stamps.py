"""The order of LastModified stamps, which are opaque but comparable within a connection (contract, section 4)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from decimal import Decimal

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_ZERO = Decimal(0)


def key(stamp: str) -> tuple[int, Decimal, str]:
    """A sort key that orders all stamps: none first, then numbers by value, then other texts by code point.

    Comparing a number with a text as two texts would put `10` before `1a`, `1a` before `9` and `9` before `10`;
    keeping the kinds apart is what makes the order total. Numbers of one value (`1`, `1.0`) rank alike.
    """
    if not stamp:
        return (0, _ZERO, "")
    if _NUMBER.fullmatch(stamp):
        return (1, Decimal(stamp), "")
    return (2, _ZERO, stamp)


def newer(a: str, b: str) -> bool:
    """Whether stamp `a` comes strictly after stamp `b`."""
    return key(a) > key(b)


def latest(stamps: Iterable[str]) -> str:
    """The last of the stamps in their order; empty if there are none."""
    return max(stamps, key=key, default="")
