"""Why a value is what it is, in words: sentences, both sides' values, facts (behaviour G3)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brygga.erp.models import LogEntry
from brygga.erp.problems import is_unanswered, refusal_text
from brygga.erp.services.naming import Names
from brygga.erp.services.why import Explanation, Mapped
from brygga.merge import Policy, Side
from brygga.web.run_rows import kind_label
from brygga.web.sections import actor_label
from brygga.web.shown import when

DIRECTIONS = {
    "to_crm": gettext_lazy("ERP to CRM"),
    "to_erp": gettext_lazy("CRM to ERP"),
    "both": gettext_lazy("Bidirectional sync"),
    "none": gettext_lazy("No synchronization"),
}
POLICIES = {
    Policy.PRIORITY: gettext_lazy("The side that comes first in the sync priority wins."),
    Policy.CRM: gettext_lazy("The CRM wins."),
    Policy.ERP: gettext_lazy("The ERP system wins."),
    Policy.NEWEST: gettext_lazy("The side that was edited last wins."),
    Policy.ASK: gettext_lazy("A person decides."),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A name and what it says, and where that leads, if anywhere."""

    label: str
    text: str
    url: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What both sides held at one time; None is not known."""

    label: str
    crm: str | None
    erp: str | None


@dataclass(frozen=True, slots=True)
class Explained:
    """An explanation for the reader. `field_url` tells how the field stands now, and is empty where it is not mapped.

    `run_url` is for administrators.
    """

    title: str
    what: str
    rule: str
    values: Sequence[Held]
    facts: Sequence[Fact]
    run: Fact
    field_url: str
    can_be_undone: bool
    entry_id: int


def explained(told: Explanation, entry: LogEntry, names: Names) -> Explained:
    """An explanation of a log entry in words; `names` know the entry."""
    written = not refusal_text(told.rule)
    return Explained(
        f"{names.record(entry)}: {names.crm_label(entry) if entry.crm_field else names.erp_label(entry)}",
        _what(told, entry, names, written),
        told.sentence,
        _values(told, entry, names, written),
        [*mapping_facts(told.mapping), *_facts(told)],
        _run(told),
        field_url(entry) if told.mapping else "",
        written,
        entry.pk,
    )


def field_url(entry: LogEntry) -> str:
    """Where it is told how the entry's field stands now."""
    place = [entry.record_type, entry.record_id, entry.connection_id, entry.crm_field]
    return reverse("web:why_field", args=place)


def mapping_facts(mapping: Mapped | None) -> list[Fact]:
    """The mapping of a field as it is now."""
    if mapping is None:
        return [Fact(_("Mapping"), _("The field is no longer mapped as it was then."))]
    direction = str(DIRECTIONS[mapping.direction])
    facts = [Fact(_("Mapping"), f"{mapping.erp_label} ↔ {mapping.crm_label}. {direction}.")]
    if mapping.items:
        facts.append(Fact(_("List mapping"), f"{mapping.items[0]} ↔ {mapping.items[1]}"))
    policy = str(POLICIES[Policy(mapping.policy)])
    whose = _("This is set for this field.") if mapping.own_policy else _("This is set for the whole connection.")
    return [*facts, Fact(_("In a conflict"), f"{policy} {whose}")]


def held(label: str, pair: Sequence[Any] | None, entry: LogEntry, names: Names) -> Held:
    """What both sides held, (CRM, ERP), as text."""
    crm, erp = pair if pair is not None else (None, None)
    return Held(label, _text(names, entry, Side.CRM, crm), _text(names, entry, Side.ERP, erp))


def _what(told: Explanation, entry: LogEntry, names: Names, written: bool) -> str:
    values = {
        "when": when(told.at),
        "side": _("the CRM") if told.target == Side.CRM else told.connection,
        "old": names.text(entry, told.target, told.old) or _("(empty)"),
        "new": names.text(entry, told.target, told.new) or _("(empty)"),
    }
    if is_unanswered(told.rule):
        return _("%(when)s: “%(new)s” had been sent to %(side)s without an answer, and was not found there.") % values
    if not written:
        return _("%(when)s: “%(new)s” was not written in %(side)s.") % values
    return _("%(when)s: sync changed “%(old)s” to “%(new)s” in %(side)s.") % values


def _values(told: Explanation, entry: LogEntry, names: Names, written: bool) -> list[Held]:
    rows = [held(_("Agreed before"), told.base, entry, names)] if told.base else []
    rows.append(held(_("Both sides before"), (told.crm, told.erp), entry, names))
    if written:
        new = names.text(entry, told.target, told.new) or _("(empty)")
        crm = told.target == Side.CRM
        rows.append(Held(_("Written"), new if crm else None, None if crm else new))
    return rows


def _facts(told: Explanation) -> list[Fact]:
    call = f"{told.connector}: {told.call}"
    facts = [
        Fact(_("ERP connection"), told.connection),
        Fact(_("ERP actor"), f"{actor_label(told.actor_type)} {told.erp_key}"),
        Fact(_("Connector call"), call),
    ]
    return [*facts, Fact(_("Decision"), told.decision)] if told.decision else facts


def _run(told: Explanation) -> Fact:
    text = _("Run %(number)s, %(kind)s") % {"number": told.run, "kind": kind_label(told.run_kind)}
    return Fact(_("Run"), f"{text}, {told.by}" if told.by else text, reverse("web:sync_run", args=[told.run]))


def _text(names: Names, entry: LogEntry, side: Side, value: Any) -> str | None:
    return None if value is None else names.text(entry, side, value)
