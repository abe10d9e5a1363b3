"""A mapping drafted and stored as a whole (behaviour A7)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.erp.mapped import customers, field, map_field, sampled

from brygga.erp.errors import NotFound, Refused
from brygga.erp.models import Connection, FieldMapping
from brygga.erp.services import actor_mapping, connections, fields, mapping
from brygga.erp.services.actor_mapping import Draft, FieldChoice, NotAvailable

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection(db: None) -> Iterator[Connection]:
    with sampled() as (_connector, made):
        map_field(made, "Name", "NAME", "in out")
        yield made


def choice(key: str, **chosen: object) -> FieldChoice:
    return FieldChoice(erp_key=key, **chosen)


def mapped(connection: Connection, key: str) -> tuple[str, bool, bool]:
    one = field(connection, key)
    return one.crm_key, one.to_crm, one.to_erp


def test_a_draft_stores_nothing_by_itself(connection):
    draft = Draft(customers(connection))
    drafted = draft.choose(choice("Name", crm_key="DEPARTMENT", policy="ask"))
    assert drafted.is_changed
    assert mapped(connection, "Name") == ("NAME", True, True)
    actor_mapping.store([draft])
    assert mapped(connection, "Name") == ("DEPARTMENT", True, True)
    assert field(connection, "Name").policy == "ask"


def test_two_fields_can_change_places(connection):
    map_field(connection, "VATNO", "VATNO", "in out")
    choices = [choice("Name", crm_key="VATNO"), choice("VATNO", crm_key="NAME")]
    actor_mapping.save(customers(connection), None, choices)
    assert (mapped(connection, "Name")[0], mapped(connection, "VATNO")[0]) == ("VATNO", "NAME")


def test_everything_that_is_not_available_is_told_and_nothing_is_stored(connection):
    choices = [
        choice("VATNO", crm_key="NAME", to_crm=True),
        choice("NUMBER2", to_erp=True),
        choice("PAYTERM", crm_key="DEPARTMENT", to_crm=True, to_erp=True),
    ]
    with pytest.raises(NotAvailable) as refused:
        actor_mapping.save(customers(connection), False, choices)
    assert refused.value.faults == {
        field(connection, "VATNO").pk: "Name feeds this CRM field already.",
        field(connection, "NUMBER2").pk: "The field is read-only in the ERP.",
    }
    assert mapped(connection, "PAYTERM") == ("", False, False)
    assert customers(connection).sync


def test_who_feeds_the_field_elsewhere_is_named(connection):
    other = connections.define(connection.connector, {"en": "Other"}, {"Server": "b"})
    draft = Draft(customers(other))
    drafted = draft.choose(choice("Name", crm_key="NAME"))
    assert draft.reasons(drafted) == ("Sample feeds this CRM field already.", "")
    assert actor_mapping.fed_by_others(customers(other)) == {"NAME": "Sample"}


def test_only_crm_fields_that_fit_are_offered(connection):
    draft = Draft(customers(connection))
    assert "category" in draft.fitting(field(connection, "CUSTGR"))
    assert not {"NAME", "our_contact"} & set(draft.fitting(field(connection, "CUSTGR")))
    assert {"NAME", "stop"} <= set(draft.fitting(field(connection, "Blocked")))
    FieldMapping.objects.filter(pk=field(connection, "VATNO").pk).update(missing=True)
    assert draft.fitting(field(connection, "VATNO")) == []


def test_a_field_that_is_taken_from_its_crm_field_has_no_direction(connection):
    actor_mapping.save(customers(connection), None, [choice("Name", crm_key="")])
    assert mapped(connection, "Name") == ("", False, False)


def test_unknown_and_repeated_fields_are_refused(connection):
    for bad in ([choice("Nothing")], [FieldChoice(field_id=0)], [FieldChoice(field_id=4711)]):
        with pytest.raises(NotFound):
            actor_mapping.save(customers(connection), None, bad)
    for bad in ([choice("Name"), choice("Name")], [choice("Name", crm_key="NAMES")]):
        with pytest.raises(Refused):
            actor_mapping.save(customers(connection), None, bad)


def test_several_actor_types_are_stored_together_or_not_at_all(connection):
    person = connection.actors.get(actor_type="Person")
    drafts = [Draft(customers(connection)), Draft(person)]
    drafts[0].choose(choice("NUMBER2", to_erp=True))
    drafts[1].sync = True
    with pytest.raises(NotAvailable):
        actor_mapping.store(drafts)
    person.refresh_from_db()
    assert not person.sync


def test_key_fields_are_always_shown_in_search(connection):
    assert [one.key for one in mapping.shown_in_search(customers(connection))] == ["NUMBER2"]
    actor_mapping.save(customers(connection), None, [choice("VATNO", show_in_search=True)])
    assert [one.key for one in mapping.shown_in_search(customers(connection))] == ["NUMBER2", "VATNO"]
    assert mapping.is_key(field(connection, "PAYTERM"), "NUMBER2")
    assert not mapping.is_key(field(connection, "PAYTERM"))


def test_renewing_says_what_is_new_missing_back_and_changed(db):
    with sampled() as (connector, connection):
        known = connector.fields["Customer"]
        gone = known.pop(2)
        known[0].max_length = 30
        known.append(type(known[0])("Fax", "Fax"))
        changes = fields.renew(connection)
        assert (changes.new, changes.missing) == (["Customer: Fax"], ["Customer: VAT number"])
        assert (changes.back, changes.changed) == ([], ["Customer: Name"])
        known.append(gone)
        assert fields.renew(connection).back == ["Customer: VAT number"]
        assert not fields.renew(connection)


def test_several_actor_types_are_ranked_together(connection):
    person = connection.actors.get(actor_type="Person")
    fields.set_ranks([(customers(connection), ["PAYTERM"]), (person, ["LASTNAME", "firstname"])])
    assert customers(connection).fields.first().key == "PAYTERM"
    assert [one.key for one in person.fields.all()] == ["LASTNAME", "firstname"]
