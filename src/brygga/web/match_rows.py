"""The match workbench on screen: pairs, doubtful records, and who has nobody (behaviour G5)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brygga.crm.fields import RecordType
from brygga.erp.models import Connection, MatchEntry, MatchPair, PlanState
from brygga.erp.services import jobs, match_plans
from brygga.erp.services.jobs import JobKind
from brygga.erp.services.matching import Kind
from brygga.web.kinds import KINDS, RecordKind
from brygga.web.likeness_words import in_words
from brygga.web.plan_rows import plan_state, plan_title
from brygga.web.sections import actor_label
from brygga.web.shown import when

KINDS_IN_WORDS: Mapping[Kind, Any] = {
    Kind.CLEAR: gettext_lazy("Clear"),
    Kind.AMBIGUOUS: gettext_lazy("Ambiguous"),
    Kind.NONE: gettext_lazy("No match"),
    Kind.KEYLESS: gettext_lazy("Can't be compared"),
}
"""The tabs of the workbench, in their order."""

_NAMES = ("FIRSTNAME", "MIDDLENAME", "LASTNAME")
_DETAILS = ("VATNO", "EMAIL", "PHONE", "PHONE_DIRECT", "PHONE_MOBILE", "STREETAD1", "POSTALAD1", "POSTALCITY")
_SHOWN_DETAILS = 4
_RECENT = 10


@dataclass(frozen=True, slots=True)
class Side:
    """A record or an actor: its name, what else is known of it, and the address of a record."""

    name: str
    details: str
    key: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class PairRow:
    """A record and an actor that may be the same; `percent` says how alike they are, `why` what they share."""

    id: int
    record: Side
    actor: Side
    percent: int
    why: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class DoubtfulRow:
    """A record and the actors that it may be; `chosen` says that one of them has been accepted."""

    id: int
    record: Side
    pairs: Sequence[PairRow]
    chosen: bool


@dataclass(frozen=True, slots=True)
class MadeRow:
    """A plan of a match; `standing` says how many that it connected are connected still."""

    id: int
    title: str
    actor: str
    at: str
    by: str
    state: str
    colour: str
    standing: int
    undoing: bool


def pair_row(pair: MatchPair, kind: RecordKind) -> PairRow:
    """A pair on screen."""
    why = in_words(pair.reasons)
    record, actor = side(pair.record, kind), side(pair.actor, kind)
    return PairRow(pair.pk, record, actor, int(pair.score * 100), why, pair.chosen)


def doubtful_rows(records: Iterable[MatchEntry], pairs: Iterable[MatchPair], kind: RecordKind) -> list[DoubtfulRow]:
    """A page of records with the pairs that they have."""
    rows: dict[int, list[PairRow]] = {}
    for pair in pairs:
        rows.setdefault(pair.record_id, []).append(pair_row(pair, kind))
    return [
        DoubtfulRow(record.pk, side(record, kind), own, any(row.chosen for row in own))
        for record in records
        if (own := rows.get(record.pk, []))
    ]


def side(entry: MatchEntry, kind: RecordKind) -> Side:
    """A record or an actor as it was compared."""
    texts = entry.texts
    name = texts.get("NAME") or " ".join(filter(None, (texts.get(key, "") for key in _NAMES)))
    details = list(dict.fromkeys(texts[key] for key in _DETAILS if texts.get(key)))[:_SHOWN_DETAILS]
    if entry.record_id is None:
        return Side(name or _("(no name)"), " · ".join(details), entry.erp_key)
    return Side(name or f"{_('(no name)')} #{entry.record_id}", " · ".join(details), url=kind.url(entry.record_id))


def made_rows(connection: Connection) -> list[MadeRow]:
    """The latest plans of a connection's matches; the number of queries does not depend on how many there are."""
    made = list(match_plans.plans_of(connection.pk)[:_RECENT])
    standing = match_plans.standing_counts(made)
    undoing = {job.params["plan"] for job in jobs.unfinished() if job.kind == JobKind.UNDO_MATCH}
    rows = []
    for plan in made:
        state, colour = plan_state(plan)
        count = standing.get(plan.pk, 0)
        if plan.state == PlanState.APPLIED and not count:
            state, colour = _("Nothing is connected by it any more"), "off"
        actor = actor_label(plan.params["actor_type"])
        title, at = plan_title(plan), when(plan.created_at)
        rows.append(MadeRow(plan.pk, title, actor, at, plan.by, state, colour, count, plan.pk in undoing))
    return rows


def kind_of(record_type: str) -> RecordKind:
    """How the records of an actor type appear on screen."""
    return KINDS[RecordType(record_type)]
