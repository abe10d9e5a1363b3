"""Lists and records: finding, editing, and what happens when two people save."""

from __future__ import annotations

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from tests.web.conftest import Erp

from brygga.crm.fields import RecordType
from brygga.crm.listing import add_list_items
from brygga.crm.services.members import add_member, members
from brygga.crm.services.records import RecordView, create_record, get_record, save_record
from brygga.crm.services.user_fields import define_field
from brygga.crm.side import EmbeddedCrm, NewRecord
from brygga.erp.models import LogEntry, Run
from brygga.merge.values import Kind

pytestmark = pytest.mark.django_db


def posted(client: Client, company: RecordView, **changes: str) -> dict[str, str]:
    """What a browser sends for the edit form, with some fields typed over."""
    page = client.get(f"/companies/{company.id}/edit").text
    inputs = re.findall(r'<input type="(?:text|hidden)" name="([^"]+)"(?: value="([^"]*)")?', page)
    return dict(inputs) | changes


def saved(company: RecordView) -> dict[str, object]:
    """The company's values now."""
    return get_record(RecordType.COMPANY, company.id).fields


def test_edit_saves_what_was_typed_and_nothing_else(as_user: Client, company: RecordView) -> None:
    response = as_user.post(f"/companies/{company.id}/edit", posted(as_user, company, PHONE="72 48 00 99"))
    assert response.status_code == 302
    assert saved(company) == company.fields | {"PHONE": "72 48 00 99"}


def test_a_blank_name_is_said_at_the_field(as_user: Client, company: RecordView) -> None:
    response = as_user.post(f"/companies/{company.id}/edit", posted(as_user, company, NAME=""))
    assert response.status_code == 422
    assert 'id="id_NAME_error"' in response.text
    assert 'aria-describedby="id_NAME_error"' in response.text
    assert saved(company) == company.fields


def test_a_save_over_somebody_elses_change_shows_both(as_user: Client, company: RecordView) -> None:
    form = posted(as_user, company, PHONE="mine", FAX="also mine")
    save_record(RecordType.COMPANY, company.id, company.version, {"PHONE": "theirs", "EMAIL": "theirs@x.no"}, "bo")
    response = as_user.post(f"/companies/{company.id}/edit", form)
    assert response.status_code == 409
    assert saved(company)["PHONE"] == "theirs"
    chosen = dict(re.findall(r'name="use-(\w+)" value="(\w+)" checked', response.text))
    assert chosen == {"PHONE": "mine", "FAX": "mine", "EMAIL": "theirs"}

    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', response.text))
    choices = {f"use-{key}": side for key, side in (chosen | {"PHONE": "theirs"}).items()}
    assert as_user.post(f"/companies/{company.id}/edit", carried | choices).status_code == 302
    now = saved(company)
    assert (now["PHONE"], now["FAX"], now["EMAIL"]) == ("theirs", "also mine", "theirs@x.no")


def test_ones_own_old_value_can_be_chosen_over_somebody_elses(as_user: Client, company: RecordView) -> None:
    form = posted(as_user, company, FAX="mine")
    save_record(RecordType.COMPANY, company.id, company.version, {"PHONE": "theirs"}, "bo")
    stale = as_user.post(f"/companies/{company.id}/edit", form).text
    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', stale))
    as_user.post(f"/companies/{company.id}/edit", carried | {"use-PHONE": "mine", "use-FAX": "mine"})
    assert saved(company)["PHONE"] == "72 48 00 00"


def test_deleting_over_somebody_elses_change_is_refused(as_user: Client, company: RecordView) -> None:
    save_record(RecordType.COMPANY, company.id, company.version, {"PHONE": "theirs"}, "bo")
    as_user.post(f"/companies/{company.id}/delete", {"version": company.version})
    assert as_user.get(f"/companies/{company.id}").status_code == 200
    as_user.post(f"/companies/{company.id}/delete", {"version": company.version + 1})
    assert as_user.get(f"/companies/{company.id}").status_code == 404


def test_fields_of_every_kind_survive_an_unchanged_save(as_user: Client, company: RecordView) -> None:
    for kind in (Kind.TEXT, Kind.INTEGER, Kind.DOUBLE, Kind.CHECKBOX, Kind.DATE, Kind.DATETIME):
        define_field(RecordType.COMPANY, kind.value, kind.value, kind)
    values = {
        "x:text": "line one", "x:integer": 12345678, "x:double": 1234.5678, "x:checkbox": True,
        "x:date": "2026-02-28", "x:datetime": "2026-02-28T13:14:15",
    }  # fmt: skip
    save_record(RecordType.COMPANY, company.id, company.version, values, "test")
    form = as_user.get(f"/companies/{company.id}/edit").context["form"]
    data = {"version": company.version + 1}
    for bound in form:
        data |= {bound.html_name: bound.value() or "", bound.html_initial_name: bound.value() or ""}
    data |= {"x:datetime": "2026-02-28T13:14:16"}
    assert as_user.post(f"/companies/{company.id}/edit", data).status_code == 302
    now = saved(company)
    assert {key: now[key] for key in values} == values | {"x:datetime": "2026-02-28T13:14:16"}


def test_a_contact_needs_a_company_that_is_meant_clearly(as_user: Client, company: RecordView) -> None:
    assert "Orkdal Eldresenter #" in as_user.get(f"/contacts/new?company={company.id}").text
    create_record(RecordType.COMPANY, {"NAME": "Twin"}, "test")
    create_record(RecordType.COMPANY, {"NAME": "Twin"}, "test")
    for text, status in (("", 422), ("Nobody", 422), ("Twin", 422), ("Twin #999", 422), ("Orkdal Eldresenter", 302)):
        assert as_user.post("/contacts/new", {"LASTNAME": "Hansen", "company": text}).status_code == status
    assert "Hansen" in as_user.get(f"/companies/{company.id}/people").text


def test_a_contact_moves_to_another_company(as_user: Client, company: RecordView) -> None:
    other = create_record(RecordType.COMPANY, {"NAME": "Fjordfisk"}, "test")
    person = create_record(RecordType.CONTACT, {"LASTNAME": "Hansen"}, "test", company.id)
    address, here = f"/contacts/{person.id}/edit", f"Orkdal Eldresenter #{company.id}"
    form = {"LASTNAME": "Hansen", "initial-LASTNAME": "Hansen", "version": 1, "initial-company": here}
    for text, status in (("", 422), ("Nobody", 422), ("Fjordfisk #999", 422), ("fjordfisk", 302)):
        assert as_user.post(address, form | {"company": text}).status_code == status
    moved = get_record(RecordType.CONTACT, person.id)
    assert (moved.parent.id if moved.parent else None, moved.version) == (other.id, 2)


def test_an_unclear_company_is_answered_with_those_that_may_be_meant(as_user: Client, company: RecordView) -> None:
    twins = [create_record(RecordType.COMPANY, {"NAME": "Twin", "POSTALCITY": city}, "test") for city in ("Os", "Bø")]
    page = as_user.post("/contacts/new", {"LASTNAME": "Hansen", "company": "twin"}).text
    for twin in twins:
        assert f'<option value="Twin #{twin.id}">{twin.fields["POSTALCITY"]}</option>' in page
        assert page.count(f"Twin #{twin.id}") == 2  # among the suggestions and, for whoever has no script, in words


def test_a_move_and_somebody_elses_save_are_shown_side_by_side(as_user: Client, company: RecordView) -> None:
    other = create_record(RecordType.COMPANY, {"NAME": "Fjordfisk"}, "test")
    person = create_record(RecordType.CONTACT, {"LASTNAME": "Hansen"}, "test", company.id)
    save_record(RecordType.CONTACT, person.id, 1, {"NUMBER": "7"}, "bo")
    form = {
        "LASTNAME": "Hansen", "initial-LASTNAME": "Hansen", "version": 1,
        "company": f"Fjordfisk #{other.id}", "initial-company": f"Orkdal Eldresenter #{company.id}",
    }  # fmt: skip
    stale = as_user.post(f"/contacts/{person.id}/edit", form)
    assert stale.status_code == 409
    assert dict(re.findall(r'name="use-(\w+)" value="(\w+)" checked', stale.text)) == {
        "NUMBER": "theirs",
        "company": "mine",
    }
    carried = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', stale.text))
    choices = {"use-NUMBER": "theirs", "use-company": "mine"}
    assert as_user.post(f"/contacts/{person.id}/edit", carried | choices).status_code == 302
    moved = get_record(RecordType.CONTACT, person.id)
    assert (moved.parent.id if moved.parent else None, moved.fields["NUMBER"]) == (other.id, "7")


def test_members_come_and_go(as_user: Client, company: RecordView) -> None:
    project = create_record(RecordType.PROJECT, {"NAME": "Warehouse"}, "test")
    eva, _eve = (
        create_record(RecordType.CONTACT, {"FIRSTNAME": name, "LASTNAME": "Berg"}, "test", company.id)
        for name in ("Eva", "Eve")
    )
    people = f"/projects/{project.id}/people"
    unclear = as_user.post(f"{people}/add", {"contact": "berg"})
    assert unclear.status_code == 422
    assert f'value="Eva Berg #{eva.id}"' in unclear.text
    for nothing in ("", "nobody", "\x00", "x #999"):
        assert as_user.post(f"{people}/add", {"contact": nothing}).status_code == 422
    assert members(project.id) == []
    for clear in ("eva berg", f"Eva Berg #{eva.id}"):
        assert as_user.post(f"{people}/add", {"contact": clear}).status_code == 302
    assert [person.id for person in members(project.id)] == [eva.id]
    for wrong in ("", "x", "999", "9" * 30):
        as_user.post(f"{people}/remove", {"contact": wrong})
    assert len(members(project.id)) == 1
    as_user.post(f"{people}/remove", {"contact": eva.id})
    assert members(project.id) == []


def test_suggestions_tell_namesakes_apart(as_user: Client, company: RecordView) -> None:
    person = create_record(RecordType.CONTACT, {"FIRSTNAME": "Eva", "LASTNAME": "Berg"}, "test", company.id)
    assert as_user.get("/contacts/suggestions?q=eva").json() == {
        "items": [{"value": f"Eva Berg #{person.id}", "more": "Orkdal Eldresenter"}]
    }
    assert as_user.get("/companies/suggestions?q=ork").json()["items"][0]["more"] == "Orkanger"
    assert as_user.get("/companies/suggestions?q=").json() == {"items": []}


def test_a_record_without_a_name_has_a_title_all_the_same(as_user: Client) -> None:
    ids = EmbeddedCrm().create(RecordType.COMPANY, [NewRecord({"NUMBER2": "10017"}), NewRecord({})], "import")
    page = as_user.get("/companies").text
    for title in ("(no name) 10017", f"(no name) #{ids[1]}"):
        assert title in page
    assert f"(no name) #{ids[1]}" in as_user.get(f"/companies/{ids[1]}/edit").text
    assert f'value="(no name) #{ids[1]}"' in as_user.get(f"/contacts/new?company={ids[1]}").text


def test_quick_find_leads_to_all_kinds(as_user: Client, company: RecordView) -> None:
    create_record(RecordType.PROJECT, {"NAME": "Orkdal warehouse"}, "test")
    create_record(RecordType.CONTACT, {"LASTNAME": "Orkdalsen"}, "test", company.id)
    page = as_user.get("/find?q=orkdal").text
    for text in ("Orkdal Eldresenter", "Orkdal warehouse", "Orkdalsen"):
        assert text in page
    assert "Nothing matches" in as_user.get("/find?q=zzz").text


def test_lists_sort_and_forgive_nonsense(as_user: Client) -> None:
    for name in ("Beta", "Alfa", "Gamma"):
        create_record(RecordType.COMPANY, {"NAME": name}, "test")
    page = as_user.get("/companies?sort=-NAME").text
    assert page.index("Gamma") < page.index("Beta") < page.index("Alfa")
    for address in ("/companies?sort=nonsense", "/companies?page=99", "/companies?page=x", "/companies?q=%00"):
        assert as_user.get(address).status_code == 200


def fill(number: int, connection_id: int, run: Run) -> None:
    """Companies with list values and log entries, and a project with as many members."""
    items = list(add_list_items("category", ["Retail", "Health", "Industry"]).values())
    project = create_record(RecordType.PROJECT, {"NAME": "Big"}, "test")
    for n in range(number):
        one = create_record(RecordType.COMPANY, {"NAME": f"Firm {n}", "category": items[n % 3]}, "test")
        person = create_record(RecordType.CONTACT, {"LASTNAME": f"Person {n}"}, "test", one.id)
        add_member(project.id, person.id)
        LogEntry.objects.create(
            at=run.started_at, run=run, connection_id=connection_id, actor_type="Customer", erp_key=str(n),
            record_type="company", record_id=one.id, erp_field="GROUP", crm_field="category", target="crm",
            old=None, new=items[n % 3], rule="changed",
        )  # fmt: skip


@pytest.mark.parametrize(
    "path", ["/companies", "/contacts", "/projects", "/find?q=i", "/sync/log", "/projects/%s/people"]
)
def test_more_rows_take_no_more_queries(path: str, as_admin: Client, erp: Erp, run: Run) -> None:
    counts = []
    for number in (1, 2):  # one row, then three in all
        fill(number, erp.connection.pk, run)
        project = as_admin.get("/projects?sort=-NAME").context["rows"][0].url.rsplit("/", 1)[1]
        address = path % project if "%s" in path else path
        with CaptureQueriesContext(connection) as queries:
            assert as_admin.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
