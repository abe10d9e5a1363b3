"""Tags in the defaults of configuration fields, filled in when a connection is drawn (behaviour A4).

`<name>` is the name of the connection, which stands for one company in the ERP system (contract, section 1);
`<ser#>` the serial number of this installation; `<user>` the log-in name of whoever defines the connection. They may be
written in capitals too. A tag that is not known stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from django.utils.crypto import salted_hmac

from brygga.contract import FieldMetadata

_TAG = re.compile(r"<(name|ser#|user)>", re.IGNORECASE)
_DIGITS = 10


def tag_values(user: str, name: str | None = None) -> dict[str, str]:
    """What the tags stand for now; a connection that nobody is naming yet (None) leaves its tag for later."""
    values = {"ser#": serial_number(), "user": user}
    return values if name is None else {**values, "name": name.strip()}


def serial_number() -> str:
    """The serial number of this installation: ten digits, made from its secret key.

    All servers of an installation have the same one, and it tells nothing of the key. With another key the number is
    another one; connections keep the number that they were saved with.
    """
    digest = salted_hmac("brygga.serial-number", "", algorithm="sha256").digest()
    return str(int.from_bytes(digest[:8]) % 10**_DIGITS).zfill(_DIGITS)


def filled(text: str, values: Mapping[str, str]) -> str:
    """A default with the tags filled in that `values` knows."""
    return _TAG.sub(lambda tag: values.get(tag[1].lower(), tag[0]), text)


def filled_fields(fields: Sequence[FieldMetadata], values: Mapping[str, str]) -> list[FieldMetadata]:
    """Configuration fields with the tags in their defaults filled in."""
    return [replace(field, default=filled(field.default, values)) for field in fields]


def may_come_from(default: str, text: str) -> bool:
    """Whether a text can be this default with its tags filled in."""
    literal = _TAG.split(default)[::2]
    return re.fullmatch(".*".join(re.escape(part) for part in literal), text, re.DOTALL) is not None
