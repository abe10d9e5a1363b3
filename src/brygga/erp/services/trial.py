"""A mapping tried on real records: how their values would come over, with nothing written (behaviour G6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from django.utils.translation import gettext as _

from brygga.contract import ActorType, ErpActor, FieldType
from brygga.crm.fields import RecordType
from brygga.erp import connectors
from brygga.erp.crm_side import Snapshot, crm_side
from brygga.erp.errors import ConnectorFailed, Refused
from brygga.erp.models import FieldMapping as FieldRow
from brygga.erp.models import Link
from brygga.erp.problems import misfit_problem
from brygga.erp.services.actor_mapping import Draft, DraftField
from brygga.erp.services.tab import list_texts
from brygga.erp.shown import shown
from brygga.merge import FieldMapping, Misfit, kind_of, reader
from brygga.merge.values import Kind, Value

MOST = 100
"""On how many records a mapping can be tried at a time."""


@dataclass(frozen=True, slots=True)
class TriedValue:
    """A field of one record, as people read it.

    `arrives` is what the ERP's value becomes in the CRM, None where it does not go there; `now` is what the CRM has,
    None for a record that is not linked. `misfits` says what does not get across, and why.
    """

    erp_label: str
    crm_label: str
    in_erp: str
    arrives: str | None
    now: str | None
    misfits: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TriedRecord:
    """An actor with its values; `name` is that of the CRM record it is linked to, or empty."""

    erp_key: str
    name: str
    values: list[TriedValue]

    @property
    def title(self) -> str:
        """What tells the record from others, if it is not linked: the first of its values."""
        return next((value.in_erp for value in self.values if value.in_erp), "")

    @property
    def misfits(self) -> int:
        """How many of its fields do not get across."""
        return sum(bool(value.misfits) for value in self.values)


def try_on(draft: Draft, count: int) -> list[TriedRecord]:
    """Try a drafted mapping on as many actors: linked ones, the newest first, then others that the ERP finds.

    Raises Refused where nothing is mapped, and ConnectorFailed.
    """
    mapped = [(drafted, found) for drafted in draft.fields.values() if (found := draft.compiled(drafted))]
    if not mapped:
        raise Refused(_("No field has a direction yet, so there is nothing to try."))
    count = max(1, min(count, MOST))
    keys = [drafted.field.key for drafted, _found in mapped]
    links = _links(draft, count)
    actors = _actors(draft, links, count, keys)
    snapshots = crm_side().read(
        RecordType(draft.actor.record_type), list(links.values()), list({found.crm.key for _drafted, found in mapped})
    )
    texts = _texts(draft, actors, [drafted.field for drafted, _found in mapped])
    fields = [_Tried(draft, drafted, found, texts) for drafted, found in mapped]
    return [_record(actor, snapshots.get(links.get(actor.erp_key, 0)), fields) for actor in actors]


class _Tried:
    """A field that is tried: what it takes to read, convert and show its values."""

    def __init__(
        self, draft: Draft, drafted: DraftField, mapping: FieldMapping, texts: Mapping[tuple[str, str], str]
    ) -> None:
        self._mapping, self._texts = mapping, texts
        self._list_name = drafted.field.list_name if drafted.field.type == FieldType.LIST else ""
        self._kind = kind_of(FieldType(drafted.field.type))
        crm_field = draft.crm_fields[drafted.crm_key]
        self._crm_items = crm_side().list_items(crm_field.list_key) if crm_field.kind is Kind.LIST else {}
        self._to_crm, self._to_erp = mapping.to_crm_converter(), mapping.to_erp_converter()

    @property
    def erp_key(self) -> str:
        """The key of the ERP field."""
        return self._mapping.erp.key

    def value(self, wire: str, snapshot: Snapshot | None) -> TriedValue:
        """The field of one actor and, if it is linked, of its record."""
        misfits: list[str] = []
        in_erp, arrives = self._from_erp(wire, misfits)
        if snapshot is not None and self._mapping.to_erp:
            self._to_the_erp(snapshot.values[self._mapping.crm.key], misfits)
        now = None if snapshot is None else self._in_crm(snapshot.values[self._mapping.crm.key])
        return TriedValue(self._mapping.erp.label, self._mapping.crm.label, in_erp, arrives, now, tuple(misfits))

    def _from_erp(self, wire: str, misfits: list[str]) -> tuple[str, str | None]:
        try:
            value = reader(self._kind)(wire)
        except Misfit as misfit:
            misfits.append(str(misfit_problem(misfit)))
            return wire, None
        in_erp = self._texts.get((self._list_name, wire), wire) if self._list_name else shown(self._kind, value)
        if not self._mapping.to_crm:
            return in_erp, None
        try:
            return in_erp, self._in_crm(self._to_crm(value))
        except Misfit as misfit:
            misfits.append(str(misfit_problem(self._named(misfit, in_erp))))
            return in_erp, None

    def _to_the_erp(self, value: Value, misfits: list[str]) -> None:
        try:
            self._to_erp(value)
        except Misfit as misfit:
            reason = misfit_problem(self._named(misfit, self._in_crm(value)))
            misfits.append(_("To the ERP: %(reason)s") % {"reason": reason})

    def _in_crm(self, value: Value) -> str:
        return shown(self._mapping.crm.kind, value, self._crm_items)

    def _named(self, misfit: Misfit, text: str) -> Misfit:
        """A list item by its text, which says more than its key."""
        return Misfit(misfit.code, value=text) if misfit.code == "unknown_item" else misfit


def _links(draft: Draft, count: int) -> dict[str, int]:
    """The record by ERP key of the newest links."""
    links = Link.objects.filter(connection=draft.actor.connection_id, actor_type=draft.actor.actor_type)
    return dict(links.order_by("-pk").values_list("erp_key", "record_id")[:count])


def _actors(draft: Draft, links: Mapping[str, int], count: int, keys: Sequence[str]) -> list[ErpActor]:
    connection, kind = draft.actor.connection, ActorType(draft.actor.actor_type)
    found: list[ErpActor] = []
    if links:
        found = list(connectors.call(connection, "get_actors", kind, list(links), keys).actors)[:count]
    if len(found) == count:
        return found
    try:
        others = connectors.call(connection, "search_actors", kind, "", keys).actors
        return found + list(islice((actor for actor in others if actor.erp_key not in links), count - len(found)))
    except ConnectorFailed:
        if found:  # an ERP that can't be searched has shown enough
            return found
        raise


def _texts(draft: Draft, actors: Sequence[ErpActor], fields: Sequence[FieldRow]) -> Mapping[tuple[str, str], str]:
    """The texts of the list items that the actors have; where the ERP does not give them, keys are shown."""
    try:
        return list_texts(draft.actor.connection, actors, fields)
    except ConnectorFailed:
        return {}


def _record(actor: ErpActor, snapshot: Snapshot | None, fields: Sequence[_Tried]) -> TriedRecord:
    values = [field.value(actor.fields.get(field.erp_key, ""), snapshot) for field in fields]
    return TriedRecord(actor.erp_key, snapshot.name if snapshot else "", values)
