"""What waits for Save in the ERP tab, in words (behaviour U7)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from brygga.erp.models import PendingAction, PendingChange
from brygga.erp.problems import text_in
from brygga.erp.services.pending import Saved
from brygga.web.actor_types import label_beside
from brygga.web.kinds import RecordKind


@dataclass(frozen=True, slots=True)
class PendingView:
    """A change that waits for Save: what will happen, the values it is about, why the last Save could not do it.

    `again_url` leads to the dialog in which it was chosen; a removal of the link has none. `taken` says that a Save is
    at work on it.
    """

    text: str
    summary: Sequence[tuple[str, str]]
    problem: str
    again_url: str
    remove_url: str
    taken: bool


def pending_view(change: PendingChange, kind: RecordKind) -> PendingView:
    """A pending change as the template of a section wants it."""
    place = [change.record_id, change.connection.pk]
    return PendingView(
        _what(change),
        [(label, text) for label, text in change.summary],
        text_in(change.problem),
        _again_url(change, kind),
        reverse(f"web:{kind.slug}_erp_drop", args=place),
        change.claimed_at is not None,
    )


def told_saved(saved: Saved, record_name: str) -> str:
    """What Save has done about a change, in a sentence."""
    change, link = saved.change, saved.link
    words = {
        "connection": change.connection.name,
        "record": record_name,
        "actor": label_beside(change.record_type, change.actor_type),
    }
    if saved.problem:
        return _("%(connection)s: not done. The reason stands below.") % words
    if change.action == PendingAction.DISCONNECT:
        return _("%(connection)s: the record is no longer connected.") % words
    if change.action == PendingAction.CREATE and link is not None:
        return _("%(connection)s: %(actor)s %(key)s was created and is connected.") % (words | {"key": link.erp_key})
    return _("%(connection)s: %(record)s is connected.") % words


def _what(change: PendingChange) -> str:
    words = {
        "actor": label_beside(change.record_type, change.actor_type),
        "key": change.erp_key,
        "name": change.actor_name,
        "connection": change.connection.name,
    }
    if change.action == PendingAction.CREATE:
        return _("With Save, %(actor)s is created in %(connection)s and connected.") % words
    if change.action == PendingAction.DISCONNECT:
        return _("With Save, the link to %(actor)s %(key)s is removed.") % words
    return _("With Save, the record is connected to %(actor)s %(key)s, %(name)s.") % words


def _again_url(change: PendingChange, kind: RecordKind) -> str:
    part = {PendingAction.CONNECT: "values", PendingAction.CREATE: "create"}.get(PendingAction(change.action))
    if part is None:
        return ""
    url = reverse(f"web:{kind.slug}_{part}", args=[change.record_id, change.connection.pk, change.actor_type])
    return f"{url}?{urlencode({'key': change.erp_key})}" if change.erp_key else url
