"""What a connection is called, which connector it uses and who may use it, as a form (behaviour A4, A5)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django import forms
from django.conf import settings
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from brygga.contract.localised import compose
from brygga.erp.models import Connection, Connector
from brygga.erp.services.scope import Candidate, Rights
from brygga.web.record_form import NO_SELECTION

EVERYONE, CHOSEN = "everyone", "chosen"
_LONGEST_NAME = 200
_LONGEST_DESCRIPTION = 2000


class ConnectionForm(forms.Form):
    """Names and descriptions in all languages, the connector of a new connection, and its scope."""

    use_required_attribute = False

    def __init__(self, connection: Connection | None, connectors: Sequence[Connector], data: Any = None) -> None:
        super().__init__(data)
        self._connection = connection
        self.language = (get_language() or "en").split("-")[0]
        for code, label in self._languages():
            self.fields[f"name_{code}"] = self._text("name", code, label)
        if connection is None:
            self.fields["connector"] = _connector_field(connectors)
        self.fields["scope"] = forms.ChoiceField(
            label=_("Scope"),
            choices=[(EVERYONE, _("Everyone")), (CHOSEN, _("Specific users and groups"))],
            initial=EVERYONE if connection is None or connection.all_access else CHOSEN,
        )
        for code, label in self._languages():
            self.fields[f"description_{code}"] = self._text("description", code, label)

    def is_sound(self, show: bool) -> bool:
        """Whether what was typed can be meant; what is wrong is shown only when the user asked for it."""
        sound = self.is_valid()
        if not show:
            self._errors = ErrorDict()
        return sound

    @property
    def name(self) -> forms.BoundField:
        """The name in the reader's language."""
        return self[f"name_{self.language}"]

    @property
    def description(self) -> forms.BoundField:
        """The description in the reader's language."""
        return self[f"description_{self.language}"]

    @property
    def other_names(self) -> list[forms.BoundField]:
        """The names in the other languages."""
        return [self[f"name_{code}"] for code, _label in self._languages()[1:]]

    @property
    def other_descriptions(self) -> list[forms.BoundField]:
        """The descriptions in the other languages."""
        return [self[f"description_{code}"] for code, _label in self._languages()[1:]]

    def typed_name(self) -> str:
        """The name as it stands, checked or not."""
        return str(self.name.value() or "")

    def names(self) -> str:
        """The names as localised text (contract, section 5)."""
        return self._localised("name", self._connection.names if self._connection else {})

    def descriptions(self) -> str:
        """The descriptions as localised text."""
        return self._localised("description", self._connection.descriptions if self._connection else {})

    def _languages(self) -> list[tuple[str, str]]:
        """The languages of the product with their own names, the reader's first."""
        return sorted(settings.LANGUAGES, key=lambda language: language[0] != self.language)

    def _text(self, part: str, code: str, label: str) -> forms.CharField:
        own, is_name = code == self.language, part == "name"
        title = (_("Name") if is_name else _("Description")) if own else label
        widget = forms.TextInput() if is_name else forms.Textarea(attrs={"rows": 2})
        widget.attrs |= {"class": "input", "autocomplete": "off"} | ({} if own else {"lang": code})
        if own and is_name:
            widget.attrs |= {"aria-required": "true", "data-mandatory": _("Enter a name.")}
        longest = _LONGEST_NAME if is_name else _LONGEST_DESCRIPTION
        initial = self._stored(part, code)
        return forms.CharField(
            label=title, max_length=longest, required=own and is_name, widget=widget, initial=initial
        )

    def _stored(self, part: str, code: str) -> str:
        """A stored text; the reader's own language shows what the reader sees elsewhere."""
        if self._connection is None:
            return ""
        shown, texts = _texts(self._connection, part)
        return texts.get(code, shown if code == self.language else "")

    def _localised(self, part: str, stored: Mapping[str, str]) -> str:
        typed = {code: str(self.cleaned_data[f"{part}_{code}"]).strip() for code, _label in self._languages()}
        if self._connection is not None and self.language not in stored:
            shown, _stored = _texts(self._connection, part)
            if typed[self.language] == shown.strip():  # seen in another language, and left as it was
                typed[self.language] = ""
        return compose({code: text for code, text in {**stored, **typed}.items() if text})


@dataclass(frozen=True, slots=True)
class People:
    """Who can be chosen, and who is."""

    candidates: Sequence[Candidate]

    @classmethod
    def posted(cls, candidates: Sequence[Candidate], data: QueryDict) -> People:
        """The candidates as they were chosen in a form."""
        chosen, connect, create = (set(data.getlist(name)) for name in ("access", "connect", "create"))
        return cls(
            [
                replace(one, rights=Rights(one.key in connect, one.key in create) if one.key in chosen else None)
                for one in candidates
            ]
        )

    @property
    def names(self) -> str:
        """The names of those who are chosen."""
        return ", ".join(one.name for one in self.candidates if one.rights)

    @property
    def rights(self) -> dict[str, Rights]:
        """The rights of those who are chosen, by key."""
        return {one.key: one.rights for one in self.candidates if one.rights}


def _connector_field(connectors: Sequence[Connector]) -> forms.ChoiceField:
    choices = [("", NO_SELECTION), *((str(one.pk), one.name) for one in connectors)]
    attributes = {"class": "input", "aria-required": "true", "data-mandatory": _("Choose a sync connector.")}
    return forms.ChoiceField(
        label=gettext_lazy("ERP Sync Connector"), choices=choices, widget=forms.Select(attrs=attributes)
    )


def _texts(connection: Connection, part: str) -> tuple[str, Mapping[str, str]]:
    if part == "name":
        return connection.name, connection.names
    return connection.description, connection.descriptions
