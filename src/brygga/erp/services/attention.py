"""One inbox of what needs a person's attention (behaviour E6, G4): listed here, dealt with by `decisions`.

An item is there as long as its cause: nothing is ticked off, and nothing has to be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from brygga.contract.localised import text_for
from brygga.crm.fields import RecordType
from brygga.crm.models import CrmListItem, User
from brygga.erp.crm_side import crm_side
from brygga.erp.engine import moved
from brygga.erp.engine.health import Remedy, remedy_of
from brygga.erp.errors import NotFound
from brygga.erp.models import Connection, CreateIntent, FieldMapping, Link, LinkState
from brygga.erp.problems import Problem, restored
from brygga.erp.services.access import visible_connections
from brygga.erp.services.waiting import WaitingPerson, waiting_persons

_SCANNED = 5000
"""Links that are looked at for one page: those that wait for the same list item make one item."""


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


def items(
    user: User | None = None,
    connection: Connection | None = None,
    *,
    assignee: User | None = None,
    after: int = 0,
    limit: int = 200,
) -> list[AttentionItem]:
    """What needs attention: whole connections first, then what holds up many records, then record by record.

    `user` sees the connections that he may use, an administrator and None all of them. `limit` bounds the records;
    `after` the number in the last `ref` of a page ("link:12") gives the next one. The number of queries does not
    depend on how many items there are.
    """
    shown = _connections(user, connection)
    links = list(_links(shown, assignee, after)[:_SCANNED])
    single = [link for link in links if not _waits_for_list(link)][:limit]
    names = _Names(single, links)
    found = [_link_item(link, names) for link in single]
    if after or assignee:
        return found
    listed = _list_items(links, names)
    return [*_connection_items(shown), *listed, *_doubts(shown), *_persons(shown), *found]


def count(user: User | None = None) -> int:
    """How many records, tries and connections need attention, in a constant number of queries."""
    shown = _connections(user, None)
    return (
        _links(shown, None, 0).count()
        + CreateIntent.objects.filter(connection__in=shown).exclude(doubt={}).count()
        + sum(bool(connection.paused or connection.failure) for connection in shown)
    )


def find(ref: str) -> Link | CreateIntent | Connection:
    """What a `ref` names: a link, a try to create, a connection. Raises NotFound, also for what is settled by now."""
    kind, _colon, number = ref.partition(":")
    models: Mapping[str, Any] = {"link": Link, "try": CreateIntent, "connection": Connection}
    found = None
    if kind == "connection":
        found = Connection.objects.filter(pk=number, deleted=False).first() if number.isdecimal() else None
    elif kind in models and number.isdecimal():
        found = models[kind].objects.select_related("connection__connector").filter(pk=number).first()
    if found is None:
        raise NotFound(_('"%(ref)s" is not there; it may be settled. List what needs attention again.') % {"ref": ref})
    return found  # type: ignore[no-any-return]  # the models differ


def _connections(user: User | None, only: Connection | None) -> list[Connection]:
    active = Connection.objects.filter(active=True, deleted=False, connector__deleted=False)
    chosen = list(active if only is None else active.filter(pk=only.pk))
    return chosen if user is None or user.is_administrator else visible_connections(user, chosen)


def _links(shown: Sequence[Connection], assignee: User | None, after: int) -> QuerySet[Link]:
    links = Link.objects.filter(connection__in=shown, pk__gt=after).exclude(state=LinkState.OK)
    links = links if assignee is None else links.filter(assignee=assignee)
    return links.select_related("connection", "assignee").defer("base", "sent").order_by("pk")


def _waits_for_list(link: Link) -> bool:
    return bool(link.issues) and all(noted["code"] == "unknown_item" for noted in link.issues)


class _Names:
    """The names that a page needs, fetched in one go: of records, ERP fields, and list items of the CRM."""

    def __init__(self, single: Sequence[Link], links: Sequence[Link]) -> None:
        self.records = _record_names((link.record_type, link.record_id) for link in single)
        keys = {noted["field"] for link in links for noted in link.issues if noted["field"]}
        connections = {link.connection_id for link in links}
        fields = FieldMapping.objects.filter(actor__connection__in=connections, key__in=keys) if keys else ()
        self._fields = {(f.actor.connection_id, f.actor.actor_type, f.key): f for f in _with_actors(fields)}
        self._items = _item_texts(links)

    def part(self, link: Link, noted: Mapping[str, Any]) -> Part:
        """An issue of a link, with names."""
        field = self._fields.get((link.connection_id, link.actor_type, noted["field"]))
        problem = restored(noted) or Problem(noted["code"])
        crm, erp = _values(noted)
        if noted["code"] == "unknown_item":
            problem = Problem("unknown_item", {"value": self.item(noted)})
        is_list = bool(field and field.list_name)
        return Part(problem, noted["field"], field.name if field else "", self._shown(crm, is_list), self._shown(erp))

    def item(self, noted: Mapping[str, Any]) -> str:
        """The list item that has no counterpart: the CRM's by its text, the ERP's by its key."""
        return self._shown(noted.get("value"), noted.get("target") == "erp")

    def _shown(self, value: Any, is_item: bool = False) -> str:
        text = "" if value is None else str(value)
        return self._items.get(text, text) if is_item else text


def _values(noted: Mapping[str, Any]) -> tuple[Any, Any]:
    """The two values of a conflict; nothing for another issue."""
    value = noted.get("value") if noted["code"] == "conflict" else None
    return (value[0], value[1]) if isinstance(value, list) else (None, None)


def _with_actors(fields: Any) -> Iterable[FieldMapping]:
    return fields.select_related("actor") if fields else ()


def _record_names(wanted: Iterable[tuple[str, int]]) -> dict[tuple[str, int], str]:
    by_type: dict[str, set[int]] = defaultdict(set)
    for record_type, record_id in wanted:
        by_type[record_type].add(record_id)
    return {
        (record_type, record_id): name
        for record_type, ids in by_type.items()
        for record_id, name in crm_side().describe(RecordType(record_type), sorted(ids)).items()
    }


def _item_texts(links: Sequence[Link]) -> dict[str, str]:
    """The texts of the CRM's list items that may stand in these issues, by id."""
    held = [noted for link in links for noted in link.issues if noted["code"] in ("conflict", "unknown_item")]
    values = [_values(noted)[0] if noted["code"] == "conflict" else noted.get("value") for noted in held]
    ids = {int(value) for value in values if isinstance(value, str) and value.isdecimal() and len(value) < 19}
    found = CrmListItem.objects.filter(pk__in=sorted(ids)[:_SCANNED]) if ids else ()
    return {str(item.pk): item.text for item in found}


def _link_item(link: Link, names: _Names) -> AttentionItem:
    return AttentionItem(
        ref=f"link:{link.pk}",
        kind=Kind(link.state),
        connection_id=link.connection_id,
        connection=link.connection.name,
        parts=tuple(names.part(link, noted) for noted in link.issues),
        since=_since(link),
        actions=_actions(link),
        record_type=link.record_type,
        record_id=link.record_id,
        record_name=names.records.get((link.record_type, link.record_id), ""),
        actor_type=link.actor_type,
        erp_key=link.erp_key,
        assignee=link.assignee.username if link.assignee else "",
    )


def _since(link: Link) -> datetime:
    """When the first of its issues came up; one that an import noted is as old as the link."""
    return min((_moment(noted) or link.created_at for noted in link.issues), default=link.created_at)


def _moment(stored: Mapping[str, Any]) -> datetime | None:
    return datetime.fromisoformat(stored["since"]) if stored.get("since") else None


def _actions(link: Link) -> tuple[Action, ...]:
    codes = {noted["code"] for noted in link.issues}
    if link.state == LinkState.GONE:
        retry = [Action.RETRY] if "erp_gone" in codes else []
        return (*retry, Action.ACCEPT_GONE, Action.ASSIGN)
    can = [Action.RESOLVE] if "conflict" in codes else []
    can += [Action.MAP] if "unknown_item" in codes else []
    can += [Action.MOVE, Action.KEEP] if codes & set(moved.CODES) else []
    return (*can, Action.RETRY, Action.DISCONNECT, Action.ASSIGN)


def _connection_items(shown: Sequence[Connection]) -> list[AttentionItem]:
    return [_connection_item(connection) for connection in shown if connection.paused or connection.failure]


def _connection_item(connection: Connection) -> AttentionItem:
    stored = connection.paused or connection.failure
    return AttentionItem(
        ref=f"connection:{connection.pk}",
        kind=Kind.PAUSED if connection.paused else Kind.FAILING,
        connection_id=connection.pk,
        connection=connection.name,
        parts=(Part(restored(stored) or Problem("connector_silent")),),
        since=_moment(stored) or connection.last_run_at,
        actions=(Action.RESUME,) if connection.paused else (Action.RETRY,),
    )


def _list_items(links: Sequence[Link], names: _Names) -> list[AttentionItem]:
    """What is missing in a list mapping, each with the number of records that wait for it."""
    waiting: dict[tuple[Any, ...], list[tuple[Link, Mapping[str, Any]]]] = defaultdict(list)
    for link in links:
        for noted in link.issues:
            if noted["code"] == "unknown_item":
                item = (noted["field"], noted.get("target"), str(noted.get("value")))
                place = (link.connection_id, link.actor_type, *item)
                waiting[place].append((link, noted))
    return [_list_item(held, names) for held in waiting.values()]


def _list_item(held: Sequence[tuple[Link, Mapping[str, Any]]], names: _Names) -> AttentionItem:
    link, noted = held[0]
    return AttentionItem(
        ref=f"list:{link.connection_id}:{link.actor_type}:{noted['field']}:{noted.get('value')}",
        kind=Kind.LIST_ITEM,
        connection_id=link.connection_id,
        connection=link.connection.name,
        parts=(names.part(link, noted),),
        since=min(_since(one) for one, _noted in held),
        actions=(Action.MAP,),
        actor_type=link.actor_type,
        count=len(held),
    )


def _doubts(shown: Sequence[Connection]) -> list[AttentionItem]:
    intents = list(CreateIntent.objects.filter(connection__in=shown).exclude(doubt={}).select_related("connection"))
    names = _record_names((intent.record_type, intent.record_id) for intent in intents)
    return [_doubt(intent, names) for intent in intents]


def _doubt(intent: CreateIntent, names: Mapping[tuple[str, int], str]) -> AttentionItem:
    return AttentionItem(
        ref=f"try:{intent.pk}",
        kind=Kind.DOUBT,
        connection_id=intent.connection_id,
        connection=intent.connection.name,
        parts=(Part(restored(intent.doubt) or Problem("create_in_doubt")),),
        since=intent.created_at,
        actions=(Action.CONNECT, Action.GIVE_UP),
        record_type=intent.record_type,
        record_id=intent.record_id,
        record_name=names.get((intent.record_type, intent.record_id), ""),
        actor_type=intent.actor_type,
    )


def _persons(shown: Sequence[Connection]) -> list[AttentionItem]:
    """Persons that an import left out, by the company that they wait for."""
    names = {connection.pk: connection.name for connection in shown}
    by_company: dict[tuple[int, str, str], list[WaitingPerson]] = defaultdict(list)
    for person in waiting_persons(list(names)):
        by_company[person.connection_id, person.parent_type, person.parent_key].append(person)
    return [_person(persons, names) for persons in by_company.values()]


def _person(persons: Sequence[WaitingPerson], names: Mapping[int, str]) -> AttentionItem:
    first = persons[0]
    return AttentionItem(
        ref=f"person:{first.connection_id}:{first.erp_key}",
        kind=Kind.PERSON,
        connection_id=first.connection_id,
        connection=names[first.connection_id],
        parts=(Part(first.problem),),
        since=min(person.since for person in persons),
        actions=(),
        record_type=RecordType.CONTACT,
        actor_type=first.actor_type,
        erp_key=first.erp_key,
        count=len(persons),
    )
