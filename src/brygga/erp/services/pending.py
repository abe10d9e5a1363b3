"""What is chosen in the ERP tab of a record waits here for Save, and is gone with Cancel (behaviour U7).

Nothing is written to the CRM or to an ERP before Save, which goes through `acting` like everything a user does there.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import structlog
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.crm.errors import CrmError
from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.erp.errors import BryggaError, Refused
from brygga.erp.models import Link, PendingAction, PendingChange
from brygga.erp.problems import Problem, told
from brygga.erp.services import acting
from brygga.erp.services.access import connection_for, may_connect

UNDER_WAY = timedelta(minutes=5)
"""After this time a Save that has not ended is taken to have died."""

KEPT = timedelta(days=30)
"""How long a choice that is neither saved nor cancelled is kept."""

Summary = Sequence[tuple[str, str]]
"""What the user was shown of the values: label and text."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Saved:
    """What Save made of a change: the link that it made, if any, or why it could not be done."""

    change: PendingChange
    link: Link | None = None
    problem: Problem | None = None


def connect_later(
    user: User,
    connection_id: int,
    record_type: RecordType,
    record_id: int,
    actor_type: str,
    erp_key: str,
    *,
    chosen: Mapping[str, str],
    answers: Mapping[str, str],
    actor_name: str = "",
    summary: Summary = (),
) -> PendingChange:
    """Have the record connected with Save. Raises what `linking.connect` would raise now, and writes nothing there."""
    place = (connection_id, record_type, record_id)
    seen = acting.check_connection(user, *place, actor_type, erp_key, chosen)
    what: dict[str, Any] = {"actor_type": actor_type, "erp_key": erp_key, "actor_name": actor_name, "seen": seen}
    return _keep(user, *place, PendingAction.CONNECT, **what, chosen=chosen, answers=answers, summary=summary)


def create_later(
    user: User,
    connection_id: int,
    record_type: RecordType,
    record_id: int,
    actor_type: str,
    *,
    answers: Mapping[str, str],
    summary: Summary = (),
) -> PendingChange:
    """Have an actor created from the record with Save. Raises what is known to stand against it now."""
    place = (connection_id, record_type, record_id)
    seen = acting.check_creation(user, *place, actor_type, answers)
    what: dict[str, Any] = {"actor_type": actor_type, "answers": answers, "seen": seen, "summary": summary}
    return _keep(user, *place, PendingAction.CREATE, **what)


def disconnect_later(user: User, connection_id: int, record_type: RecordType, record_id: int) -> PendingChange | None:
    """Have the link removed with Save. None for a record that is not linked: there is nothing to do."""
    connection = connection_for(user, connection_id, may_connect)
    link = Link.objects.filter(connection=connection, record_type=record_type, record_id=record_id).first()
    if link is None:
        return None
    what = {"actor_type": link.actor_type, "erp_key": link.erp_key}
    return _keep(user, connection_id, record_type, record_id, PendingAction.DISCONNECT, **what)


def pending_of(user: User, record_type: RecordType, record_id: int) -> list[PendingChange]:
    """What this user has chosen for a record and not saved, in the order of the connections."""
    kept = PendingChange.objects.filter(user=user, record_type=record_type, record_id=record_id)
    kept = kept.filter(created_at__gt=timezone.now() - KEPT)
    return list(kept.select_related("connection").order_by("connection__priority", "connection_id"))


def forget(user: User, record_type: RecordType, record_id: int, connection_id: int | None = None) -> None:
    """Drop what this user has chosen for a record, for one connection or for all: nothing is done."""
    kept = PendingChange.objects.filter(user=user, record_type=record_type, record_id=record_id)
    (kept if connection_id is None else kept.filter(connection=connection_id)).delete()


def save(user: User, record_type: RecordType, record_id: int, tokens: Collection[str]) -> list[Saved]:
    """Carry out those changes of a record whose tokens the user was shown, each by itself.

    What fails stays pending with its reason and a new token. A change that another click is at work on is left to it.
    """
    shown = [change for change in pending_of(user, record_type, record_id) if str(change.token) in tokens]
    return [_saved(user, change) for change in shown if _claim(change)]


def _keep(
    user: User, connection_id: int, record_type: RecordType, record_id: int, action: PendingAction, **what: Any
) -> PendingChange:
    place = {"connection_id": connection_id, "record_type": record_type, "record_id": record_id}
    blank = {"erp_key": "", "actor_name": "", "chosen": {}, "answers": {}, "seen": {}, "summary": [], "problem": {}}
    new = {"action": action, "token": uuid.uuid4(), "claimed_at": None, "created_at": timezone.now()}
    PendingChange.objects.filter(created_at__lte=timezone.now() - KEPT).delete()
    kept, _new = PendingChange.objects.update_or_create(user=user, **place, defaults=blank | new | what)
    return kept


def _claim(change: PendingChange) -> bool:
    """Whether this Save is the one to carry the change out; of two that come at once, one is."""
    now = timezone.now()
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - UNDER_WAY)
    return PendingChange.objects.filter(free, pk=change.pk, token=change.token).update(claimed_at=now) == 1


def _saved(user: User, change: PendingChange) -> Saved:
    mine = PendingChange.objects.filter(pk=change.pk, token=change.token)
    try:
        link = _carry_out(user, change)
    except (BryggaError, CrmError) as failed:
        problem = failed.problem if isinstance(failed, BryggaError) else told(failed.user_message)
        mine.update(problem=problem.stored(), claimed_at=None, token=uuid.uuid4())
        _log.warning(
            "pending_change_failed",
            action=change.action,
            connection=change.connection.name,
            record=f"{change.record_type}:{change.record_id}",
            technical=failed.technical or problem.code,
        )
        return Saved(change, problem=problem)
    except Exception:
        mine.update(claimed_at=None)
        raise
    mine.delete()
    return Saved(change, link)


def _carry_out(user: User, change: PendingChange) -> Link | None:
    place = (change.connection_id, RecordType(change.record_type), change.record_id)
    if change.action == PendingAction.DISCONNECT:
        _check_same(change)
        acting.disconnect(user, *place)
        return None
    if change.action == PendingAction.CREATE:
        return acting.create(user, *place, change.actor_type, change.answers, change.seen)
    chosen = (change.chosen, change.answers, change.seen)
    done = _linked_so(change) if change.claimed_at else None  # a Save that died may have made the link before
    return done or acting.connect(user, *place, change.actor_type, change.erp_key, *chosen)


def _linked_so(change: PendingChange) -> Link | None:
    """The link of the record with the very actor that was shown, if that is how it is linked."""
    return _link_of(change).filter(actor_type=change.actor_type, erp_key=change.erp_key).first()


def _check_same(change: PendingChange) -> None:
    """Raises Refused where the record is linked to another actor by now than the one that was shown."""
    if _link_of(change).exists() and not _linked_so(change):
        text = _("%(connection)s: the record is connected to another actor by now. Look at it again.")
        raise Refused(text % {"connection": change.connection.name})


def _link_of(change: PendingChange) -> Any:
    return Link.objects.filter(
        connection=change.connection_id, record_type=change.record_type, record_id=change.record_id
    )
