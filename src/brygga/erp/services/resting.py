"""Automatic sync of a connection is off while somebody imports from it, and comes back by itself (behaviour I1).

An import holds the rest until it ends. Should it be left lying, automatic sync goes on an hour after the last step.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime, timedelta

from django.utils import timezone

from brygga.erp.models import Connection, ImportDraft, SyncSettings

LENGTH = timedelta(hours=1)
"""How long automatic sync stays off after a step of an import."""


def resting(now: datetime) -> set[int]:
    """The ids of the connections that automatic sync leaves alone because of imports."""
    drafts = ImportDraft.objects.filter(rests_until__gt=now)
    return set(drafts.values_list("actor__connection_id", flat=True))


def automatic(connections: Collection[Connection]) -> set[int]:
    """The ids of those connections that automatic sync would run."""
    if not SyncSettings.load().automatic:
        return set()
    return {one.pk for one in connections if one.active} - resting(timezone.now())


def is_automatic(connection: Connection) -> bool:
    """Whether automatic sync would run this connection."""
    return connection.pk in automatic([connection])


def rest(draft: ImportDraft) -> None:
    """Turn automatic sync of the import's connection off, for LENGTH from now on."""
    draft.rests_until = timezone.now() + LENGTH
    draft.save(update_fields=["rests_until"])


def prolong(draft: ImportDraft) -> None:
    """Another step of an import that has turned automatic sync off; one that has let it go on leaves it so."""
    now = timezone.now()
    if draft.rests_until and draft.rests_until > now:
        rest(draft)


def wake(draft: ImportDraft) -> None:
    """Let automatic sync go on, as far as this import is concerned."""
    ImportDraft.objects.filter(pk=draft.pk).update(rests_until=None)
    draft.rests_until = None
