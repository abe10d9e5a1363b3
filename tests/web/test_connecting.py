"""Connecting a record from its ERP tab: search, compare, choose, and who may not; nothing is done before Save."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator

import pytest
from django.test import Client
from tests.web.searched_erp import SearchedErp, searched_erp
from tests.web.tab_steps import HX, IN_DIALOG, address, choose, save, seen_in, tab_url

from brygga.contract import ActorType
from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.crm.services.records import RecordView, create_record, get_record
from brygga.erp.models import Connection, FieldMapping, Link
from brygga.erp.services import searching
from brygga.erp.services.access import Grant, set_scope
from brygga.erp.services.choosing import SideValue
from brygga.web.comparing import compare

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(db: None) -> Iterator[tuple[SearchedErp, Connection]]:
    with searched_erp() as made:
        yield made


@pytest.fixture
def erp(scene: tuple[SearchedErp, Connection]) -> SearchedErp:
    return scene[0]


@pytest.fixture
def connection(scene: tuple[SearchedErp, Connection]) -> Connection:
    return scene[1]


@pytest.fixture
def fjord(db: None) -> RecordView:
    return create_record(RecordType.COMPANY, {"NAME": "Fjord", "POSTALCITY": "Bergen", "VATNO": "NO1"}, "test")


def link(record: RecordView, connection: Connection, key: str = "1") -> Link:
    return Link.objects.create(
        connection=connection, actor_type="Customer", erp_key=key, record_type=record.type, record_id=record.id
    )


def linked() -> list[tuple[int, str]]:
    return list(Link.objects.values_list("record_id", "erp_key"))


def test_the_tab_offers_to_connect_in_edit_mode(as_user: Client, connection: Connection, fjord: RecordView) -> None:
    offered = f'hx-get="{address(fjord, connection, "connect")}"'
    assert offered not in as_user.get(tab_url(fjord)).text
    page = as_user.get(tab_url(fjord, "/edit")).text
    assert offered in page
    assert 'id="dialog"' in page


def test_the_search_opens_without_waiting_and_runs_on_the_name(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    url = address(fjord, connection, "connect")
    erp.calls.clear()
    frame = as_user.get(url, headers=HX).text
    assert erp.calls == []
    assert 'value="Fjord"' in frame
    assert f'hx-get="{url}?opening=1" hx-trigger="load"' in frame
    found = as_user.get(f"{url}?opening=1", headers=IN_DIALOG).text
    assert erp.searched == [("Fjord",)]
    for text in ("Fjord Fisk", "Flåm", 'value="1" required', 'value="2" required'):
        assert text in found
    assert "Skog" not in found
    assert "<html" not in found


def test_an_empty_search_finds_all(as_user: Client, connection: Connection, fjord: RecordView) -> None:
    found = as_user.get(address(fjord, connection, "connect"), {"q": ""}, headers=IN_DIALOG).text
    assert "Skog" in found


def test_a_search_without_match_says_what_to_do(as_user: Client, connection: Connection, fjord: RecordView) -> None:
    found = as_user.get(address(fjord, connection, "connect"), {"q": "zzz"}, headers=IN_DIALOG).text
    assert "Nothing was found" in found
    assert address(fjord, connection, "create") in found


def test_more_than_can_be_shown_is_said(
    as_user: Client, connection: Connection, fjord: RecordView, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(searching, "MOST", 2)
    found = as_user.get(address(fjord, connection, "connect"), {"q": ""}, headers=IN_DIALOG).text
    assert "The first 2 are shown" in found
    assert "Skog" not in found


def test_actors_that_are_linked_are_marked_and_cannot_be_chosen(
    as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    link(create_record(RecordType.COMPANY, {"NAME": "Fish & Co"}, "test"), connection, "1")
    found = as_user.get(address(fjord, connection, "connect"), {"q": "fjord"}, headers=IN_DIALOG).text
    assert "linked to Fish &amp; Co" in found
    assert 'value="1" required disabled' in found
    assert 'value="2" required>' in found
    refused = choose(as_user, fjord, connection, "1")
    assert 'role="alert"' in refused.text
    assert "linked already" in refused.text
    save(as_user, fjord)
    assert (fjord.id, "1") not in linked()


def test_without_columns_actors_are_shown_by_their_key(
    as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    FieldMapping.objects.update(show_in_search=False)
    found = as_user.get(address(fjord, connection, "connect"), {"q": ""}, headers=IN_DIALOG).text
    assert '<th scope="col">Customer</th>' in found
    assert 'value="3" required><span>3</span>' in found


def test_what_the_erp_says_against_a_search_stands_in_place(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    erp.down = "The books are closed."
    found = as_user.get(address(fjord, connection, "connect"), {"q": "x"}, headers=IN_DIALOG)
    assert found.status_code == 200
    assert "The books are closed." in found.text
    values = as_user.get(address(fjord, connection, "values"), {"key": "1"}, headers=HX).text
    assert "The books are closed." in values


def test_differing_values_stand_beside_each_other_and_equal_ones_are_folded(
    as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    page = html.unescape(as_user.get(address(fjord, connection, "values"), {"key": "1"}, headers=HX).text)
    assert 'name="choose-NAME" value=""Fjord"" data-side="crm" checked' in page
    assert 'name="choose-NAME" value=""Fjord Fisk"" data-side="erp">' in page
    assert 'name="choose-category" value="""" data-side="crm">' in page, "a blank is not what one wants by default"
    assert 'value=""NO1"" data-side="crm" checked' in page
    assert 'value="""" data-side="erp" disabled' in page, "VAT numbers flow to the ERP alone"
    assert "choose-POSTALCITY" not in page
    equal = page[page.index("<details>") :]
    assert "Bergen" in equal


def test_saving_writes_the_values_chosen_to_the_other_side(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    answer = choose(as_user, fjord, connection, "1", NAME="Fjord Fisk", VATNO="NO1")
    assert answer.headers["HX-Redirect"] == tab_url(fjord, "/edit")
    page = as_user.get(answer.headers["HX-Redirect"]).text
    for text in ("Customer 1, Fjord Fisk", "CRM: Fjord → Fjord Fisk", "Harbour: (empty) → NO1"):
        assert text in page
    assert (linked(), erp.value("1", "VATNO")) == ([], "")
    assert "Harbour: Fjord is connected." in save(as_user, fjord)
    assert linked() == [(fjord.id, "1")]
    assert get_record(RecordType.COMPANY, fjord.id).fields["NAME"] == "Fjord Fisk"
    assert erp.value("1", "VATNO") == "NO1"


def test_a_blank_replaces_a_value_only_if_somebody_says_so(
    as_user: Client, erp: SearchedErp, connection: Connection
) -> None:
    tours = create_record(RecordType.COMPANY, {"NAME": "Fjord Tours"}, "test")
    erp.put(ActorType.CUSTOMER, "2", VATNO="NO2")
    url = address(tours, connection, "values")
    page = html.unescape(as_user.get(url, {"key": "2"}, headers=HX).text)
    assert 'name="choose-VATNO" value="""" data-side="crm">' in page
    choose(as_user, tours, connection, "2")
    assert "NO2" not in as_user.get(tab_url(tours)).text
    save(as_user, tours)
    assert erp.value("2", "VATNO") == "NO2"


def test_a_crm_field_with_two_erp_fields_offers_all_their_values() -> None:
    ours = [SideValue("Name", "NAME", "A", "A", True, True)]
    theirs = [SideValue("Title", "NAME", "A", "A", True, True), SideValue("Short", "NAME", "B", "B", True, False)]
    (row,) = compare(ours, theirs, {"choose-NAME": json.dumps("B")})
    assert not row.is_equal
    assert [(option.side, option.shown, option.allowed, option.checked) for option in row.options] == [
        ("crm", "A", False, False),
        ("erp", "A", True, False),
        ("erp", "B", True, True),
    ]


def test_it_works_without_a_script(as_user: Client, connection: Connection, fjord: RecordView) -> None:
    searched = as_user.get(address(fjord, connection, "connect"), {"q": "Fjord"}).text
    assert "data-open" in searched
    assert "Fjord Fisk" in searched
    compared = as_user.get(address(fjord, connection, "values"), {"key": "2"}).text
    assert "<html" in compared
    assert "Fjord Tours" in compared
    done = as_user.post(address(fjord, connection, "values"), {"key": "2", "seen": seen_in(compared)})
    assert done.headers["Location"] == tab_url(fjord, "/edit")
    save(as_user, fjord)
    assert linked() == [(fjord.id, "2")]


@pytest.mark.parametrize("sent", ['"Oslo"', '"Fjord Fisk'])
def test_a_choice_of_neither_side_is_refused_or_left_out(
    sent: str, as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    url = address(fjord, connection, "values")
    seen = seen_in(as_user.get(url, {"key": "1"}).text)
    answer = as_user.post(url, {"key": "1", "seen": seen, "choose-POSTALCITY": sent})
    assert answer.status_code == (422 if sent == '"Oslo"' else 302)
    save(as_user, fjord)
    assert linked() == ([] if sent == '"Oslo"' else [(fjord.id, "1")])
    assert erp.value("1", "CITY") == "Bergen"


def test_an_actor_that_is_not_there_is_explained(as_user: Client, connection: Connection, fjord: RecordView) -> None:
    for answer in (
        as_user.get(address(fjord, connection, "values"), {"key": "99"}),
        as_user.post(address(fjord, connection, "values"), {"key": "99"}),
    ):
        assert answer.status_code == 422
        assert "was not found in the ERP system" in answer.text


def test_a_record_is_connected_once(as_user: Client, connection: Connection, fjord: RecordView) -> None:
    link(fjord, connection, "2")
    answer = choose(as_user, fjord, connection, "1")
    assert "linked with Harbour already" in answer.text
    assert linked() == [(fjord.id, "2")]


def test_a_contact_is_connected_within_its_connected_company(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    eva = create_record(RecordType.CONTACT, {"FIRSTNAME": "Eva", "LASTNAME": "Berg"}, "test", fjord.id)
    url = address(eva, connection, "connect", "Person")
    section = tab_url(eva, f"/{connection.pk}?edit=1")
    page = as_user.get(section).text
    assert "Connect the contact&#x27;s company first." in page
    assert url not in page
    assert "company first" in html.unescape(as_user.get(url, {"q": ""}, headers=IN_DIALOG).text)
    link(fjord, connection)
    assert url in as_user.get(section).text
    assert "Berg" in as_user.get(url, {"q": "Eva"}, headers=IN_DIALOG).text
    assert erp.searched == [("Eva", "Customer", "1")]
    choose(as_user, eva, connection, "10", "Person")
    save(as_user, eva)
    assert (eva.id, "10") in linked()


def test_disconnecting_asks_first_and_deletes_nothing(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    link(fjord, connection)
    section = as_user.get(tab_url(fjord, f"/{connection.pk}?edit=1")).text
    url = tab_url(fjord, f"/{connection.pk}/disconnect")
    assert f'data-opens="disconnect-{connection.pk}"' in section
    assert f'<dialog class="dialog" id="disconnect-{connection.pk}"' in section
    assert f'action="{url}"' in section
    assert "the link to Customer 1 is removed" in as_user.get(as_user.post(url).headers["Location"]).text
    assert linked() == [(fjord.id, "1")]
    assert "no longer connected" in save(as_user, fjord)
    assert linked() == []
    assert get_record(RecordType.COMPANY, fjord.id).fields["NAME"] == "Fjord"
    assert erp.value("1", "NAME") == "Fjord Fisk"
    assert as_user.post(url).status_code == 302, "a second click does no harm"
    assert "Not saved yet" not in as_user.get(tab_url(fjord, "/edit")).text


def test_without_the_right_nothing_can_be_done(
    as_user: Client, user: User, connection: Connection, fjord: RecordView
) -> None:
    set_scope(connection, everyone=False, grants=[Grant(user=user, may_connect=False)])
    for part in ("connect", "values"):
        assert as_user.get(address(fjord, connection, part)).status_code == 403
    assert as_user.post(address(fjord, connection, "values"), {"key": "1"}).status_code == 403
    page = as_user.get(tab_url(fjord, f"/{connection.pk}?edit=1")).text
    assert "You may not connect records here." in page
    assert address(fjord, connection, "connect") not in page
    link(fjord, connection)
    assert as_user.post(f"/companies/{fjord.id}/erp/{connection.pk}/disconnect").status_code == 403
    page = as_user.get(tab_url(fjord, f"/{connection.pk}?edit=1")).text
    assert "<dialog" not in page
    assert linked() == [(fjord.id, "1")]


@pytest.mark.parametrize("lost", ["access", "licence", "activity"])
def test_without_access_licence_or_active_connection_there_is_nothing(
    lost: str, as_user: Client, user: User, connection: Connection, fjord: RecordView
) -> None:
    if lost == "access":
        set_scope(connection, everyone=False)
    elif lost == "licence":
        User.objects.update(licences=[])
    else:
        Connection.objects.update(active=False)
    for part in ("connect", "values", "create"):
        assert as_user.get(address(fjord, connection, part)).status_code == 404
        assert as_user.post(address(fjord, connection, part), {"key": "1"}).status_code == 404
    assert as_user.post(f"/companies/{fjord.id}/erp/{connection.pk}/disconnect").status_code == 404
    assert linked() == []


def test_only_actor_types_of_this_kind_of_record_are_offered(
    as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    for actor_type in ("Person", "Nonsense"):
        assert as_user.get(address(fjord, connection, "connect", actor_type)).status_code == 404


def test_connecting_needs_the_token_and_disconnecting_no_link(
    user: User, connection: Connection, fjord: RecordView
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    disconnect = f"/companies/{fjord.id}/erp/{connection.pk}/disconnect"
    for url in (address(fjord, connection, "values"), address(fjord, connection, "create"), disconnect):
        assert client.post(url, {"key": "1"}).status_code == 403
    assert client.get(disconnect).status_code == 405
    assert linked() == []


def test_names_of_the_erp_are_shown_as_text(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    erp.put(ActorType.CUSTOMER, "4", NAME="<img src=x>", CITY='"><b>')
    for url, data in (("connect", {"q": "img"}), ("values", {"key": "4"})):
        page = as_user.get(address(fjord, connection, url), data).text
        assert "&lt;img" in page
        assert "<img" not in page


def test_a_list_item_without_counterpart_is_shown_by_its_text_and_cannot_be_taken_over(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    erp.put(ActorType.CUSTOMER, "1", GROUP="3")
    page = html.unescape(as_user.get(address(fjord, connection, "values"), {"key": "1"}, headers=HX).text)
    group = page[page.index('name="choose-category"') :]
    assert "Public" in group[: group.index("</div>")]
    assert 'data-side="erp" disabled' in group[: group.index("</div>")]
