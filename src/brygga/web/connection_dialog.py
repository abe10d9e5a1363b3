"""The dialog in which an ERP connection is defined or configured, as it stands at a step (behaviour A4 to A6)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from brygga.erp.connectors import open_connector
from brygga.erp.errors import BryggaError, InvalidConfiguration
from brygga.erp.models import Connection, Connector
from brygga.erp.services import connection_config, connection_saving, scope
from brygga.erp.services.config_fields import DrawnFields, drawn_fields
from brygga.erp.services.connectors import list_connectors
from brygga.erp.services.template_tags import tag_values
from brygga.web import tested_values, typed_secrets
from brygga.web.access import user_of
from brygga.web.config_form import OPEN, REMOVE, SECRET, ConfigForm
from brygga.web.connection_form import CHOSEN, EVERYONE, ConnectionForm, People
from brygga.web.sync_selection import Selection

_WHEN_CHOSEN = {
    "hx-trigger": "change",
    "hx-vals": '{"action": "fields"}',
    "hx-target": "#connection-config",
    "hx-select": "#connection-config",
    "hx-select-oob": "#connection-foot",
    "hx-swap": "outerHTML",
    "hx-sync": "closest form:replace",
}
"""Choosing a connector loads its fields, and leaves alone what is typed elsewhere meanwhile."""


@dataclass(frozen=True, slots=True)
class Note:
    """What came of a step: its colour and its words."""

    colour: str
    text: str


class ConnectionDialog:
    """What is stored, what was typed over it, and what the connector says; `show` the errors in what was typed.

    `data` is None when the dialog opens.
    """

    def __init__(
        self, request: HttpRequest, connection: Connection | None, data: QueryDict | None, show: bool = False
    ) -> None:
        self._request = request
        self._show = show
        self._data = data
        self.connection = connection
        self.locked = connection is not None and connection.active
        self.note: Note | None = None
        self._secrets = self._typed_secrets()
        connectors = list_connectors() if connection is None else []
        self.form = ConnectionForm(connection, connectors, data)
        self.is_sound = data is not None and self.form.is_sound(show)
        self.people = People(scope.candidates(connection))
        if data is not None:
            self.people = People.posted(self.people.candidates, data)
        self.connector = connection.connector if connection else self._chosen_among(connectors)
        self.failure = ""
        self._drawn = self._drawn_fields()
        self.config = self._config_form()
        self.values = self._checked_values()
        self._test_note = data.get("tested", "") if data else ""
        self.guid = self._tested_guid()
        self._adapt_controls()

    # Steps

    def test(self) -> None:
        """Ask the connector whether the values would work, and note that they do."""
        if self.config is None or self.connector is None:
            return
        if self.values is None:
            self.note = self.note or Note("bad", _("The test needs other values. Correct what is marked."))
            return
        fields = list(self.config.told.values())
        try:
            said = connection_config.try_out(open_connector(self.connector), fields, self.values)
        except BryggaError as failed:
            self.guid, self.note = None, Note("bad", failed.user_message)
        else:
            self._test_note = tested_values.note(self._subject, self.values)
            self.guid = self._tested_guid()
            self.note = Note("ok", " ".join(filter(None, (_("The test has passed."), said))))

    def save(self) -> Connection | None:
        """Store the connection; None, and a note why, if it can't be."""
        if not self.is_sound or (self.config is not None and self.config.errors):
            self.note = Note("bad", _("Nothing has been saved yet. Correct what is marked."))
            return None
        if reason := self.reason:
            self.note = self.note or Note("bad", reason)
            return None
        try:
            saved = connection_saving.save(self.connection.pk if self.connection else 0, self._draft())
        except BryggaError as failed:
            self.note = Note("bad", failed.user_message)
            return None
        typed_secrets.forget(self._request)
        return saved

    # What the template shows

    @property
    def url(self) -> str:
        """The address that the dialog is posted to."""
        selection = Selection.of(self._request)
        if self.connection is None:
            return selection.url("connections_define")
        return selection.url("connections_configure", self.connection.pk)

    @property
    def title(self) -> str:
        """What the dialog does."""
        if self.connection is None:
            return _("Define new ERP connection")
        return f"{_('Configure ERP connection')}: {self.connection.name}"

    @property
    def is_tested(self) -> bool:
        """Whether the values on screen have passed the test, or are none of this dialog's business."""
        if self.connection is not None and (self.locked or self.config is None):
            return True
        return self.guid is not None

    @property
    def reason(self) -> str:
        """Why OK is dimmed; empty if it isn't."""
        if not self.form.typed_name().strip():
            return _("Enter a name.")
        if self.connector is None:
            return _("Choose a sync connector.")
        if self.config is not None and not self.locked:
            for row in self.config.rows():
                if row.is_blank:
                    return str(row.field.widget.attrs["data-mandatory"])
        return "" if self.is_tested else self.untested

    @property
    def untested(self) -> str:
        """Why values that have not been tested are not saved."""
        if self.failure:
            return _("The connector does not answer, so the connection can't be tested.")
        return _("Test the ERP connection with these values first.")

    @property
    def tested(self) -> str:
        """The note on the test, to come back with the next step."""
        return self._test_note if self.guid else ""

    @property
    def carried(self) -> list[tuple[str, str]]:
        """What was typed for fields that are not on screen now, so that it is there when they come back."""
        if self._data is None:
            return []
        rows = list(self.config.rows()) if self.config else []
        drawn = {name for row in rows for name in (row.html_name, row.remove_name)}
        return [
            (name, str(value))
            for name, value in self._data.items()
            if name.startswith((f"{OPEN}-", f"{REMOVE}-")) and name not in drawn
        ]

    # Parts

    @property
    def _subject(self) -> str:
        connector_id = self.connector.pk if self.connector else 0
        return f"{self._place}/{connector_id}/{user_of(self._request).pk}"

    @property
    def _place(self) -> str:
        return str(self.connection.pk if self.connection else 0)

    def _typed_secrets(self) -> dict[str, str]:
        if self._data is None:
            typed_secrets.forget(self._request)
            return {}
        typed = {name: str(value) for name, value in self._data.items() if name.startswith(f"{SECRET}-")}
        typed_secrets.keep(self._request, self._place, typed)
        return typed_secrets.kept(self._request, self._place)

    def _chosen_among(self, connectors: Sequence[Connector]) -> Connector | None:
        chosen = self.form["connector"].value()
        return next((connector for connector in connectors if str(connector.pk) == chosen), None)

    def _drawn_fields(self) -> DrawnFields | None:
        """The connector's fields; None without a connector, and where it does not tell them: `failure` says why."""
        if self.connector is None:
            return None
        try:
            return drawn_fields(self.connector, tag_values(user_of(self._request).username, self.form.typed_name()))
        except BryggaError as failed:
            self.failure = failed.user_message
            return None

    def _config_form(self) -> ConfigForm | None:
        if self.connector is None or self._drawn is None:
            return None
        stored = connection_config.open_values(self.connection) if self.connection else None
        kept = self._kept(self.connector)
        return ConfigForm(self.connector.pk, self._drawn, stored, kept, self._typed(), self.locked)

    def _typed(self) -> Any:
        """What was typed for this connector; None if its fields were not on screen yet."""
        if self._data is None or self.connector is None or self.locked:
            return None
        beginning = f"{OPEN}-{self.connector.pk}-"
        was_drawn = self._data.get("drawn") == str(self.connector.pk)
        return self._data if was_drawn or any(name.startswith(beginning) for name in self._data) else None

    def _kept(self, connector: Connector) -> frozenset[str]:
        """The keys of the secrets that need not be typed again: stored, or typed in an earlier step."""
        stored = connection_config.stored_secret_keys(self.connection) if self.connection else set()
        return frozenset(stored | set(self._secrets_by_key(connector)))

    def _secrets_by_key(self, connector: Connector) -> dict[str, str]:
        beginning = f"{SECRET}-{connector.pk}-"
        found = {name: value for name, value in self._secrets.items() if name.startswith(beginning)}
        return {name.removeprefix(beginning): value for name, value in found.items()}

    @property
    def _removed(self) -> dict[str, str]:
        """The secrets that are to be removed, empty, as they would stay if they were left out."""
        return dict.fromkeys(self.config.removed, "") if self.config else {}

    def _checked_values(self) -> dict[str, str] | None:
        """All configuration values in canonical wire form; None where there are none, or none that can be meant."""
        if self.config is None or self.connector is None or self.locked:
            return None
        fields = list(self.config.told.values())
        try:
            if not self.config.is_bound:
                return connection_config.stored_if_complete(self.connection, fields) if self.connection else None
            if not self.config.is_sound(self._show):
                return None
            typed = self.config.wire_values() | self._secrets_by_key(self.connector) | self._removed
            return connection_config.complete_values(self.connection, fields, typed)
        except InvalidConfiguration as invalid:
            self._mark(invalid)
        except BryggaError as failed:  # a stored secret that can't be read
            self.note = Note("bad", failed.user_message)
        return None

    def _mark(self, invalid: InvalidConfiguration) -> None:
        if self._show and self.config is not None and self.config.is_bound:
            for problem in invalid.problems:
                if problem.key in self.config.fields:
                    self.config.add_error(problem.key, problem.message)

    def _tested_guid(self) -> UUID | None:
        """The GUID that the connection has or will have, if its values have passed the test; None if they haven't."""
        if self.values is None:
            return None
        if self.connection is not None and connection_config.is_stored(self.connection, self.values):
            return self.connection.guid
        return tested_values.guid_of(self._test_note, self._subject, self.values)

    def _adapt_controls(self) -> None:
        """Load the fields of a connector when it is chosen, and put the focus on what has to be typed or corrected."""
        if self.connection is None:
            self.form.fields["connector"].widget.attrs |= {"hx-post": self.url, **_WHEN_CHOSEN}
        if self._data is None:
            self.form.name.field.widget.attrs["autofocus"] = True
        wrong = [self.form.fields[key] for key in self.form.errors if key in self.form.fields]
        if self.config is not None:
            wrong += [self.config.fields[key] for key in self.config.errors]
        for control in wrong[:1] if self._show else []:
            control.widget.attrs["autofocus"] = True

    def _draft(self) -> connection_saving.Draft:
        return connection_saving.Draft(
            connector_id=self.connector.pk if self.connector else 0,
            name=self.form.names(),
            description=self.form.descriptions(),
            values=None if self.values is None else self._removed | self.values,
            all_access=self.form.cleaned_data["scope"] == EVERYONE,
            grants=scope.grants(self.people.rights) if self.form.cleaned_data["scope"] == CHOSEN else [],
            guid=self.guid if self.connection is None else None,
        )
