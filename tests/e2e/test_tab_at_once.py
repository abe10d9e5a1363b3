"""The ERP tab beside slow and dead ERPs, two users at one record, and a reply that is lost on its way (U2, U7, E5)."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect
from tests.e2e.conftest import Shop, SignIn
from tests.web.searched_erp import SearchedErp, searched_erp

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.services.records import create_record, get_record, save_record
from brygga.erp.models import ActorMapping, Connection, Connector, FieldMapping, Link

pytestmark = pytest.mark.e2e
SLOW = 3.0
NOBODY = "http://127.0.0.1:9/"
"""The address of a port that nobody listens on."""


@pytest.fixture
def erp(transactional_db: None) -> Iterator[SearchedErp]:
    """An ERP beside those of the shop."""
    with searched_erp() as (made, _connection):
        made.put(ActorType.CUSTOMER, "4", NAME="Orkdal Senter AS", CITY="Trondheim")
        yield made


def link(connection: Connection, record_id: int, key: str) -> None:
    place = {"actor_type": "Customer", "record_type": "company", "record_id": record_id}
    Link.objects.create(connection=connection, erp_key=key, **place)


def dead_connection(record_id: int) -> None:
    """A connection to an ERP that does not answer, with a link."""
    row = Connector.objects.create(name="Dead", url=NOBODY)
    connection = Connection.objects.create(names={"en": "Dead"}, connector=row, active=True)
    actor = ActorMapping.objects.create(connection=connection, actor_type="Customer", record_type="company", sync=True)
    FieldMapping.objects.create(actor=actor, key="CREDIT", name="Credit limit", show_in_tab=True)
    link(connection, record_id, "7")


def choose(page: Page, record_id: int) -> None:
    """Choose the customer and leave it unsaved."""
    page.goto(f"/companies/{record_id}/erp/edit")
    page.get_by_role("link", name="Customer Harbour").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Search ERP").fill("senter")
    dialog.get_by_role("button", name="Search").first.click()
    expect(dialog.locator(".htmx-request, .htmx-swapping, .htmx-settling")).to_have_count(0)
    dialog.get_by_role("radio", name="Orkdal Senter AS").check()
    dialog.get_by_role("button", name="Connect").click()
    expect(dialog.get_by_role("button", name="Select all Harbour")).to_be_visible()
    dialog.get_by_role("button", name="Connect").click()
    expect(page.get_by_role("group", name="Not saved yet")).to_be_visible()


def test_a_slow_and_a_dead_erp_hold_up_neither_the_page_nor_the_good_one(
    sign_in: SignIn, shop: Shop, erp: SearchedErp
) -> None:
    link(Connection.objects.get(connector__name="Harbour"), shop.company.id, "4")
    dead_connection(shop.company.id)
    page = sign_in()
    erp.before = lambda operation: time.sleep(SLOW)
    begun = time.monotonic()
    page.goto(f"/companies/{shop.company.id}/erp", wait_until="domcontentloaded")
    slow, good = page.get_by_role("region", name="Harbour"), page.get_by_role("region", name="Fjord Norge")
    expect(page.get_by_role("heading", name="Orkdal Eldresenter")).to_be_visible()
    expect(good).to_contain_text("150,000")
    expect(slow).to_contain_text("Loading")
    assert time.monotonic() - begun < SLOW
    expect(page.get_by_role("region", name="Dead")).to_contain_text("can't be reached", timeout=20_000)
    expect(page.get_by_role("region", name="Dead").get_by_role("button", name="Try again")).to_be_visible()
    expect(slow).to_contain_text("Trondheim", timeout=20_000)


def test_two_users_at_one_record_and_the_second_is_told(sign_in: SignIn, shop: Shop, erp: SearchedErp) -> None:
    one, other = sign_in(), sign_in()
    for page in (one, other):
        choose(page, shop.company.id)
    one.get_by_role("button", name="Save").click()
    expect(one.get_by_role("region", name="Harbour")).to_contain_text("Connected Customer 4")
    other.get_by_role("button", name="Save").click()
    harbour = other.get_by_role("region", name="Harbour")
    expect(harbour).to_contain_text("Connected Customer 4")
    expect(harbour.get_by_role("alert")).to_contain_text("linked with Harbour already")
    harbour.get_by_role("button", name="Remove Harbour").click()
    expect(harbour.get_by_role("group", name="Not saved yet")).to_have_count(0)
    assert Link.objects.filter(connection__connector__name="Harbour").count() == 1


def test_what_another_user_saves_meanwhile_is_not_overwritten(sign_in: SignIn, shop: Shop, erp: SearchedErp) -> None:
    page = sign_in()
    choose(page, shop.company.id)
    save_record(RecordType.COMPANY, shop.company.id, 1, {"POSTALCITY": "Bodø"}, "bo")
    page.get_by_role("button", name="Save").click()
    waiting = page.get_by_role("group", name="Not saved yet")
    expect(waiting.get_by_role("alert")).to_contain_text("Bodø")
    assert not Link.objects.filter(connection__connector__name="Harbour").exists()
    waiting.get_by_role("link", name="Choose again").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Select all CRM").click()
    dialog.get_by_role("button", name="Connect").click()
    expect(waiting).to_contain_text("Trondheim → Bodø")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("region", name="Harbour")).to_contain_text("Connected Customer 4")
    assert get_record(RecordType.COMPANY, shop.company.id).fields["POSTALCITY"] == erp.value("4", "CITY") == "Bodø"


def test_a_reply_that_is_lost_makes_one_actor(sign_in: SignIn, shop: Shop, erp: SearchedErp) -> None:
    havn = create_record(RecordType.COMPANY, {"NAME": "Havn"}, "test")

    def lose(operation: str) -> None:
        if operation == "created":
            erp.before = lambda operation: None
            raise TimeoutError("the answer was lost on its way")

    page = sign_in()
    page.goto(f"/companies/{havn.id}/erp/edit")
    page.get_by_role("link", name="Customer Harbour").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("link", name="Can't find match in ERP").click()
    dialog.get_by_role("button", name="Create").click()
    waiting = page.get_by_role("group", name="Not saved yet")
    expect(waiting).to_be_visible()
    erp.before = lose
    page.get_by_role("button", name="Save").click()
    expect(waiting.get_by_role("alert")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("status").filter(has_text="was created")).to_be_visible()
    assert [actor.fields.get("NAME") for actor in erp.actors.values()].count("Havn") == 1
    assert erp.count("create_actor") == 1
