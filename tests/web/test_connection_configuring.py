"""The dialog of an ERP connection that there is, and who may open it (behaviour A5, A6)."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

import pytest
from cryptography.fernet import Fernet
from django.test import Client
from pytest_django import Settings
from tests.web.config_erp import ConfigErp
from tests.web.connection_posts import (
    DEFINE,
    SECRET,
    configure,
    note_in,
    post,
    reason,
    typed,
    value_of,
)

from brygga.contract import Access, FieldsResponse
from brygga.crm.models import User
from brygga.erp.connectors import stored_values
from brygga.erp.models import Connection
from brygga.erp.services.access import Grant, set_scope
from brygga.erp.services.connections import delete_connections

pytestmark = pytest.mark.django_db


def stored(connection: Connection, **changes: Any) -> dict[str, Any]:
    """What the dialog of a stored connection posts."""
    empty = {"Port": "", "Ratio": "", "Client": "", "Since": "", "Secure": "on", "Company": "", "Password": ""}
    posted = typed(connection.connector, **{"name_sv": "Hamnen", **empty, **changes})
    posted.pop("connector")
    return posted


def test_a_stored_connection_is_shown_without_its_secret(as_admin: Client, connection: Connection) -> None:
    page = as_admin.get(configure(connection)).text
    assert "Configure ERP connection: Harbour" in page
    assert value_of(page, "name_sv") == "Hamnen"
    assert value_of(page, f"config-{connection.connector.pk}-Server") == "erp.local"
    assert "s3cret" not in page
    assert reason(page) == ""
    assert "data-tested" in page
    assert '<select name="connector"' not in page


def test_what_is_stored_already_needs_no_test(as_admin: Client, connection: Connection, asking: ConfigErp) -> None:
    before, tried = stored_values(connection), len(asking.tried)
    page = post(as_admin, "save", stored(connection, name_en="Port", description_en="Ours"), configure(connection))
    assert page == ""
    connection.refresh_from_db()
    assert connection.names == {"en": "Port", "sv": "Hamnen"}
    assert connection.descriptions == {"en": "Ours"}
    assert stored_values(connection) == before
    assert len(asking.tried) == tried


def test_new_values_are_tested_before_they_are_stored(as_admin: Client, connection: Connection) -> None:
    url, changed = configure(connection), stored(connection, Server="other")
    page = post(as_admin, "save", changed, url)
    assert reason(page) == "Test the ERP connection with these values first."
    page = post(as_admin, "test", changed, url)
    assert reason(page) == ""
    assert post(as_admin, "save", {**changed, "tested": note_in(page)}, url) == ""
    assert stored_values(connection)["Server"] == "other"
    assert stored_values(connection)["Password"] == SECRET


def removing(connection: Connection, **changes: Any) -> dict[str, Any]:
    """What is posted with the box ticked that removes the stored password."""
    return stored(connection, **changes) | {f"remove-{connection.connector.pk}-Password": "on"}


def test_a_stored_secret_is_removed_where_that_is_asked_for(
    as_admin: Client, connection: Connection, asking: ConfigErp
) -> None:
    url, box = configure(connection), rf'<input type="checkbox"[^>]*name="remove-{connection.connector.pk}-Password"'
    opened = as_admin.get(url).text
    assert re.search(box + " aria-describedby", opened)
    assert "Leave empty to keep it" in opened
    page = post(as_admin, "save", removing(connection), url)
    assert reason(page) == "Test the ERP connection with these values first."
    page = post(as_admin, "test", removing(connection), url)
    assert re.search(box + " checked ", page)
    assert "Leave empty to keep it" not in page
    assert "Password" not in asking.tried[-1]
    assert post(as_admin, "save", removing(connection) | {"tested": note_in(page)}, url) == ""
    assert "Password" not in stored_values(connection)
    assert not re.search(box, as_admin.get(url).text)


def test_a_secret_that_is_typed_takes_the_place_of_the_removed_one_until_it_is_removed_too(
    as_admin: Client, connection: Connection, asking: ConfigErp
) -> None:
    url = configure(connection)
    page = post(as_admin, "test", removing(connection, Password="new"), url)
    assert asking.tried[-1]["Password"] == "new"
    assert not re.search(r'name="remove-[^>]* checked', page)
    page = post(as_admin, "test", removing(connection), url)
    assert "Password" not in asking.tried[-1]


def test_a_secret_that_must_be_there_cannot_be_removed(
    as_admin: Client, connection: Connection, asking: ConfigErp, monkeypatch: pytest.MonkeyPatch
) -> None:
    fields = [replace(one, access=Access.MANDATORY) for one in asking.get_config_data().fields if one.key == "Password"]
    monkeypatch.setattr(asking, "get_config_data", lambda: FieldsResponse(fields=fields))
    assert "remove-" not in as_admin.get(configure(connection)).text
    post(as_admin, "test", removing(connection), configure(connection))
    assert asking.tried[-1] == {"Password": SECRET}


def test_an_active_connection_keeps_its_configuration(
    as_admin: Client, connection: Connection, asking: ConfigErp
) -> None:
    Connection.objects.filter(pk=connection.pk).update(active=True)
    url = configure(connection)
    page = as_admin.get(url).text
    assert "The connection is active. Deactivate it to change its configuration" in page
    controls = re.findall(rf'<(?:input|select)[^>]*name="(?:config|secret)-{connection.connector.pk}-[^>]*>', page)
    assert len(controls) == 9
    assert "remove-" not in page
    assert all("disabled" in control for control in controls)
    assert "Test ERP connection</button>" not in page.split("connection-form")[1]
    assert post(as_admin, "save", stored(connection, name_en="Port", Server="other"), url) == ""
    connection.refresh_from_db()
    assert connection.names["en"] == "Port"
    assert stored_values(connection)["Server"] == "erp.local"


def test_a_name_can_be_changed_while_the_connector_fails(
    as_admin: Client, connection: Connection, asking: ConfigErp
) -> None:
    asking.closed = True
    page = as_admin.get(configure(connection)).text
    assert "Closed for the night." in page
    assert reason(page) == ""
    assert post(as_admin, "save", stored(connection, name_en="Port", drawn=None), configure(connection)) == ""
    connection.refresh_from_db()
    assert connection.names["en"] == "Port"


def test_a_name_seen_in_another_language_is_not_copied(as_admin: Client, admin: User, connection: Connection) -> None:
    User.objects.filter(pk=admin.pk).update(language="de")
    page = as_admin.get(configure(connection)).text
    assert value_of(page, "name_de") == "Harbour"
    posted = stored(connection, name_de="Harbour", Ratio="", scope="everyone")
    assert post(as_admin, "save", posted, configure(connection)) == ""
    connection.refresh_from_db()
    assert connection.names == {"en": "Harbour", "sv": "Hamnen"}


def test_a_secret_that_cannot_be_read_any_more_is_typed_again(
    as_admin: Client, connection: Connection, settings: Settings
) -> None:
    settings.BRYGGA = replace(settings.BRYGGA, encryption_keys=(Fernet.generate_key().decode(),))
    url = configure(connection)
    for page in (as_admin.get(url).text, post(as_admin, "test", stored(connection), url)):
        assert "Enter the secret again." in page
        assert reason(page) == "Test the ERP connection with these values first."
    again = stored(connection, Password="new word")
    note = note_in(post(as_admin, "test", again, url))
    assert post(as_admin, "save", {**again, "tested": note}, url) == ""
    assert stored_values(connection)["Password"] == "new word"


def test_the_rights_that_are_given_are_shown(as_admin: Client, connection: Connection) -> None:
    anna = User.objects.create(username="anna", is_active=False)
    set_scope(connection, False, [Grant(user=anna, may_connect=True, may_create=False)])
    page = as_admin.get(configure(connection)).text
    assert re.search(rf'name="access" value="user-{anna.pk}" checked', page)
    assert re.search(rf'name="connect" value="user-{anna.pk}"[^>]* checked', page)
    assert not re.search(rf'name="create" value="user-{anna.pk}"[^>]* checked', page)


def test_a_connection_that_is_not_there_is_not_found(as_admin: Client, connection: Connection) -> None:
    delete_connections([connection])
    for method in (as_admin.get, as_admin.post):
        assert method(configure(connection)).status_code == 404
        assert method("/sync/connections/4711/configure").status_code == 404


def test_it_is_for_administrators(as_user: Client, connection: Connection, asking: ConfigErp) -> None:
    tried = len(asking.tried)
    for url in (DEFINE, configure(connection)):
        assert as_user.get(url).status_code == 403
        assert as_user.post(url, {**typed(connection.connector), "action": "test"}).status_code == 403
        assert Client().post(url, {"action": "test"}).status_code == 302
    assert len(asking.tried) == tried
