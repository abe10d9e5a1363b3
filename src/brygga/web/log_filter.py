"""The filter of the log as a form (behaviour A15)."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from brygga.crm.fields import RecordType, fields_of
from brygga.erp.models import Connection
from brygga.erp.services.history import LogFilter
from brygga.web.records import ids_matching

_RECORD = re.compile(r"(company|contact|project):(\d{1,18})")
_INPUT = {"class": "input"}
_HIGHEST = 2**63 - 1


def _moment(label: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label, required=False, widget=forms.DateTimeInput(attrs={**_INPUT, "type": "datetime-local"})
    )


class LogFilterForm(forms.Form):
    """What the log is to show."""

    connection = forms.ChoiceField(label=_("Connection"), required=False, widget=forms.Select(attrs=_INPUT))
    record = forms.CharField(label=_("Record"), required=False, max_length=200, widget=forms.TextInput(attrs=_INPUT))
    field = forms.ChoiceField(label=_("Field"), required=False, widget=forms.Select(attrs=_INPUT))
    target = forms.ChoiceField(
        label=_("Direction"),
        required=False,
        choices=[("", _("Both")), ("crm", _("ERP to CRM")), ("erp", _("CRM to ERP"))],
        widget=forms.Select(attrs=_INPUT),
    )
    run = forms.IntegerField(
        label=_("Run"),
        required=False,
        min_value=1,
        max_value=_HIGHEST,
        widget=forms.TextInput(attrs={**_INPUT, "inputmode": "numeric", "autocomplete": "off"}),
    )
    since = _moment(_("From"))
    until = _moment(_("Until"))

    def __init__(self, data: Any) -> None:
        super().__init__(data)
        connections = [(str(c.pk), c.name) for c in Connection.objects.all()]
        self.fields["connection"].choices = [("", _("All")), *connections]  # type: ignore[attr-defined]
        self.fields["field"].choices = [("", _("All")), *_fields_by_kind()]  # type: ignore[attr-defined]

    def log_filter(self) -> LogFilter | None:
        """The filter; None where a field holds nonsense, which the form says at that field."""
        if not self.is_valid():
            return None
        chosen = self.cleaned_data
        record_type, _colon, key = chosen["field"].partition(":")
        return LogFilter(
            int(chosen["connection"]) if chosen["connection"] else None,
            _records(chosen["record"]),
            chosen["target"],
            chosen["since"],
            chosen["until"],
            chosen["run"],
            (record_type, key) if key else None,
        )


def _fields_by_kind() -> list[tuple[str, list[tuple[str, str]]]]:
    """The CRM fields, a group for each kind of record: sync writes no others, nor does it read others for the ERP."""
    return [
        (kind.label, [(f"{kind}:{key}", str(field.label)) for key, field in fields_of(kind).items()])
        for kind in RecordType
    ]


def _records(text: str) -> list[tuple[str, int]] | None:
    """The records that `company:12` or a part of a name means; None for all."""
    if not text:
        return None
    if exact := _RECORD.fullmatch(text):
        return [(exact[1], int(exact[2]))]
    return [(kind.value, record_id) for kind in RecordType for record_id in ids_matching(kind, text)]
