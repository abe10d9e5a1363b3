"""Carrying out steps, by their type; `people`, `operating` and `planning` say how each is done."""

from __future__ import annotations

from functools import singledispatch
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from brygga.simulate.world import World


@singledispatch
def do(step: object, world: World) -> None:
    """Carry out one step. What cannot be done in the state of things is left undone, as for people."""
    raise TypeError(step)
