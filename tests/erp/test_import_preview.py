"""The settings of an import and its preview, and that it does what they say (behaviour I3, I4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from tests.erp.searchable_erp import (
    CUSTOMER,
    SearchableErp,
    again,
    gather,
    import_begun,
    imported,
    items,
    preview,
    run_job,
    searchable,
)

from brygga.contract import ActorType, ListResponse
from brygga.crm.fields import RecordType
from brygga.crm.models import Company, Contact
from brygga.crm.services import lists as crm_lists
from brygga.crm.services import records
from brygga.erp.errors import Refused
from brygga.erp.models import (
    ActorMapping,
    FieldMapping,
    ImportDraft,
    Link,
    ListItemMapping,
    PlanOutcome,
)
from brygga.erp.services import import_drafts, import_review, resting
from brygga.erp.services.import_choices import ImportChoices, first_choices, ways_of
from brygga.erp.services.import_review import Kind
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.sync import sync_now
from brygga.erp.services.undo import Undoing, undo

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp(db: None) -> Iterator[SearchableErp]:
    with searchable() as (made, _connection):
        yield made


@pytest.fixture
def draft(erp: SearchableErp) -> ImportDraft:
    return import_begun()


# Settings


@pytest.mark.parametrize(
    ("choices", "told"),
    [
        ({"duplicates": "VATNO,NAME"}, "on offer"),
        ({"on_duplicate": "guess"}, "on offer"),
        ({"unknown": "guess"}, "on offer"),
        ({"duplicates": "NUMBER2"}, "not mapped"),
        ({"unknown": "default"}, "Choose the list item"),
        ({"unknown": "default", "defaults": {"GROUP": 0}}, "choose an item"),
        ({"unknown": "default", "defaults": {"NAME": 1}}, "choose an item"),
    ],
)
def test_settings_that_will_not_do_are_refused(draft, choices, told) -> None:
    with pytest.raises(Refused, match=told):
        import_drafts.choose(draft, ImportChoices(**choices))


def test_ways_whose_fields_are_not_mapped_say_so_and_the_best_that_is_mapped_is_the_first_choice(draft) -> None:
    ways = {way.duplicates: way.missing for way in ways_of(draft.actor)}
    assert ways == {
        "NAME": (), "NAME,DEPARTMENT": ("Department",), "NUMBER2": ("Number",), "NUMBER1": (), "VATNO": (), "": (),
    }  # fmt: skip
    assert ImportChoices.of(draft.choices).duplicates == "NAME"
    FieldMapping.objects.filter(key="CODE").update(crm_key="NUMBER2")
    assert first_choices(draft.actor).duplicates == "NUMBER2"


@pytest.mark.parametrize("unknown", ["blank", "default", "add"])
def test_unknown_list_items(erp, draft, unknown) -> None:
    retail = crm_lists.items("category")[0]
    gather(draft, ["9"], unknown=unknown, defaults={"GROUP": retail.pk} if unknown == "default" else {})
    draft = preview(draft)
    item = items(draft)["9", ""]
    assert item.new.get("category") == {"blank": None, "default": str(retail.pk), "add": "new:3"}[unknown]
    assert [note["code"] for note in item.problem.get("notes", ())] == (["unknown_item"] if unknown == "blank" else [])
    assert "Public" not in [one.text for one in crm_lists.items("category")]
    import_drafts.start_import(draft, "eva")
    run_job()
    company = Company.objects.get(name="Nr 9")
    assert (company.category and company.category.text) == {"blank": None, "default": "Retail", "add": "Public"}[
        unknown
    ]
    assert Link.objects.get().state == ("failed" if unknown == "blank" else "ok")
    mapped = dict(ListItemMapping.objects.values_list("erp_item", "crm_item__text"))
    assert mapped.get("3") == ("Public" if unknown == "add" else None)
    assert sum(part.to_crm + part.to_erp for part in sync_now(None, by="test").connections) == 0


def test_an_item_with_the_text_of_one_that_is_mapped_already_is_added_under_another_name(erp, draft) -> None:
    industry = ListItemMapping.objects.get(erp_item="2")
    crm_lists.rename_item(industry.crm_item_id, "Public")
    gather(draft, ["9"], unknown="add")
    draft = imported(draft)
    assert ListItemMapping.objects.get(erp_item="3").crm_item.text == "Public (3)"


def test_a_record_that_is_there_gets_the_added_item_as_well(erp, draft) -> None:
    records.create_record(RecordType.COMPANY, {"NAME": "nr 9"}, "anna")
    gather(draft, ["9"], duplicates="NAME", on_duplicate="merge", unknown="add")
    draft = preview(draft)
    assert items(draft)["9", "category"].new == "new:3"
    import_drafts.start_import(draft, "eva")
    run_job()
    assert set(again(draft).plan.items.values_list("outcome", flat=True)) == {PlanOutcome.DONE}
    assert Company.objects.get().category.text == "Public"


def test_an_item_that_has_gone_from_the_list_meanwhile_leaves_its_record_out(erp, draft) -> None:
    gather(draft, ["9", "1"], unknown="add")
    draft = preview(draft)
    erp.get_list = lambda guid, name: ListResponse(items={"1": "Retail"})  # type: ignore[method-assign]
    import_drafts.start_import(draft, "eva")
    run_job()
    assert list(Company.objects.values_list("name", flat=True)) == ["Nr 1"]
    assert items(again(draft))["9", ""].outcome == PlanOutcome.MOVED


# The preview


def test_the_preview_says_of_every_chosen_actor_what_becomes_of_it(erp, draft) -> None:
    same = records.create_record(RecordType.COMPANY, {"NAME": "NR 2", "POSTALCITY": "Oslo"}, "anna")
    for name in ("Nr 3", "nr 3"):
        records.create_record(RecordType.COMPANY, {"NAME": name}, "anna")
    gather(draft, None, duplicates="NAME", on_duplicate="merge")
    import_actors(draft.actor.connection, "Customer", Selection(keys=["1"]), by="test")
    del erp.actors[CUSTOMER, "4"]
    plan = preview(draft).plan
    assert import_review.counts(plan) == {"new": 5, "changed": 1, "skipped": 3}
    reasons = {item.erp_key: item.problem["code"] for item in import_review.actors(plan, Kind.SKIPPED)}
    assert reasons == {"1": "import_linked", "3": "several_same", "4": "erp_gone"}
    (changed,) = import_review.actors(plan, Kind.CHANGED)
    assert (changed.erp_key, changed.record_id) == ("2", same.id)
    fields = import_review.field_items(plan, ["2"])["2"]
    assert {(one.side, one.crm_field, one.old, one.new) for one in fields} == {
        ("erp", "NAME", "Nr 2", "NR 2"),
        ("erp", "POSTALCITY", "Bergen", "Oslo"),
        ("crm", "category", None, str(ListItemMapping.objects.get(erp_item="1").crm_item_id)),
    }


def test_records_that_are_there_are_skipped_if_that_is_the_choice(erp, draft) -> None:
    same = records.create_record(RecordType.COMPANY, {"NAME": "NR 2"}, "anna")
    gather(draft, ["2", "3"], duplicates="NAME", on_duplicate="skip")
    (skipped,) = import_review.actors(preview(draft).plan, Kind.SKIPPED)
    assert (skipped.erp_key, skipped.record_id, skipped.problem["code"]) == ("2", same.id, "import_duplicate")


def test_two_actors_alike_do_not_take_the_same_record(erp, draft, monkeypatch) -> None:
    monkeypatch.setattr("brygga.erp.services.importing.PAGE", 1)
    records.create_record(RecordType.COMPANY, {"NAME": "Nr 1"}, "anna")
    erp.put(CUSTOMER, "2", NAME="NR 1")
    gather(draft, ["1", "2"], duplicates="NAME", on_duplicate="merge")
    plan = preview(draft).plan
    assert import_review.counts(plan) == {"new": 0, "changed": 1, "skipped": 1}


def test_rows_are_left_out_with_all_their_fields_and_taken_in_again(erp, draft) -> None:
    records.create_record(RecordType.COMPANY, {"NAME": "NR 2"}, "anna")
    gather(draft, ["2", "3", "4"], duplicates="NAME", on_duplicate="replace")
    plan = preview(draft).plan
    import_review.choose(plan, {"2": False, "3": False, "nonsense": True})
    assert import_review.chosen(plan) == 1
    assert set(plan.items.filter(erp_key="2").values_list("outcome", flat=True)) == {PlanOutcome.UNCHECKED}
    import_review.choose_all(plan, True, Kind.CHANGED)
    assert import_review.chosen(plan) == 2
    import_review.choose_all(plan, False)
    assert import_review.chosen(plan) == 0
    import_review.choose_all(plan, True)
    import_review.choose(plan, {"4": False})
    import_drafts.start_import(again(draft), "eva")
    run_job()
    plan = again(draft).plan
    assert [item.erp_key for item in import_review.imported(plan, Kind.NEW)] == ["3"]
    assert [item.erp_key for item in import_review.imported(plan, Kind.CHANGED)] == ["2"]
    assert list(Link.objects.order_by("erp_key").values_list("erp_key", flat=True)) == ["2", "3"]


def test_a_company_of_which_nothing_can_be_read_is_in_the_plan_and_is_made(erp, draft) -> None:
    erp.put(CUSTOMER, "9", NAME="", CITY="", GROUP="")
    gather(draft, ["9"])
    draft = preview(draft)
    assert [note["code"] for note in items(draft)["9", ""].problem["notes"]] == ["mandatory_blank"]
    import_drafts.start_import(draft, "eva")
    run_job()
    (made,) = import_review.imported(again(draft).plan, Kind.NEW)
    assert made.record_id == Company.objects.get().pk


def test_what_has_moved_since_the_preview_is_left_out_and_told(erp, draft) -> None:
    gather(draft, ["1", "2"])
    draft = preview(draft)
    erp.put(CUSTOMER, "1", CITY="Oslo")
    import_drafts.start_import(draft, "eva")
    run_job()
    (left,) = import_review.left_out(again(draft).plan)
    assert (left.erp_key, left.problem["code"]) == ("1", "plan_moved")


def test_persons_come_with_the_company_that_is_linked_and_are_skipped_without(erp, draft) -> None:
    for key, parent in (("20", "1"), ("21", "2")):
        erp.put(ActorType.PERSON, key, parent=parent, FIRSTNAME="Eva", LASTNAME=f"Berg {key}")
    gather(draft, ["1"])
    draft = imported(draft)
    persons = import_drafts.open_draft(draft.user, ActorMapping.objects.get(actor_type="Person"))
    resting.rest(persons)
    gather(persons, None, duplicates="LASTNAME,FIRSTNAME", on_duplicate="merge")
    persons = preview(persons)
    assert {key: item.problem.get("code", "") for (key, _), item in items(persons).items()} == {
        "20": "", "21": "no_company_link",
    }  # fmt: skip
    import_drafts.start_import(persons, "eva")
    run_job()
    assert Contact.objects.get().lastname == "Berg 20"


def test_a_person_that_waited_comes_with_its_company(erp, draft) -> None:
    erp.put(ActorType.PERSON, "20", parent="1", FIRSTNAME="Eva", LASTNAME="Berg")
    import_actors(draft.actor.connection, "Person", Selection(keys=["20"]), by="test")
    gather(draft, ["1"])
    imported(draft)
    assert Contact.objects.get().lastname == "Berg"


def test_an_undo_takes_back_what_was_created_and_filled(erp, draft) -> None:
    same = records.create_record(RecordType.COMPANY, {"NAME": "NR 2"}, "anna")
    gather(draft, ["2", "3"], duplicates="NAME", on_duplicate="merge")
    draft = imported(draft)
    assert records.get_record(RecordType.COMPANY, same.id).fields["POSTALCITY"] == "Bergen"
    assert undo(Undoing(run_id=again(draft).plan.run_id), "eva").failed == 0
    assert records.get_record(RecordType.COMPANY, same.id).fields["POSTALCITY"] is None
    assert not Company.objects.filter(name="Nr 3", deleted=False).exists()


def test_the_number_of_queries_does_not_depend_on_the_number_of_records(erp, draft) -> None:
    def queries(keys: list[str]) -> int:
        gather(draft, keys, duplicates="NAME", on_duplicate="merge", unknown="add")
        import_drafts.start_preview(draft, "eva")
        with CaptureQueriesContext(connection) as planning:
            run_job()
        made = again(draft)
        import_drafts.start_import(made, "eva")
        with CaptureQueriesContext(connection) as importing:
            run_job()
        undo(Undoing(run_id=again(draft).plan.run_id), "eva")
        ImportDraft.objects.filter(pk=draft.pk).update(plan=None, job=None)
        draft.refresh_from_db()
        resting.rest(draft)
        return len(planning) + len(importing)

    few = queries(["1", "2", "3"])
    for number in range(10, 200):
        erp.put(CUSTOMER, str(number), NAME=f"Nr {number}", CITY="Bergen", GROUP="1")
    assert queries([str(number) for number in range(1, 200)]) <= few + 25  # the job tells how far it is now and then
