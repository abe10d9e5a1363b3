"""The connections of a configuration file: defined or changed, with their values and their scope."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
from django.db import transaction
from django.utils.translation import gettext as _

from brygga.contract import ConnectionInfo
from brygga.crm.models import User, UserGroup
from brygga.erp.configuration.places import Place, unknown
from brygga.erp.configuration.reading import ConnectionSpec, GrantSpec, Secret
from brygga.erp.connectors import call_connector, open_connector, stored_values
from brygga.erp.errors import BryggaError, InvalidConfiguration, Refused
from brygga.erp.models import Connection, Connector
from brygga.erp.services import connections as service
from brygga.erp.services.access import Grant, set_scope
from brygga.erp.services.connection_config import merged_values, store_values
from brygga.erp.services.connectors import config_fields, find_connector

_log = structlog.get_logger(__name__)


class Connecting:
    """Brings connections in line with a file, and can take back what connectors were told meanwhile.

    `paused` holds the ids of connections that were active and had to be deactivated for new values, `unusable` the
    names of connectors in the file that can't be had: what needs them is left out.
    """

    def __init__(self, rehearsal: bool) -> None:
        self._rehearsal = rehearsal
        self._undo: list[Callable[[], None]] = []
        self.paused: set[int] = set()
        self.unusable: set[str] = set()

    def undo(self) -> None:
        """Tell the connectors what the database, rolled back, says again."""
        for step in reversed(self._undo):
            try:
                step()
            except BryggaError as error:
                _log.warning("configuration_not_undone", technical=error.technical or str(error))

    def connection(self, spec: ConnectionSpec) -> Connection | None:
        """The connection as the file wants it, except for its mapping; None where a problem was noted."""
        existing = [c for c in service.list_connections() if set(c.names.values()) & set(spec.names.values())]
        if len(existing) > 1:
            spec.place.problem(_("these names belong to different connections."))
            return None
        connection = existing[0] if existing else None
        connector = None if spec.connector in self.unusable else _connector(spec, connection)
        grants = [grant for part in spec.scope or [] for grant in _grants(part, spec.at("scope"))]
        values = _values(spec, connection)
        if connector is None or values is None:
            return connection
        with _noting_values(spec):
            connection = self._existing(spec, connection, values) if connection else self._new(spec, connector, values)
        if connection and spec.scope is not None:
            set_scope(connection, not spec.scope, grants)
        return connection

    def _new(self, spec: ConnectionSpec, connector: Connector, values: dict[str, str]) -> Connection:
        with _noting_values(spec) as wrong:
            connection = service.define(connector, spec.names, values, priority=spec.priority)
        if wrong:  # the file is refused; without what is wrong, its mapping may still be checked
            usable = {key: value for key, value in values.items() if key not in wrong}
            connection = service.define(connector, spec.names, usable, priority=spec.priority)
        opened, guid = open_connector(connector), str(connection.guid)
        self._undo.append(lambda: service.forget(opened, guid))
        service.change(connection, descriptions=spec.descriptions, policy=spec.policy)
        return connection

    def _existing(self, spec: ConnectionSpec, connection: Connection, values: dict[str, str]) -> Connection:
        if spec.config is not None:
            self._set_values(connection, values)
        service.change(connection, names=spec.names, descriptions=spec.descriptions, policy=spec.policy)
        if spec.priority is not None:
            connection.priority = spec.priority
            connection.save(update_fields=["priority"])
        return connection

    def _set_values(self, connection: Connection, values: dict[str, str]) -> None:
        fields = config_fields(connection.connector)
        stored, checked = stored_values(connection), merged_values(connection, fields, values)
        if checked == stored:
            return
        if connection.active:
            self.paused.add(connection.pk)
            service.deactivate(connection)
        if self._rehearsal:
            store_values(connection, fields, checked)
            return
        opened, info = open_connector(connection), ConnectionInfo(str(connection.guid), stored)
        self._undo.append(lambda: call_connector(opened, "save_connection", info, secrets=stored.values()))
        service.change(connection, values=values)


@contextmanager
def _noting_values(spec: ConnectionSpec) -> Iterator[set[str]]:
    """Note at their places the configuration values that are found wrong within the block; gives their keys."""
    wrong: set[str] = set()
    try:
        with transaction.atomic():
            yield wrong
    except InvalidConfiguration as invalid:
        wrong |= {problem.key for problem in invalid.problems}
        for problem in invalid.problems:
            place = spec.at("config").entry(problem.key)
            place = place if "config" in spec.parts else place.renamed(f"{spec.place.key}.config.{problem.key}")
            if not place.is_faulty:
                place.problem(problem.message)


def _connector(spec: ConnectionSpec, connection: Connection | None) -> Connector | None:
    if spec.connector is None:
        if connection is None and "connector" not in spec.parts:
            spec.place.problem(_('"connector" is missing.'))
        return connection.connector if connection else None
    try:
        connector = find_connector(spec.connector)
    except BryggaError as error:
        spec.at("connector").problem(error.user_message)
        return None
    if connection and connection.connector_id != connector.pk:
        raise Refused(_("the connector of a connection can't be changed. Define a new connection under another name."))
    return connector


def _values(spec: ConnectionSpec, connection: Connection | None) -> dict[str, str] | None:
    """The configuration in wire form, references resolved. None where one of them can't be."""
    values, resolved = {}, True
    for key, value in (spec.config or {}).items():
        if not isinstance(value, Secret):
            values[key] = value
        elif value.variable in os.environ:
            values[key] = os.environ[value.variable]
        elif connection is None or not connection.config_values.filter(key=key, secret=True).exists():
            text = _("the environment variable %(name)s is not set.")
            value.place.problem(text % {"name": value.variable})
            resolved = False
    return values if resolved else None


def _grants(spec: GrantSpec, scope: Place) -> list[Grant]:
    users = {user.get_username(): user for user in User.objects.all()}
    groups = {group.name: group for group in UserGroup.objects.filter(deleted=False)}
    grants = [Grant(users[n], None, spec.may_connect, spec.may_create) for _p, n in spec.users if n in users]
    grants += [Grant(None, groups[n], spec.may_connect, spec.may_create) for _p, n in spec.groups if n in groups]
    for named, known in ((spec.users, users), (spec.groups, groups)):
        for place, name in named:
            if name not in known:
                place.problem(unknown(name, known))
    return grants
