"""Why a value is what it is (behaviour G3): rule, mapping, what was agreed, both sides then, run, call, decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brygga.crm.fields import RecordType
from brygga.erp.crm_side import crm_side
from brygga.erp.engine.approved import UNDONE
from brygga.erp.errors import NotFound
from brygga.erp.models import Connection, FieldMapping, Link, LogEntry, PlanItem, SyncSettings, WaitingLink
from brygga.erp.problems import chosen_by, is_unanswered, refusal_text, text_in
from brygga.erp.services.mapping import compile_mappings, label_of
from brygga.merge import FieldMapping as Compiled
from brygga.merge import Misfit, Policy, Rule, Side

RULES: Mapping[str, Any] = {
    Rule.UNCHANGED: gettext_lazy("Neither side changed since they last agreed."),
    Rule.AGREED: gettext_lazy("A side changed, and now both mean the same."),
    Rule.CRM_CHANGED: gettext_lazy("Only the CRM changed; its value goes to the ERP."),
    Rule.ERP_CHANGED: gettext_lazy("Only the ERP changed; its value goes to the CRM."),
    Rule.CONFLICT_CRM_WINS: gettext_lazy("Both sides had a value of their own; the CRM's replaces the ERP's."),
    Rule.CONFLICT_ERP_WINS: gettext_lazy("Both sides had a value of their own; the ERP's replaces the CRM's."),
    Rule.CONFLICT_ASK: gettext_lazy("Both sides had a value of their own; a person decides."),
    Rule.ONE_WAY_CRM_WINS: gettext_lazy(
        "The field goes to the ERP only; the CRM's value replaces what was entered in the ERP."
    ),
    Rule.ONE_WAY_ERP_WINS: gettext_lazy(
        "The field goes to the CRM only; the ERP's value replaces what was entered in the CRM."
    ),
    Rule.ONE_WAY_CRM_KEPT: gettext_lazy("The field goes to the CRM only; what was entered in the CRM stays there."),
    Rule.ONE_WAY_ERP_KEPT: gettext_lazy("The field goes to the ERP only; what was entered in the ERP stays there."),
    Rule.FIRST_EQUAL: gettext_lazy("First comparison of the two sides: they mean the same."),
    Rule.FIRST_FILL_CRM: gettext_lazy("First comparison of the two sides: the CRM is blank and gets the ERP's value."),
    Rule.FIRST_FILL_ERP: gettext_lazy("First comparison of the two sides: the ERP is blank and gets the CRM's value."),
    Rule.COPIED_FROM_CRM: gettext_lazy("The CRM's value was asked for, by a resync or by a person's choice."),
    Rule.COPIED_FROM_ERP: gettext_lazy("The ERP's value was asked for, by a resync or by a person's choice."),
    "created": gettext_lazy("The ERP record was created with this value."),
    "import": gettext_lazy("The CRM record was created from the ERP's with this value."),
    "linked": gettext_lazy("The CRM record was there already and is linked with the ERP's."),
    "answered": gettext_lazy("The field was blank in the ERP; a person filled it in when connecting."),
    UNDONE: gettext_lazy("An earlier change was undone; the value before it is back."),
}
"""What each rule in log and plans means."""

_UNANSWERED = gettext_lazy(
    "It was sent and no answer came. Later the ERP system did not have it: it never arrived, or was replaced there."
)
_OVER_BY_POLICY = (Rule.CONFLICT_CRM_WINS, Rule.CONFLICT_ERP_WINS, Rule.CONFLICT_ASK)
_ASKED_FOR = (Rule.COPIED_FROM_CRM, Rule.COPIED_FROM_ERP, UNDONE)
_CHOSEN_IN = ("connect", "import", "resolve")
"""Kinds of runs in which a person says who wins."""
_READ_BY = {
    "sync": "get_actors_by_timestamp / get_actors",
    "import": "get_actors / search_actors_advanced / get_actors_by_timestamp",
}
"""How the value of an ERP was read that a run of this kind wrote to the CRM; others read by key."""
_LATEST = 5


@dataclass(frozen=True, slots=True)
class Mapped:
    """The mapping of a field as it is now.

    `direction` is "to_crm", "to_erp", "both" or "none"; `policy` settles its conflicts, and is the connection's where
    `own_policy` is False. `items` is the row of the list mapping that was used, (ERP item, CRM item's text), or None.
    """

    erp_field: str
    erp_label: str
    crm_field: str
    crm_label: str
    direction: str
    policy: str
    own_policy: bool
    items: tuple[str, str] | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """Why a field was given a value.

    `base` is the pair (CRM, ERP) agreed before, None where there was none. `crm` and `erp` are what both sides held
    before the value was written; the side that was read is None where it is not known any more. `call` is the
    operation of the connector by which the value came or went, `decision` tells who decided, where there was a choice.
    `mapping` is None where the field is no longer mapped.
    """

    id: int
    at: datetime
    record_type: str
    record_id: int
    connection: str
    connector: str
    actor_type: str
    erp_key: str
    target: str
    old: Any
    new: Any
    rule: str
    sentence: str
    mapping: Mapped | None
    base: list[Any] | None
    crm: Any
    erp: Any
    run: int
    run_kind: str
    by: str
    call: str
    decision: str

    def as_json(self) -> dict[str, Any]:
        """All of it, for `--json`."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class Present:
    """How a synced field stands: its mapping, what is agreed, what is wrong, and its latest changes, newest first.

    `crm` is what the CRM holds. `waiting` says that the record waits to be compared in the next run.
    """

    connection: str
    actor_type: str
    erp_key: str
    state: str
    waiting: bool
    mapping: Mapped | None
    base: list[Any] | None
    crm: Any
    issues: list[str]
    latest: list[Explanation]


def sentence_of(rule: str) -> str:
    """What a rule means, in the reader's language; of a value that was not written, why not."""
    if is_unanswered(rule):
        return f"{sentence_of(chosen_by(rule))} {_UNANSWERED}"
    return refusal_text(rule) or str(RULES.get(rule, rule))


def why(entry_id: int) -> Explanation:
    """Why a log entry's value was written. Raises NotFound."""
    entry = _entries().filter(pk=entry_id).first()
    if entry is None:
        raise NotFound(_("There is no log entry %(id)s.") % {"id": entry_id})
    return _explained(entry, _field(entry.connection, entry.actor_type, entry.erp_field))


def why_value(connection: Connection, record: tuple[str, int], crm_field: str) -> Present:
    """Why a record's CRM field stands as it does towards a connection. Raises NotFound where it is not synced."""
    link = Link.objects.filter(connection=connection, record_type=record[0], record_id=record[1]).first()
    field: FieldMapping | None = link and _fields(connection, link.actor_type).filter(crm_key=crm_field).first()
    if link is None or field is None:
        text = _("%(field)s of this record is not synced with %(connection)s.")
        raise NotFound(text % {"field": crm_field, "connection": connection.name})
    entries = _entries().filter(connection=connection, record_type=link.record_type, record_id=link.record_id)
    latest = entries.filter(erp_field=field.key).order_by("-id")[:_LATEST]
    snapshot = crm_side().read(RecordType(link.record_type), [link.record_id], [crm_field]).get(link.record_id)
    crm = snapshot.values[crm_field] if snapshot else None
    return Present(
        connection.name,
        link.actor_type,
        link.erp_key,
        link.state,
        WaitingLink.objects.filter(link=link).exists(),
        _mapped(field, crm, None),
        link.base.get(field.key),
        crm,
        [text_in(issue) for issue in link.issues if issue["field"] in ("", field.key)],
        [_explained(entry, field) for entry in latest],
    )


def _entries() -> Any:
    return LogEntry.objects.select_related("run", "connection__connector")


def _fields(connection: Connection, actor_type: str) -> Any:
    fields = FieldMapping.objects.filter(actor__connection=connection, actor__actor_type=actor_type)
    return fields.exclude(crm_key="").select_related("actor__connection__connector")


def _field(connection: Connection, actor_type: str, key: str) -> FieldMapping | None:
    found: FieldMapping | None = _fields(connection, actor_type).filter(key=key).first()
    return found


def _explained(entry: LogEntry, field: FieldMapping | None) -> Explanation:
    if field is not None and field.crm_key != entry.crm_field:
        field = None
    crm, erp = _sides(entry, field)
    written = entry.new if _was_sent(entry) else None
    pair = (written, erp) if entry.target == Side.CRM else (crm, written)
    return Explanation(
        entry.pk,
        entry.at,
        entry.record_type,
        entry.record_id,
        entry.connection.name,
        entry.connection.connector.name,
        entry.actor_type,
        entry.erp_key,
        entry.target,
        entry.old,
        entry.new,
        entry.rule,
        sentence_of(entry.rule),
        _mapped(field, *pair) if field else None,
        entry.base,
        crm,
        erp,
        entry.run_id,
        entry.run.kind,
        entry.run.by,
        _call(entry),
        _decision(entry, field),
    )


def _sides(entry: LogEntry, field: FieldMapping | None) -> tuple[Any, Any]:
    """What the CRM and the ERP held before. What was read is in the plan, if there was one, or follows from the new
    value, which is made from it."""
    other = _source(entry, field)
    return (entry.old, other) if entry.target == Side.CRM else (other, entry.old)


def _was_sent(entry: LogEntry) -> bool:
    """Whether the value fitted its target, and so was written, or sent at least."""
    return is_unanswered(entry.rule) or not refusal_text(entry.rule)


def _source(entry: LogEntry, field: FieldMapping | None) -> Any:
    place = {name: getattr(entry, name) for name in ("connection", "record_type", "record_id", "erp_field")}
    if not _was_sent(entry):
        return entry.new  # the log keeps what did not fit
    planned = PlanItem.objects.filter(plan__run=entry.run_id, side=entry.target, **place).first()
    if planned is not None:
        return planned.other
    compiled = _compiled(field) if field else None
    if compiled is None or chosen_by(entry.rule) == UNDONE:
        return None
    convert = compiled.to_erp_converter() if entry.target == Side.CRM else compiled.to_crm_converter()
    try:
        return convert(entry.new)
    except Misfit:
        return None


def _compiled(field: FieldMapping) -> Compiled | None:
    return next((m for m in compile_mappings(field.actor) if m.erp.key == field.key), None)


def _mapped(field: FieldMapping, crm: Any, erp: Any) -> Mapped:
    crm_field = crm_side().fields(RecordType(field.actor.record_type)).get(field.crm_key)
    ways = [way for way, open_ in (("to_crm", field.to_crm), ("to_erp", field.to_erp)) if open_]
    return Mapped(
        field.key,
        label_of(field),
        field.crm_key,
        str(crm_field.label) if crm_field else field.crm_key,
        "both" if len(ways) == 2 else next(iter(ways), "none"),
        field.policy or field.actor.connection.policy,
        bool(field.policy),
        _row_used(field, crm, erp),
    )


def _row_used(field: FieldMapping, crm: Any, erp: Any) -> tuple[str, str] | None:
    rows: Sequence[Any] = list(field.items.select_related("crm_item"))
    for row in rows:
        if (erp is not None and row.erp_item == str(erp)) or (crm is not None and str(row.crm_item_id) == str(crm)):
            return row.erp_item, row.crm_item.text
    return None


def _call(entry: LogEntry) -> str:
    """The connector's operation by which the value went to the ERP, or was read from it."""
    if entry.target == Side.ERP:
        return "create_actor" if entry.rule == "created" else "save_actors"
    return _READ_BY.get(entry.run.kind, "get_actors")


def _decision(entry: LogEntry, field: FieldMapping | None) -> str:
    """Who decided, where there was a choice; empty where there was none."""
    rule = chosen_by(entry.rule)
    if rule in _ASKED_FOR or (rule in _OVER_BY_POLICY and entry.run.kind in _CHOSEN_IN):
        return _("%(by)s, by %(kind)s in run %(run)s") % {
            "by": entry.run.by or _("Brygga"), "kind": entry.run.kind, "run": entry.run_id,
        }  # fmt: skip
    if rule not in _OVER_BY_POLICY or field is None:
        return ""
    policy = Policy(field.policy or entry.connection.policy)
    whose = _("the field's policy, %(policy)s") if field.policy else _("the connection's policy, %(policy)s")
    told = whose % {"policy": policy}
    return f"{told}: {_order(entry.connection)}" if policy is Policy.PRIORITY else told


def _order(connection: Connection) -> str:
    crm_first = SyncSettings.load().crm_priority <= connection.priority
    if crm_first:
        return _("the CRM comes before %(connection)s") % {"connection": connection.name}
    return _("%(connection)s comes before the CRM") % {"connection": connection.name}
