"""The import from ERP on screen, step by step (behaviour I1 to I4)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from tests.erp.searchable_erp import CUSTOMER, SearchableErp, again, import_begun, searchable, the_customers
from tests.web.import_steps import CHOICES, previewed, run_job, url

from brygga.crm.fields import RecordType
from brygga.crm.models import Company, User
from brygga.crm.services.records import create_record
from brygga.erp.models import ActorMapping, ImportDraft, Link, SyncSettings
from brygga.erp.services import import_drafts, resting

pytestmark = pytest.mark.django_db


@pytest.fixture
def erp(db: None) -> Iterator[SearchableErp]:
    with searchable("Harbour") as (made, _connection):
        yield made


@pytest.fixture
def customers(erp: SearchableErp) -> ActorMapping:
    return the_customers()


@pytest.fixture
def draft(erp: SearchableErp, admin: User) -> ImportDraft:
    return import_begun(admin)


def test_the_whole_way_from_source_to_undo(as_admin: Client, customers: ActorMapping) -> None:
    begun = as_admin.post(reverse("web:imports_begin"), {"actor": customers.pk, "rest": "1"}, follow=True)
    draft = ImportDraft.objects.get()
    assert begun.redirect_chain[-1][0] == url("search", draft)
    line = {"criterion-1-field": "NAME", "criterion-1-before": "NAME", "criterion-1-operator": "ends"}
    found = as_admin.post(url("search", draft), line | {"criterion-1-value": "2"}, follow=True)
    assert [row.key for row in found.context["rows"]] == ["2"]
    added = as_admin.post(url("add", draft), {"key": ["2"]}, follow=True)
    assert "1 record was added." in added.content.decode()
    as_admin.post(url("search", draft), {"criteria-sent": "1"})
    as_admin.post(url("add", draft), {"key": ["3", "9"]})
    chosen = as_admin.get(url("chosen", draft))
    assert [row.name for row in chosen.context["rows"]] == ["Nr 2", "Nr 3", "Nr 9"]
    waiting = as_admin.post(url("settings", draft), CHOICES, follow=True)
    assert "Preview of" in waiting.content.decode()
    run_job()
    preview = as_admin.get(url("preview", draft))
    assert [(row.name, row.kind_text) for row in preview.context["rows"]] == [
        ("Nr 2", "New"), ("Nr 3", "New"), ("Nr 9", "New"),
    ]  # fmt: skip
    assert preview.context["new_items"] == ["Category: Public"]
    as_admin.post(url("check", draft), {"shown": ["2", "3", "9"], "key": ["2", "9"]})
    running = as_admin.post(url("run", draft), follow=True)
    assert "Import of" in running.content.decode()
    run_job()
    results = as_admin.get(url("results", draft))
    assert (results.context["new"], results.context["updated"]) == (2, 0)
    records = as_admin.get(url("records", draft, "new"))
    assert [row.name for row in records.context["rows"]] == ["Nr 2", "Nr 9"]
    run = again(draft).plan.run_id
    undone = as_admin.post(reverse("web:sync_undo"), {"run": run}, follow=True)
    as_admin.post(undone.redirect_chain[-1][0] + "/apply")
    assert not Company.objects.filter(deleted=False).exists()
    assert not Link.objects.exists()


# Where it begins


def test_what_can_be_imported_is_on_offer_by_connection(as_admin: Client, customers: ActorMapping) -> None:
    page = as_admin.get(reverse("web:imports_start"))
    (source,) = page.context["sources"]
    assert (source["name"], source["automatic"]) == ("Harbour", True)
    assert [(one["label"], one["checked"]) for one in source["actors"]] == [("Customer", False), ("Person", False)]
    page = as_admin.get(reverse("web:imports_start"), {"connection": customers.connection_id})
    assert [one["checked"] for one in page.context["sources"][0]["actors"]] == [True, False]
    assert as_admin.get(reverse("web:imports_start"), {"connection": "x"}).status_code == 404


def test_without_connections_the_page_says_what_to_do(as_admin: Client) -> None:
    assert "Define an ERP connection" in as_admin.get(reverse("web:imports_start")).content.decode()


def test_automatic_sync_is_offered_to_be_turned_off_on_the_spot(as_admin: Client, customers: ActorMapping) -> None:
    asked = as_admin.post(reverse("web:imports_begin"), {"actor": customers.pk})
    assert "Turn automatic sync off and go on" in asked.content.decode()
    assert not ImportDraft.objects.exists()
    as_admin.post(reverse("web:imports_begin"), {"actor": customers.pk, "rest": "1"})
    assert not resting.is_automatic(customers.connection)


def test_an_import_begins_at_once_where_automatic_sync_is_off_anyway(as_admin: Client, customers: ActorMapping) -> None:
    SyncSettings.objects.update(automatic=False)
    as_admin.post(reverse("web:imports_begin"), {"actor": customers.pk})
    draft = ImportDraft.objects.get()
    assert draft.rests_until is None
    assert as_admin.get(url("search", draft)).context["rest"] is None


@pytest.mark.parametrize("chosen", ["", "0", "x"])
def test_a_beginning_without_a_choice_is_told_so(as_admin: Client, customers: ActorMapping, chosen: str) -> None:
    page = as_admin.post(reverse("web:imports_begin"), {"actor": chosen})
    assert (page.status_code, page.context["error"]) == (422, "Choose what to import.")


def test_automatic_sync_is_turned_on_and_off_along_the_way(
    as_admin: Client, draft: ImportDraft, customers: ActorMapping
) -> None:
    page = as_admin.get(url("settings", draft))
    assert "is off until this import ends" in page.content.decode()
    back = as_admin.post(url("automatic", draft), {"automatic": "on", "page": "settings"})
    assert back.headers["Location"] == url("settings", draft)
    assert resting.is_automatic(customers.connection)
    assert "It has to be off" in as_admin.get(url("settings", draft)).content.decode()
    as_admin.post(url("automatic", draft), {"automatic": "off", "page": "nonsense"})
    assert not resting.is_automatic(customers.connection)


# Searching and gathering


def test_a_search_that_cannot_be_made_says_why_and_keeps_what_was_typed(
    as_admin: Client, draft: ImportDraft, erp: SearchableErp
) -> None:
    line = {"criterion-1-field": "NAME", "criterion-1-before": "NAME", "criterion-1-operator": "begins"}
    page = as_admin.post(url("search", draft), line | {"criterion-1-value": ""})
    assert page.status_code == 422
    assert "Fill in a value, or remove the line." in page.content.decode()
    erp.down = "Closed for stocktaking."
    page = as_admin.post(url("search", draft), line | {"criterion-1-value": "Nr"})
    assert page.status_code == 422
    assert "Closed for stocktaking." in page.content.decode()
    assert page.context["criteria"].lines[0].values == ["Nr"]


def test_without_a_script_a_button_of_the_editor_searches_nothing(
    as_admin: Client, draft: ImportDraft, erp: SearchableErp
) -> None:
    page = as_admin.post(url("search", draft), {"criteria-sent": "1", "criteria": "add"})
    assert [line.field.key for line in page.context["criteria"].lines] == ["NAME"]
    assert not draft.rows.exists()
    assert "search_actors" not in erp.calls


def test_linked_actors_are_marked_with_their_record_and_cannot_be_marked(
    as_admin: Client, draft: ImportDraft, customers: ActorMapping
) -> None:
    made = create_record(RecordType.COMPANY, {"NAME": "Nummer fem"}, "test")
    Link.objects.create(
        connection=customers.connection, actor_type="Customer", erp_key="5", record_type="company", record_id=made.id
    )
    as_admin.post(url("search", draft), {"criteria-sent": "1"})
    page = as_admin.get(url("search", draft))
    (row,) = [row for row in page.context["rows"] if row.linked_to]
    assert (row.key, row.linked_to, row.linked_url) == ("5", "Nummer fem", f"/companies/{made.id}")
    as_admin.post(url("add", draft), {"all": "1"})
    assert import_drafts.chosen_rows(draft).count() == 8


def test_results_come_page_by_page_without_asking_the_erp_again(
    as_admin: Client, draft: ImportDraft, erp: SearchableErp
) -> None:
    for number in range(10, 121):
        erp.put(CUSTOMER, str(number), NAME=f"Nr {number}")
    as_admin.post(url("search", draft), {"criteria-sent": "1"})
    page = as_admin.get(url("search", draft), {"page": 3})
    assert (page.context["rows"][0].key, page.context["page"].count) == ("101", 3)
    assert erp.count("search_actors") == 1
    to = as_admin.post(url("add", draft), {"key": ["101"], "page": "3"})
    assert to.headers["Location"] == f"{url('search', draft)}?page=3"


@pytest.mark.parametrize("step", ["search", "chosen", "preview"])
def test_the_number_of_queries_does_not_depend_on_the_number_of_rows(
    as_admin: Client, draft: ImportDraft, erp: SearchableErp, step: str
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(database) as taken:
            assert as_admin.get(url(step, draft)).status_code == 200
        return len(taken)

    def prepare(keys: list[str]) -> None:
        import_drafts.back(again(draft))
        import_drafts.search(again(draft), [])
        import_drafts.add(again(draft), keys)
        if step == "preview":
            previewed(again(draft), keys)

    prepare(["1", "2"])
    queries()  # what is read once per process
    few = queries()
    for number in range(10, 50):
        erp.put(CUSTOMER, str(number), NAME=f"Nr {number}", GROUP="1")
    prepare([str(number) for number in range(1, 50)])
    assert queries() <= few


def test_what_was_chosen_is_taken_out_again(as_admin: Client, draft: ImportDraft) -> None:
    import_drafts.search(draft, [])
    import_drafts.add(draft, None)
    page = as_admin.post(url("remove", draft), {"key": ["1", "2"]}, follow=True)
    assert page.context["page"].total == 7
    page = as_admin.post(url("remove", draft), {"all": "1"}, follow=True)
    assert "Nothing has been chosen yet." in page.content.decode()


# Who may


PAGES = ("open", "search", "chosen", "settings", "preview", "progress", "results")
POSTED = ("automatic", "discard", "add", "remove", "check", "back", "run", "stop")


@pytest.mark.parametrize("page", [*PAGES, *POSTED])
def test_an_import_is_for_administrators(as_user: Client, draft: ImportDraft, page: str) -> None:
    method = as_user.post if page in POSTED else as_user.get
    assert method(url(page, draft)).status_code == 403
    assert Client().get(url(page, draft)).headers["Location"].startswith("/login")


def test_the_beginning_and_the_lists_are_for_administrators(as_user: Client, draft: ImportDraft) -> None:
    assert as_user.get(reverse("web:imports_start")).status_code == 403
    assert as_user.post(reverse("web:imports_begin")).status_code == 403
    assert as_user.get(url("records", draft, "new")).status_code == 403
    assert "/import" not in as_user.get("/companies").content.decode()


@pytest.mark.parametrize("page", POSTED)
def test_nothing_is_done_by_a_link(as_admin: Client, draft: ImportDraft, page: str) -> None:
    assert as_admin.get(url(page, draft)).status_code == 405


@pytest.mark.parametrize("page", [*PAGES, *POSTED])
def test_an_import_that_is_not_there_is_not_found(as_admin: Client, draft: ImportDraft, page: str) -> None:
    method = as_admin.post if page in POSTED else as_admin.get
    assert method(reverse(f"web:imports_{page}", args=[draft.pk + 1])).status_code == 404


@pytest.mark.parametrize("page", PAGES)
def test_each_page_leads_to_where_the_import_stands(as_admin: Client, draft: ImportDraft, page: str) -> None:
    response = as_admin.get(url(page, draft))
    assert response.status_code in (200, 286, 302)
    if response.status_code == 302:
        assert response.headers["Location"] == url("search", draft)


def test_the_list_of_imports_takes_the_same_queries_however_long(
    as_admin: Client, draft: ImportDraft, user: User
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(database) as taken:
            as_admin.get(reverse("web:imports_start"))
        return len(taken)

    queries()
    few = queries()
    for _number in range(5):
        ImportDraft.objects.create(user=user, actor=draft.actor, choices=draft.choices)
    assert queries() <= few
