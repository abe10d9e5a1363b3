"""Persons that an import left out because their company was not linked; they come in when it is (behaviour G4)."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q

from brygga.crm.fields import RecordType
from brygga.erp.models import ActorMapping, Link, Run
from brygga.erp.problems import Problem

CODE = "no_company_link"
_IMPORTS = 10
"""How many imports back what was left out is remembered."""


@dataclass(frozen=True, slots=True)
class WaitingPerson:
    """An actor that waits for its parent: keys and types of both, since when, and how it was to be imported."""

    connection_id: int
    actor_type: str
    erp_key: str
    parent_type: str
    parent_key: str
    duplicates: str
    on_duplicate: str
    since: datetime

    @property
    def problem(self) -> Problem:
        """Why it was left out."""
        return Problem(CODE, {"type": self.parent_type, "key": self.parent_key})


def waiting_persons(connection_ids: Collection[int]) -> list[WaitingPerson]:
    """Those that still wait, in a constant number of queries."""
    found = {(person.connection_id, person.erp_key): person for person in _left_out(set(connection_ids))}
    linked = _linked({(p.connection_id, p.actor_type, p.erp_key) for p in found.values()})
    return [person for key, person in found.items() if (person.connection_id, person.actor_type, key[1]) not in linked]


def whose_company_came(waiting: Collection[WaitingPerson]) -> list[WaitingPerson]:
    """Those whose company is linked by now, so that they can be imported."""
    linked = _linked({(p.connection_id, p.parent_type, p.parent_key) for p in waiting})
    return [p for p in waiting if (p.connection_id, p.parent_type, p.parent_key) in linked]


def _left_out(connection_ids: set[int]) -> Iterator[WaitingPerson]:
    """From the reports of the last imports, the newest last."""
    persons = dict(
        ActorMapping.objects.filter(connection__in=connection_ids, record_type=RecordType.CONTACT)
        .order_by("-id")
        .values_list("connection_id", "actor_type")
    )
    if not persons:
        return
    runs = Run.objects.filter(kind="import").order_by("-id").values_list("report", "started_at")[:_IMPORTS]
    for report, at in reversed(runs):
        for part in report:
            for problem in part.get("problems", ()) if part.get("connection") in persons else ():
                if problem["code"] == CODE:
                    yield _person(part["connection"], persons[part["connection"]], problem, at)


def _person(connection_id: int, actor_type: str, problem: dict[str, Any], at: datetime) -> WaitingPerson:
    params = problem["params"]
    return WaitingPerson(
        connection_id,
        actor_type,
        problem["erp_key"],
        params["type"],
        params["key"],
        params.get("duplicates", ""),
        params.get("on_duplicate", "skip"),
        at,
    )


def _linked(actors: set[tuple[int, str, str]]) -> set[tuple[int, str, str]]:
    """Which of these actors, by connection, type and key, are linked."""
    if not actors:
        return set()
    wanted = Q(connection__in={a[0] for a in actors}, actor_type__in={a[1] for a in actors})
    found: set[tuple[int, str, str]] = set()
    keys = sorted({a[2] for a in actors})
    for start in range(0, len(keys), 500):
        part = Link.objects.filter(wanted, erp_key__in=keys[start : start + 500])
        found |= set(part.values_list("connection_id", "actor_type", "erp_key"))
    return found & actors
