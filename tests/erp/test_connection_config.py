"""Configuration values between a dialog and a connector: checked, drawn, tried (behaviour A4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation
from tests.web.config_erp import ConfigErp

from brygga.contract import Access, FieldMetadata, FieldType
from brygga.erp import connectors
from brygga.erp.errors import ConnectorFailed, InvalidConfiguration
from brygga.erp.models import Connector
from brygga.erp.services.config_fields import drawn_fields
from brygga.erp.services.connection_config import checked_values, try_out
from brygga.erp.services.template_tags import tag_values


@pytest.fixture
def asking() -> Iterator[ConfigErp]:
    with connectors.use("asking", ConfigErp()) as connector:
        yield connector


@pytest.fixture
def connector(asking: ConfigErp) -> Connector:
    return Connector(name="Asking", url="plugin://asking")


def test_fields_are_drawn_in_rank_order_with_lists_and_defaults(connector: Connector) -> None:
    with translation.override("sv"):
        drawn = drawn_fields(connector, tag_values("eva", "Harbour"))
    assert [field.rank for field in drawn.fields] == sorted(field.rank for field in drawn.fields)
    assert drawn.items == {"clients": {"1": "Norr", "2": "South"}}
    assert next(field.default for field in drawn.fields if field.key == "Company") == "Harbour by eva, <other>"


def test_a_list_that_fails_leaves_the_fields(connector: Connector, asking: ConfigErp) -> None:
    asking.listless = True
    drawn = drawn_fields(connector, {})
    assert drawn.failures == {"clients": "The list is locked."}
    assert len(drawn.fields) == 10


def test_a_connector_that_fails_says_why(connector: Connector, asking: ConfigErp) -> None:
    asking.closed = True
    with translation.override("sv"), pytest.raises(ConnectorFailed, match=r"Nattstängt\."):
        drawn_fields(connector, {})


def test_the_test_says_what_the_connector_says_without_secrets(connector: Connector, asking: ConfigErp) -> None:
    fields = asking.get_config_data().fields
    assert try_out(asking, fields, {"Server": "erp.local"}) == "Found 3 clients."
    with pytest.raises(ConnectorFailed) as failed:
        try_out(asking, fields, {"Server": "nowhere", "Password": "hemlig"})
    assert "hemlig" not in failed.value.user_message


@pytest.mark.parametrize("text", ["0012345678", "another"])
def test_a_read_only_field_takes_its_default_with_any_tags(text: str) -> None:
    field = FieldMetadata("Serial", default="<ser#>", access=Access.READ_ONLY)
    assert checked_values([field], {"Serial": text}) == {"Serial": text}


@pytest.mark.parametrize(("default", "text"), [("[I:5]", "5"), ("5", "[I:5]")])
def test_a_read_only_number_may_be_written_otherwise(default: str, text: str) -> None:
    field = FieldMetadata("Port", type=FieldType.INTEGER, default=default, access=Access.READ_ONLY)
    assert checked_values([field], {"Port": text}) == {"Port": "[I:5]"}


def test_a_read_only_field_takes_nothing_else() -> None:
    field = FieldMetadata("Port", type=FieldType.INTEGER, default="5", access=Access.READ_ONLY)
    for text in ("6", "many"):
        with pytest.raises(InvalidConfiguration):
            checked_values([field], {"Port": text})


def test_the_length_counts_what_is_typed_and_not_how_it_travels() -> None:
    number = FieldMetadata("Port", type=FieldType.INTEGER, max_length=5)
    assert checked_values([number], {"Port": "[I:65535]"}) == {"Port": "[I:65535]"}
    with pytest.raises(InvalidConfiguration, match="longer than 5"):
        checked_values([FieldMetadata("Name", max_length=5)], {"Name": "sixsix"})
