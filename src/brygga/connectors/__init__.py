"""The connectors installed on this server, found by their entry points."""

from __future__ import annotations

import functools
from importlib.metadata import entry_points

from brygga.contract.connector import Connector

GROUP = "brygga.connectors"
"""The entry-point group in which packages register connectors."""


@functools.cache
def installed() -> dict[str, type[Connector]]:
    """The installed connector classes by the name that `plugin://NAME` refers to."""
    return {entry.name: entry.load() for entry in sorted(entry_points(group=GROUP), key=lambda entry: entry.name)}


@functools.cache
def load(name: str) -> Connector:
    """The connector of this name; one instance per process. Raises LookupError if it is not installed."""
    found = installed().get(name)
    if found is None:
        raise LookupError(f'There is no connector "{name}". Installed: {", ".join(installed()) or "none"}.')
    return found()
