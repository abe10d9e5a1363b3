"""Creating an actor from the ERP tab: what is asked, made with Save, once and no more, and who may not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from django.test import Client
from tests.web.searched_erp import SearchedErp, searched_erp
from tests.web.tab_steps import HX, save, tab_url, tokens

from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.crm.services.records import RecordView, create_record
from brygga.erp.models import Connection, FieldMapping, Link
from brygga.erp.services import linking
from brygga.erp.services.access import Grant, set_scope
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
    for key, settings in {
        "GROUP": {"value": "2", "ask": True, "mandatory": True},
        "CODE": {"value": "", "ask": True, "mandatory": True},
    }.items():
        set_default(FieldMapping.objects.get(actor__actor_type="Customer", key=key), **settings)
    return scene[1]


@pytest.fixture
def havn(db: None) -> RecordView:
    return create_record(RecordType.COMPANY, {"NAME": "Havn", "POSTALCITY": "Bodø"}, "test")


def address(record: RecordView, connection: Connection) -> str:
    return f"/companies/{record.id}/erp/{connection.pk}/Customer/create"


def customers(erp: SearchedErp) -> dict[str, dict[str, str]]:
    """The customers beyond those that were there from the start."""
    return {key: actor.fields for (kind, key), actor in erp.actors.items() if kind == "Customer" and int(key) > 3}


def test_what_is_asked_comes_with_its_default(as_user: Client, connection: Connection, havn: RecordView) -> None:
    page = as_user.get(address(havn, connection), headers=HX).text
    assert 'name="ask-CODE"' in page
    assert '<option value="2" selected>Industry</option>' in page
    assert 'name="ask-CITY"' not in page
    assert "<dd>Bodø</dd>" in page, "what the record gives is shown"


def test_the_actor_is_made_of_the_record_and_the_answers(
    as_user: Client, erp: SearchedErp, connection: Connection, havn: RecordView
) -> None:
    answer = as_user.post(address(havn, connection), {"ask-GROUP": "1", "ask-CODE": "H7"}, headers=HX)
    assert answer.headers["HX-Redirect"] == tab_url(havn, "/edit")
    waiting = as_user.get(answer.headers["HX-Redirect"]).text
    for text in ("Bodø", "Retail", "H7"):
        assert f"<dd>{text}</dd>" in waiting
    assert customers(erp) == {}
    page = save(as_user, havn)
    ((key, fields),) = customers(erp).items()
    assert fields == {"NAME": "Havn", "CITY": "Bodø", "GROUP": "1", "CODE": "H7"}
    assert Link.objects.get().erp_key == key
    assert f"Customer {key} was created" in page


def test_a_mandatory_field_that_is_blank_is_said_at_the_field(
    as_user: Client, erp: SearchedErp, connection: Connection, havn: RecordView
) -> None:
    answer = as_user.post(address(havn, connection), {"ask-GROUP": "1", "ask-CODE": ""})
    assert answer.status_code == 422
    assert 'id="id_ask-CODE_error"' in answer.text
    assert '<option value="1" selected>' in answer.text, "what was entered stays"
    assert customers(erp) == {}


def test_a_list_item_that_is_not_on_offer_is_refused(
    as_user: Client, erp: SearchedErp, connection: Connection, havn: RecordView
) -> None:
    assert as_user.post(address(havn, connection), {"ask-GROUP": "77", "ask-CODE": "H7"}).status_code == 422
    assert customers(erp) == {}


def test_saving_twice_makes_one_actor(
    as_user: Client, erp: SearchedErp, connection: Connection, havn: RecordView
) -> None:
    as_user.post(address(havn, connection), {"ask-GROUP": "1", "ask-CODE": "H7"})
    shown = tokens(as_user.get(tab_url(havn)).text)
    for _click in range(2):
        assert as_user.post(tab_url(havn, "/save"), {"token": shown}).status_code == 302
    assert len(customers(erp)) == 1
    again = as_user.post(address(havn, connection), {"ask-GROUP": "1", "ask-CODE": "H7"})
    assert again.status_code == 422
    assert "linked with Harbour already" in again.text


def test_a_save_that_passes_its_first_check_while_another_is_at_work_makes_nothing(
    as_user: Client, erp: SearchedErp, connection: Connection, havn: RecordView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other user's save ends between this one's check and its lease."""
    leased = linking.leased

    def other_first(*args: Any) -> AbstractContextManager[Any]:
        where = {"connection": connection, "actor_type": "Customer", "record_type": "company"}
        Link.objects.create(record_id=havn.id, erp_key="3", **where)
        return leased(*args)

    as_user.post(address(havn, connection), {"ask-GROUP": "1", "ask-CODE": "H7"})
    monkeypatch.setattr(linking, "leased", other_first)
    assert "linked with Harbour already" in save(as_user, havn)
    assert customers(erp) == {}


def test_what_the_erp_says_against_it_stands_in_place_and_the_answers_stay(
    as_user: Client, erp: SearchedErp, connection: Connection, havn: RecordView
) -> None:
    def refuse(operation: str) -> None:
        if operation == "create_actor":
            erp.down = "No more customers, says the accountant."

    as_user.post(address(havn, connection), {"ask-GROUP": "1", "ask-CODE": "H7"}, headers=HX)
    erp.before = refuse
    page = save(as_user, havn)
    assert "No more customers, says the accountant." in page
    assert not Link.objects.exists()
    erp.down, erp.before = "", lambda operation: None
    assert 'value="H7"' in as_user.get(address(havn, connection), headers=HX).text
    assert "was created" in save(as_user, havn)
    assert len(customers(erp)) == 1


def test_an_erp_that_does_not_answer_is_said_before_anything_is_asked(
    as_user: Client, erp: SearchedErp, connection: Connection, havn: RecordView
) -> None:
    erp.down = "Closed for the night."
    answer = as_user.get(address(havn, connection))
    assert answer.status_code == 422
    assert "Closed for the night." in answer.text


def test_without_the_right_creating_is_dimmed_with_the_reason(
    as_user: Client, user: User, erp: SearchedErp, connection: Connection, havn: RecordView
) -> None:
    set_scope(connection, everyone=False, grants=[Grant(user=user, may_create=False)])
    found = as_user.get(address(havn, connection).replace("create", "connect"), {"q": ""}).text
    assert "You may not create here." in found
    assert address(havn, connection) not in found
    assert as_user.get(address(havn, connection)).status_code == 403
    assert as_user.post(address(havn, connection), {"ask-CODE": "H7"}).status_code == 403
    assert customers(erp) == {}


def test_each_type_of_field_is_asked_for_and_sent_in_its_form(
    as_user: Client, erp: SearchedErp, connection: Connection, havn: RecordView
) -> None:
    actor = connection.actors.get(actor_type="Customer")
    for key, kind, default in (
        ("BLOCKED", 0, "1"), ("DAYS", 3, "[I:30]"), ("CREDIT", 4, "[F:1500.5]"), ("SINCE", 6, "[D:07/06/2009]"),
    ):  # fmt: skip
        FieldMapping.objects.create(
            actor=actor, key=key, name=key, type=kind, default_ask=True, default_set=True, default_value=default
        )
    page = as_user.get(address(havn, connection), headers=HX).text
    for control in ('value="30"', 'value="1500.5"', 'value="2009-07-06T00:00:00"', "checked"):
        assert control in page
    sent = {"ask-GROUP": "1", "ask-CODE": "H7", "ask-DAYS": "14", "ask-CREDIT": "2.5", "ask-SINCE": "2026-11-21T08:30"}
    assert as_user.post(address(havn, connection), sent).status_code == 302
    save(as_user, havn)
    (fields,) = customers(erp).values()
    assert fields["DAYS"] == "[I:14]"
    assert fields["CREDIT"] == "[F:2.5]"
    assert fields["SINCE"] == "[DT:11/21/2026 08:30:00.0000000]"
    assert fields["BLOCKED"] == "[I:0]"


def test_a_contact_of_a_company_that_is_not_connected_is_refused(
    as_user: Client, connection: Connection, havn: RecordView
) -> None:
    kari = create_record(RecordType.CONTACT, {"FIRSTNAME": "Kari", "LASTNAME": "Berg"}, "test", havn.id)
    answer = as_user.post(f"/contacts/{kari.id}/erp/{connection.pk}/Person/create")
    assert answer.status_code == 422
    assert "company first" in answer.text
    assert not Link.objects.exists()
