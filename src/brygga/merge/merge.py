"""The three-way merge of one record: last agreed values, CRM now, ERP now, to a plan (behaviour E2, E3).

Each side is compared with its own half of the base, so a conversion that changes the looks of a value is not
mistaken for an edit. What happens in which situation stands in `rules.TABLE`; this module finds out which
situation it is and carries the outcome into the plan.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

from brygga.merge.mapping import Converter, FieldMapping
from brygga.merge.plan import Base, Conflict, Pair, Plan, Problem, Write, apply_to
from brygga.merge.rules import Action, Policy, Rule, Side, Situation, decide
from brygga.merge.values import Kind, Misfit, Value

__all__ = ["Base", "Conflict", "Merger", "Pair", "Plan", "Policy", "Problem", "Side", "Write", "apply_to"]

_UNREAD: Any = object()
"""Stands for a value that a side did not deliver; equal to no value."""

_OVERRULING = frozenset(
    {
        Rule.CONFLICT_CRM_WINS,
        Rule.CONFLICT_ERP_WINS,
        Rule.ONE_WAY_CRM_WINS,
        Rule.ONE_WAY_ERP_WINS,
        Rule.COPIED_FROM_CRM,
        Rule.COPIED_FROM_ERP,
    }
)


class Merger:
    """Merges records of one actor type of one connection. Make one per run; it keeps no state between records.

    `policy` settles conflicts of fields that have no policy of their own. `crm_first` says whether the CRM
    stands before the connection in the sync priority (behaviour A12). Mappings without a direction are ignored.

    Raises ValueError if an ERP field is mapped twice or a CRM field would be fed by two ERP fields: such
    values would overwrite each other for ever.
    """

    def __init__(
        self, mappings: Sequence[FieldMapping], policy: Policy = Policy.PRIORITY, crm_first: bool = True
    ) -> None:
        mapped = [mapping for mapping in mappings if mapping.to_crm or mapping.to_erp]
        _refuse_repeats("ERP", (mapping.erp.key for mapping in mapped))
        _refuse_repeats("CRM", (mapping.crm.key for mapping in mapped if mapping.to_crm))
        self._policy = policy
        self._first = Side.CRM if crm_first else Side.ERP
        self._fields = [(mapping.erp.key, mapping.crm.key, _Field(mapping)) for mapping in mapped]

    def merge(
        self,
        base: Base,
        crm: Mapping[str, Value],
        erp: Mapping[str, Value],
        newer: Side | None = None,
        fields: Collection[str] | None = None,
    ) -> Plan:
        """Decide on every mapped field of one record.

        `crm` holds canonical values by CRM field key and `erp` by ERP field key; a field that either of them
        lacks was not read, and nothing is decided on it. `newer` is the side with the later edit, for the
        policy NEWEST; None leaves the decision to the priority. `fields` are the ERP keys to look at; None
        means all.
        """
        plan = Plan()
        # Nearly every field of nearly every record is quiet, so that is found out first.
        for erp_key, crm_key, field in self._fields:
            crm_value, erp_value = crm.get(crm_key, _UNREAD), erp.get(erp_key, _UNREAD)
            pair = base.get(erp_key)
            if pair is not None and pair[0] == crm_value and pair[1] == erp_value:
                continue
            if crm_value is _UNREAD or erp_value is _UNREAD or (fields is not None and erp_key not in fields):
                continue
            agreed = None if pair is None else (pair[0], pair[1])
            field.merge(plan, agreed, crm_value, erp_value, self._winner(field.policy, newer))
        return plan

    def copy(
        self,
        source: Side,
        crm: Mapping[str, Value],
        erp: Mapping[str, Value],
        keep_blanks: bool = False,
        fields: Collection[str] | None = None,
    ) -> Plan:
        """Make the other side equal to `source`, whatever was agreed: for a resync (behaviour A14), the values
        chosen when connecting (U5) and a person's answer to a conflict.

        Only fields whose direction allows it are copied. With `keep_blanks` a blank does not overwrite a value.
        """
        plan = Plan()
        for field, crm_value, erp_value in self._read_fields(crm, erp, fields):
            if field.flows_from(source) and not (keep_blanks and (crm_value, erp_value)[source is Side.ERP] is None):
                field.copy(plan, source, crm_value, erp_value)
        return plan

    def _read_fields(
        self, crm: Mapping[str, Value], erp: Mapping[str, Value], fields: Collection[str] | None
    ) -> Iterator[tuple[_Field, Value, Value]]:
        for erp_key, crm_key, field in self._fields:
            if erp_key in erp and crm_key in crm and (fields is None or erp_key in fields):
                yield field, crm[crm_key], erp[erp_key]

    def _winner(self, policy: Policy | None, newer: Side | None) -> Side | None:
        """The side that wins a conflict; None asks a person."""
        policy = policy or self._policy
        if policy is Policy.ASK:
            return None
        if policy is Policy.CRM or policy is Policy.ERP:
            return Side(policy.value)
        return newer if policy is Policy.NEWEST and newer is not None else self._first


class _Field:
    """One mapped field, compiled: compares, and turns outcomes into entries of a plan."""

    __slots__ = ("_crm", "_erp", "_mapping", "_to_crm", "_to_erp", "policy")

    def __init__(self, mapping: FieldMapping) -> None:
        self._mapping = mapping
        self._crm, self._erp = mapping.crm, mapping.erp
        self._to_crm, self._to_erp = mapping.to_crm_converter(), mapping.to_erp_converter()
        self.policy = mapping.policy

    def flows_from(self, source: Side) -> bool:
        """Whether the mapping lets values of `source` through."""
        return self._mapping.to_erp if source is Side.CRM else self._mapping.to_crm

    def merge(self, plan: Plan, base: Pair | None, crm: Value, erp: Value, winner: Side | None) -> None:
        crm_base, erp_base = base or (None, None)
        crm_changed, erp_changed = crm != crm_base, erp != erp_base
        # An edit of one side that is too long is news to report; two entries that differ in length alone are not.
        equal = self._agree(crm, erp) or (crm_changed == erp_changed and self._agree_as_far_as_fits(crm, erp))
        mapping = self._mapping
        rule, action = decide(
            Situation(base is not None, crm_changed, erp_changed, equal, mapping.to_crm, mapping.to_erp, winner)
        )
        if action is Action.SETTLE:
            plan.settled[self._erp.key] = (crm, erp)
        elif action is Action.ASK:
            plan.conflicts.append(Conflict(self._erp.key, self._crm.key, crm, erp, base))
        elif action is Action.WRITE_CRM:
            self._write_crm(plan, rule, crm, erp)
        elif action is Action.WRITE_ERP:
            self._write_erp(plan, rule, crm, erp)

    def copy(self, plan: Plan, source: Side, crm: Value, erp: Value) -> None:
        if self._agree(crm, erp):
            plan.settled[self._erp.key] = (crm, erp)
        elif source is Side.CRM:
            self._write_erp(plan, Rule.COPIED_FROM_CRM, crm, erp)
        else:
            self._write_crm(plan, Rule.COPIED_FROM_ERP, crm, erp)

    def _agree(self, crm: Value, erp: Value) -> bool:
        """Whether the values mean the same: one, converted, is the other (behaviour E3)."""
        if crm is None or erp is None:
            checkboxes = self._crm.kind is Kind.CHECKBOX and self._erp.kind is Kind.CHECKBOX
            return crm is erp or (checkboxes and not crm and not erp)
        return _becomes(self._to_crm, erp, crm) or _becomes(self._to_erp, crm, erp)

    def _agree_as_far_as_fits(self, crm: Value, erp: Value) -> bool:
        """Whether two texts are the same up to the length that the shorter field takes (behaviour E3)."""
        if not (self._crm.kind is Kind.TEXT and self._erp.kind is Kind.TEXT and crm and erp):
            return False
        return _fills(str(crm), self._crm.max_length, str(erp)) or _fills(str(erp), self._erp.max_length, str(crm))

    def _write_crm(self, plan: Plan, rule: Rule, crm: Value, erp: Value) -> None:
        try:
            new = _checked(self._to_crm(erp), self._crm.mandatory)
        except Misfit as misfit:
            plan.problems.append(Problem(self._erp.key, self._crm.key, Side.CRM, erp, misfit))
        else:
            loser = crm if rule in _OVERRULING else None
            write = Write(Side.CRM, self._erp.key, self._crm.key, crm, new, rule, (new, erp), loser)
            plan.crm_writes.append(write)

    def _write_erp(self, plan: Plan, rule: Rule, crm: Value, erp: Value) -> None:
        try:
            new = _checked(self._to_erp(crm), self._erp.mandatory)
        except Misfit as misfit:
            plan.problems.append(Problem(self._erp.key, self._crm.key, Side.ERP, crm, misfit))
        else:
            loser = erp if rule in _OVERRULING else None
            write = Write(Side.ERP, self._erp.key, self._crm.key, erp, new, rule, (crm, new), loser)
            plan.erp_writes.append(write)


def _checked(new: Value, mandatory: bool) -> Value:
    if new is None and mandatory:
        raise Misfit("mandatory_blank")
    return new


def _becomes(convert: Converter, value: Value, wanted: Value) -> bool:
    try:
        return _with_plain_line_ends(convert(value)) == _with_plain_line_ends(wanted)
    except Misfit:
        return False


def _with_plain_line_ends(value: Value) -> Value:
    return value.replace("\r\n", "\n") if isinstance(value, str) and "\r" in value else value


def _fills(text: str, max_length: int, whole: str) -> bool:
    return len(text) == max_length < len(whole) and whole.startswith(text)


def _refuse_repeats(side: str, keys: Iterable[str]) -> None:
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            raise ValueError(f"the {side} field {key} is mapped more than once; keep one of the mappings")
        seen.add(key)
