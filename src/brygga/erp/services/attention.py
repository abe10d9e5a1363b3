"""One inbox of what needs a person's attention (behaviour E6, G4): listed here, dealt with by `decisions`.

An item is there as long as its cause: nothing is ticked off, and nothing has to be.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from brygga.contract import FieldType
from brygga.crm.fields import RecordType
from brygga.crm.models import CrmListItem, User
from brygga.erp.engine import moved
from brygga.erp.errors import NotFound
from brygga.erp.models import Connection, CreateIntent, Link, LinkState
from brygga.erp.problems import REFUSALS, Problem, restored
from brygga.erp.services.access import visible_connections
from brygga.erp.services.attention_item import Action, AttentionItem, Kind, Part
from brygga.erp.services.naming import erp_fields, record_names
from brygga.erp.services.waiting import WaitingPerson, waiting_persons
from brygga.erp.shown import shown as as_text
from brygga.merge.values import Kind as ValueKind
from brygga.merge.values import kind_of

__all__ = ["Action", "AttentionItem", "Kind", "Part", "conflicts", "connections_of", "count", "find", "items"]

_SCANNED = 5000
"""Links that are looked at for one page: those that wait for the same list item make one item."""


def items(
    user: User | None = None,
    connection: Connection | None = None,
    *,
    kind: Kind | None = None,
    assignee: User | None = None,
    after: int = 0,
    limit: int = 200,
) -> list[AttentionItem]:
    """What needs attention: whole connections first, then what holds up many records, then record by record.

    `user` sees the connections that he may use, an administrator and None all of them. `kind` asks for one kind only.
    `limit` bounds the records; `after` the number in the last `ref` of a page ("link:12") gives the next one. The
    number of queries does not depend on how many items there are.
    """
    shown = _connections(user, connection)
    single, waiting = _page(_of_kind(_links(shown, assignee, after), kind), 0 if kind is Kind.LIST_ITEM else limit)
    names = _Names(single, [*single, *waiting])
    found = [_link_item(link, names) for link in single]
    if after or assignee:
        return found
    listed = _list_items(waiting, names)
    whole = [*_connection_items(shown), *listed, *_doubts(shown), *_persons(shown)]
    return [*(item for item in whole if kind in (None, item.kind)), *found]


def count(user: User | None = None) -> int:
    """How many records, tries and connections need attention; for an administrator, and None, in one query."""
    shown: Any = _active() if user is None or user.is_administrator else _connections(user, None)
    ids = shown.values("pk") if isinstance(shown, QuerySet) else [connection.pk for connection in shown]
    links = Link.objects.filter(connection__in=ids).exclude(state=LinkState.OK)
    tries = CreateIntent.objects.filter(connection__in=ids).exclude(doubt={})
    troubled = Connection.objects.filter(pk__in=ids).exclude(paused={}, failure={}).order_by()
    return links.values("pk").union(tries.values("pk"), troubled.values("pk"), all=True).count()


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


def connections_of(user: User | None) -> list[Connection]:
    """The active connections whose items this user sees, in order of priority; all of them for None."""
    return _connections(user, None)


def conflicts(link: Link) -> list[Part]:
    """The fields of a link in which both sides were changed, with their names and values."""
    names = _Names([], [link])
    return [names.part(link, noted) for noted in link.issues if noted["code"] == "conflict"]


def _active() -> QuerySet[Connection]:
    return Connection.objects.filter(active=True, deleted=False, connector__deleted=False)


def _connections(user: User | None, only: Connection | None) -> list[Connection]:
    chosen = list(_active() if only is None else _active().filter(pk=only.pk))
    return chosen if user is None or user.is_administrator else visible_connections(user, chosen)


def _links(shown: Sequence[Connection], assignee: User | None, after: int) -> QuerySet[Link]:
    links = Link.objects.filter(connection__in=shown, pk__gt=after).exclude(state=LinkState.OK)
    links = links if assignee is None else links.filter(assignee=assignee)
    return links.select_related("connection", "assignee").defer("base", "sent").order_by("pk")


def _of_kind(links: QuerySet[Link], kind: Kind | None) -> QuerySet[Link]:
    """The links that may make an item of this kind: their state says so, but for those that wait for a list item."""
    if kind is None:
        return links
    if kind is Kind.LIST_ITEM:
        return links.filter(state__in=(LinkState.FAILED, LinkState.CONFLICT))
    return links.filter(state=str(kind)) if str(kind) in LinkState.values else links.none()


def _page(links: QuerySet[Link], limit: int) -> tuple[list[Link], list[Link]]:
    """The links that make an item each, `limit` at most, and all of them that wait for an item of a list."""
    single, waiting = [], []
    for pk, issues in links.values_list("pk", "issues")[:_SCANNED]:
        for_list = [noted["code"] == "unknown_item" for noted in issues]
        if any(for_list):
            waiting.append(pk)
        if len(single) < limit and not (for_list and all(for_list)):
            single.append(pk)
    found = {link.pk: link for link in links.filter(pk__in={*single, *waiting})}
    return [found[pk] for pk in single if pk in found], [found[pk] for pk in waiting if pk in found]


class _Names:
    """The names that a page needs, fetched in one go: of records, ERP fields, and list items of the CRM."""

    def __init__(self, single: Sequence[Link], links: Sequence[Link]) -> None:
        self.records = record_names((link.record_type, link.record_id) for link in single)
        noted = ((link, noted["field"]) for link in links for noted in link.issues)
        self._fields = erp_fields((link.connection_id, link.actor_type, field) for link, field in noted)
        self._items = _item_texts(links)

    def part(self, link: Link, noted: Mapping[str, Any]) -> Part:
        """An issue of a link, with names."""
        field = self._fields.get((link.connection_id, link.actor_type, noted["field"]))
        problem = restored(noted) or Problem(noted["code"])
        crm, erp = _values(noted)
        if noted["code"] == "unknown_item":
            problem = Problem("unknown_item", {"value": self.item(noted)})
        kind = kind_of(FieldType(field.type)) if field else ValueKind.TEXT
        crm_text = self._item(crm) if field and field.list_name else as_text(kind, crm)
        erp_text = as_text(ValueKind.TEXT if kind is ValueKind.LIST else kind, erp)
        return Part(problem, noted["field"], field.name if field else "", crm_text, erp_text)

    def item(self, noted: Mapping[str, Any]) -> str:
        """The list item that has no counterpart: the CRM's by its text, the ERP's by its key."""
        value = noted.get("value")
        return self._item(value) if noted.get("target") == "erp" else as_text(ValueKind.TEXT, value)

    def _item(self, value: Any) -> str:
        text = as_text(ValueKind.TEXT, value)
        return self._items.get(text, text)


def _values(noted: Mapping[str, Any]) -> tuple[Any, Any]:
    """The two values of a conflict; nothing for another issue."""
    value = noted.get("value") if noted["code"] == "conflict" else None
    return (value[0], value[1]) if isinstance(value, list) else (None, None)


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


def _values_that_do_not_fit(link: Link) -> bool:
    return any(
        noted["field"] and noted["code"] in REFUSALS and noted["code"] != "unknown_item" for noted in link.issues
    )


def _actions(link: Link) -> tuple[Action, ...]:
    codes = {noted["code"] for noted in link.issues}
    if link.state == LinkState.GONE:
        retry = [Action.RETRY] if "erp_gone" in codes else []
        return (*retry, Action.ACCEPT_GONE, Action.ASSIGN)
    can = [Action.RESOLVE] if "conflict" in codes else []
    can += [Action.RESUBMIT] if _values_that_do_not_fit(link) else []
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
    names = record_names((intent.record_type, intent.record_id) for intent in intents)
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
