"""What no step changes, mappings, settings and fields, is read once in a schedule: it is half the work."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any

from brygga.crm import fields
from brygga.erp.engine import channel
from brygga.erp.models import SyncSettings


@contextmanager
def arrangement_read_once() -> Iterator[None]:
    """Remember within the block what these functions have read."""
    with ExitStack() as stack:
        stack.enter_context(_remembered(channel, "compile_mappings", lambda actor: actor.pk))
        stack.enter_context(_remembered(fields, "_user_defined", str))
        stack.enter_context(_remembered(SyncSettings, "load"))
        yield


@contextmanager
def _remembered(place: Any, name: str, key: Callable[..., Any] = lambda: None) -> Iterator[None]:
    original, as_written, known = getattr(place, name), vars(place)[name], {}

    @wraps(original)
    def remembering(*subject: Any) -> Any:
        asked = key(*subject)
        if asked not in known:
            found = original(*subject)
            known[asked] = list(found) if isinstance(found, Iterator) else found
        return known[asked]

    setattr(place, name, staticmethod(remembering) if isinstance(place, type) else remembering)
    try:
        yield
    finally:
        setattr(place, name, as_written)
