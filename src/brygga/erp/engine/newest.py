"""Which side was edited last: what the policy "newest" goes by (behaviour E2).

Both sides tell when a record was saved, by a user or by sync, not when a field was. A stamp that is no date with a
time of day, which the contract allows, says nothing; then the sync priority decides.
"""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from brygga.contract.values import BadValue, decode_any
from brygga.merge import Side

_LOCAL_TIME = Path("/etc/localtime")


def newer_side(crm: datetime | None, erp_stamp: str) -> Side | None:
    """The side with the later edit; None where that can't be told.

    `crm` is when the CRM record was saved, `erp_stamp` the LastModified of the actor as it came.
    """
    erp = moment_of(erp_stamp)
    if crm is None or erp is None or crm == erp:
        return None
    return Side.CRM if crm > erp else Side.ERP


def moment_of(stamp: str) -> datetime | None:
    """When a stamp says that an actor was changed, if it is a date-time as the contract writes them.

    They carry no zone, and are taken for the wall clock of this machine (contract, section 5).
    """
    try:
        value = decode_any(stamp)
    except BadValue:
        return None
    return value.replace(tzinfo=machine_zone()) if isinstance(value, datetime) else None


@cache
def machine_zone() -> tzinfo:
    """The time zone that this machine's clock shows; UTC where the system does not tell."""
    try:
        with _LOCAL_TIME.open("rb") as file:
            return ZoneInfo.from_file(file)
    except (OSError, ValueError):
        return UTC
