"""What needs attention as sections of rows: a plain sentence, and what can be done about it (behaviour G4)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.erp.services.attention import Action, AttentionItem, Kind
from brygga.web.kinds import KINDS as RECORDS
from brygga.web.sections import actor_label

KINDS: Mapping[Kind, Any] = {
    Kind.PAUSED: _("Paused connections"),
    Kind.FAILING: _("Connections that fail"),
    Kind.LIST_ITEM: _("Missing list items"),
    Kind.DOUBT: _("Creations in doubt"),
    Kind.CONFLICT: _("Conflicts"),
    Kind.FAILED: _("Failures"),
    Kind.GONE: _("Deleted or missing records"),
    Kind.MOVED: _("Moved to another company"),
    Kind.PERSON: _("Persons whose company is missing"),
}
"""The kinds in words, the most urgent first."""

_COLOURS = {Kind.PAUSED: "bad", Kind.FAILING: "bad", Kind.FAILED: "bad", Kind.GONE: "bad", Kind.PERSON: "info"}

_POSTED: Mapping[Action, tuple[Any, str]] = {
    Action.RETRY: (_("Retry now"), "arrows-clockwise"),
    Action.MOVE: (_("Move in the CRM"), "buildings"),
    Action.KEEP: (_("Keep where it is"), "check"),
}
_OPENED: Mapping[Action, tuple[Any, str]] = {
    Action.RESUME: (_("Resume"), "play"),
    Action.RESOLVE: (_("Decide"), "scales"),
    Action.RESUBMIT: (_("Correct the value"), "pencil-simple"),
    Action.CONNECT: (_("Connect"), "plugs-connected"),
    Action.GIVE_UP: (_("Give up the earlier try"), "x-circle"),
    Action.ACCEPT_GONE: (_("Accept and remove the link"), "check"),
    Action.DISCONNECT: (_("Disconnect"), "link-break"),
    Action.ASSIGN: (_("Assign"), "user"),
}
_OWN_DIALOG = (Action.RESUME, Action.RESOLVE, Action.RESUBMIT, Action.CONNECT, Action.ASSIGN)
FOR_ADMINISTRATORS = frozenset({Action.RESUME, Action.MAP, Action.ASSIGN})
"""What only administrators do: it is about more than the record at hand."""


@dataclass(frozen=True, slots=True)
class Button:
    """Something to do: by a post, or in a dialog if it `opens` one, or on another page if it `leads` there."""

    label: str
    url: str
    icon: str
    opens: bool = False
    leads: bool = False


@dataclass(frozen=True, slots=True)
class AttentionRow:
    """A row of the inbox. `about` names the record, or else the connection."""

    ref: str
    about: str
    url: str
    actor: str
    connection: str
    sentence: str
    since: datetime | None
    assignee: str
    buttons: Sequence[Button]


@dataclass(frozen=True, slots=True)
class AttentionSection:
    """What is alike, under its heading."""

    kind: Kind
    title: str
    colour: str
    rows: Sequence[AttentionRow]


def attention_sections(items: Iterable[AttentionItem], user: User) -> list[AttentionSection]:
    """The items grouped by kind, with what this user can do about each."""
    by_kind: dict[Kind, list[AttentionRow]] = {kind: [] for kind in KINDS}
    for item in items:
        by_kind[item.kind].append(_row(item, user))
    return [
        AttentionSection(kind, str(KINDS[kind]), _COLOURS.get(kind, "warn"), rows)
        for kind, rows in by_kind.items()
        if rows
    ]


def _row(item: AttentionItem, user: User) -> AttentionRow:
    kind = RECORDS[RecordType(item.record_type)] if item.record_type and item.record_id is not None else None
    actor = f"{actor_label(item.actor_type)} {item.erp_key}".strip() if item.actor_type else ""
    name = item.record_name or item.erp_key
    return AttentionRow(
        item.ref,
        name if kind else item.connection,
        kind.url(item.record_id) if kind and item.record_id is not None else "",
        actor,
        item.connection if kind else "",
        item.sentence,
        item.since,
        item.assignee,
        [button for action in item.actions for button in _buttons(item, action, user)],
    )


def _buttons(item: AttentionItem, action: Action, user: User) -> list[Button]:
    if action in FOR_ADMINISTRATORS and not user.is_administrator:
        return []
    if action is Action.MAP:
        url = reverse("web:list_mapping", args=[item.connection_id])
        return [Button(str(_("Configure list mapping")), url, "list-bullets", leads=True)]
    name = f"web:attention_{action}" if action in _OWN_DIALOG else "web:attention_act"
    url = reverse(name, args=[item.ref] if action in _OWN_DIALOG else [item.ref, str(action)])
    label, icon = _POSTED.get(action) or _OPENED[action]
    return [Button(str(label), url, icon, opens=action in _OPENED)]
