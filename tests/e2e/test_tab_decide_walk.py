"""In a browser, by keyboard: a conflict is seen in the ERP tab and decided there (behaviour U10)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect
from tests.e2e.conftest import Shop, SignIn, violations
from tests.web.searched_erp import SearchedErp, searched_erp

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.services.records import get_record, save_record
from brygga.erp.models import Connection
from brygga.erp.services import linking
from brygga.erp.services.sync import sync_now

pytestmark = pytest.mark.e2e


@pytest.fixture
def erp(transactional_db: None, shop: Shop) -> Iterator[SearchedErp]:
    """The company's city was changed on both sides."""
    with searched_erp() as (made, connection):
        Connection.objects.filter(pk=connection.pk).update(policy="ask")
        connection.refresh_from_db()
        made.put(ActorType.CUSTOMER, "4", NAME="Orkdal Eldresenter", CITY="Orkanger")
        linking.connect(connection, "company", shop.company.id, "Customer", "4", None, "eva")
        save_record(RecordType.COMPANY, shop.company.id, shop.company.version, {"POSTALCITY": "Bodø"}, "bo")
        made.put(ActorType.CUSTOMER, "4", CITY="Trondheim")
        sync_now([connection], "eva")
        yield made


@pytest.mark.parametrize(("scheme", "width"), [("light", 1440), ("dark", 390)])
def test_a_conflict_is_decided_where_it_is_seen(
    scheme: str, width: int, sign_in: SignIn, shop: Shop, erp: SearchedErp
) -> None:
    page = sign_in(scheme=scheme, width=width, bypass_csp=True)
    page.goto(f"/companies/{shop.company.id}/erp")
    harbour, dialog = page.get_by_role("region", name="Harbour"), page.get_by_role("dialog")
    expect(harbour).to_contain_text("Conflict on CITY")
    expect(harbour).to_contain_text("CRM: Bodø. ERP: Trondheim.")
    decide = harbour.get_by_role("link", name="Decide")
    decide.press("Enter")
    city = dialog.get_by_role("radiogroup", name="CITY")
    expect(city.get_by_role("radio")).to_have_count(2)
    expect(dialog).to_contain_text(", bo")
    assert violations(page) == []
    assert not page.evaluate("document.documentElement.scrollWidth > innerWidth")
    page.keyboard.press("Escape")
    expect(decide).to_be_focused()
    decide.press("Enter")
    city.get_by_label("Trondheim").press("Space")
    dialog.get_by_role("button", name="OK").press("Enter")
    expect(page.get_by_role("status").filter(has_text="1 value was changed")).to_be_visible()
    expect(harbour).to_contain_text("Connected Customer 4")
    assert get_record(RecordType.COMPANY, shop.company.id).fields["POSTALCITY"] == "Trondheim"
