"""The steps that a user takes in the ERP tab, as requests: choose, save, cancel."""

from __future__ import annotations

import html
import json
import re
from typing import Any

from django.test import Client

from brygga.crm.services.records import RecordView
from brygga.erp.models import Connection

HX = {"HX-Request": "true"}
IN_DIALOG = HX | {"HX-Target": "erp-found"}
_KINDS = {"company": "companies", "contact": "contacts", "project": "projects"}


def tab_url(record: RecordView, part: str = "") -> str:
    """The address of a record's ERP tab, or of one part of it."""
    return f"/{_KINDS[record.type]}/{record.id}/erp{part}"


def address(record: RecordView, connection: Connection, part: str, actor_type: str = "Customer") -> str:
    """The address of a step of the dialog."""
    return tab_url(record, f"/{connection.pk}/{actor_type}/{part}")


def seen_in(page: str) -> str:
    """What a dialog says that was seen in it."""
    found = re.search(r'name="seen" value="([^"]*)"', page)
    assert found, page
    return html.unescape(found[1])


def choose(
    client: Client, record: RecordView, connection: Connection, key: str, actor_type: str = "Customer", **more: str
) -> Any:
    """Open the second step for an actor and press Connect; `more` are CRM fields with the value chosen."""
    url = address(record, connection, "values", actor_type)
    seen = seen_in(client.get(url, {"key": key}, headers=HX).text)
    asked = {name: text for name, text in more.items() if name.startswith("ask-")}
    chosen = {f"choose-{name}": json.dumps(text) for name, text in more.items() if name not in asked}
    return client.post(url, {"key": key, "seen": seen} | chosen | asked, headers=HX)


def tokens(page: str) -> list[str]:
    """The tokens of what waits for Save on a page."""
    return re.findall(r'name="token" value="([^"]+)"', page)


def save(client: Client, record: RecordView) -> str:
    """Press Save; returns the page that comes then."""
    shown = tokens(client.get(tab_url(record, "/edit")).text)
    client.post(tab_url(record, "/save"), {"token": shown})
    return str(client.get(tab_url(record)).text)
