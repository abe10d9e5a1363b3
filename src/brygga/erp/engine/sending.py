"""What is on its way to an ERP: written down before the call, so that a lost answer leaves no change unexplained.

A row stands for a batch. It goes when the answer has been dealt with. One that is found by whoever holds the
connection's lease next tells of an answer that was lost: then each of its links remembers what it was sent, and the
next merge finds out what has arrived (promises I5 and I6).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from brygga import batch
from brygga.erp.models import Link, Sending

Writes = Sequence[Sequence[Any]]
"""Each write as `brygga.erp.engine.links.Sent`."""


def begin(connection_id: int, run_id: int, writes: Mapping[int, Writes]) -> Sending:
    """Write down what is about to be sent, by id of the link."""
    by_link = [[link, *map(list, given)] for link, given in writes.items()]
    return Sending.objects.create(connection_id=connection_id, run_id=run_id, writes=by_link)


def lost(sendings: Iterable[Sending]) -> dict[int, dict[str, Any]]:
    """What links were sent without an answer, by id, in the form of `Link.sent`."""
    return {link: {"run": one.run_id, "writes": writes} for one in sendings for link, *writes in one.writes}


def remember(sendings: Iterable[Sending]) -> None:
    """Note on the links what they were sent, in place of these rows."""
    found = list(sendings)
    with transaction.atomic():
        noted = [(link, json.dumps(sent)) for link, sent in lost(found).items()]
        batch.update_rows(Link._meta.db_table, "id", ["sent"], noted)
        Sending.objects.filter(pk__in=[one.pk for one in found]).delete()


def remember_lost(connection_id: int) -> None:
    """Note on the links of a connection what was on its way when an earlier holder of the lease stopped."""
    if left := list(Sending.objects.filter(connection_id=connection_id).order_by("pk")):
        remember(left)
