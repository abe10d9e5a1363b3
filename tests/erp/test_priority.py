"""The order of the active connections and the CRM (behaviour A12)."""

from __future__ import annotations

import pytest

from brygga.erp.models import Connection, Connector
from brygga.erp.services.connection_saving import save_priorities
from brygga.erp.services.priority import order_now

pytestmark = pytest.mark.django_db


@pytest.fixture
def three() -> list[Connection]:
    """Three connections; the last one is not active."""
    connector = Connector.objects.create(name="ERP", url="plugin://erp")
    return [
        Connection.objects.create(connector=connector, names={"en": name}, active=name != "C", priority=place)
        for place, name in enumerate("ABC", start=1)
    ]


def test_the_crm_stands_at_its_place_among_the_active_ones(three: list[Connection]) -> None:
    first, second, inactive = three
    assert order_now() == [None, first, second]
    save_priorities([second.pk, 0, first.pk])
    assert order_now() == [second, None, first]
    save_priorities([second.pk, first.pk, 0])
    assert order_now() == [second, first, None]
    inactive.refresh_from_db()
    assert inactive.priority == 4
