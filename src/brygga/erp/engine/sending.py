"""What is on its way to an ERP: written down before the call, so that a lost answer leaves no change unexplained.

A row stands for a batch. It goes when the answer has been dealt with. One that is found by whoever holds the
connection's lease next tells of an answer that was lost: then each of its links remembers what it was sent, and the
next merge finds out what has arrived (promises I5 and I6). What is not found then has not arrived, or was replaced
since: nobody can tell, and the log says just that.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction

from brygga import batch
from brygga.erp.engine.channel import Values
from brygga.erp.engine.links import LinkRow, LogRow, Sent, sent_of
from brygga.erp.models import Link, Sending
from brygga.erp.problems import unanswered_rule
from brygga.merge import Side

_UNREAD = object()

Writes = Sequence[Sequence[Any]]
"""Each write as `brygga.erp.engine.links.Sent`."""


def begin(connection_id: int, run_id: int, writes: Mapping[int, Writes]) -> Sending:
    """Write down what is about to be sent, by id of the link."""
    by_link = [[link, *map(list, given)] for link, given in writes.items()]
    return Sending.objects.create(connection_id=connection_id, run_id=run_id, writes=by_link)


def is_unanswered(link: Link) -> bool:
    """Whether something is on its way to the actor of a link, or was when its answer was lost."""
    if link.sent:
        return True
    under_way = Sending.objects.filter(connection=link.connection_id)
    return any(link.pk == sent_to for one in under_way for sent_to, *_writes in one.writes)


def noted_on(link: LinkRow, erp: Values | None) -> list[LogRow]:
    """The log of what a link was sent and not answered for: as written, where the actor's values show that it arrived,
    else as unanswered. Of a batch that was refused, only what was saved all the same.

    `erp` None means that there is no actor any more, or that it can't be read.
    """
    if not link.sent:
        return []
    refused = link.sent.get("refused", False)
    found = [(write, has_arrived(write, erp)) for write in sent_of(link.sent)]
    return [_log_row(link, write, came) for write, came in found if came or not refused]


def has_arrived(write: Sent, erp: Values | None) -> bool:
    """Whether an actor with these values, None for no actor, holds what was sent."""
    return erp is not None and erp.get(write.erp_field, _UNREAD) == write.new


def _log_row(link: LinkRow, write: Sent, came: bool) -> LogRow:
    rule = write.rule if came else unanswered_rule(write.rule)
    base, run = link.base.get(write.erp_field), (link.sent or {})["run"]
    return LogRow(link, write.erp_field, write.crm_field, str(Side.ERP), write.old, write.new, rule, base, run)


def lost(sendings: Iterable[Sending], refused: bool = False) -> dict[int, dict[str, Any]]:
    """What links were sent without an answer, by id, in the form of `Link.sent`.

    `refused` says that there was one, which refused the whole batch.
    """
    told = {"refused": True} if refused else {}
    return {link: {"run": one.run_id, "writes": writes, **told} for one in sendings for link, *writes in one.writes}


def remember(sendings: Iterable[Sending], refused: bool = False) -> dict[int, dict[str, Any]]:
    """Note on the links what they were sent, in place of these rows; returns it by id of the link."""
    found = list(sendings)
    by_link = lost(found, refused)
    with transaction.atomic():
        noted = [(link, json.dumps(sent)) for link, sent in by_link.items()]
        batch.update_rows(Link._meta.db_table, "id", ["sent"], noted)
        Sending.objects.filter(pk__in=[one.pk for one in found]).delete()
    return by_link


def remember_lost(connection_id: int) -> None:
    """Note on the links of a connection what was on its way when an earlier holder of the lease stopped."""
    if left := list(Sending.objects.filter(connection_id=connection_id).order_by("pk")):
        remember(left)
