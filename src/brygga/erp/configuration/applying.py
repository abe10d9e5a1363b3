"""Making the server agree with a configuration file: whole or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog
from django.db import transaction

from brygga.erp.configuration.connecting import Connecting
from brygga.erp.configuration.differences import Difference, differences
from brygga.erp.configuration.exporting import Document, Hidden, snapshot
from brygga.erp.configuration.mapping import check_directions, map_actors
from brygga.erp.configuration.places import Place
from brygga.erp.configuration.reading import SYNC_KEYS, ConnectionSpec, ConnectorSpec, FileSpec, SyncSpec, read_file
from brygga.erp.errors import BryggaError, InvalidConfiguration
from brygga.erp.models import Connection, Connector, SyncSettings
from brygga.erp.secrets import MASK
from brygga.erp.services.activation import Finding, activate, check_activation, deactivate
from brygga.erp.services.connectors import save_connector

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Report:
    """What applying a file changed, in the order of the configuration; CRM list items that it made are among it."""

    changes: list[Difference]

    @property
    def changed(self) -> bool:
        """Whether anything was changed."""
        return bool(self.changes)

    def as_json(self) -> dict[str, Any]:
        """The report as a JSON object."""
        return {"changed": self.changed, "changes": [change.as_json() for change in self.changes]}


def apply(text: str) -> Report:
    """Make the server agree with a file. Applying it again changes nothing.

    Raises InvalidConfiguration with everything that is wrong, by line and key; then nothing is changed.
    """
    return Report(_Application(read_file(text), rehearsal=False).run())


def diff(text: str) -> list[Difference]:
    """What applying a file would change. Raises InvalidConfiguration as `apply` does; changes nothing.

    A connection that is new is made known to its connector for as long as that takes, to learn its fields.
    """
    return _Application(read_file(text), rehearsal=True).run()


class _Rehearsed(Exception):
    """Rolls a rehearsal back."""


class _Application:
    """One application of one file."""

    def __init__(self, spec: FileSpec, *, rehearsal: bool) -> None:
        self._spec = spec
        # What is wrong already is refused in the end, so that connectors need not hear of the rest.
        self._rehearsal = rehearsal or bool(spec.problems)
        self._connecting = Connecting(self._rehearsal)
        self._before: Document = {}
        self._changes: list[Difference] = []

    def run(self) -> list[Difference]:
        """Apply, or rehearse, and return what changed."""
        try:
            with transaction.atomic():
                self._apply()
                self._refuse_problems()
                if self._rehearsal:
                    raise _Rehearsed
        except _Rehearsed:
            self._connecting.undo()
        except BaseException:
            self._connecting.undo()
            raise
        return self._changes

    def _apply(self) -> None:
        """Carry out what can be, to find everything that is wrong in one go; what follows from a fault is left out."""
        self._before = snapshot()
        if self._spec.sync:
            _apply_sync(self._spec.sync)
        for connector in self._spec.connectors:
            if not _apply_connector(connector):
                self._connecting.unusable.add(connector.name)
        applied = [(spec, self._connection(spec)) for spec in self._spec.connections]
        found = [(spec, connection) for spec, connection in applied if connection is not None]
        for spec, connection in found:
            map_actors(spec, connection)
        for spec, connection in found:
            check_directions(spec, connection)
        for spec, connection in found:
            if not spec.place.is_faulty:
                self._activate(spec, connection)
        self._changes = [_shown(found) for found in differences(self._before, snapshot())]

    def _refuse_problems(self) -> None:
        if self._spec.problems:
            raise InvalidConfiguration(sorted(self._spec.problems, key=lambda problem: problem.line))

    def _connection(self, spec: ConnectionSpec) -> Connection | None:
        try:
            with transaction.atomic():
                return self._connecting.connection(spec)
        except BryggaError as error:
            _note(error, spec.place)
        return None

    def _activate(self, spec: ConnectionSpec, connection: Connection) -> None:
        was_active = connection.active or connection.pk in self._connecting.paused
        wanted = was_active if spec.active is None else spec.active
        if not wanted and connection.active:
            deactivate(connection)
        if not wanted or (connection.active and not self._is_changed(connection)):
            return
        for finding in check_activation(connection) if connection.active else activate(connection):
            _place_of(spec, finding).problem(finding.message)

    def _is_changed(self, connection: Connection) -> bool:
        now = snapshot()["connections"]
        return any(
            self._before["connections"].get(name) != now[name] for name in connection.names.values() if name in now
        )


def _note(error: BryggaError, place: Place) -> None:
    _log.info("configuration_refused", key=place.key, technical=error.technical)
    place.problem(error.user_message)


def _apply_sync(spec: SyncSpec) -> None:
    settings = SyncSettings.load()
    for name in SYNC_KEYS:
        if getattr(spec, name) is not None:
            setattr(settings, name, getattr(spec, name))
    settings.save(update_fields=SYNC_KEYS)


def _apply_connector(spec: ConnectorSpec) -> bool:
    """Store a connector; False, and noted, where that can't be done."""
    if not spec.url:
        return False
    connector = Connector.objects.filter(name=spec.name, deleted=False).first() or Connector()
    if connector.url == spec.url:
        return True
    try:
        save_connector(connector, spec.name, spec.url)
    except BryggaError as error:
        _note(error, spec.place.entry("url"))
        return False
    return True


def _place_of(spec: ConnectionSpec, finding: Finding) -> Place:
    """The place of the field that a finding is about, as near as the file has it."""
    actor = next((actor for kind, actor in spec.actors.items() if kind == finding.actor_type), None)
    if actor is None:
        return spec.at("active")
    field = (actor.fields or {}).get(finding.field_key)
    return field.place if field else actor.place.renamed(f"{actor.place.key}.{finding.field_key}")


def _shown(difference: Difference) -> Difference:
    return Difference(difference.key, _masked(difference.old), _masked(difference.new))


def _masked(value: Any) -> Any:
    return MASK if isinstance(value, Hidden) else value
