"""What was sent to an ERP, arrived, and was never answered for is agreed on: it is nobody's edit (behaviour E4)."""

from __future__ import annotations

import pytest
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory, edit

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import Company
from brygga.crm.services import records
from brygga.erp import connectors
from brygga.erp.errors import ConnectorFailed
from brygga.erp.models import Connection, Link, LogEntry
from brygga.erp.services import linking
from brygga.erp.services.applying import apply
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.plans import make_import_plan
from brygga.erp.services.sync import sync_now
from brygga.erp.services.undo import Undoing, undo
from brygga.merge import Policy

pytestmark = pytest.mark.django_db


def lose_the_next_answer(erp: MemoryErp) -> None:
    """The next save goes through, and nobody hears of it."""
    save = erp.save_actors

    def lost(guid, actors):
        save(guid, actors)
        erp.save_actors = save
        raise TimeoutError

    erp.save_actors = lost


@pytest.mark.parametrize("policy", list(Policy))
@pytest.mark.parametrize("later", ["Oslo", "Bergen", None], ids=["another", "the one before", "none"])
def test_an_edit_after_a_lost_answer_wins_over_what_was_sent_before(erp, connection, policy, later):
    Connection.objects.update(policy=policy)
    edit(company("Fjord"), POSTALCITY="Voss")
    lose_the_next_answer(erp)
    sync_now(None, by="test")
    assert erp.value("1", "CITY") == "Voss"

    edit(company("Fjord"), POSTALCITY=later)
    sync_now(None, by="test")

    assert (company("Fjord").fields["POSTALCITY"], erp.value("1", "CITY")) == (later, later or "")
    told = LogEntry.objects.filter(crm_field="POSTALCITY").exclude(rule="import").order_by("id")
    assert [(line.old, line.new, line.rule) for line in told] == [
        ("Bergen", "Voss", "crm_changed"),
        ("Voss", later, "crm_changed"),
    ]


@pytest.mark.parametrize("direction", ["both", "to_erp"])
def test_an_undo_does_not_flow_to_a_connection_whose_answer_was_lost(erp, connection, direction):
    other = MemoryErp()
    with connectors.use("other", other):
        other.put(ActorType.CUSTOMER, "7", NAME="Fjord", CITY="Bergen", CODE="F1", GROUP="1", VATNO="NO1")
        second = connect_memory("other", both="to_erp", in_="none")
        if direction == "both":
            second.actors.get(actor_type="Customer").fields.filter(key="CITY").update(to_crm=True)
        linking.connect(second, "company", company("Fjord").id, "Customer", "7", "crm", "test")
        erp.put(ActorType.CUSTOMER, "1", CITY="Voss")
        lose_the_next_answer(other)
        run = sync_now(None, by="test").run
        assert other.value("7", "CITY") == "Voss"

        undo(Undoing(run_id=run), "test")
        assert company("Fjord").fields["POSTALCITY"] == "Bergen"
        before = LogEntry.objects.count()
        for _ in range(2):
            sync_now(None, by="test", by_hand=True)

        assert company("Fjord").fields["POSTALCITY"] == "Bergen"
        assert (erp.value("1", "CITY"), other.value("7", "CITY")) == ("Voss", "Voss")
        arrived = LogEntry.objects.order_by("id")[before:]
        assert [(line.run_id, line.old, line.new) for line in arrived] == [(run, "Bergen", "Voss")]


@pytest.mark.parametrize("planned", [False, True], ids=["at once", "as planned"])
def test_an_import_links_what_was_created_from_the_crm_and_never_answered_for(erp, connection, planned):
    elv = records.create_record(RecordType.COMPANY, {"NAME": "Elv"}, by="anna")

    def lose(operation: str) -> None:
        if operation == "created":
            raise TimeoutError

    erp.before = lose
    with pytest.raises(ConnectorFailed):
        linking.create_in_erp(connection, "company", elv.id, "Customer", {}, "anna")
    erp.before = lambda operation: None

    everything = (connection, "Customer", Selection(everything=True), None, "add", "anna")
    report = apply(make_import_plan(*everything), "anna") if planned else import_actors(*everything)

    assert report.connections[0].created == 1
    assert Company.objects.filter(name="Elv").count() == 1
    assert Link.objects.get(record_type="company", record_id=elv.id).erp_key == "1003"
