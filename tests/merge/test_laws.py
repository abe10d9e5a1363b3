"""The laws of the merge, on random mappings, bases and edits (behaviour E2, E3)."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TypeAlias

from hypothesis import given, settings
from hypothesis import strategies as st

from brygga.merge.mapping import CONVERSIONS, FieldMapping, FieldSpec
from brygga.merge.merge import Merger, Plan, Policy, Side, apply_to
from brygga.merge.values import Kind, Value

Values: TypeAlias = dict[str, Value]
Base: TypeAlias = dict[str, list[Value]]

# Few values of each kind, so that they meet often, and awkward ones, so that it matters when they do.
POOL: dict[Kind, list[Value]] = {
    Kind.TEXT: [None, "a", "b", "7", "007", "1.50", "a\r\nb", "a\nb", "a long text", "a lon", "2024-02-29"],
    Kind.INTEGER: [None, 0, 1, 7, -3, 2**53 + 1],
    Kind.DOUBLE: [None, 0.0, 1.0, 1.5, 7.0, 1e22],
    Kind.CHECKBOX: [None, False, True],
    Kind.LIST: [None, "1", "2", "3", "one", "two"],
    Kind.DATE: [None, "2024-02-29", "2024-03-01"],
    Kind.DATETIME: [None, "2024-02-29T00:00:00", "2024-02-29T12:30:00", "2024-03-01T00:00:00.500000"],
}
PAIRS = sorted({*CONVERSIONS, *((kind, kind) for kind in Kind)})
DIRECTIONS = [(True, True), (True, False), (False, True)]


@dataclass
class Record:
    """One linked record: how it is mapped, what was agreed, what stands on either side now."""

    mappings: list[FieldMapping]
    policy: Policy
    crm_first: bool
    newer: Side | None
    base: Base
    crm: Values
    erp: Values

    @property
    def merger(self) -> Merger:
        return Merger(self.mappings, self.policy, self.crm_first)

    def plan(self) -> Plan:
        return self.merger.merge(self.base, self.crm, self.erp, self.newer)

    def after(self, plan: Plan) -> Record:
        """The record once everything in the plan was written; the base takes the way through JSON."""
        crm = self.crm | {write.crm_field: write.new for write in plan.crm_writes}
        erp = self.erp | {write.erp_field: write.new for write in plan.erp_writes}
        return replace(self, base=json.loads(json.dumps(apply_to(plan, self.base))), crm=crm, erp=erp)

    def agrees_on(self, mapping: FieldMapping) -> bool:
        """Whether the sides mean the same: merged without a base, they need no write."""
        plan = Merger([mapping]).merge({}, self.crm, self.erp)
        return list(plan.settled) == [mapping.erp.key]


def _spec(key: str, kind: Kind) -> st.SearchStrategy[FieldSpec]:
    return st.builds(FieldSpec, st.just(key), st.just(kind), st.sampled_from([0, 0, 5]), mandatory=st.booleans())


@st.composite
def mappings(draw: st.DrawFn, number: int) -> FieldMapping:
    erp_kind, crm_kind = draw(st.sampled_from(PAIRS))
    if draw(st.booleans()):
        erp_kind, crm_kind = crm_kind, erp_kind
    to_crm, to_erp = draw(st.sampled_from(DIRECTIONS))
    erp, crm = draw(_spec(f"E{number}", erp_kind)), draw(_spec(f"C{number}", crm_kind))
    return FieldMapping(erp, crm, to_crm, to_erp, {"1": "one", "2": "two"})


@st.composite
def records(draw: st.DrawFn) -> Record:
    mapped = [draw(mappings(number)) for number in range(draw(st.integers(1, 4)))]
    crm = {m.crm.key: draw(st.sampled_from(POOL[m.crm.kind])) for m in mapped}
    erp = {m.erp.key: draw(st.sampled_from(POOL[m.erp.kind])) for m in mapped}
    base = {
        m.erp.key: [
            draw(st.sampled_from([crm[m.crm.key], *POOL[m.crm.kind]])),
            draw(st.sampled_from([erp[m.erp.key], *POOL[m.erp.kind]])),
        ]
        for m in mapped
        if draw(st.booleans())
    }
    newer = draw(st.sampled_from([None, *Side]))
    return Record(mapped, draw(st.sampled_from(Policy)), draw(st.booleans()), newer, base, crm, erp)


def undecided(plan: Plan) -> set[str]:
    return {conflict.erp_field for conflict in plan.conflicts} | {problem.erp_field for problem in plan.problems}


@given(records())
def test_nothing_happens_when_nothing_changed(record: Record) -> None:
    base = {m.erp.key: [record.crm[m.crm.key], record.erp[m.erp.key]] for m in record.mappings}
    assert not replace(record, base=base).plan()


@given(records())
def test_sides_that_agree_never_conflict_and_are_never_written(record: Record) -> None:
    plan = record.plan()
    touched = undecided(plan) | {write.erp_field for write in (*plan.crm_writes, *plan.erp_writes)}
    fits = [m for m in record.mappings if not (m.crm.max_length or m.erp.max_length)]
    assert not [m for m in fits if record.agrees_on(m) and m.erp.key in touched]


@settings(max_examples=300)
@given(records())
def test_a_plan_carried_out_makes_both_way_fields_agree(record: Record) -> None:
    plan = record.plan()
    after = record.after(plan)
    moved = {write.erp_field for write in (*plan.crm_writes, *plan.erp_writes)} | set(plan.settled)
    assert all(after.agrees_on(m) for m in record.mappings if m.erp.key in moved)
    quiet = {key for key, pair in record.base.items() if pair == [record.crm["C" + key[1:]], record.erp[key]]}
    both_ways = {m.erp.key for m in record.mappings if m.to_crm and m.to_erp}
    assert both_ways <= moved | undecided(plan) | quiet


@settings(max_examples=300)
@given(records())
def test_merging_again_after_a_plan_does_nothing_new(record: Record) -> None:
    plan = record.plan()
    again = record.after(plan).plan()
    assert again == Plan(conflicts=again.conflicts, problems=again.problems)
    assert (again.conflicts, undecided(again)) == (plan.conflicts, undecided(plan))


@given(records())
def test_a_one_way_field_never_flows_back(record: Record) -> None:
    plan = record.plan()
    to_crm = {m.erp.key for m in record.mappings if m.to_crm}
    to_erp = {m.erp.key for m in record.mappings if m.to_erp}
    assert {write.erp_field for write in plan.crm_writes} <= to_crm
    assert {write.erp_field for write in plan.erp_writes} <= to_erp
    assert {conflict.erp_field for conflict in plan.conflicts} <= to_crm & to_erp


@given(records())
def test_every_value_that_disappears_stands_in_the_plan(record: Record) -> None:
    plan = record.plan()
    after = record.after(plan)
    gone_crm = {key: value for key, value in record.crm.items() if after.crm[key] is not value}
    gone_erp = {key: value for key, value in record.erp.items() if after.erp[key] is not value}
    assert {write.crm_field: write.old for write in plan.crm_writes} == gone_crm
    assert {write.erp_field: write.old for write in plan.erp_writes} == gone_erp


@given(records())
def test_an_edit_that_is_overruled_is_named_as_the_loser(record: Record) -> None:
    plan = record.plan()
    for write in plan.crm_writes:
        edited = write.old != record.base.get(write.erp_field, [None, None])[0]
        assert write.loser == (write.old if edited else None)
    for write in plan.erp_writes:
        edited = write.old != record.base.get(write.erp_field, [None, None])[1]
        assert write.loser == (write.old if edited else None)


@given(records())
def test_a_decision_on_one_field_does_not_depend_on_the_others(record: Record) -> None:
    whole = record.plan()
    for m in record.mappings:
        alone = record.merger.merge(record.base, record.crm, record.erp, record.newer, fields={m.erp.key})
        assert alone.crm_writes == [write for write in whole.crm_writes if write.erp_field == m.erp.key]
        assert alone.erp_writes == [write for write in whole.erp_writes if write.erp_field == m.erp.key]
        assert alone.conflicts == [conflict for conflict in whole.conflicts if conflict.erp_field == m.erp.key]


@given(records(), st.sampled_from(Side), st.booleans())
def test_a_copy_makes_its_fields_agree_and_the_merge_has_nothing_to_add(
    record: Record, source: Side, keep_blanks: bool
) -> None:
    plan = record.merger.copy(source, record.crm, record.erp, keep_blanks)
    after = record.after(plan)
    copied = set(plan.settled) | {write.erp_field for write in (*plan.crm_writes, *plan.erp_writes)}
    assert all(after.agrees_on(m) for m in record.mappings if m.erp.key in copied)
    assert not after.merger.merge(after.base, after.crm, after.erp, fields=copied)
