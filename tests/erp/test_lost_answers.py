"""What was sent to an ERP, arrived, and was never answered for is agreed on: it is nobody's edit (behaviour E4)."""

from __future__ import annotations

import pytest
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory, edit

from brygga.contract import ActorsResponse, ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import Company
from brygga.crm.services import records
from brygga.erp import connectors
from brygga.erp.errors import ConnectorFailed, Refused
from brygga.erp.models import Connection, Link, LogEntry
from brygga.erp.problems import unanswered_rule
from brygga.erp.services import attention, linking
from brygga.erp.services.applying import apply
from brygga.erp.services.attention_item import Kind
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.plans import make_import_plan
from brygga.erp.services.sync import sync_now
from brygga.erp.services.undo import Undoing, undo
from brygga.erp.services.why import why
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


def created_unheard(erp: MemoryErp, connection: Connection, name: str) -> int:
    """A company that was created in the ERP, and nobody heard of it; its id."""
    made = records.create_record(RecordType.COMPANY, {"NAME": name}, by="anna")

    def lose(operation: str) -> None:
        if operation == "created":
            raise TimeoutError

    erp.before = lose
    with pytest.raises(ConnectorFailed):
        linking.create_in_erp(connection, "company", made.id, "Customer", {}, "anna")
    erp.before = lambda operation: None
    return made.id


@pytest.mark.parametrize("planned", [False, True], ids=["at once", "as planned"])
def test_an_import_links_what_was_created_from_the_crm_and_never_answered_for(erp, connection, planned):
    elv = created_unheard(erp, connection, "Elv")

    everything = (connection, "Customer", Selection(everything=True), None, "add", "anna")
    report = apply(make_import_plan(*everything), "anna") if planned else import_actors(*everything)

    assert report.connections[0].created == 1
    assert Company.objects.filter(name="Elv").count() == 1
    assert Link.objects.get(record_type="company", record_id=elv).erp_key == "1003"


def test_what_was_created_for_a_company_that_got_another_link_by_a_merge_is_told(erp, connection):
    elv = created_unheard(erp, connection, "Elv")
    records.merge_companies(elv, company("Fjord").id, by="anna")
    sync_now(None, by="test")
    assert Link.objects.get(record_type="company", record_id=elv).erp_key == "1"
    (told,) = [item for item in attention.items() if item.kind == Kind.DOUBT]
    assert "Customer 1003" in told.sentence


def lose_the_next_request(erp: MemoryErp) -> None:
    """The next save never gets there."""
    save = erp.save_actors

    def lost(guid, actors):
        erp.save_actors = save
        raise TimeoutError

    erp.save_actors = lost


def log_of_city() -> list[tuple[object, ...]]:
    lines = LogEntry.objects.filter(erp_field="CITY").exclude(rule="import").order_by("id")
    return [(line.run_id, line.target, line.old, line.new, line.rule) for line in lines]


def nobody(erp: MemoryErp) -> None:
    """Nobody edits anything in the ERP meanwhile."""


def sets_it_back(erp: MemoryErp) -> None:
    """Somebody in the ERP gives the field the value that it had before."""
    erp.put(ActorType.CUSTOMER, "1", CITY="Bergen")


@pytest.mark.parametrize(
    ("trouble", "somebody"), [(lose_the_next_answer, sets_it_back), (lose_the_next_request, nobody)]
)
def test_what_was_never_answered_for_and_is_not_found_is_in_the_log_as_that(erp, connection, trouble, somebody):
    edit(company("Fjord"), POSTALCITY="Voss")
    runs = []
    for _ in range(2):
        trouble(erp)
        runs.append(sync_now(None, by="test").run)
        somebody(erp)
    runs.append(sync_now(None, by="test").run)

    unanswered = "unanswered: crm_changed"
    told = [(runs[0], unanswered), (runs[1], unanswered), (runs[2], "crm_changed")]
    assert log_of_city() == [(run, "erp", "Bergen", "Voss", rule) for run, rule in told]
    assert (company("Fjord").fields["POSTALCITY"], erp.value("1", "CITY")) == ("Voss", "Voss")
    assert sync_now(None, by="test").connections[0].to_erp == 0


def test_what_was_never_answered_for_and_replaced_in_the_erp_is_a_conflict_and_in_the_log(erp, connection):
    Connection.objects.update(policy=Policy.ERP)
    edit(company("Fjord"), POSTALCITY="Voss")
    lose_the_next_answer(erp)
    first = sync_now(None, by="test").run
    erp.put(ActorType.CUSTOMER, "1", CITY="Oslo")
    second = sync_now(None, by="test").run

    assert log_of_city() == [
        (first, "erp", "Bergen", "Voss", "unanswered: crm_changed"),
        (second, "crm", "Voss", "Oslo", "conflict_erp_wins"),
    ]


def test_what_was_never_answered_for_is_nothing_to_undo_and_is_told_in_words(erp, connection):
    edit(company("Fjord"), POSTALCITY="Voss")
    lose_the_next_answer(erp)
    first = sync_now(None, by="test").run
    sets_it_back(erp)
    sync_now(None, by="test")
    line = LogEntry.objects.get(run=first)

    for what in (Undoing(run_id=first), Undoing(log_id=line.pk)):
        report = undo(what, "test", dry_run=True)
        assert (report.planned, [part.problems for part in report.connections]) == ([], [])
    told = why(line.pk)
    assert told.sentence.startswith("Only the CRM changed; its value goes to the ERP. It was sent and no answer came.")
    assert (told.crm, told.erp, told.new, told.run) == ("Voss", "Bergen", "Voss", first)

    undo(Undoing(record=("company", company("Fjord").id)), "test")
    assert erp.value("1", "CITY") == "Bergen"


def test_a_batch_that_was_refused_was_answered(erp, connection):
    erp.refuses = {"2"}
    edit(company("Fjord"), POSTALCITY="Voss")
    edit(company("Skog"), POSTALCITY="Oslo")
    sync_now(None, by="test")

    assert [line.rule for line in LogEntry.objects.exclude(rule="import")] == ["crm_changed"]


def test_a_record_that_an_answer_leaves_out_may_have_been_written(erp, connection):
    save = erp.save_actors

    def incomplete(guid, actors):
        save(guid, actors)
        return ActorsResponse()

    erp.save_actors = incomplete
    edit(company("Fjord"), POSTALCITY="Voss")
    first = sync_now(None, by="test").run
    erp.save_actors = save
    sync_now(None, by="test", by_hand=True)

    assert log_of_city() == [(first, "erp", "Bergen", "Voss", "crm_changed")]


@pytest.mark.parametrize(("is_up", "rule"), [(True, "crm_changed"), (False, unanswered_rule("crm_changed"))])
def test_what_was_never_answered_for_is_in_the_log_when_the_record_is_disconnected(erp, connection, is_up, rule):
    edit(company("Fjord"), POSTALCITY="Voss")
    lose_the_next_answer(erp)
    sync_now(None, by="test")
    if not is_up:
        erp.down = "Closed."
    linking.disconnect(connection, "company", company("Fjord").id, "anna")
    assert not Link.objects.filter(record_type="company", record_id=company("Fjord").id).exists()
    line = LogEntry.objects.filter(crm_field="POSTALCITY").exclude(rule="import").get()
    assert (line.old, line.new, line.rule) == ("Bergen", "Voss", rule)


def test_a_record_is_not_disconnected_while_it_is_being_sent_something(erp, connection):
    edit(company("Fjord"), POSTALCITY="Voss")
    refused = []
    save = erp.save_actors

    def disconnected_meanwhile(guid, actors):
        with pytest.raises(Refused) as caught:
            linking.disconnect(connection, "company", company("Fjord").id, "anna")
        refused.append(caught.value)
        return save(guid, actors)

    erp.save_actors = disconnected_meanwhile
    sync_now(None, by="test")
    assert len(refused) == 1
    assert erp.value("1", "CITY") == "Voss"
    assert LogEntry.objects.filter(crm_field="POSTALCITY", rule="crm_changed").count() == 1
