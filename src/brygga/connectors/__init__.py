"""The connectors installed on this server, found by their entry points."""

from __future__ import annotations

import functools
import logging
from importlib.metadata import EntryPoint, entry_points

from brygga.contract.connector import Connector

GROUP = "brygga.connectors"
"""The entry-point group in which packages register connectors."""


_log = logging.getLogger(__name__)


@functools.cache
def names() -> tuple[str, ...]:
    """The names under which connectors are installed, in order; whether they can be loaded is another matter."""
    return tuple(_entries())


@functools.cache
def installed() -> dict[str, type[Connector]]:
    """The connector classes by the name that `plugin://NAME` refers to.

    One that can't be loaded is left out and logged: a package that is broken must not take the others down.
    """
    found = {}
    for name, entry in _entries().items():
        try:
            found[name] = entry.load()
        except Exception:
            _log.exception("the connector %s (%s) can't be loaded", name, entry.value)
    return found


@functools.cache
def load(name: str) -> Connector:
    """The connector of this name; one instance per process. Raises LookupError if it is not installed or broken."""
    entry = _entries().get(name)
    if entry is None:
        raise LookupError(f'There is no connector "{name}". Installed: {", ".join(names()) or "none"}.')
    try:
        connector: Connector = entry.load()()
    except Exception as error:
        raise LookupError(f'The connector "{name}" is installed and can\'t be loaded: {error!r}.') from error
    return connector


def _entries() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name)}
