"""Requests made up from the description, right ones and wrong ones: every answer is as described, none is a failure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import Phase
from hypothesis import settings as hypothesis_settings
from schemathesis import checks
from tests.api.conftest import caller

from brygga.crm.models import User
from brygga.crm.services.users import create_user
from brygga.erp.models import Connection, Connector

pytestmark = pytest.mark.django_db

schema = schemathesis.openapi.from_wsgi("/api/openapi.json", get_wsgi_application())

CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
]


@pytest.fixture(autouse=True)
def _one_transaction() -> Iterator[None]:
    """A request closes the database's connection around itself, and with it the transaction of the test."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def key(db: None) -> dict[str, str]:
    """The token of somebody who may do everything."""
    user: User = create_user("eva", "en-hemlighet", administrator=True, licences=["erp-sync"])
    return caller(user).headers


def _with_ids_that_are_there(body: Any, ids: dict[str, int]) -> Any:
    """The body with every second id that was made up replaced by one that leads somewhere."""
    if isinstance(body, dict):
        return {name: _known(name, _with_ids_that_are_there(value, ids), ids) for name, value in body.items()}
    return [_with_ids_that_are_there(item, ids) for item in body] if isinstance(body, list) else body


def _known(name: str, value: Any, ids: dict[str, int]) -> Any:
    return ids[name] if name in ids and isinstance(value, int) and value % 2 == 0 else value


@schema.parametrize()
@hypothesis_settings(max_examples=5, phases=[Phase.explicit, Phase.generate])
def test_nothing_that_is_sent_makes_the_server_fail(
    case: schemathesis.Case, key: dict[str, str], connector: Connector, connection: Connection
) -> None:
    ids = dict.fromkeys(("ErpConnectionId", "ErpSyncConnectionId", "ConnectionId"), connection.pk)
    ids |= dict.fromkeys(("ErpConnectorId", "ErpSyncConnectorId"), connector.pk)
    case.body = _with_ids_that_are_there(case.body, ids)
    case.call_and_validate(headers=key, checks=CHECKS)
