"""Comparing what is linked on neither side: who may be the same, and where that is clear (behaviour G5).

Records come in pages and meet only the actors that share a key with them, so the cost grows with the number of
records, and memory holds a page.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from heapq import nlargest

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from brygga.batch import chunks
from brygga.erp.engine.progress import Progress
from brygga.erp.models import MatchEntry, Matching, MatchKey, MatchPair
from brygga.erp.services.likeness import Identity, Likeness, identity, likeness
from brygga.erp.services.match_reading import PAGE, read_actors, read_records

POSSIBLE = 0.5
"""The likeness from which two may be the same."""
CLEAR = 0.7
"""The likeness from which two are clearly the same, if nobody else is nearly as like either of them."""
LEAD = 0.15
"""How much less like every other one has to be."""
MOST = 5
"""The actors that are kept for a record, the likest."""

Keyed = tuple[MatchEntry, frozenset[str]]


def compare(matching: Matching, progress: Progress) -> None:
    """Make the result anew. Raises ConnectorFailed and StopRequested; then there is none."""
    forget(matching)
    read_actors(matching, progress)
    for page in read_records(matching, progress):
        MatchPair.objects.bulk_create(_pairs_of(matching, page))
    MatchKey.objects.filter(matching=matching).delete()
    _tell_clear_ones(matching.pairs.all())
    matching.compared_at = timezone.now()
    matching.save(update_fields=["compared_at"])


def forget(matching: Matching) -> None:
    """Delete the result, in pages: there may be much of it."""
    Matching.objects.filter(pk=matching.pk).update(compared_at=None)
    matching.compared_at = None
    matching.pairs.all().delete()
    MatchKey.objects.filter(matching=matching).delete()
    for page in chunks(list(matching.entries.values_list("pk", flat=True)), PAGE):
        MatchEntry.objects.filter(pk__in=page).delete()


def _pairs_of(matching: Matching, page: Sequence[Keyed]) -> list[MatchPair]:
    by_key, identities = _actors_of(matching, {key for _record, keys in page for key in keys})
    pairs = []
    for record, keys in page:
        ours = identity(record.texts)
        near = {actor_id for key in keys for actor_id in by_key.get(key, ())}
        for actor_id, alike in _likest(ours, {id_: identities[id_] for id_ in near}):
            pair = MatchPair(matching=matching, record=record, actor_id=actor_id, score=alike.score)
            pair.reasons = [str(reason) for reason in alike.reasons]
            pairs.append(pair)
    return pairs


def _likest(ours: Identity, near: Mapping[int, Identity]) -> list[tuple[int, Likeness]]:
    judged = ((actor_id, likeness(ours, theirs)) for actor_id, theirs in near.items())
    possible = [(actor_id, alike) for actor_id, alike in judged if alike.score >= POSSIBLE]
    return nlargest(MOST, possible, key=lambda found: (found[1].score, -found[0]))


def _actors_of(matching: Matching, keys: set[str]) -> tuple[dict[str, list[int]], dict[int, Identity]]:
    """The ids of the actors by key, and what identifies each of them."""
    by_key: dict[str, list[int]] = defaultdict(list)
    for page in chunks(keys, PAGE):
        rows = MatchKey.objects.filter(matching=matching, key__in=page)
        for key, actor_id in rows.values_list("key", "entry_id"):
            by_key[key].append(actor_id)
    ids = {actor_id for found in by_key.values() for actor_id in found}
    return by_key, dict(_identities(ids))


def _identities(ids: set[int]) -> Iterator[tuple[int, Identity]]:
    for page in chunks(ids, PAGE):
        for actor_id, texts in MatchEntry.objects.filter(pk__in=page).values_list("pk", "texts"):
            yield actor_id, identity(texts)


def _tell_clear_ones(pairs: QuerySet[MatchPair]) -> None:
    """Mark the clear pairs, and forget what else their records and actors are a little like."""
    good = pairs.filter(score__gte=CLEAR)
    lonely = [~Exists(_others(pairs, side).filter(score__gt=OuterRef("score") - LEAD)) for side in ("record", "actor")]
    ids = list(good.filter(*lonely).values_list("pk", flat=True))
    for page in chunks(ids, PAGE):
        pairs.filter(pk__in=page).update(clear=True)
    clear = pairs.filter(clear=True)
    for side in ("record_id", "actor_id"):
        pairs.filter(clear=False, **{f"{side}__in": clear.values(side)}).delete()


def _others(pairs: QuerySet[MatchPair], side: str) -> QuerySet[MatchPair]:
    return pairs.filter(**{side: OuterRef(side)}).exclude(pk=OuterRef("pk")).order_by()
