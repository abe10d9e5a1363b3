"""Secrets that were typed into a dialog, kept on the server between its steps: no page ever holds them (behaviour A4).

They stand encrypted in the session, for one dialog at a time, until the dialog is opened anew or has been saved.
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from django.http import HttpRequest

from brygga.erp.errors import Refused
from brygga.erp.secrets import decrypt, encrypt

_KEY = "typed_secrets"


def kept(request: HttpRequest, dialog: str) -> dict[str, str]:
    """What has been typed into this dialog, by the name of the control."""
    try:
        stored = json.loads(decrypt(request.session.get(_KEY, "")) or "{}")
    except Refused:  # the keys of the server have been changed meanwhile: it is typed again
        return {}
    return dict(stored.get("values", {})) if stored.get("dialog") == dialog else {}


def keep(request: HttpRequest, dialog: str, values: Mapping[str, str]) -> None:
    """Keep what was typed, over what was there."""
    typed = {name: value for name, value in values.items() if value}
    if typed:
        stored = {"dialog": dialog, "values": kept(request, dialog) | typed}
        request.session[_KEY] = encrypt(json.dumps(stored))


def forget(request: HttpRequest) -> None:
    """Keep nothing any longer."""
    request.session.pop(_KEY, None)
