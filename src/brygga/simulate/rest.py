"""A simulated world at rest, read from the database and the ERPs to be judged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from brygga.crm.fields import RecordType
from brygga.crm.side import Snapshot
from brygga.erp.crm_side import crm_side
from brygga.erp.models import CreateIntent, Link, LogEntry
from brygga.erp.problems import chosen_by, is_unanswered
from brygga.merge import Value
from brygga.simulate import scene
from brygga.simulate.erp import canonical
from brygga.simulate.world import World


@dataclass(frozen=True, slots=True)
class Logged:
    """A line of the log, in the world's terms; `run` is the kind of its run, `rule` what chose the value.

    `is_known` is False where nobody can tell whether the value was written: it was never answered for.
    """

    id: int
    erp: str
    type: RecordType
    record_id: int
    key: str
    erp_field: str
    crm_field: str
    target: str
    old: Value
    new: Value
    base: list[Any] | None
    rule: str
    run_id: int
    run: str
    is_known: bool

    @property
    def place(self) -> tuple[RecordType, int]:
        """The CRM record."""
        return self.type, self.record_id


@dataclass(frozen=True, slots=True)
class Linked:
    """A link as it stands, in the world's terms; `held` has the codes of its issues by field."""

    id: int
    erp: str
    type: RecordType
    record_id: int
    key: str
    state: str
    held: dict[str, str]
    base: dict[str, Any]

    @property
    def place(self) -> tuple[RecordType, int]:
        """The CRM record."""
        return self.type, self.record_id


class Rest:
    """A world at rest, and all that has to be known to judge it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.happened = world.happened
        self.crm: dict[tuple[RecordType, int], Snapshot] = {}
        for kind, keys in scene.CRM_KEYS.items():
            ids = list(kind.model._default_manager.values_list("id", flat=True))
            self.crm |= {(kind, id_): found for id_, found in crm_side().read(kind, ids, keys).items()}
        self.links = {(link.erp, link.key): link for link in self._links()}
        self.by_record = {(link.erp, *link.place): link for link in self.links.values()}
        logged = list(self._log())
        self.log = [line for line in logged if line.is_known]
        self.unanswered = [line for line in logged if not line.is_known]
        self.doubted = {
            (intent.connection.connector.name, RecordType(intent.record_type), intent.record_id)
            for intent in CreateIntent.objects.select_related("connection__connector")
            if intent.doubt
        }

    def _links(self) -> Iterator[Linked]:
        for link in Link.objects.select_related("connection__connector"):
            held = {issue["field"]: issue["code"] for issue in link.issues}
            erp, kind = link.connection.connector.name, RecordType(link.record_type)
            yield Linked(link.pk, erp, kind, link.record_id, link.erp_key, link.state, held, link.base)

    def _log(self) -> Iterator[Logged]:
        for entry in LogEntry.objects.select_related("connection__connector", "run").order_by("id"):
            yield Logged(
                entry.pk,
                entry.connection.connector.name,
                RecordType(entry.record_type),
                entry.record_id,
                entry.erp_key,
                entry.erp_field,
                entry.crm_field,
                entry.target,
                entry.old,
                entry.new,
                entry.base,
                chosen_by(entry.rule),
                entry.run.pk,
                entry.run.kind,
                not is_unanswered(entry.rule),
            )

    def is_live(self, link: Linked) -> bool:
        """Whether both the actor and the record of a link are there."""
        return link.key in self.world.erps[link.erp].actors and not self.crm[link.place].deleted

    def erp_value(self, link: Linked, field: str) -> Value:
        """What an ERP holds, in canonical form."""
        return canonical(field, self.world.erps[link.erp].actors[link.key].fields[field])

    def name_of(self, link: Linked | Logged) -> str:
        """A link or a log line's place for people to read."""
        return f"{link.erp}: {self.world.name_of(*link.place)}"
