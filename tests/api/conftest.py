"""People, their keys to the API, and a connector to work with."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from tests.erp.memory_erp import MemoryErp
from tests.erp.sample_connector import SampleConnector
from tests.erp.scenes import connect_memory

from brygga.contract import ActorType
from brygga.crm.models import User
from brygga.crm.services.tokens import create_token
from brygga.crm.services.users import create_user
from brygga.erp import connectors
from brygga.erp.models import Connection, Connector
from brygga.erp.services import connections
from brygga.erp.services.connectors import create_connector
from brygga.erp.services.importing import Selection, import_actors

PATH = "/api/v1/Agents/ErpSync/"
PASSWORD = "en-hemlighet"
VALUES = {"Server": "erp.local", "Password": "hemlig"}


@dataclass
class Caller:
    """Calls operations with these headers; the bodies are written as JSON."""

    headers: dict[str, str] = field(default_factory=dict)
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def post(self, operation: str, body: Any = None, **headers: str) -> Any:
        """The response to a call."""
        sent = self.headers | {name.replace("_", "-"): value for name, value in headers.items()}
        return self.client.post(PATH + operation, body, content_type="application/json", headers=sent)

    def __call__(self, operation: str, body: Any = None, **headers: str) -> Any:
        """The answer to a call that must succeed; None for no content."""
        response = self.post(operation, body, **headers)
        assert response.status_code in (200, 204), response.content
        return response.json() if response.status_code == 200 else None

    def refused(self, operation: str, body: Any = None, **headers: str) -> tuple[int, str]:
        """Status and code of a call that must be refused, with a message."""
        response = self.post(operation, body, **headers)
        problem = response.json()
        assert set(problem) == {"Code", "Message", "Technical", "Members"}
        assert problem["Message"]
        return response.status_code, problem["Code"]


def basic(username: str, password: str = PASSWORD) -> dict[str, str]:
    """The header of a log-in with a password."""
    return {"Authorization": "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()}


def caller(user: User) -> Caller:
    """A caller with a new token of a user."""
    return Caller({"Authorization": f"Bearer {create_token(user, 'test')[1]}"})


@pytest.fixture(autouse=True)
def _no_failures_yet() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture
def admin_user(db: None) -> User:
    """An administrator, without licence, who reads Swedish."""
    return create_user("eva", PASSWORD, administrator=True, language="sv")


@pytest.fixture
def user(db: None) -> User:
    """A user with the licence and no more rights."""
    return create_user("anna", PASSWORD, licences=["erp-sync"])


@pytest.fixture
def admin(admin_user: User) -> Caller:
    """Calls as the administrator."""
    return caller(admin_user)


@pytest.fixture
def anna(user: User) -> Caller:
    """Calls as the user."""
    return caller(user)


@pytest.fixture
def sample() -> Iterator[SampleConnector]:
    """A connector in memory."""
    with connectors.use("sample", SampleConnector()) as connector:
        yield connector


@pytest.fixture
def connector(sample: SampleConnector, db: None) -> Connector:
    """The connector, added."""
    return create_connector("Sample", "plugin://sample")


@pytest.fixture
def connection(connector: Connector) -> Connection:
    """A connection of it, not active."""
    return connections.define(connector, {"en": "ERP", "sv": "Affären"}, VALUES)


@pytest.fixture
def erp() -> Iterator[MemoryErp]:
    """An ERP in memory that stores what it is sent."""
    with connectors.use("memory", MemoryErp()) as erp:
        yield erp


@pytest.fixture
def fjord(erp: MemoryErp, db: None) -> Connection:
    """An active connection to it, with the customer Fjord (1) imported and Skog (2) not."""
    erp.put(ActorType.CUSTOMER, "1", NAME="Fjord", CITY="Bergen", GROUP="1", CODE="F1")
    connection = connect_memory("memory")
    assert import_actors(connection, "Customer", Selection(everything=True), by="test").failed == 0
    erp.put(ActorType.CUSTOMER, "2", NAME="Skog", CITY="Umeå", GROUP="2")
    return connection
