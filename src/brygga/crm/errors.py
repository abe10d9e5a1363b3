"""What goes wrong in the CRM: a message that a user can act on, a code for programs, a technical text for the log."""

from __future__ import annotations

from typing import Any

from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _


class CrmError(Exception):
    """Something that was asked of the CRM was not done.

    `user_message` is translated when it is read, `technical` is English.
    """

    code = "crm_error"

    def __init__(self, message: Any, technical: str = "") -> None:
        super().__init__(message)
        self._message = message
        self.technical = technical or self.code

    @property
    def user_message(self) -> str:
        """The text for the user, in the language that is active now."""
        return str(self._message)

    def __str__(self) -> str:
        return self.user_message


class NoSuchRecord(CrmError):
    """There is no such record, or it has been deleted."""

    code = "no_such_record"

    def __init__(self, record_type: str, record_id: int) -> None:
        message = _("There is no {kind} with id {id}; it may have been deleted. Go back to the list and search again.")
        super().__init__(
            format_lazy(message, kind=_kind(record_type), id=record_id), f"{record_type} {record_id} not found"
        )
        self.record_type = record_type
        self.record_id = record_id


class StaleRecord(CrmError):
    """Somebody saved the record after it was read (behaviour C2): show both, and let the user decide.

    `version` is the one that the caller had read, `current_version` the one that stands.
    """

    code = "stale_record"

    def __init__(self, record_type: str, record_id: int, name: str, version: int, current_version: int) -> None:
        message = _(
            "{name} has been changed by somebody else since you opened it, and your changes are not saved. "
            "Compare them with what stands now and save again."
        )
        super().__init__(
            format_lazy(message, name=name),
            f"{record_type} {record_id}: version {version} expected, {current_version} found",
        )
        self.record_type = record_type
        self.record_id = record_id
        self.version = version
        self.current_version = current_version


class UnknownField(CrmError):
    """A key that is no field of this kind of record."""

    code = "unknown_field"

    def __init__(self, record_type: str, key: str) -> None:
        message = _("A {kind} has no field {field}; choose another one.")
        super().__init__(format_lazy(message, kind=_kind(record_type), field=key), f"{record_type}: no field {key}")
        self.record_type = record_type
        self.key = key


class InvalidValue(CrmError):
    """A value that the field can't take. `record_id` is None where the record is yet to be created."""

    code = "invalid_value"

    def __init__(self, key: str, label: Any, reason: Any, record_id: int | None = None) -> None:
        super().__init__(format_lazy("{label}: {reason}", label=label, reason=reason), f"{key} of {record_id}")
        self.key = key
        self.label = label
        self.reason = reason
        self.record_id = record_id


class Refused(CrmError):
    """Not possible in this state: the message says what to change."""

    code = "refused"


def _kind(record_type: str) -> Any:
    return {"company": _("company"), "contact": _("contact"), "project": _("project")}.get(record_type, record_type)
