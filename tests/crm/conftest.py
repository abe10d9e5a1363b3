"""Records to start from."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from brygga.crm.fields import RecordType
from brygga.crm.services.records import RecordView, create_record
from brygga.crm.side import EmbeddedCrm


@pytest.fixture
def crm() -> EmbeddedCrm:
    return EmbeddedCrm()


@pytest.fixture
def make_company(db: None) -> Callable[..., RecordView]:
    def make(name: str = "Nordic Oak", **values: object) -> RecordView:
        return create_record(RecordType.COMPANY, {"NAME": name, **values}, "anna")

    return make


@pytest.fixture
def company(make_company: Callable[..., RecordView]) -> RecordView:
    return make_company()
