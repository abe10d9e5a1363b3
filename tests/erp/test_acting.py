"""What a user does with one record and an ERP, and the services around it (behaviour A5, A10, A11, U5, U6)."""

from __future__ import annotations

import pytest
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.crm.services.records import RecordView, create_record
from brygga.crm.services.users import create_user
from brygga.erp.errors import ConnectorFailed, Denied, NotFound, Refused
from brygga.erp.models import Connection, FieldMapping, Link, LogEntry
from brygga.erp.services import access, acting, choosing, fields, new_actor
from brygga.erp.services.access import Grant, connection_for, may_connect, may_create, set_scope
from brygga.erp.services.activation import deactivate
from brygga.erp.services.changed import changed_records
from brygga.erp.services.chosen_records import records_of_actors, records_of_links, source_of
from brygga.erp.services.connections import delete_connections
from brygga.erp.services.mapping import set_default
from brygga.erp.services.resync import resync
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.django_db
CUSTOMER = ActorType.CUSTOMER


@pytest.fixture
def anna(db: None) -> User:
    return create_user("anna", "hemligt", licences=["erp-sync"])


@pytest.fixture
def hav(erp: MemoryErp, connection: Connection) -> RecordView:
    """A company in the CRM, and another of its name in the ERP."""
    erp.put(CUSTOMER, "3", NAME="Hav", CITY="Lund", CODE="H3")
    return create_record(RecordType.COMPANY, {"NAME": "Hav", "POSTALCITY": "Malmö", "NUMBER1": "X"}, by="anna")


def field(key: str) -> FieldMapping:
    return FieldMapping.objects.get(actor__actor_type="Customer", key=key)


def test_a_connection_is_for_whom_it_is_open_to(anna: User, connection: Connection) -> None:
    assert connection_for(anna, connection.pk, may_create) == connection
    set_scope(connection, everyone=False, grants=[Grant(user=anna, may_create=False)])
    assert connection_for(anna, connection.pk, may_connect) == connection
    with pytest.raises(Denied, match="may not create"):
        connection_for(anna, connection.pk, may_create)
    set_scope(connection, everyone=False)
    with pytest.raises(Denied, match="no access"):
        connection_for(anna, connection.pk)
    set_scope(connection, everyone=True)
    deactivate(connection)
    with pytest.raises(Refused, match="not active"):
        connection_for(anna, connection.pk)
    delete_connections([connection])
    with pytest.raises(NotFound):
        connection_for(anna, connection.pk)


def test_every_right_has_a_reason_for_its_denial() -> None:
    assert set(access._DENIALS) == {may_connect, may_create}


def test_chosen_values_win_and_the_log_keeps_the_others(
    erp: MemoryErp, anna: User, connection: Connection, hav: RecordView
) -> None:
    link = acting.connect(anna, connection.pk, hav.type, hav.id, "Customer", "3", {"POSTALCITY": "Lund"})
    assert company("Hav").fields["POSTALCITY"] == erp.value("3", "CITY") == "Lund"
    assert link.state == "ok"
    entry = LogEntry.objects.get(record_id=hav.id, crm_field="POSTALCITY", run__kind="connect")
    assert (entry.target, entry.old, entry.new, entry.run.by) == ("crm", "Malmö", "Lund", "anna")
    assert sync_now(None, by="test").changes == 0


@pytest.mark.parametrize(
    ("chosen", "reason"),
    [
        ({"POSTALCITY": "Oslo"}, "neither the CRM's nor the ERP's"),
        ({"category": "not a number"}, "neither the CRM's nor the ERP's"),
        ({"NUMBER1": "X"}, "not synced in the direction"),
        ({"PHONE": ""}, "does not map the CRM field PHONE"),
    ],
)
def test_a_choice_that_cannot_be_kept_is_refused(
    erp: MemoryErp, anna: User, connection: Connection, hav: RecordView, chosen: dict[str, str], reason: str
) -> None:
    with pytest.raises(Refused, match=reason):
        acting.connect(anna, connection.pk, hav.type, hav.id, "Customer", "3", chosen)
    assert not Link.objects.filter(record_type="company", record_id=hav.id).exists()


def test_a_link_that_could_not_be_made_because_the_erp_fails_is_told(
    erp: MemoryErp, anna: User, connection: Connection, hav: RecordView
) -> None:
    erp.down = "Closed."
    with pytest.raises(ConnectorFailed):
        acting.connect(anna, connection.pk, hav.type, hav.id, "Customer", "3")


def test_values_of_both_sides_look_alike(erp: MemoryErp, anna: User, connection: Connection) -> None:
    fjord = company("Fjord")
    crm = {v.crm_key: v.value for v in choosing.crm_values(anna, RecordType.COMPANY, fjord.id)}
    actor = fields.get_actor(connection, "Customer")
    assert {v.crm_key: v.value for v in choosing.erp_values(actor, "1")} == crm
    set_scope(connection, everyone=False)
    assert choosing.crm_values(anna, RecordType.COMPANY, fjord.id) == []


def test_users_answer_what_they_are_asked(connection: Connection) -> None:
    set_default(field("CITY"), value="Oslo", ask=True, mandatory=True)
    actor = fields.get_actor(connection, "Customer")
    (asked,) = new_actor.fields_to_ask(actor)
    assert (asked.key, asked.default, asked.access) == ("CITY", "Oslo", 1)
    assert new_actor.checked_values(actor, {"CITY": "Lund"}) == {"CITY": "Lund"}
    with pytest.raises(Refused, match="20 characters"):
        new_actor.checked_values(actor, {"CITY": "x" * 21})
    with pytest.raises(Refused, match="not asked for NAME"):
        new_actor.checked_values(actor, {"NAME": "Hav"})
    FieldMapping.objects.filter(key="CITY").update(type=3)
    with pytest.raises(Refused, match="doesn't fit"):
        new_actor.checked_values(actor, {"CITY": "Lund"})


def test_a_field_moves_within_its_actor_type(connection: Connection) -> None:
    fields.move_field(field("CITY"), -5)
    keys = list(field("CITY").actor.fields.values_list("key", flat=True))
    assert keys == ["CITY", "NAME", "GROUP", "CODE", "VATNO"]
    with pytest.raises(Refused):
        fields.move_field(field("CITY"), 0)


def test_records_are_found_by_the_keys_of_either_side(connection: Connection) -> None:
    fjord, skog = company("Fjord"), company("Skog")
    links = {link.record_id: link.pk for link in Link.objects.filter(record_type="company")}
    assert records_of_links([links[skog.id], links[fjord.id], links[skog.id]]) == [
        ("company", skog.id), ("company", fjord.id),
    ]  # fmt: skip
    assert records_of_actors(connection, "Customer", ["2"]) == records_of_actors(None, "Customer", ["2"])
    assert records_of_actors(connection, "Customer", ["2"]) == [("company", skog.id)]
    with pytest.raises(NotFound, match="99"):
        records_of_actors(connection, "Customer", ["1", "99"])
    with pytest.raises(NotFound, match="10"):
        records_of_actors(connection, "Customer", ["10"])
    assert source_of(0) == "crm"
    delete_connections([connection])
    with pytest.raises(NotFound):
        records_of_links(list(links.values()))


def test_only_the_actors_of_one_type_are_resynced(erp: MemoryErp, connection: Connection) -> None:
    erp.put(CUSTOMER, "10", NAME="Ten")
    erp.put(ActorType.PERSON, "10", FIRSTNAME="Eva-Lotta")
    report = resync(connection, False, "test", record_ids=records_of_actors(connection, "Person", ["10"]))
    assert (report.changes, report.connections[0].read) == (1, 1)
    ((kind, _id),) = changed_records(report.run).updated
    assert kind == "contact"


def test_what_a_run_made_and_changed(erp: MemoryErp, connection: Connection) -> None:
    imported = LogEntry.objects.filter(run__kind="import").latest("run_id").run_id
    assert [kind for kind, _id in changed_records(imported).added] == ["contact"]
    erp.put(CUSTOMER, "2", CITY="Lund")
    run = sync_now(None, by="test").run
    assert changed_records(run).updated == [("company", company("Skog").id)]
    assert changed_records(None).added == changed_records(None).updated == []
