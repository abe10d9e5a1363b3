"""A signed note that configuration values have passed the test, so that no other values are saved (behaviour A4).

It holds a digest of the values and not the values, is bound to the connection, the connector and the user, and carries
the GUID that a new connection will have: whoever saves the same tested values twice makes one connection.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import timedelta

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

LIFETIME = timedelta(minutes=30)
_SALT = "brygga.tested-values"


def note(subject: str, values: Mapping[str, str]) -> str:
    """A note that these values have passed the test, in wire form by key; `subject` says for what and whom."""
    return signing.dumps([_digest(subject, values), uuid.uuid4().hex], salt=_SALT)


def guid_of(text: str, subject: str, values: Mapping[str, str]) -> uuid.UUID | None:
    """The GUID in a note, if it is a note on these values and not older than LIFETIME; otherwise None."""
    try:
        digest, guid = signing.loads(text, salt=_SALT, max_age=LIFETIME)
    except signing.BadSignature:
        return None
    return uuid.UUID(guid) if constant_time_compare(digest, _digest(subject, values)) else None


def _digest(subject: str, values: Mapping[str, str]) -> str:
    text = json.dumps([subject, sorted(values.items())])
    return salted_hmac(_SALT, text, algorithm="sha256").hexdigest()
