"""An item of the inbox: what is wrong, in the reader's words, and what can be done about it (behaviour E6, G4)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from brygga.contract.localised import text_for
from brygga.erp.engine.health import Remedy, remedy_of
from brygga.erp.problems import Problem


class Kind(StrEnum):
    """What kind of thing needs attention."""

    PAUSED = "paused"
    FAILING = "failing"
    LIST_ITEM = "list_item"
    DOUBT = "doubt"
    PERSON = "person"
    CONFLICT = "conflict"
    FAILED = "failed"
    GONE = "gone"
    MOVED = "moved"


class Action(StrEnum):
    """What can be done about an item; the functions of `decisions` and `health`, and screens to open."""

    RESUME = "resume"
    RETRY = "retry"
    RESOLVE = "resolve"
    RESUBMIT = "resubmit"
    MAP = "map"
    MOVE = "move"
    KEEP = "keep"
    CONNECT = "connect"
    GIVE_UP = "give_up"
    ACCEPT_GONE = "accept_gone"
    DISCONNECT = "disconnect"
    ASSIGN = "assign"


@dataclass(frozen=True, slots=True)
class Part:
    """One thing that is wrong: with an ERP field (`name` is its localised text) or, without one, with the whole.

    `crm` and `erp` are the values of a conflict as they are shown.
    """

    problem: Problem
    field: str = ""
    name: str = ""
    crm: str = ""
    erp: str = ""

    def __str__(self) -> str:
        if self.problem.code == "conflict":
            values = {"crm": self.crm or _("(empty)"), "erp": self.erp or _("(empty)")}
            text = _("both sides were changed, to “%(crm)s” in the CRM and “%(erp)s” in the ERP system.") % values
        else:
            text = str(self.problem)
        return f"{self.label}: {text}" if self.field else text

    @property
    def label(self) -> str:
        """The name of the field in the reader's language."""
        return text_for(self.name, get_language() or "en") or self.field


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """What needs attention. `ref` names it for `find`; `record_id` is None where there is no record (yet).

    `count` is how many records wait for it, `assignee` the log-in name of who takes care of it, or empty.
    """

    ref: str
    kind: Kind
    connection_id: int
    connection: str
    parts: tuple[Part, ...]
    since: datetime | None
    actions: tuple[Action, ...]
    record_type: str = ""
    record_id: int | None = None
    record_name: str = ""
    actor_type: str = ""
    erp_key: str = ""
    assignee: str = ""
    count: int = 1

    @property
    def fields(self) -> tuple[str, ...]:
        """The keys of the ERP fields that it is about."""
        return tuple(part.field for part in self.parts if part.field)

    @property
    def sentence(self) -> str:
        """What is wrong and what to do, in the language of the reader."""
        text = " ".join(str(part) for part in self.parts)
        if self.count > 1 or self.kind is Kind.LIST_ITEM:
            waiting = ngettext("%(count)s record waits for it.", "%(count)s records wait for it.", self.count)
            text = f"{text} {waiting % {'count': self.count}}"
        return text

    @property
    def remedy(self) -> Remedy:
        """What is to be done next, by the gravest of its problems."""
        classes = {remedy_of(part.problem.code) for part in self.parts}
        return next(remedy for remedy in (Remedy.STOP, Remedy.ASK, Remedy.WAIT, Remedy.REPEAT) if remedy in classes)
