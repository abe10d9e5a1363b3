"""Edit mode of the ERP tab: what waits is shown, saved in place, dropped, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from tests.web.searched_erp import SearchedErp, searched_erp
from tests.web.tab_steps import HX, choose, save, tab_url, tokens

from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.crm.services.records import RecordView, create_record, get_record, save_record
from brygga.crm.services.users import create_user
from brygga.erp.models import Connection, FieldMapping, Link, PendingChange
from brygga.erp.services.access import set_scope
from brygga.erp.services.mapping import set_default

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


def test_what_waits_survives_a_reload_and_keeps_the_tab_in_edit_mode(
    as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    assert "Not saved yet" not in as_user.get(tab_url(fjord, "/edit")).text
    choose(as_user, fjord, connection, "1")
    for part in ("", "/edit", ""):
        page = as_user.get(tab_url(fjord, part)).text
        for text in ("Not saved yet", "Choose again", "data-unsaved", "Save"):
            assert text in page
        assert len(tokens(page)) == 1
    assert "Choose again" not in as_user.get(tab_url(fjord, f"/{connection.pk}")).text, "read mode shows what is"


def test_cancel_leaves_no_trace(as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView) -> None:
    erp.calls.clear()
    choose(as_user, fjord, connection, "1", NAME="Fjord Fisk")
    answer = as_user.post(tab_url(fjord, "/cancel"))
    assert answer.headers["Location"] == tab_url(fjord)
    assert "Not saved yet" not in as_user.get(tab_url(fjord)).text
    assert not Link.objects.exists()
    assert not PendingChange.objects.exists()
    assert get_record(RecordType.COMPANY, fjord.id).fields["NAME"] == "Fjord"
    assert not {"save_actors", "create_actor"} & set(erp.calls)


def test_one_change_can_be_dropped(as_user: Client, connection: Connection, fjord: RecordView) -> None:
    choose(as_user, fjord, connection, "1")
    answer = as_user.post(tab_url(fjord, f"/{connection.pk}/drop"))
    assert answer.headers["Location"] == tab_url(fjord, "/edit")
    page = as_user.get(tab_url(fjord, "/edit")).text
    assert "nothing is going to be changed" in page
    assert "Not saved yet" not in page


def test_what_fails_stays_with_its_reason_and_the_choice(
    as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    choose(as_user, fjord, connection, "1", NAME="Fjord Fisk")
    save_record(fjord.type, fjord.id, 1, {"POSTALCITY": "Oslo"}, "eva")
    page = save(as_user, fjord)
    for text in ("Harbour: not done.", "was “Bergen” and is “Oslo” now", "Choose again", 'role="alert"'):
        assert text in page
    again = as_user.get(tab_url(fjord, f"/{connection.pk}/Customer/values"), {"key": "1"}, headers=HX).text
    assert 'value="&quot;Fjord Fisk&quot;" data-side="erp" checked' in again, "what was chosen is chosen still"
    assert "choose-POSTALCITY" in again
    choose(as_user, fjord, connection, "1", NAME="Fjord", POSTALCITY="Oslo")
    assert "Fjord is connected" in save(as_user, fjord)


def test_values_that_move_while_the_dialog_stands_are_shown_again(
    as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    url = tab_url(fjord, f"/{connection.pk}/Customer/values")
    answer = as_user.post(url, {"key": "1", "seen": "{}"}, headers=HX)
    assert "Values have changed since they were shown here." in answer.text
    assert not PendingChange.objects.exists()


def test_a_save_under_way_is_told_and_not_repeated(
    as_user: Client, user: User, connection: Connection, fjord: RecordView
) -> None:
    choose(as_user, fjord, connection, "1")
    change = PendingChange.objects.get()
    PendingChange.objects.update(claimed_at=change.created_at)
    assert "It is being saved." in save(as_user, fjord)
    assert not Link.objects.exists()


def test_a_choice_made_anew_in_another_window_is_looked_at_before_it_is_saved(
    as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    choose(as_user, fjord, connection, "1")
    old = tokens(as_user.get(tab_url(fjord)).text)
    choose(as_user, fjord, connection, "2")
    as_user.post(tab_url(fjord, "/save"), {"token": old})
    assert not Link.objects.exists()
    assert "chosen anew in another window" in as_user.get(tab_url(fjord)).text
    save(as_user, fjord)
    assert Link.objects.get().erp_key == "2"


def test_save_without_anything_chosen_leads_back(as_user: Client, connection: Connection, fjord: RecordView) -> None:
    answer = as_user.post(tab_url(fjord, "/save"), headers=HX)
    assert answer.headers["HX-Redirect"] == tab_url(fjord)


def test_what_waits_is_nobody_elses(as_user: Client, connection: Connection, fjord: RecordView) -> None:
    choose(as_user, fjord, connection, "1")
    other = Client()
    other.force_login(create_user("bo", "hemligt", licences=["erp-sync"]))
    assert "Not saved yet" not in other.get(tab_url(fjord, "/edit")).text
    other.post(tab_url(fjord, "/save"), {"token": tokens(as_user.get(tab_url(fjord)).text)})
    other.post(tab_url(fjord, "/cancel"))
    other.post(tab_url(fjord, f"/{connection.pk}/drop"))
    assert PendingChange.objects.count() == 1
    assert not Link.objects.exists()


@pytest.mark.parametrize("part", ["edit", "save", "cancel", "drop"])
@pytest.mark.parametrize("lost", ["licence", "access"])
def test_without_the_tab_there_is_nothing(
    part: str, lost: str, as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    if lost == "licence":
        User.objects.update(licences=[])
    else:
        set_scope(connection, everyone=False)
    url = tab_url(fjord, f"/{connection.pk}/drop" if part == "drop" else f"/{part}")
    answer = as_user.get(url) if part == "edit" else as_user.post(url)
    assert answer.status_code == 404


@pytest.mark.parametrize("part", ["save", "cancel", "drop", "disconnect"])
def test_what_changes_something_is_posted_with_the_token(
    part: str, user: User, connection: Connection, fjord: RecordView
) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(user)
    url = tab_url(fjord, f"/{connection.pk}/{part}" if part in ("drop", "disconnect") else f"/{part}")
    assert client.post(url).status_code == 403
    assert client.get(url).status_code == 405


def test_fields_that_are_blank_in_the_erp_are_asked_for_below(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    field = FieldMapping.objects.get(actor__actor_type="Customer", key="GROUP")
    FieldMapping.objects.filter(pk=field.pk).update(crm_key="", to_crm=False, to_erp=False)
    field.refresh_from_db()
    set_default(field, value="2", ask=True, mandatory=True)
    url = tab_url(fjord, f"/{connection.pk}/Customer/values")
    assert "ask-GROUP" not in as_user.get(url, {"key": "1"}, headers=HX).text, "it has a group"
    asked = as_user.get(url, {"key": "2"}, headers=HX).text
    assert "These fields are blank in Harbour." in asked
    assert '<option value="2" selected>Industry</option>' in asked
    refused = choose(as_user, fjord, connection, "2", **{"ask-GROUP": ""})
    assert 'id="id_ask-GROUP_error"' in refused.text
    choose(as_user, fjord, connection, "2", **{"ask-GROUP": "1"})
    assert "Harbour: Retail" in as_user.get(tab_url(fjord)).text
    save(as_user, fjord)
    assert erp.value("2", "GROUP") == "1"
    log = as_user.get(f"/companies/{fjord.id}/history")
    assert "GROUP" in log.text


def test_what_waits_for_a_connection_that_was_closed_holds_up_nothing(
    as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    choose(as_user, fjord, connection, "1")
    Connection.objects.create(names={"en": "Other"}, connector=connection.connector, active=True).actors.create(
        actor_type="Customer", record_type="company", sync=True
    )
    Connection.objects.filter(pk=connection.pk).update(active=False)
    page = as_user.get(tab_url(fjord)).text
    assert "Other" in page
    assert tokens(page) == []
    assert "data-unsaved" not in page
