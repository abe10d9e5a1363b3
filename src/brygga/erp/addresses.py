"""From a connector's address to the connector: in process, behind a URL, or behind an application id."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

from brygga import connectors
from brygga.contract import Connector
from brygga.erp.errors import Refused
from brygga.erp.problems import Problem
from brygga.soap.applications import Applications, ApplicationsError, load
from brygga.soap.client import ClientSettings, SoapConnector
from brygga.soap.handshake import client_authentication

SCHEMES = ("plugin", "http", "https", "app")

_KEPT = 64
"""Addresses whose network connections are kept open."""
_in_memory: dict[str, Connector] = {}


@contextmanager
def use(name: str, connector: Connector) -> Iterator[Connector]:
    """Let `plugin://NAME` mean this connector within the block, before any installed one."""
    before = _in_memory.get(name)
    _in_memory[name] = connector
    try:
        yield connector
    finally:
        del _in_memory[name]
        if before is not None:
            _in_memory[name] = before


def open_address(url: str) -> Connector:
    """The connector at an address (contract, section 1). Nothing is called yet.

    Raises Refused: no such kind of address, not installed, not set up.
    """
    scheme, _colon, rest = url.partition("://")
    if scheme == "plugin":
        return _installed(rest)
    if scheme in ("http", "https"):
        return _behind(url)
    if scheme == "app":
        return _application(rest)
    raise Refused(Problem("unknown_address", {"url": url}))


def is_unprotected(url: str) -> bool:
    """Whether what is sent to the address can be read and changed on the way: plain http to another computer."""
    parts = urlsplit(url)
    return parts.scheme == "http" and not _is_this_computer(parts.hostname or "")


def _installed(name: str) -> Connector:
    if name in _in_memory:
        return _in_memory[name]
    try:
        return connectors.load(name)
    except LookupError as error:
        raise Refused(Problem("no_connector", {"name": name}), str(error)) from error


def _behind(url: str) -> Connector:
    try:
        return _client(url, _settings())
    except ValueError as error:
        raise Refused(Problem("bad_address", {"url": url, "reason": str(error)}), str(error)) from error


def _application(application_id: str) -> Connector:
    try:
        return _application_client(application_id, settings.BRYGGA.applications, _settings())
    except (LookupError, ValueError, ApplicationsError) as error:
        raise Refused(Problem("unknown_application", {"id": application_id}), str(error)) from error


def _settings() -> ClientSettings:
    file = settings.BRYGGA.ca_file
    return ClientSettings(ca_file=str(file) if file else None)


# One client per address, so that its network connections, and its log-in, serve one call after the other.
@lru_cache(maxsize=_KEPT)
def _client(url: str, client_settings: ClientSettings) -> Connector:
    return SoapConnector(url, client_settings)


@lru_cache(maxsize=_KEPT)
def _application_client(application_id: str, file: Path | None, client_settings: ClientSettings) -> Connector:
    application = (load(file) if file else Applications()).find(application_id)
    return SoapConnector(application.url, client_settings, client_authentication(application))


def _is_this_computer(host: str) -> bool:
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
