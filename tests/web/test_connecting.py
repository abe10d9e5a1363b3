"""Connecting a record from its ERP tab: search, compare, choose, connect, disconnect, and who may not."""

from __future__ import annotations

import html
import json
from collections.abc import Iterator

import pytest
from django.test import Client
from tests.web.searched_erp import SearchedErp, searched_erp

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
HX = {"HX-Request": "true"}
IN_DIALOG = HX | {"HX-Target": "erp-found"}


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


def address(record: RecordView, connection: Connection, part: str, actor_type: str = "Customer") -> str:
    kind = {"company": "companies", "contact": "contacts"}[record.type]
    return f"/{kind}/{record.id}/erp/{connection.pk}/{actor_type}/{part}"


def link(record: RecordView, connection: Connection, key: str = "1") -> Link:
    return Link.objects.create(
        connection=connection, actor_type="Customer", erp_key=key, record_type=record.type, record_id=record.id
    )


def linked() -> list[tuple[int, str]]:
    return list(Link.objects.values_list("record_id", "erp_key"))


def test_the_tab_offers_to_connect(as_user: Client, connection: Connection, fjord: RecordView) -> None:
    page = as_user.get(f"/companies/{fjord.id}/erp").text
    assert f'hx-get="{address(fjord, connection, "connect")}"' in page
    assert 'id="erp-dialog"' in page


def test_the_search_opens_without_waiting_and_runs_on_the_name(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    url = address(fjord, connection, "connect")
    erp.calls.clear()
    frame = as_user.get(url, headers=HX).text
    assert erp.calls == []
    assert 'value="Fjord"' in frame
    assert f'hx-get="{url}?q=Fjord" hx-trigger="load"' in frame
    found = as_user.get(f"{url}?q=Fjord", headers=IN_DIALOG).text
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
    refused = as_user.post(address(fjord, connection, "values"), {"key": "1"}, headers=HX)
    assert 'role="alert"' in refused.text
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


def test_connecting_writes_the_values_chosen_to_the_other_side(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    chosen = {"key": "1", "choose-NAME": json.dumps("Fjord Fisk"), "choose-VATNO": json.dumps("NO1")}
    answer = as_user.post(address(fjord, connection, "values"), chosen, headers=HX)
    assert answer.headers["HX-Redirect"] == f"/companies/{fjord.id}/erp"
    assert "Harbour: Fjord is connected." in as_user.get(answer.headers["HX-Redirect"]).text
    assert linked() == [(fjord.id, "1")]
    assert get_record(RecordType.COMPANY, fjord.id).fields["NAME"] == "Fjord Fisk"
    assert erp.value("1", "VATNO") == "NO1"


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
    done = as_user.post(address(fjord, connection, "values"), {"key": "2"})
    assert done.headers["Location"] == f"/companies/{fjord.id}/erp"
    assert linked() == [(fjord.id, "2")]


@pytest.mark.parametrize("sent", ['"Oslo"', '"Fjord Fisk'])
def test_a_choice_of_neither_side_is_refused_or_left_out(
    sent: str, as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    answer = as_user.post(address(fjord, connection, "values"), {"key": "1", "choose-POSTALCITY": sent})
    assert (answer.status_code, linked()) in ((422, []), (302, [(fjord.id, "1")]))
    assert (answer.status_code == 422) == (sent == '"Oslo"')
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
    answer = as_user.post(address(fjord, connection, "values"), {"key": "1"})
    assert answer.status_code == 422
    assert linked() == [(fjord.id, "2")]


def test_a_contact_is_connected_within_its_connected_company(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    eva = create_record(RecordType.CONTACT, {"FIRSTNAME": "Eva", "LASTNAME": "Berg"}, "test", fjord.id)
    url = address(eva, connection, "connect", "Person")
    section = f"/contacts/{eva.id}/erp/{connection.pk}"
    page = as_user.get(section).text
    assert "Connect the contact&#x27;s company first." in page
    assert url not in page
    assert "company first" in html.unescape(as_user.get(url, {"q": ""}, headers=IN_DIALOG).text)
    link(fjord, connection)
    assert url in as_user.get(section).text
    assert "Berg" in as_user.get(url, {"q": "Eva"}, headers=IN_DIALOG).text
    assert erp.searched == [("Eva", "Customer", "1")]
    as_user.post(address(eva, connection, "values", "Person"), {"key": "10"})
    assert (eva.id, "10") in linked()


def test_disconnecting_asks_first_and_deletes_nothing(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    link(fjord, connection)
    section = as_user.get(f"/companies/{fjord.id}/erp/{connection.pk}").text
    url = f"/companies/{fjord.id}/erp/{connection.pk}/disconnect"
    assert f'data-opens="disconnect-{connection.pk}"' in section
    assert f'<dialog class="dialog" id="disconnect-{connection.pk}"' in section
    assert f'action="{url}"' in section
    answer = as_user.post(url)
    assert "no longer connected" in as_user.get(answer.headers["Location"]).text
    assert linked() == []
    assert get_record(RecordType.COMPANY, fjord.id).fields["NAME"] == "Fjord"
    assert erp.value("1", "NAME") == "Fjord Fisk"
    assert as_user.post(url).status_code == 302, "a second click does no harm"


def test_without_the_right_nothing_can_be_done(
    as_user: Client, user: User, connection: Connection, fjord: RecordView
) -> None:
    set_scope(connection, everyone=False, grants=[Grant(user=user, may_connect=False)])
    for part in ("connect", "values"):
        assert as_user.get(address(fjord, connection, part)).status_code == 403
    assert as_user.post(address(fjord, connection, "values"), {"key": "1"}).status_code == 403
    page = as_user.get(f"/companies/{fjord.id}/erp/{connection.pk}").text
    assert "You may not connect records here." in page
    assert address(fjord, connection, "connect") not in page
    link(fjord, connection)
    assert as_user.post(f"/companies/{fjord.id}/erp/{connection.pk}/disconnect").status_code == 403
    page = as_user.get(f"/companies/{fjord.id}/erp/{connection.pk}").text
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
