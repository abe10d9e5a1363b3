"""Merging two companies, and what is said before a record is deleted (behaviour C5, E8, G8)."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from tests.web.conftest import Erp

from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.crm.services.records import RecordView, create_record, get_record, save_record
from brygga.erp.models import Link
from brygga.web.savers import saver

pytestmark = pytest.mark.django_db

COMPANY = RecordType.COMPANY
HTMX = {"HX-Request": "true"}


@pytest.fixture
def double(company: RecordView) -> RecordView:
    """The same company once more, with a contact and a number that the first lacks."""
    made = create_record(COMPANY, {"NAME": "Orkdal Eldres.", "NUMBER2": "10017", "PHONE": "other"}, "test")
    create_record(RecordType.CONTACT, {"LASTNAME": "Ek"}, "test", made.id)
    return made


def address(company: RecordView, other: RecordView, stays: str = "") -> str:
    return f"/companies/{company.id}/merge?with=x+%23{other.id}&stays={stays}"


def inputs(page: str) -> dict[str, str]:
    """What the form that merges would send."""
    return dict(re.findall(r'<input type="hidden" name="(with|stays|seen)" value="([^"]*)"', page))


def test_a_merge_is_shown_before_it_is_done(as_user: Client, company: RecordView, double: RecordView) -> None:
    page = as_user.get(address(company, double), headers=HTMX).text
    for text in ("Orkdal Eldresenter", "Orkdal Eldres.", "10017", "Contacts that move"):
        assert text in page
    assert "other" not in inputs(page)["with"]
    response = as_user.post(f"/companies/{company.id}/merge", inputs(page), headers=HTMX)
    assert response.headers["HX-Redirect"] == f"/companies/{company.id}"
    kept = get_record(COMPANY, company.id)
    assert (kept.fields["NUMBER2"], kept.fields["PHONE"]) == ("10017", "72 48 00 00")
    assert "Ek" in as_user.get(f"/companies/{company.id}/people").text
    assert as_user.get(f"/companies/{double.id}").status_code == 404


def test_the_other_one_can_stay(as_user: Client, company: RecordView, double: RecordView) -> None:
    page = as_user.get(address(company, double, "other")).text
    response = as_user.post(f"/companies/{company.id}/merge", inputs(page))
    assert response.headers["Location"] == f"/companies/{double.id}"
    assert get_record(COMPANY, double.id).fields["POSTALCITY"] == "Orkanger"
    assert as_user.get(f"/companies/{company.id}").status_code == 404


def test_what_changed_meanwhile_is_shown_again(as_user: Client, company: RecordView, double: RecordView) -> None:
    sent = inputs(as_user.get(address(company, double)).text)
    save_record(COMPANY, double.id, 1, {"FAX": "new"}, "bo")
    again = as_user.post(f"/companies/{company.id}/merge", sent)
    assert again.status_code == 422
    assert "changed meanwhile" in again.text
    assert get_record(COMPANY, double.id).version == 2
    assert as_user.post(f"/companies/{company.id}/merge", inputs(again.text)).status_code == 302
    assert get_record(COMPANY, company.id).fields["FAX"] == "new"


@pytest.mark.parametrize(("text", "said"), [("nobody", "No company matches."), ("orkdal", "It is not clear")])
def test_an_unclear_company_is_asked_for_again(
    text: str, said: str, as_user: Client, company: RecordView, double: RecordView
) -> None:
    page = as_user.get(f"/companies/{company.id}/merge?with={text}")
    assert said in page.text
    assert inputs(page.text) == {}
    assert as_user.post(f"/companies/{company.id}/merge", {"with": text}).status_code == 422


def test_a_company_is_not_merged_with_itself(as_user: Client, company: RecordView) -> None:
    assert "two different companies" in as_user.get(address(company, company)).text
    assert as_user.get("/companies/4711/merge").status_code == 404


def test_links_move_or_are_said_to_be_left(as_user: Client, company: RecordView, double: RecordView, erp: Erp) -> None:
    erp.link(double, "20")
    assert "Fjord: Customer 20" in as_user.get(address(company, double)).text
    erp.link(company, "10")
    page = as_user.get(address(company, double)).text
    assert "Both companies are connected in Fjord. Customer 20" in page
    as_user.post(f"/companies/{company.id}/merge", inputs(page))
    assert Link.objects.get(erp_key="20").state == "gone"


def test_what_a_deletion_means_is_said_before(
    as_user: Client, company: RecordView, double: RecordView, erp: Erp
) -> None:
    assert "will not be synced any more" not in as_user.get(f"/companies/{company.id}").text
    erp.link(double, "20")
    page = as_user.get(f"/companies/{double.id}").text
    assert "Fjord: Customer 20" in page
    assert "It has 1 contact" in page
    as_user.post(f"/companies/{double.id}/delete", {"version": double.version})
    assert Link.objects.filter(erp_key="20", record_id=double.id).exists()  # its history stays (C5)


def test_a_stale_save_names_who_saved_meanwhile(as_user: Client, company: RecordView) -> None:
    save_record(COMPANY, company.id, 1, {"PHONE": "theirs", "FAX": "theirs"}, "bo")
    sent = {"version": 1, "NAME": company.name, "initial-NAME": company.name, "PHONE": "mine", "initial-PHONE": ""}
    page = as_user.post(f"/companies/{company.id}/edit", sent)
    assert page.status_code == 409
    assert "bo saved this record at" in page.text
    assert 'data-chooses="theirs"' in page.text


def test_whoever_saved_is_named_in_words(user: User, erp: Erp) -> None:
    for stored in ("anna", "user:anna"):
        assert saver(stored) == "Anna Berg"
    for kind in ("sync", "resync", "undo"):
        assert saver(f"{kind}:{erp.connection.guid}") == "Sync with Fjord"
    assert saver("import") == "import"
    assert saver("") == "Somebody else"
