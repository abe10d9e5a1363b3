"""The settings, the preview and the result of an import on screen (behaviour I3, I4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import reverse
from tests.erp.searchable_erp import CUSTOMER, SearchableErp, again, import_begun, searchable
from tests.web.import_steps import previewed, run_job, url

from brygga.crm.fields import RecordType
from brygga.crm.models import Company, User
from brygga.crm.services.records import create_record
from brygga.erp.models import ImportDraft, JobState, PlanOutcome
from brygga.erp.services import import_drafts, resting
from brygga.jobs.runner import Runner

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp(db: None) -> Iterator[SearchableErp]:
    with searchable("Harbour") as (made, _connection):
        yield made


@pytest.fixture
def draft(erp: SearchableErp, admin: User) -> ImportDraft:
    return import_begun(admin)


# Settings and preview


def test_settings_that_will_not_do_are_told_and_kept(as_admin: Client, draft: ImportDraft) -> None:
    import_drafts.search(draft, [])
    import_drafts.add(draft, ["1"])
    page = as_admin.post(url("settings", draft), {"duplicates": "VATNO", "on_duplicate": "add", "unknown": "default"})
    assert page.status_code == 422
    assert "Choose the list item" in page.context["error"]
    assert [way["value"] for way in page.context["ways"] if way["checked"]] == ["VATNO"]
    page = as_admin.post(url("settings", draft), {})
    assert (page.status_code, page.context["error"]) == (422, "Choose one of the settings on offer.")


def test_what_is_not_mapped_cannot_recognise(as_admin: Client, draft: ImportDraft) -> None:
    body = as_admin.get(url("settings", draft)).content.decode()
    assert "(Number is not mapped)" in body


def test_the_preview_shows_each_kind_field_by_field(as_admin: Client, draft: ImportDraft, erp: SearchableErp) -> None:
    known = create_record(RecordType.COMPANY, {"NAME": "NR 2"}, "test")
    erp.put(CUSTOMER, "1", CITY="A city of far too many letters to be one" * 6)
    draft = previewed(draft, ["1", "2", "9"])
    del erp.actors[CUSTOMER, "9"]
    page = as_admin.get(url("preview", draft))
    rows = {row.key: row for row in page.context["rows"]}
    assert [(value, count) for value, _text, count in page.context["kinds"]] == [("new", 2), ("changed", 1)]
    assert [(note.label, note.problem[:24]) for note in rows["1"].notes] == [("CITY", "The text has 240 charact")]
    assert ("Category", "Public (new in the list)") in [(one.label, one.new) for one in rows["9"].changes]
    assert (rows["2"].url, ("City (postal)", "", "Bergen")) == (
        f"/companies/{known.id}",
        next((one.label, one.old, one.new) for one in rows["2"].changes if one.new == "Bergen"),
    )
    only = as_admin.get(url("preview", draft), {"kind": "changed"})
    assert [row.key for row in only.context["rows"]] == ["2"]
    assert len(as_admin.get(url("preview", draft), {"kind": "nonsense"}).context["rows"]) == 3


def test_skipped_rows_name_the_field_and_the_record(as_admin: Client, draft: ImportDraft) -> None:
    known = create_record(RecordType.COMPANY, {"NAME": "NR 2"}, "test")
    draft = previewed(draft, ["2"], on_duplicate="skip")
    (row,) = as_admin.get(url("preview", draft)).context["rows"]
    assert (row.kind_text, row.reason) == ("Skipped", "A CRM record with the same Name is there already.")
    assert (row.url, row.can_turn) == (f"/companies/{known.id}", False)
    assert as_admin.get(url("preview", draft)).context["to_import"] == 0


def test_rows_are_turned_one_by_one_in_place_and_all_of_a_kind(as_admin: Client, draft: ImportDraft) -> None:
    draft = previewed(draft, ["1", "2", "3"])
    asked = {"shown": ["1", "2", "3"], "key": ["1", "3"]}
    part = as_admin.post(url("check", draft), asked, headers={"HX-Request": "true"})
    assert part.context["to_import"] == 2
    assert "<html" not in part.content.decode()
    whole = as_admin.post(f"{url('check', draft)}?kind=new", {"all": "uncheck"})
    assert whole.headers["Location"] == f"{url('preview', draft)}?kind=new"
    assert set(draft.plan.items.values_list("outcome", flat=True)) == {PlanOutcome.UNCHECKED}
    as_admin.post(url("check", draft), {"all": "check"})
    assert as_admin.get(url("preview", draft)).context["to_import"] == 3


def test_from_the_preview_one_can_go_back_and_change_the_settings(as_admin: Client, draft: ImportDraft) -> None:
    draft = previewed(draft, ["1"])
    assert as_admin.get(url("settings", draft)).headers["Location"] == url("preview", draft)
    back = as_admin.post(url("back", draft), follow=True)
    assert back.redirect_chain[-1][0] == url("settings", draft)
    assert again(draft).plan is None


def test_a_preview_that_failed_says_why(as_admin: Client, draft: ImportDraft, erp: SearchableErp) -> None:
    import_drafts.search(draft, [])
    import_drafts.add(draft, ["1"])
    import_drafts.start_preview(draft, "eva")
    assert as_admin.get(url("progress", draft)).status_code == 200
    erp.down = "Closed for stocktaking."
    Runner().run_next()
    ended = as_admin.get(url("progress", draft))
    assert (ended.status_code, ended.headers["HX-Refresh"]) == (286, "true")
    assert "Closed for stocktaking." in as_admin.get(url("preview", draft)).content.decode()


def test_a_job_can_be_stopped(as_admin: Client, draft: ImportDraft) -> None:
    import_drafts.search(draft, [])
    import_drafts.add(draft, ["1"])
    import_drafts.start_preview(draft, "eva")
    page = as_admin.post(url("stop", draft), follow=True)
    assert "The preview was not finished." in page.content.decode()
    assert again(draft).job.state == JobState.STOPPED


# Results


def test_what_did_not_go_through_is_told_with_its_reason(
    as_admin: Client, draft: ImportDraft, erp: SearchableErp
) -> None:
    draft = previewed(draft, ["1", "2"])
    erp.put(CUSTOMER, "1", CITY="Oslo")
    as_admin.post(url("run", draft))
    run_job()
    page = as_admin.get(url("results", draft))
    assert (page.context["new"], page.context["left_count"]) == (1, 1)
    assert page.context["left_out"][0]["name"] == "Nr 1"
    assert "has been changed since" in page.context["left_out"][0]["reason"]


def test_an_import_that_was_cut_off_goes_on(as_admin: Client, draft: ImportDraft, erp: SearchableErp) -> None:
    draft = previewed(draft, ["1", "2"])
    as_admin.post(url("run", draft))
    erp.down = "Closed for stocktaking."
    Runner().run_next()
    page = as_admin.get(url("results", draft)).content.decode()
    assert "2 records still wait" in page
    assert "Closed for stocktaking." in page
    erp.down = ""
    again_on = as_admin.post(url("run", draft), follow=True)
    assert "has to be off" in again_on.content.decode()
    as_admin.post(url("automatic", draft), {"automatic": "off"})
    as_admin.post(url("run", draft))
    run_job()
    assert "The import is complete." in as_admin.get(url("results", draft)).content.decode()
    assert Company.objects.count() == 2


def test_the_lists_of_new_and_updated_records_stay_and_say_what_has_gone(as_admin: Client, draft: ImportDraft) -> None:
    create_record(RecordType.COMPANY, {"NAME": "NR 2"}, "test")
    draft = previewed(draft, ["1", "2", "3"])
    as_admin.post(url("run", draft))
    run_job()
    assert [row.name for row in as_admin.get(url("records", draft, "changed")).context["rows"]] == ["NR 2"]
    Company.objects.filter(name="Nr 1").update(deleted=True)
    page = as_admin.get(url("records", draft, "new"))
    assert ([row.name for row in page.context["rows"]], page.context["gone"]) == (["Nr 3"], 1)
    assert as_admin.get(url("records", draft, "skipped")).status_code == 404
    (line,) = as_admin.get(reverse("web:imports_start")).context["imports"]
    assert (line["state"], line["counts"]) == ("Done", "2 new, 1 updated")


def test_an_import_is_discarded_before_it_is_carried_out_and_not_after(as_admin: Client, draft: ImportDraft) -> None:
    assert as_admin.post(url("discard", draft)).headers["Location"] == reverse("web:imports_start")
    assert not ImportDraft.objects.exists()
    other = import_drafts.open_draft(draft.user, draft.actor)
    resting.rest(other)
    other = previewed(other, ["1"])
    as_admin.post(url("run", other))
    run_job()
    kept = as_admin.post(url("discard", other), follow=True)
    assert "Undo it instead." in kept.content.decode()
