"""Installed connectors as a host that follows the operator's environment."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

from brygga import connectors
from brygga.environment import Environment, SettingsError
from brygga.soap.applications import ApplicationsError, load
from brygga.soap.handshake import HostAuthentication
from brygga.soap.host import application
from brygga.soap.store import ConnectionStore

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

STORE = "host-connections.sqlite3"
"""The file in the data directory that keeps the configuration of connections."""


def serving(names: Iterable[str], environment: Environment, hosts: Collection[str] = ()) -> WSGIApplication:
    """A WSGI application that serves these installed connectors, the first of them where none is named.

    It answers to the environment's host names and to `hosts`, and asks for the handshake of `app://` if the file of
    applications has a section `host`. Raises LookupError if a connector is not installed, and SettingsError if that
    file cannot be used.
    """
    return application(
        {name: connectors.load(name) for name in names},
        ConnectionStore(environment.home / STORE, environment.encryption_keys),
        _authentication(environment.applications),
        allowed_hosts=(*environment.allowed_hosts, *hosts),
    )


def _authentication(file: Path | None) -> HostAuthentication | None:
    try:
        host = load(file).host if file else None
    except ApplicationsError as error:
        raise SettingsError([f"BRYGGA_APPLICATIONS: {problem}" for problem in error.problems]) from error
    return HostAuthentication(host) if host else None
