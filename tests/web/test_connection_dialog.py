"""The dialog of ERP connections: nothing is saved untested, and no secret is sent back (behaviour A4, A5)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from tests.web.config_erp import ConfigErp
from tests.web.connection_posts import (
    DEFINE,
    SECRET,
    note_in,
    post,
    reason,
    typed,
    value_of,
)

from brygga.crm.models import User, UserGroup
from brygga.erp.connectors import stored_values
from brygga.erp.models import Connection, Connector
from brygga.erp.services.template_tags import serial_number

pytestmark = pytest.mark.django_db


def test_the_dialog_opens_over_the_sync_tab_and_in_it(as_admin: Client, connector: Connector) -> None:
    whole = as_admin.get(DEFINE).text
    assert "<html" in whole
    assert 'id="dialog" aria-labelledby="dialog-title" data-open>' in whole
    inside = as_admin.get(DEFINE, headers={"HX-Request": "true"}).text
    assert "<html" not in inside
    for page in (whole, inside):
        assert "Define new ERP connection" in page
        assert "Asking" in page
        assert reason(page) == "Enter a name."


def test_choosing_a_connector_draws_its_fields_in_rank_order(as_admin: Client, connector: Connector) -> None:
    pk = connector.pk
    page = post(as_admin, "fields", {"name_en": "Harbour", "connector": pk})
    labels = ["&lt;b&gt;Read this&lt;/b&gt;", "Server", "Port", "Password", "Ratio", "Client", "Since", "Secure"]
    places = [page.index(f">{label}") for label in labels]
    assert places == sorted(places)
    assert value_of(page, f"config-{pk}-Port") == "8080"
    assert value_of(page, f"config-{pk}-Ratio") == "1.5"
    assert value_of(page, f"config-{pk}-Since") == "2025-12-31"
    assert re.search(rf'name="config-{pk}-Secure"[^>]* checked', page)
    assert re.search(rf'type="password" name="secret-{pk}-Password"', page)
    assert 'maxlength="30"' in page
    assert '<option value="1">North</option>' in page
    assert "&lt;i&gt;Its name&lt;/i&gt;" in page
    assert "<b>" not in page
    assert "<i>" not in page
    assert reason(page) == "&quot;Server&quot; is missing. Enter a value."


def test_tags_in_defaults_are_filled_in(as_admin: Client, connector: Connector) -> None:
    page = post(as_admin, "fields", {"name_en": " Harbour ", "connector": connector.pk})
    assert value_of(page, f"config-{connector.pk}-Company") == "Harbour by eva, &lt;other&gt;"
    serial = re.search(rf'<input[^>]*name="config-{connector.pk}-Serial"[^>]*>', page)
    assert serial is not None
    assert "disabled" in serial[0]
    assert f'value="{serial_number()}"' in serial[0]


def test_it_speaks_the_language_of_the_reader(as_admin: Client, admin: User, connector: Connector) -> None:
    User.objects.filter(pk=admin.pk).update(language="sv")
    page = post(as_admin, "fields", {"name_sv": "Hamnen", "connector": connector.pk})
    assert ">Värd" in page
    assert ">Norr</option>" in page
    assert value_of(page, f"config-{connector.pk}-Ratio") == "1,5"
    page = post(as_admin, "test", typed(connector, name_sv="Hamnen", Ratio="2,5", Server="nowhere"))
    assert "Servern finns inte." in page


def test_a_tested_connection_is_saved_as_it_was_tested(
    as_admin: Client, connector: Connector, asking: ConfigErp
) -> None:
    page = post(as_admin, "test", typed(connector))
    assert "The test has passed. Found 3 clients." in page
    assert reason(page) == ""
    answer = as_admin.post(
        DEFINE, {**typed(connector, description_en="Ours"), "action": "save", "tested": note_in(page)}
    )
    made = Connection.objects.get()
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"/sync?connection={made.pk}"
    assert "Harbour has been saved." in as_admin.get("/sync").text
    assert (made.names, made.descriptions, made.all_access, made.active) == (
        {"en": "Harbour"},
        {"en": "Ours"},
        True,
        False,
    )
    expected = {
        "Server": "erp.local", "Password": SECRET, "Port": "[I:8080]", "Ratio": "[F:1.5]", "Client": "2",
        "Since": "[D:12/31/2025]", "Secure": "[I:1]", "Serial": serial_number(), "Company": "Harbour Ltd",
    }  # fmt: skip
    assert stored_values(made) == expected
    assert asking.tried == [expected, expected]
    assert asking.saved == {str(made.guid): expected}


def test_a_failed_test_shows_the_reason_and_no_secret(as_admin: Client, connector: Connector) -> None:
    page = post(as_admin, "test", typed(connector, Server="nowhere"))
    assert "&lt;b&gt;No such server&lt;/b&gt;, •••." in page
    assert SECRET not in page
    assert "s3cret" not in page
    assert reason(page) == "Test the ERP connection with these values first."
    assert value_of(page, f"config-{connector.pk}-Server") == "nowhere"


@pytest.mark.parametrize(
    "change",
    [{"Server": "other"}, {"Port": "8081"}, {"Secure": None}, {"Password": "another"}, {"Client": "1"}],
)
def test_other_values_than_the_tested_ones_are_not_saved(
    change: dict[str, Any], as_admin: Client, connector: Connector
) -> None:
    note = note_in(post(as_admin, "test", typed(connector)))
    page = post(as_admin, "save", typed(connector, tested=note, **change))
    assert reason(page) == "Test the ERP connection with these values first."
    assert not Connection.objects.exists()


@pytest.mark.parametrize("note", ["", "x", "ImEi:1xYz:abc"])
def test_nothing_is_saved_without_a_note_of_this_server(note: str, as_admin: Client, connector: Connector) -> None:
    page = post(as_admin, "save", typed(connector, tested=note))
    assert "Test the ERP connection with these values first." in page
    assert not Connection.objects.exists()


def test_the_note_of_somebody_else_does_not_count(as_admin: Client, connector: Connector, admin: User) -> None:
    note = note_in(post(as_admin, "test", typed(connector)))
    other = Client()
    other.force_login(User.objects.create(username="olle", is_staff=True, language="en"))
    post(other, "save", typed(connector, tested=note))
    assert not Connection.objects.exists()


def test_saving_twice_makes_one_connection(as_admin: Client, connector: Connector) -> None:
    posted = {**typed(connector), "tested": note_in(post(as_admin, "test", typed(connector))), "action": "save"}
    answers = [as_admin.post(DEFINE, posted) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert Connection.objects.count() == 1


def test_a_password_is_typed_once_and_never_sent_back(
    as_admin: Client, connector: Connector, asking: ConfigErp
) -> None:
    page = post(as_admin, "test", typed(connector, Server=""))
    assert 'placeholder="Leave empty to keep it"' in page
    page = post(as_admin, "test", typed(connector, Password=""))
    assert asking.tried[-1]["Password"] == SECRET
    post(as_admin, "save", typed(connector, Password="", tested=note_in(page)))
    assert stored_values(Connection.objects.get())["Password"] == SECRET
    assert "typed_secrets" not in as_admin.session


def test_typed_secrets_stand_encrypted_and_only_till_the_dialog_opens_anew(
    as_admin: Client, connector: Connector
) -> None:
    post(as_admin, "fields", typed(connector))
    assert "s3cret" not in str(dict(as_admin.session))
    assert "typed_secrets" in as_admin.session
    as_admin.get(DEFINE)
    assert "typed_secrets" not in as_admin.session


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"Server": ""}, "This field is required."),
        ({"Server": "x" * 31}, "at most 30 characters"),
        ({"Port": "many"}, "Enter a whole number."),
        ({"Ratio": "1,x"}, "Enter a number."),
        ({"Since": "soon"}, "Enter a valid date/time."),
        ({"Client": "9"}, "9 is not one of the available choices."),
    ],
)
def test_what_cannot_be_meant_is_marked(
    change: dict[str, str], said: str, as_admin: Client, connector: Connector
) -> None:
    page = post(as_admin, "test", typed(connector, **change))
    assert said in page
    assert 'aria-invalid="true"' in page
    assert reason(page)


def test_errors_are_not_shown_before_somebody_asks(as_admin: Client, connector: Connector) -> None:
    page = post(as_admin, "fields", typed(connector, Server="", Port="many", name_en=""))
    assert "aria-invalid" not in page
    assert value_of(page, f"config-{connector.pk}-Port") == "many"


def test_a_name_is_needed_and_taken_only_once(as_admin: Client, connector: Connector, connection: Connection) -> None:
    note = note_in(post(as_admin, "test", typed(connector)))
    page = post(as_admin, "save", typed(connector, name_en=" ", tested=note))
    assert "This field is required." in page
    page = post(as_admin, "save", typed(connector, tested=note))
    assert "There is an ERP connection &quot;Harbour&quot; already." in page
    assert Connection.objects.count() == 1


def test_the_name_has_all_languages(as_admin: Client, connector: Connector) -> None:
    note = note_in(post(as_admin, "test", typed(connector)))
    post(as_admin, "save", typed(connector, name_sv="Hamnen", description_da="Vores", tested=note))
    made = Connection.objects.get()
    assert made.names == {"en": "Harbour", "sv": "Hamnen"}
    assert made.descriptions == {"da": "Vores"}


def test_a_connector_that_fails_takes_nothing_that_was_typed(
    as_admin: Client, connector: Connector, asking: ConfigErp
) -> None:
    asking.closed = True
    page = post(as_admin, "test", typed(connector, Port="9090"))
    assert "Closed for the night." in page
    assert "Try again" in page
    assert reason(page) == "The connector does not answer, so the connection can&#x27;t be tested."
    assert value_of(page, f"config-{connector.pk}-Port") == "9090"
    assert value_of(page, "name_en") == "Harbour"
    assert "s3cret" not in page
    asking.closed = False
    page = post(as_admin, "fields", typed(connector, Port="9090", drawn=None, Password=None))
    assert value_of(page, f"config-{connector.pk}-Port") == "9090"
    assert 'placeholder="Leave empty to keep it"' in page


def test_a_list_that_fails_is_explained_at_its_field(as_admin: Client, connector: Connector, asking: ConfigErp) -> None:
    asking.listless = True
    page = post(as_admin, "fields", {"name_en": "Harbour", "connector": connector.pk})
    assert "The list can't be read: The list is locked." in page
    assert f'name="config-{connector.pk}-Server"' in page
    page = post(as_admin, "test", typed(connector, Client="2"))
    assert '<option value="2" selected>2</option>' in page
    assert asking.tried[-1]["Client"] == "2"


def test_the_scope_names_users_and_groups_with_their_rights(as_admin: Client, connector: Connector) -> None:
    anna = User.objects.create(username="anna", first_name="Anna", last_name="Berg")
    sales = UserGroup.objects.create(name="Sales")
    people = {"scope": "chosen", "access": [f"user-{anna.pk}", f"group-{sales.pk}"]}
    people |= {"connect": [f"user-{anna.pk}", f"group-{sales.pk}"], "create": [f"group-{sales.pk}"]}
    page = post(as_admin, "test", typed(connector, **people))
    assert re.search(r'id="scope-names"[^>]*>Sales, Anna Berg</button>', page)
    post(as_admin, "save", typed(connector, **people, tested=note_in(page)))
    made = Connection.objects.get()
    assert not made.all_access
    rows = {(row.user, row.group): (row.may_connect, row.may_create) for row in made.access.all()}
    assert rows == {(anna, None): (True, False), (None, sales): (True, True)}


def test_nobody_chosen_is_said(as_admin: Client, connector: Connector) -> None:
    assert "No users or groups are selected" in as_admin.get(DEFINE).text


def test_somebody_who_is_gone_cannot_be_chosen(as_admin: Client, connector: Connector) -> None:
    note = note_in(post(as_admin, "test", typed(connector)))
    page = post(as_admin, "save", typed(connector, scope="chosen", access=["user-4711"], tested=note))
    assert 'role="alert"' not in page  # nobody of that key was offered, so nobody is chosen
    assert Connection.objects.get().access.count() == 0


def test_a_post_without_the_token_is_refused(admin: User, connector: Connector) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(admin)
    assert client.post(DEFINE, {**typed(connector), "action": "test"}).status_code == 403


def test_a_deleted_connector_cannot_be_chosen(as_admin: Client, connector: Connector) -> None:
    Connector.objects.update(deleted=True)
    page = post(as_admin, "test", typed(connector))
    assert reason(page) == "Choose a sync connector."
