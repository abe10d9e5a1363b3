"""A mapping tried on real records, with nothing written (behaviour G6)."""

from __future__ import annotations

import pytest
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, edit

from brygga.contract import ActorsResponse, ActorType, ListResponse
from brygga.erp.errors import ConnectorFailed, Refused
from brygga.erp.models import Connection, LogEntry
from brygga.erp.services import trial
from brygga.erp.services.actor_mapping import Draft, FieldChoice
from brygga.erp.services.trial import TriedRecord, TriedValue

pytestmark = pytest.mark.django_db


def draft_of(connection: Connection) -> Draft:
    return Draft(connection.actors.select_related("connection__connector").get(actor_type="Customer"))


def value(record: TriedRecord, label: str) -> TriedValue:
    return next(one for one in record.values if one.erp_label == label)


def record(tried: list[TriedRecord], key: str) -> TriedRecord:
    return next(one for one in tried if one.erp_key == key)


def test_linked_records_show_both_sides(connection: Connection) -> None:
    fjord = record(trial.try_on(draft_of(connection), 5), "1")
    assert fjord.name == "Fjord"
    name = value(fjord, "NAME")
    assert (name.in_erp, name.arrives, name.now, name.misfits) == ("Fjord", "Fjord", "Fjord", ())


def test_list_items_are_shown_by_their_text_if_the_erp_gives_it(connection: Connection, erp: MemoryErp) -> None:
    group = value(record(trial.try_on(draft_of(connection), 5), "1"), "GROUP")
    assert (group.in_erp, group.arrives, group.now) == ("1", "Retail", "Retail")
    erp.get_list_items = lambda guid, name, keys: ListResponse(items={"1": "Shops"})  # type: ignore[method-assign]
    assert value(record(trial.try_on(draft_of(connection), 5), "1"), "GROUP").in_erp == "Shops"


def test_actors_without_a_link_fill_the_number(connection: Connection, erp: MemoryErp) -> None:
    erp.put(ActorType.CUSTOMER, "3", NAME="Vik", GROUP="3")
    tried = trial.try_on(draft_of(connection), 3)
    vik = record(tried, "3")
    assert (vik.name, vik.title, value(vik, "NAME").now) == ("", "Vik", None)
    assert len(trial.try_on(draft_of(connection), 2)) == 2


def test_what_does_not_get_across_is_marked_with_the_reason(connection: Connection, erp: MemoryErp) -> None:
    erp.put(ActorType.CUSTOMER, "3", NAME="x" * 300, GROUP="3")
    vik = record(trial.try_on(draft_of(connection), 5), "3")
    assert vik.misfits == 2
    assert "300 characters" in value(vik, "NAME").misfits[0]
    assert "no counterpart" in value(vik, "GROUP").misfits[0]


def test_what_does_not_get_back_is_marked_too(connection: Connection) -> None:
    edit(company("Fjord"), POSTALCITY="A city whose name is long")
    city = value(record(trial.try_on(draft_of(connection), 5), "1"), "CITY")
    assert city.misfits[0].startswith("To the ERP: The text has 25 characters")
    assert city.arrives == "Bergen"


def test_a_draft_is_tried_before_it_is_stored(connection: Connection) -> None:
    draft = draft_of(connection)
    draft.choose(FieldChoice(erp_key="CODE", crm_key="DEPARTMENT", to_crm=True))
    code = value(record(trial.try_on(draft, 5), "1"), "CODE")
    assert (code.crm_label, code.arrives, code.now) == ("Department", "F1", "")


def test_nothing_is_written(connection: Connection, erp: MemoryErp) -> None:
    before, log = dict(erp.actors), LogEntry.objects.count()
    trial.try_on(draft_of(connection), 5)
    assert (erp.actors, LogEntry.objects.count()) == (before, log)
    assert erp.count("save_actors") == 0


def test_what_only_goes_to_the_erp_does_not_arrive(connection: Connection) -> None:
    assert value(record(trial.try_on(draft_of(connection), 5), "1"), "VATNO").arrives is None


def test_an_unreadable_value_is_shown_as_it_came(connection: Connection, erp: MemoryErp) -> None:
    field = connection.actors.get(actor_type="Customer").fields.get(key="CODE")
    field.type = 3
    field.save()
    erp.put(ActorType.CUSTOMER, "1", CODE="F1")
    code = value(record(trial.try_on(draft_of(connection), 5), "1"), "CODE")
    assert (code.in_erp, code.arrives) == ("F1", None)
    assert code.misfits


def test_an_erp_that_is_not_searched_still_shows_what_is_linked(connection: Connection, erp: MemoryErp) -> None:
    erp.search_actors = lambda *asked: ActorsResponse.failure("Not here.")  # type: ignore[method-assign]
    assert {one.erp_key for one in trial.try_on(draft_of(connection), 5)} == {"1", "2"}


def test_a_trial_that_is_not_possible_says_why(connection: Connection, erp: MemoryErp) -> None:
    draft = draft_of(connection)
    erp.down = "Closed for the night."
    with pytest.raises(ConnectorFailed, match="Closed for the night"):
        trial.try_on(draft, 5)
    for drafted in draft.fields.values():
        drafted.crm_key, drafted.to_crm, drafted.to_erp = "", False, False
    with pytest.raises(Refused, match="nothing to try"):
        trial.try_on(draft, 5)
