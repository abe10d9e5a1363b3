"""Who wins a conflict: policies per connection and per field, and the order of sync (behaviour A12, E2)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone
from tests.erp.mapped import set_mapping
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import CONFIGURATION, company, edit

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import Company
from brygga.erp.configuration import apply, diff, export
from brygga.erp.crm_side import crm_side
from brygga.erp.engine import newest
from brygga.erp.errors import InvalidConfiguration
from brygga.erp.models import Connection, FieldMapping, Link, LogEntry, WaitingLink
from brygga.erp.services import connections
from brygga.erp.services.sync import sync_now
from brygga.merge import Policy, Side

pytestmark = pytest.mark.django_db
CUSTOMER = ActorType.CUSTOMER
NOON = datetime(2024, 5, 17, 12, 0, tzinfo=UTC)


def stamp(erp: MemoryErp, key: str, last_modified: str) -> None:
    """Let the ERP say that an actor was changed then."""
    erp.actors[CUSTOMER, key].last_modified = last_modified


def clash(erp: MemoryErp) -> None:
    """Both sides enter a city for Fjord, the CRM at noon."""
    fjord = edit(company("Fjord"), POSTALCITY="CRM")
    Company.objects.filter(pk=fjord.id).update(updated_at=NOON)
    erp.put(CUSTOMER, "1", CITY="ERP")


def winner(erp: MemoryErp) -> str:
    city = company("Fjord").fields["POSTALCITY"]
    assert city == erp.value("1", "CITY")
    return str(city)


@pytest.fixture
def utc(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(newest, "machine_zone", lambda: UTC)


@pytest.mark.parametrize(
    ("last_modified", "expected"),
    [
        ("[DT:05/17/2024 12:00:01.0000000]", "ERP"),
        ("2024-05-17T12:00:01", "ERP"),
        ("05/17/2024 11:59:59", "CRM"),
        ("2024-05-17", "CRM"),  # a day without a time tells nothing, so the order of sync decides
        ("4711", "CRM"),
        ("2024-05-17T12:00:00", "CRM"),  # the same moment
    ],
)
def test_newest_takes_the_later_edit(erp, connection, utc, last_modified, expected):
    Connection.objects.update(policy=Policy.NEWEST)
    clash(erp)
    stamp(erp, "1", last_modified)

    sync_now(None, by="test")

    assert winner(erp) == expected
    entry = LogEntry.objects.get(rule=f"conflict_{expected.lower()}_wins")
    assert (entry.old, entry.new) == (("CRM", "ERP") if expected == "ERP" else ("ERP", "CRM"))


def test_without_a_date_newest_follows_the_order_of_sync(erp, connection):
    Connection.objects.update(policy=Policy.NEWEST)
    connections.set_priority([connection, None])
    clash(erp)
    sync_now(None, by="test")
    assert winner(erp) == "ERP"


def test_a_stamp_shows_the_clock_of_this_machine(monkeypatch):
    monkeypatch.setattr(newest, "machine_zone", lambda: ZoneInfo("Europe/Stockholm"))
    assert newest.moment_of("2024-05-17T14:00:00") == NOON  # two hours ahead in summer
    assert newest.newer_side(NOON, "2024-05-17T13:59:59") is Side.CRM
    assert newest.newer_side(NOON, "2024-05-17T14:00:01") is Side.ERP
    assert newest.newer_side(None, "2024-05-17T14:00:01") is None


@pytest.mark.parametrize("text", ["", "12", "abc", "[DT:not a date]", "2024-05-17"])
def test_other_stamps_are_no_moments(text):
    assert newest.moment_of(text) is None


def test_this_machine_has_a_zone():
    newest.machine_zone.cache_clear()
    assert datetime.now(newest.machine_zone()).utcoffset() is not None


def test_a_machine_that_does_not_tell_its_zone_is_on_universal_time(monkeypatch, tmp_path):
    monkeypatch.setattr(newest, "_LOCAL_TIME", tmp_path / "none")
    newest.machine_zone.cache_clear()
    assert newest.machine_zone() is UTC
    newest.machine_zone.cache_clear()


@pytest.mark.parametrize(("order", "expected"), [("crm first", "CRM"), ("erp first", "ERP")])
def test_the_order_of_sync_settles_conflicts(erp, connection, order, expected):
    connections.set_priority([None, connection] if order == "crm first" else [connection, None])
    clash(erp)
    sync_now(None, by="test")
    assert winner(erp) == expected


@pytest.mark.parametrize(("field_policy", "expected"), [("crm", "CRM"), ("erp", "ERP")])
def test_a_fields_policy_comes_before_the_connections(erp, connection, field_policy, expected):
    Connection.objects.update(policy=Policy.ASK)
    field = FieldMapping.objects.get(key="CITY")
    set_mapping(field, "POSTALCITY", True, True, policy=field_policy)
    clash(erp)
    edit(company("Fjord"), NAME="Fjord AS")
    erp.put(CUSTOMER, "1", NAME="Fjord ASA")

    assert sync_now(None, by="test").conflicts == 1  # the name is asked about

    assert company("Fjord AS").fields["POSTALCITY"] == erp.value("1", "CITY") == expected
    assert erp.value("1", "NAME") == "Fjord ASA"


def test_a_field_may_ask_where_the_connection_does_not(erp, connection):
    field = FieldMapping.objects.get(key="CITY")
    set_mapping(field, "POSTALCITY", True, True, policy=Policy.ASK)
    clash(erp)
    assert sync_now(None, by="test").conflicts == 1
    assert (company("Fjord").fields["POSTALCITY"], erp.value("1", "CITY")) == ("CRM", "ERP")


def test_what_was_asked_is_settled_when_the_policy_changes(erp, connection):
    connections.change(connection, policy=Policy.ASK)
    clash(erp)
    sync_now(None, by="test")
    connections.change(Connection.objects.get(), policy=Policy.ERP)
    assert sync_now(None, by="test").conflicts == 0
    assert winner(erp) == "ERP"


def test_what_was_asked_about_a_field_is_settled_when_its_policy_changes(erp, connection):
    connections.change(connection, policy=Policy.ASK)
    clash(erp)
    sync_now(None, by="test")
    set_mapping(FieldMapping.objects.get(key="CITY"), "POSTALCITY", True, True, policy=Policy.CRM)
    assert sync_now(None, by="test").conflicts == 0
    assert winner(erp) == "CRM"


def test_an_edit_that_makes_both_sides_equal_ends_the_conflict(erp, connection):
    Connection.objects.update(policy=Policy.ASK)
    clash(erp)
    assert sync_now(None, by="test").conflicts == 1
    edit(company("Fjord"), POSTALCITY="ERP")
    assert sync_now(None, by="test").conflicts == 0
    link = Link.objects.get(erp_key="1")
    assert (link.state, link.issues, WaitingLink.objects.count()) == ("ok", [], 0)


def test_policies_are_configured_exported_and_compared(erp, connection):
    text = CONFIGURATION.format(name="memory", both="both", in_="to_crm")
    changed = text.replace("conflict: priority", "conflict: newest").replace(
        "CITY: {crm: POSTALCITY, direction: both}", "CITY: {crm: POSTALCITY, direction: both, conflict: ask}"
    )
    differing = {(found.key.rpartition(".")[2], found.old, found.new) for found in diff(changed)}
    assert differing == {("conflict", "priority", "newest"), ("conflict", None, "ask")}

    apply(changed)

    assert Connection.objects.get().policy == Policy.NEWEST
    assert FieldMapping.objects.get(key="CITY").policy == Policy.ASK
    assert diff(export()) == []
    assert "conflict: ask" in export()

    apply(text)
    assert FieldMapping.objects.get(key="CITY").policy == ""


def test_an_unknown_policy_is_refused_with_its_line(erp, connection):
    text = CONFIGURATION.format(name="memory", both="both", in_="to_crm")
    with pytest.raises(InvalidConfiguration, match="priority, crm, erp, newest, ask"):
        apply(text.replace("POSTALCITY, direction: both", "POSTALCITY, direction: both, conflict: dice"))


def test_applying_the_same_again_puts_nothing_up(erp, connection):
    Connection.objects.update(policy=Policy.ASK)
    clash(erp)
    sync_now(None, by="test")
    apply(export())
    assert not WaitingLink.objects.exists()


def test_the_record_tells_when_it_was_saved(erp, connection):
    fjord = company("Fjord")
    saved = crm_side().read(RecordType.COMPANY, [fjord.id], ["NAME"])[fjord.id].updated_at
    assert saved is not None
    assert timedelta(0) <= timezone.now() - saved < timedelta(minutes=5)
