"""The screens in a real browser do what they say; what each looks like is in test_every_screen.py."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect
from pytest_django.live_server_helper import LiveServer
from tests.e2e.conftest import PASSWORD, Shop, SignIn, violations
from tests.e2e.screen_scene import open_screen

from brygga.crm.fields import RecordType
from brygga.crm.services.members import members
from brygga.crm.services.records import create_record, get_record, save_record
from brygga.erp.models import Job, JobState
from brygga.erp.services import jobs
from brygga.jobs.runner import Runner

pytestmark = pytest.mark.e2e

WORDS = {
    "en": ("Log in", "Postal address"),
    "sv": ("Logga in", "Postadress"),
    "da": ("Log ind", "Postadresse"),
    "de": ("Anmelden", "Straßenadresse"),
    "nb": ("Logg inn", "Gateadresse"),
    "nl": ("Aanmelden", "Straatadres"),
}


@pytest.mark.parametrize("language", sorted(WORDS))
def test_the_screens_speak_the_users_language(
    language: str, browser: Browser, live_server: LiveServer, sign_in: SignIn, shop: Shop
) -> None:
    log_in, heading = WORDS[language]
    context = browser.new_context(base_url=live_server.url, locale=language)
    anybody = context.new_page()
    anybody.goto("/login")
    expect(anybody.get_by_role("button", name=log_in)).to_be_visible()
    context.close()
    page = sign_in(language=language, bypass_csp=True)
    open_screen(page, f"/companies/{shop.company.id}")
    expect(page.get_by_role("heading", name=heading, exact=True)).to_be_visible()
    assert page.locator("html").get_attribute("lang") == language
    assert violations(page) == []


def test_editing_by_keyboard(sign_in: SignIn, shop: Shop) -> None:
    page = sign_in()
    page.goto(f"/companies/{shop.company.id}/edit")
    page.get_by_label("Department").focus()
    page.keyboard.type("Kitchen")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("has been saved")
    assert get_record(RecordType.COMPANY, shop.company.id).fields["DEPARTMENT"] == "Kitchen"


def test_somebody_elses_save_is_shown_beside_ones_own(sign_in: SignIn, shop: Shop) -> None:
    page = sign_in()
    page.goto(f"/companies/{shop.company.id}/edit")
    page.get_by_label("Phone").fill("mine")
    save_record(RecordType.COMPANY, shop.company.id, shop.company.version, {"PHONE": "theirs"}, "bo")
    page.get_by_role("button", name="Save").click()
    choice = page.get_by_role("radiogroup", name="Phone")
    expect(choice.get_by_label("mine")).to_be_checked()
    choice.get_by_label("theirs").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status")).to_contain_text("has been saved")
    assert get_record(RecordType.COMPANY, shop.company.id).fields["PHONE"] == "theirs"


def test_a_contact_moves_to_a_company_that_is_suggested(sign_in: SignIn, shop: Shop) -> None:
    other = create_record(RecordType.COMPANY, {"NAME": "Fjordfisk", "POSTALCITY": "Bergen"}, "test")
    page = sign_in()
    page.goto(f"/contacts/{shop.contact.id}/edit")
    field = page.get_by_label("Company")
    expect(field).to_have_value(f"Orkdal Eldresenter #{shop.company.id}")
    field.fill("")
    field.type("fjord")
    option = page.locator("#company-suggestions option")
    expect(option).to_have_attribute("value", f"Fjordfisk #{other.id}")
    field.fill(option.get_attribute("value") or "")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("has been saved")
    expect(page.get_by_role("link", name="Fjordfisk")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 390])
def test_members_are_added_and_removed_by_keyboard(width: int, sign_in: SignIn, shop: Shop) -> None:
    other = create_record(RecordType.CONTACT, {"FIRSTNAME": "Kari", "LASTNAME": "Berg"}, "test", shop.company.id)
    page = sign_in(width=width, bypass_csp=True)
    page.goto(f"/projects/{shop.project.id}/people")
    page.get_by_label("Contact", exact=True).focus()
    page.keyboard.type("kari")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Choose the contact that is meant")
    assert violations(page) == []
    page.get_by_role("button", name="Add Kari Berg").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Kari Berg is a member now.")
    assert [person.id for person in members(shop.project.id)] == [other.id, shop.contact.id]
    page.get_by_role("button", name="Remove Kari Nordmann").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("Kari Nordmann is no longer a member.")
    assert [person.id for person in members(shop.project.id)] == [other.id]
    page.get_by_label("Contact", exact=True).fill("zzz")
    page.keyboard.press("Enter")
    expect(page.get_by_role("alert")).to_contain_text("No contact matches")
    assert violations(page) == []


def test_deleting_asks_first_and_escape_is_no(sign_in: SignIn, shop: Shop) -> None:
    page = sign_in()
    page.goto(f"/companies/{shop.company.id}")
    page.get_by_role("button", name="Delete").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).not_to_be_visible()
    page.get_by_role("button", name="Delete").click()
    dialog.get_by_role("button", name="Delete").click()
    expect(page.get_by_role("status")).to_contain_text("has been deleted")


def test_a_failing_connection_is_tried_again_on_its_own(sign_in: SignIn, shop: Shop) -> None:
    page = sign_in()
    shop.connector.failure = "The books are closed."
    open_screen(page, f"/companies/{shop.company.id}/erp")
    section = page.get_by_role("region", name="Fjord Norge")
    expect(section).to_contain_text("The books are closed.")
    expect(page.get_by_role("region", name="Lager DK")).to_contain_text("Not connected")
    shop.connector.failure = ""
    section.get_by_role("button", name="Try again").click()
    expect(section).to_contain_text("150,000")


def test_a_section_that_the_server_cannot_give_offers_to_try_again(sign_in: SignIn, shop: Shop) -> None:
    page = sign_in()
    pattern = f"**/companies/{shop.company.id}/erp/*"
    page.route(pattern, lambda route: route.fulfill(status=500))
    page.goto(f"/companies/{shop.company.id}/erp")
    section = page.get_by_role("region", name="Fjord Norge")
    expect(section).to_contain_text("Does not answer")
    page.unroute(pattern)
    section.get_by_role("button", name="Try again").click()
    expect(section).to_contain_text("150,000")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 390])
def test_jobs_are_started_watched_and_stopped_by_keyboard(scheme: str, width: int, sign_in: SignIn, shop: Shop) -> None:
    page = sign_in(scheme=scheme, width=width, bypass_csp=True)
    page.goto("/sync")
    page.get_by_role("button", name="Sync Now").press("Enter")
    bar = page.get_by_role("progressbar", name="Sync")
    expect(bar).to_be_visible()
    expect(page.locator("#jobs-news")).to_have_text("Sync: Waiting.")
    job = Job.objects.get()
    lease = jobs.lease_of(job)
    assert lease.take()
    Job.objects.update(state=JobState.RUNNING, done=1200, total=4800)
    expect(page.locator("#jobs")).to_contain_text("1,200 of 4,800 records.")
    expect(page.locator("#jobs-news")).to_have_text("Sync: Running.")
    assert bar.evaluate("bar => bar.position") == 0.25
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    stop = page.get_by_role("button", name="Stop")
    stop.focus()
    Job.objects.update(done=2400)
    expect(page.locator("#jobs")).to_contain_text("2,400 of 4,800 records.")
    expect(stop).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#jobs")).to_contain_text("What is done stays done.")
    lease.release()
    Runner().look()
    expect(page.locator("#jobs-news")).to_have_text("Sync: Stopped. 0 changes.")
    expect(bar).to_have_count(0)
    assert violations(page) == []


def test_what_a_sync_changed_is_on_the_page_without_a_reload(sign_in: SignIn, shop: Shop) -> None:
    page = sign_in()
    page.goto("/sync")
    expect(page.locator("#connections")).to_contain_text("Not synced yet")
    page.get_by_role("button", name="Sync Now").click()
    expect(page.get_by_role("progressbar")).to_be_visible()
    Runner().look()
    expect(page.locator("#connections")).not_to_contain_text("Not synced yet")
    expect(page.locator("#jobs")).to_contain_text("Fjord Norge:")


def test_the_slash_key_goes_to_quick_find(sign_in: SignIn, shop: Shop) -> None:
    page = sign_in()
    page.keyboard.press("/")
    page.keyboard.type("orkdal")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Orkdal Eldresenter")).to_be_visible()


def test_the_list_narrows_while_one_types(sign_in: SignIn, shop: Shop) -> None:
    page = sign_in()
    page.locator("#list-find").type("zzz")
    expect(page.get_by_text("Nothing matches")).to_be_visible()
    assert page.url.endswith("q=zzz&sort=NAME")


def test_the_navigator_stays_folded(sign_in: SignIn, shop: Shop) -> None:
    page = sign_in()
    page.get_by_role("button", name="Fold the navigator").click()
    page.goto("/contacts")
    assert page.locator(".navigator").evaluate("element => element.offsetWidth") == 64


def test_logging_out_ends_it(sign_in: SignIn, shop: Shop) -> None:
    page = sign_in()
    page.locator("details.menu summary").click()
    page.get_by_role("button", name="Log out").click()
    page.wait_for_url("**/login")
    page.goto("/companies")
    assert "/login?next=/companies" in page.url
    assert PASSWORD not in page.content()
