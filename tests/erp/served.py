"""A connector behind the contract's SOAP binding, on loopback: host, client and everything between are real."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cryptography.fernet import Fernet
from tests.soap.hosting import live

from brygga.contract import Connector
from brygga.soap.client import ClientSettings, SoapConnector
from brygga.soap.host import application
from brygga.soap.store import ConnectionStore


@contextmanager
def served(connector: Connector, directory: Path) -> Iterator[SoapConnector]:
    """A client of the connector, which is served by Brygga's own host."""
    store = ConnectionStore(directory / "host.sqlite3", [Fernet.generate_key().decode()])
    with live(application({"memory": connector}, store)) as url:
        client = SoapConnector(f"{url}?ConnectorName=memory", ClientSettings(attempts=1))
        try:
            yield client
        finally:
            client.close()
