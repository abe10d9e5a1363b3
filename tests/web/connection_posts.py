"""What the tests of the dialog of ERP connections post, and how they read what comes back."""

from __future__ import annotations

import re
from typing import Any

from django.test import Client

from brygga.erp.models import Connection, Connector
from brygga.erp.services.connection_saving import Draft, save
from brygga.erp.services.template_tags import serial_number

DEFINE = "/sync/connections/define"
SECRET = "s3cret & word"


def stored_connection(connector: Connector) -> Connection:
    """A connection with a secret, named in two languages."""
    values = {"Server": "erp.local", "Password": SECRET, "Serial": serial_number()}
    return save(0, Draft(connector.pk, name='US:"Harbour";SW:"Hamnen"', values=values))


def configure(connection: Connection) -> str:
    """The address of the dialog of a connection."""
    return f"/sync/connections/{connection.pk}/configure"


def typed(connector: Connector, **changes: Any) -> dict[str, Any]:
    """What is posted for a new connection; `changes` are by field key, or by name where it is no key."""
    pk = connector.pk
    config = {"Server": "erp.local", "Port": "8080", "Ratio": "1.5", "Client": "2", "Since": "2025-12-31"}
    config |= {"Secure": "on", "Company": "Harbour Ltd"}
    posted = {"name_en": "Harbour", "connector": str(pk), "scope": "everyone", "drawn": str(pk)}
    posted |= {f"config-{pk}-{key}": value for key, value in config.items()}
    for key, value in {"Password": SECRET, **changes}.items():
        name = f"secret-{pk}-{key}" if key == "Password" else f"config-{pk}-{key}" if key in config else key
        posted[name] = value
    return {name: value for name, value in posted.items() if value is not None}


def post(client: Client, action: str, posted: dict[str, Any], url: str = DEFINE) -> str:
    """The dialog after one of its steps, as a script sees it."""
    return client.post(url, {**posted, "action": action}, headers={"HX-Request": "true"}).text


def note_in(page: str) -> str:
    """The note on a passed test that stands in the dialog."""
    found = re.search(r'name="tested" value="([^"]*)"', page)
    assert found is not None
    return found[1]


def value_of(page: str, name: str) -> str:
    """The value of a control."""
    found = re.search(rf'<input[^>]*name="{name}"[^>]*>', page)
    assert found is not None, name
    value = re.search(r'value="([^"]*)"', found[0])
    return value[1] if value else ""


def reason(page: str) -> str:
    """Why OK is dimmed; it is dimmed exactly where there is a reason."""
    found = re.search(r"data-reason>([^<]*)</p>", page)
    assert found is not None
    assert bool(found[1]) == bool(re.search(r'id="connection-ok"[^>]* disabled', page))
    return found[1]
