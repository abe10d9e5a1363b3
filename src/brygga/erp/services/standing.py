"""How things stand where log entries were written: both sides' values and what is agreed, read for an undo."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils import timezone

from brygga.batch import chunks
from brygga.crm.fields import RecordType
from brygga.erp.crm_side import Snapshot, crm_side
from brygga.erp.engine import links as store
from brygga.erp.engine.approved import agree_on_arrived
from brygga.erp.engine.channel import Channel, Values, open_channel
from brygga.erp.engine.context import Context
from brygga.erp.engine.links import LinkRow
from brygga.erp.engine.progress import Progress
from brygga.erp.engine.reconcile import SAVE_BATCH, fetch_actors
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.engine.run import at_work
from brygga.erp.models import ActorMapping, Connection, LogEntry
from brygga.erp.problems import Problem
from brygga.erp.services.carrying_out import in_use
from brygga.erp.services.sync import Clock
from brygga.merge import FieldMapping, Pair, Side

_Kind = tuple[int, str, str]
"""Connection, actor type, record type."""


class Standing:
    """What the records and actors of log entries hold now, a part of them at a time. Failures are in the report."""

    def __init__(self, report: RunReport, clock: Clock = timezone.now, progress: Progress | None = None) -> None:
        self._crm, self._report, self._clock, self._progress = crm_side(), report, clock, progress or Progress()
        self._contexts: dict[int, Context] = {}
        self._channels: dict[_Kind, Channel | None] = {}
        self._forget()

    def _forget(self) -> None:
        self._read_kinds: set[_Kind] = set()
        self._links: dict[tuple[int, str, int], LinkRow] = {}
        self._erp: dict[int, Values] = {}
        self._records: dict[tuple[str, int], Snapshot] = {}

    def read(self, entries: Iterable[LogEntry]) -> None:
        """Read what these entries are about; what was read before is forgotten. Raises StopRequested.

        A connection that fails, or has failed before, is left alone.
        """
        self._forget()
        kinds: dict[Connection, dict[_Kind, dict[int, None]]] = {}
        for entry in entries:
            of_connection = kinds.setdefault(entry.connection, {})
            of_connection.setdefault(_kind(entry), {})[entry.record_id] = None
        for connection, by_kind in kinds.items():
            context = self._context(connection)
            if context.report.failure:
                continue
            with at_work(connection, context) as lease:
                for kind, ids in by_kind.items() if lease else ():
                    self._read(kind, list(ids))

    def _context(self, connection: Connection) -> Context:
        if connection.pk not in self._contexts:
            part = ConnectionReport.of(connection)
            self._report.connections.append(part)
            context = Context(self._crm, self._clock, part, "", dry_run=True, progress=self._progress)
            self._contexts[connection.pk] = context
        return self._contexts[connection.pk]

    def _read(self, kind: _Kind, record_ids: Sequence[int]) -> None:
        connection, actor_type, record_type = kind
        channel = self._channel(kind)
        for page in chunks(record_ids, SAVE_BATCH):
            keys = channel.crm_keys if channel else []
            for id_, snapshot in self._crm.read(RecordType(record_type), page, keys).items():
                self._keep(record_type, id_, snapshot)
            links = store.links_by_record(connection, record_type, page).values()
            of_type = [link for link in links if link.actor_type == actor_type]
            actors = fetch_actors(channel, [link.erp_key for link in of_type]) if channel and of_type else {}
            for link in of_type:
                self._links[connection, record_type, link.record_id] = link
                if channel and link.erp_key in actors:
                    self._erp[link.id] = channel.read_actor(actors[link.erp_key])[0]
                    agree_on_arrived(link, self._erp[link.id])
        self._read_kinds.add(kind)

    def _channel(self, kind: _Kind) -> Channel | None:
        """The channel of a kind; None where it is not mapped any more."""
        if kind not in self._channels:
            connection, actor_type, record_type = kind
            mapped = ActorMapping.objects.filter(connection=connection, actor_type=actor_type, record_type=record_type)
            actor = mapped.select_related("connection__connector").first()
            self._channels[kind] = open_channel(actor) if actor else None
        return self._channels[kind]

    def _keep(self, record_type: str, record_id: int, snapshot: Snapshot) -> None:
        known = self._records.get((record_type, record_id))
        if known is not None:
            snapshot.values.update({**known.values, **snapshot.values})
        self._records[record_type, record_id] = snapshot

    def was_read(self, entry: LogEntry) -> bool:
        """Whether the entry's connection could be read."""
        return _kind(entry) in self._read_kinds

    def link(self, entry: LogEntry) -> LinkRow | None:
        """The entry's link, if its record and actor are still linked."""
        link = self._links.get((entry.connection_id, entry.record_type, entry.record_id))
        same = link is not None and (link.actor_type, link.erp_key) == (entry.actor_type, entry.erp_key)
        return link if same else None

    def record(self, entry: LogEntry) -> Snapshot | None:
        """The entry's CRM record."""
        return self._records.get((entry.record_type, entry.record_id))

    def in_use(self, record_type: str, record_ids: Sequence[int]) -> set[int]:
        """The records that others hang on, so that they can't be deleted."""
        return in_use(self._crm, record_type, record_ids)

    def obstacle(self, entry: LogEntry, new: Any) -> Problem | None:
        """Why a value can't be set back to `new`, apart from its having been changed since."""
        link, snapshot, mapping = self.link(entry), self.record(entry), self._mapping(entry)
        if snapshot is None or snapshot.deleted:
            return Problem("crm_deleted")
        if link is None:
            return Problem("plan_not_linked")
        if mapping is None:
            return Problem("plan_mapping_changed")
        if link.id not in self._erp:
            return Problem("erp_gone")
        if entry.erp_field not in self._erp[link.id]:
            return Problem("undo_changed_since")  # to something that is not of the field's type
        target = mapping.crm if entry.target == Side.CRM else mapping.erp
        return Problem("mandatory_blank") if new is None and target.mandatory else None

    def values(self, entry: LogEntry) -> Pair:
        """What both sides hold in the entry's field; there must be no obstacle."""
        link, snapshot = self._found(entry)
        return snapshot.values[entry.crm_field], self._erp[link.id][entry.erp_field]

    def base(self, entry: LogEntry) -> list[Any] | None:
        """What has been agreed on in the entry's field."""
        link = self.link(entry)
        return link.base.get(entry.erp_field) if link else None

    def will_be(self, entry: LogEntry, new: Any, agreed: Pair) -> None:
        """Let what follows find the entry's field as it will be once it is set back."""
        link, snapshot = self._found(entry)
        if entry.target == Side.CRM:
            snapshot.values[entry.crm_field] = new
        else:
            self._erp[link.id][entry.erp_field] = new
        link.base = {**link.base, entry.erp_field: list(agreed)}

    def _found(self, entry: LogEntry) -> tuple[LinkRow, Snapshot]:
        link, snapshot = self.link(entry), self.record(entry)
        if link is None or snapshot is None:
            raise LookupError(f"log entry {entry.pk}: an obstacle would have told")
        return link, snapshot

    def _mapping(self, entry: LogEntry) -> FieldMapping | None:
        channel = self._channels.get(_kind(entry))
        wanted = (entry.erp_field, entry.crm_field)
        return next((m for m in channel.mappings if (m.erp.key, m.crm.key) == wanted), None) if channel else None


def _kind(entry: LogEntry) -> _Kind:
    return entry.connection_id, entry.actor_type, entry.record_type
