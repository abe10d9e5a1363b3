"""Defaults of an actor type, set all or nothing (behaviour A10)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.erp.mapped import customers, field, sampled

from brygga.erp.errors import NotFound
from brygga.erp.models import Connection, FieldMapping
from brygga.erp.services import defaults, mapping
from brygga.erp.services.defaults import DefaultChoice, DefaultsRefused

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(db: None) -> Iterator[Connection]:
    with sampled() as (_connector, made):
        yield made


def choice(
    connection: Connection, key: str, value: str | None = None, ask: bool = False, mandatory: bool = False
) -> DefaultChoice:
    return DefaultChoice(field(connection, key).pk, value, ask, mandatory)


def test_defaults_are_set_together(connection):
    choices = [choice(connection, "PAYTERM", "[I:30]"), choice(connection, "VATNO", ask=True, mandatory=True)]
    defaults.save([customers(connection)], choices)
    assert field(connection, "PAYTERM").default_value == "[I:30]"
    assert field(connection, "VATNO").default_mandatory


def test_what_makes_no_sense_is_told_for_each_field_and_nothing_is_set(connection):
    choices = [
        choice(connection, "PAYTERM", "[I:30]"),
        choice(connection, "VATNO", mandatory=True),
        choice(connection, "NUMBER2", "7"),
    ]
    with pytest.raises(DefaultsRefused) as refused:
        defaults.save([customers(connection)], choices)
    assert set(refused.value.faults) == {field(connection, "VATNO").pk, field(connection, "NUMBER2").pk}
    assert not field(connection, "PAYTERM").default_set


def test_what_the_erp_demands_is_mandatory_as_soon_as_it_has_a_default(connection):
    name = field(connection, "Name")
    assert defaults.is_locked(name)
    defaults.save([customers(connection)], [choice(connection, "Name")])
    assert not field(connection, "Name").default_mandatory
    defaults.save([customers(connection)], [choice(connection, "Name", "New customer")])
    assert field(connection, "Name").default_mandatory


def test_a_field_of_another_actor_type_is_not_found(connection):
    person = connection.actors.get(actor_type="Person").fields.first()
    with pytest.raises(NotFound):
        defaults.save([customers(connection)], [DefaultChoice(person.pk, None, True, False)])


def test_read_only_and_missing_fields_have_no_default_unless_one_is_left_to_remove(connection):
    mapping.set_default(field(connection, "VATNO"), value="x")
    FieldMapping.objects.filter(key__in=["VATNO", "PAYTERM"]).update(missing=True)
    keys = [one.key for one in defaults.fields_with_defaults(customers(connection))]
    assert keys == ["Name", "VATNO", "CUSTGR", "Blocked"]
