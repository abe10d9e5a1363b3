"""What waits for Save: nothing before it, once with it, with a reason where it can't be done (behaviour U7)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, edit

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.crm.services.records import RecordView, create_record
from brygga.crm.services.users import create_user
from brygga.erp.errors import ConnectorFailed, Denied, NotFound, Refused
from brygga.erp.models import Connection, FieldMapping, Link, LogEntry, PendingChange, Run
from brygga.erp.services import acting, pending
from brygga.erp.services.access import Grant, set_scope
from brygga.erp.services.mapping import set_default
from brygga.erp.services.pending import Saved

pytestmark = pytest.mark.django_db
WRITES = {"save_actors", "create_actor"}


@pytest.fixture
def anna(db: None) -> User:
    return create_user("anna", "hemligt", licences=["erp-sync"])


@pytest.fixture
def hav(erp: MemoryErp, connection: Connection) -> RecordView:
    """A company in the CRM, and another of its name in the ERP."""
    erp.put(ActorType.CUSTOMER, "3", NAME="Hav", CITY="Lund", CODE="H3")
    erp.calls.clear()
    return create_record(RecordType.COMPANY, {"NAME": "Hav", "POSTALCITY": "Malmö"}, by="anna")


def connect_later(user: User, connection: Connection, record: RecordView, **chosen: str) -> PendingChange:
    what = {"chosen": chosen, "answers": {}}
    return pending.connect_later(user, connection.pk, record.type, record.id, "Customer", "3", **what)


def create_later(user: User, connection: Connection, record: RecordView) -> PendingChange:
    return pending.create_later(user, connection.pk, record.type, record.id, "Customer", answers={})


def save(user: User, record: RecordView) -> list[Saved]:
    tokens = [str(change.token) for change in pending.pending_of(user, record.type, record.id)]
    return pending.save(user, record.type, record.id, tokens)


def is_linked(record: RecordView) -> bool:
    return Link.objects.filter(record_type=record.type, record_id=record.id).exists()


def test_nothing_is_written_before_save_and_nothing_after_cancel(
    erp: MemoryErp, anna: User, connection: Connection, hav: RecordView
) -> None:
    runs = Run.objects.count()
    connect_later(anna, connection, hav, POSTALCITY="Lund")
    pending.forget(anna, hav.type, hav.id)
    assert save(anna, hav) == []
    assert not WRITES & set(erp.calls)
    assert not is_linked(hav)
    assert company("Hav").fields["POSTALCITY"] == "Malmö"
    assert Run.objects.count() == runs


def test_save_connects_with_the_values_chosen_and_forgets_the_change(
    erp: MemoryErp, anna: User, connection: Connection, hav: RecordView
) -> None:
    connect_later(anna, connection, hav, POSTALCITY="Lund")
    (saved,) = save(anna, hav)
    assert saved.problem is None
    assert saved.link is not None
    assert saved.link.erp_key == "3"
    assert company("Hav").fields["POSTALCITY"] == "Lund"
    assert pending.pending_of(anna, hav.type, hav.id) == []


@pytest.mark.parametrize("side", ["crm", "erp"])
def test_values_that_have_moved_since_are_refused_with_what_changed(
    side: str, erp: MemoryErp, anna: User, connection: Connection, hav: RecordView
) -> None:
    connect_later(anna, connection, hav, POSTALCITY="Lund")
    if side == "crm":
        edit(hav, POSTALCITY="Ystad")
    else:
        erp.put(ActorType.CUSTOMER, "3", CITY="Ystad")
    (saved,) = save(anna, hav)
    assert "Ystad" in str(saved.problem)
    assert ("Malmö" if side == "crm" else "Lund") in str(saved.problem)
    assert not is_linked(hav)
    assert not WRITES & set(erp.calls)
    (kept,) = pending.pending_of(anna, hav.type, hav.id)
    assert kept.problem
    assert kept.claimed_at is None
    connect_later(anna, connection, hav, POSTALCITY="Ystad")
    assert save(anna, hav)[0].problem is None
    assert is_linked(hav)


def test_a_record_that_moved_before_it_is_created_is_looked_at_again(
    erp: MemoryErp, anna: User, connection: Connection, hav: RecordView
) -> None:
    create_later(anna, connection, hav)
    edit(hav, NAME="Havet")
    assert "Havet" in str(save(anna, hav)[0].problem)
    assert erp.count("create_actor") == 0


def test_a_changed_mapping_is_a_reason_to_choose_again(
    erp: MemoryErp, anna: User, connection: Connection, hav: RecordView
) -> None:
    connect_later(anna, connection, hav)
    FieldMapping.objects.filter(key="VATNO").update(to_erp=False)
    assert "mapping" in str(save(anna, hav)[0].problem)
    assert not is_linked(hav)


def test_a_change_is_carried_out_by_one_save_only(
    erp: MemoryErp, anna: User, connection: Connection, hav: RecordView
) -> None:
    create_later(anna, connection, hav)
    (change,) = pending.pending_of(anna, hav.type, hav.id)
    token = [str(change.token)]

    def second_click(operation: str) -> None:
        if operation == "create_actor":
            assert pending.save(anna, hav.type, hav.id, token) == []

    erp.before = second_click
    assert pending.save(anna, hav.type, hav.id, token)[0].problem is None
    assert pending.save(anna, hav.type, hav.id, token) == []
    assert erp.count("create_actor") == 1


def test_a_token_that_was_not_shown_is_not_saved(anna: User, connection: Connection, hav: RecordView) -> None:
    first = connect_later(anna, connection, hav)
    connect_later(anna, connection, hav, POSTALCITY="Lund")
    assert pending.save(anna, hav.type, hav.id, [str(first.token)]) == []
    assert not is_linked(hav)


def test_a_lost_reply_makes_one_actor(erp: MemoryErp, anna: User, connection: Connection, hav: RecordView) -> None:
    create_later(anna, connection, hav)

    def lose(operation: str) -> None:
        if operation == "created":
            erp.before = lambda operation: None
            raise TimeoutError("the answer was lost")

    erp.before = lose
    assert save(anna, hav)[0].problem is not None
    assert not is_linked(hav)
    (saved,) = save(anna, hav)
    assert saved.problem is None
    assert saved.link is not None
    made = [key for (_kind, key), actor in erp.actors.items() if actor.fields.get("NAME") == "Hav" and key != "3"]
    assert made == [saved.link.erp_key]
    assert erp.count("create_actor") == 1


def test_a_save_that_died_after_its_work_is_finished_by_the_next(
    anna: User, connection: Connection, hav: RecordView
) -> None:
    connect_later(anna, connection, hav)
    PendingChange.objects.update(claimed_at=timezone.now() - timedelta(seconds=10))
    acting.connect(anna, connection.pk, hav.type, hav.id, "Customer", "3")
    assert save(anna, hav) == []
    PendingChange.objects.update(claimed_at=timezone.now() - pending.UNDER_WAY - timedelta(seconds=1))
    assert save(anna, hav)[0].problem is None
    assert Link.objects.filter(record_id=hav.id, record_type=hav.type).count() == 1


def test_two_users_choose_each_for_themselves_and_the_first_to_save_has_it(
    erp: MemoryErp, anna: User, connection: Connection, hav: RecordView
) -> None:
    bo = create_user("bo", "hemligt", licences=["erp-sync"])
    connect_later(anna, connection, hav)
    create_later(bo, connection, hav)
    assert save(bo, hav)[0].problem is None
    Link.objects.filter(record_id=hav.id, record_type=hav.type).update(erp_key="3")
    assert "linked with memory already" in str(save(anna, hav)[0].problem), "it was not with her choice"
    assert len(pending.pending_of(anna, hav.type, hav.id)) == 1
    assert pending.pending_of(bo, hav.type, hav.id) == []


def test_disconnecting_waits_and_means_the_actor_that_was_shown(
    anna: User, connection: Connection, hav: RecordView
) -> None:
    where = (anna, connection.pk, hav.type, hav.id)
    assert pending.disconnect_later(*where) is None
    acting.connect(*where, "Customer", "3")
    pending.disconnect_later(*where)
    Link.objects.filter(record_id=hav.id, record_type=hav.type).update(erp_key="77")
    assert "another actor" in str(save(anna, hav)[0].problem)
    assert is_linked(hav)
    pending.disconnect_later(*where)
    assert save(anna, hav)[0].problem is None
    assert not is_linked(hav)


def test_what_can_not_be_done_is_refused_when_it_is_chosen(
    erp: MemoryErp, anna: User, connection: Connection, hav: RecordView
) -> None:
    where = (anna, connection.pk, hav.type, hav.id, "Customer")
    with pytest.raises(NotFound):
        pending.connect_later(*where, "99", chosen={}, answers={})
    with pytest.raises(Refused, match="linked already"):
        pending.connect_later(*where, "1", chosen={}, answers={})
    with pytest.raises(Refused, match="neither"):
        pending.connect_later(*where, "3", chosen={"POSTALCITY": "Oslo"}, answers={})
    set_default(FieldMapping.objects.get(key="CODE"), value="", ask=True, mandatory=True)
    with pytest.raises(Refused, match="CODE"):
        create_later(anna, connection, hav)
    erp.down = "Closed."
    with pytest.raises(ConnectorFailed, match="Closed"):
        connect_later(anna, connection, hav)
    assert pending.pending_of(anna, hav.type, hav.id) == []


def test_the_rights_are_those_at_the_time_of_save(anna: User, connection: Connection, hav: RecordView) -> None:
    connect_later(anna, connection, hav)
    set_scope(connection, everyone=False, grants=[Grant(user=anna, may_connect=False)])
    with pytest.raises(Denied):
        connect_later(anna, connection, hav)
    assert "may not connect" in str(save(anna, hav)[0].problem)
    assert not is_linked(hav)


def test_answers_fill_blank_fields_of_the_actor_and_stand_in_the_log(
    erp: MemoryErp, anna: User, connection: Connection, hav: RecordView
) -> None:
    FieldMapping.objects.filter(key="VATNO").update(to_erp=False, crm_key="")
    set_default(FieldMapping.objects.get(key="VATNO"), value="", ask=True, mandatory=False)
    both = acting.both_sides(anna, connection.pk, hav.id, "Customer", "3")
    assert [field.key for field in both.asked] == ["VATNO"]
    place = (anna, connection.pk, hav.type, hav.id, "Customer", "3")
    pending.connect_later(*place, chosen={}, answers={"VATNO": "NO9"})
    assert save(anna, hav)[0].problem is None
    assert erp.value("3", "VATNO") == "NO9"
    entry = LogEntry.objects.get(erp_field="VATNO", record_id=hav.id)
    assert (entry.target, entry.new, entry.rule) == ("erp", "NO9", "answered")


def test_an_erp_that_refuses_the_answers_leaves_no_link(
    erp: MemoryErp, anna: User, connection: Connection, hav: RecordView
) -> None:
    set_default(FieldMapping.objects.get(key="VATNO"), value="", ask=True, mandatory=False)
    place = (anna, connection.pk, hav.type, hav.id, "Customer", "3")
    pending.connect_later(*place, chosen={}, answers={"VATNO": "NO9"})
    erp.refuses.add("3")
    assert "locked by the accountant" in str(save(anna, hav)[0].problem)
    assert not is_linked(hav)


def test_a_choice_that_nobody_came_back_to_is_forgotten(anna: User, connection: Connection, hav: RecordView) -> None:
    connect_later(anna, connection, hav)
    PendingChange.objects.update(created_at=timezone.now() - pending.KEPT)
    assert pending.pending_of(anna, hav.type, hav.id) == []
    other = create_record(RecordType.COMPANY, {"NAME": "Hav"}, by="anna")
    connect_later(anna, connection, other)
    assert PendingChange.objects.get().record_id == other.id
