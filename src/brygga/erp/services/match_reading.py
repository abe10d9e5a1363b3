"""Reading what is linked on neither side, page by page, for the match workbench (behaviour G5)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.db.models import Count

from brygga import batch
from brygga.batch import chunks
from brygga.contract import ErpActor
from brygga.crm.fields import RecordType
from brygga.erp import connectors
from brygga.erp.crm_side import Snapshot, crm_side
from brygga.erp.engine import links as store
from brygga.erp.engine.progress import Progress
from brygga.erp.models import ActorMapping, MatchEntry, Matching, MatchKey
from brygga.erp.services.likeness import KEYS, identity
from brygga.erp.services.match_keys import keys_of
from brygga.erp.services.searching import identifying_fields, identifying_texts

PAGE = 500
"""Records or actors that are read, stored and compared at a time; bounds memory."""

COMMON = 30
"""A key that more actors have than this tells nothing apart."""


def home_of(parent_type: object, parent_key: str) -> str:
    """The company that a person is compared within, as a text."""
    return f"{parent_type}:{parent_key}"


def read_actors(matching: Matching, progress: Progress) -> None:
    """Store the unlinked actors, each with its keys. Raises ConnectorFailed and StopRequested."""
    actor = matching.actor
    fields = identifying_fields(actor)
    asked = list(dict.fromkeys(fields.values()))
    answer = connectors.call(actor.connection, "get_actors_by_timestamp", "", actor.actor_type, asked)
    for page in chunks(answer.actors, PAGE):
        _store_actors(matching, fields, {one.erp_key: one for one in page})
        progress.advance(len(page))
    _forget_common_keys(matching)


def read_records(matching: Matching, progress: Progress) -> Iterator[list[tuple[MatchEntry, frozenset[str]]]]:
    """Store the unlinked records; yields them page by page with their keys. Raises StopRequested."""
    record_type = RecordType(matching.actor.record_type)
    keys = [key for key in crm_side().fields(record_type) if key in KEYS]
    for ids in chunks(_unlinked_ids(matching.actor), PAGE):
        snapshots = crm_side().read(record_type, ids, keys)
        yield _store_records(matching, [snapshots[id_] for id_ in ids if id_ in snapshots])
        progress.advance(len(ids))


def _store_actors(matching: Matching, fields: Mapping[str, str], page: Mapping[str, ErpActor]) -> None:
    """One that comes twice, as some ERPs tell it while it is edited, is stored once."""
    known = set(matching.entries.filter(erp_key__in=list(page)).values_list("erp_key", flat=True))
    known |= set(store.links_by_key(matching.actor.connection_id, matching.actor.actor_type, list(page)))
    fresh = [actor for key, actor in page.items() if key not in known]
    homes = _linked_homes(matching.actor, fresh)
    entries, keys = [], []
    for actor in fresh:
        texts = identifying_texts(actor, fields)
        keys.append(_keys(matching.actor, texts, homes.get(actor.erp_key)))
        entries.append(MatchEntry(matching=matching, erp_key=actor.erp_key, texts=texts, keyless=not keys[-1]))
    made = MatchEntry.objects.bulk_create(entries)
    rows = ((entry.pk, matching.pk, key) for entry, own in zip(made, keys, strict=True) for key in own)
    batch.insert_rows(MatchKey._meta.db_table, ("entry_id", "matching_id", "key"), rows)


def _store_records(matching: Matching, page: Sequence[Snapshot]) -> list[tuple[MatchEntry, frozenset[str]]]:
    homes = _homes_of_records(matching.actor, page)
    entries, keys = [], []
    for record in page:
        texts = {key: str(value) for key, value in record.values.items() if value}
        keys.append(_keys(matching.actor, texts, homes.get(record.id)))
        entries.append(MatchEntry(matching=matching, record_id=record.id, texts=texts, keyless=not keys[-1]))
    return list(zip(MatchEntry.objects.bulk_create(entries), keys, strict=True))


def _keys(actor: ActorMapping, texts: Mapping[str, str], home: str | None) -> frozenset[str]:
    """None for a person whose company is not linked: it could be linked with nobody (behaviour U3)."""
    if actor.record_type == RecordType.CONTACT and home is None:
        return frozenset()
    return keys_of(identity(texts), home or "")


def _linked_homes(actor: ActorMapping, persons: Sequence[ErpActor]) -> dict[str, str]:
    """The companies of these persons, by ERP key, as far as they are linked; none for others than persons."""
    if actor.record_type != RecordType.CONTACT:
        return {}
    linked: set[tuple[str, str]] = set()
    for parent_type in {str(one.parent_type) for one in persons if one.parent_type}:
        keys = [one.parent_key for one in persons if str(one.parent_type) == parent_type]
        linked |= {(parent_type, key) for key in store.links_by_key(actor.connection_id, parent_type, keys)}
    return {
        one.erp_key: home_of(one.parent_type, one.parent_key)
        for one in persons
        if (str(one.parent_type), one.parent_key) in linked
    }


def _homes_of_records(actor: ActorMapping, page: Iterable[Snapshot]) -> dict[int, str]:
    """The actors that these contacts' companies are linked to, by record id; none for others than contacts."""
    parents = {record.id: record.parent_id for record in page if record.parent_id is not None}
    links = store.links_by_record(actor.connection_id, RecordType.COMPANY, list(set(parents.values())))
    return {
        id_: home_of(links[parent].actor_type, links[parent].erp_key)
        for id_, parent in parents.items()
        if parent in links
    }


def _unlinked_ids(actor: ActorMapping) -> Iterator[int]:
    record_type, after = RecordType(actor.record_type), 0
    while ids := crm_side().ids_after(record_type, after, PAGE):
        linked = store.links_by_record(actor.connection_id, record_type, ids)
        yield from (id_ for id_ in ids if id_ not in linked)
        after = ids[-1]


def _forget_common_keys(matching: Matching) -> None:
    keys = MatchKey.objects.filter(matching=matching)
    counted = keys.order_by().values("key").annotate(number=Count("id")).filter(number__gt=COMMON)
    for page in chunks(list(counted.values_list("key", flat=True)), PAGE):
        keys.filter(key__in=page).delete()
