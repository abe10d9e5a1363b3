"""The merge of one record: every row of the table with real values, and the examples of behaviour E2, E3 and A14."""

from __future__ import annotations

import pytest

from brygga.merge.mapping import FieldMapping, FieldSpec
from brygga.merge.merge import Base, Conflict, Merger, Pair, Plan, Policy, Problem, Side, Write, apply_to
from brygga.merge.rules import Action, Rule, Situation, decide, situations
from brygga.merge.values import Kind, Value


def mapping(
    crm: Kind = Kind.TEXT,
    erp: Kind = Kind.TEXT,
    to_crm: bool = True,
    to_erp: bool = True,
    policy: Policy | None = None,
    items: dict[str, str] | None = None,
    key: str = "",
) -> FieldMapping:
    return FieldMapping(FieldSpec("E" + key, erp), FieldSpec("C" + key, crm), to_crm, to_erp, items or {}, policy)


def limited(crm: int = 0, erp: int = 0) -> FieldMapping:
    return FieldMapping(FieldSpec("E", Kind.TEXT, erp), FieldSpec("C", Kind.TEXT, crm), True, True)


def merge(
    field: FieldMapping, base: Pair | None, crm: Value, erp: Value, policy: Policy = Policy.CRM, **how: Side
) -> Plan:
    agreed: Base = {} if base is None else {"E": list(base)}
    return Merger([field], policy).merge(agreed, {"C": crm}, {"E": erp}, **how)


# The table with real values

_WINNERS = {Side.CRM: Policy.CRM, Side.ERP: Policy.ERP, None: Policy.ASK}


def _half(has_base: bool, changed: bool, now: Value) -> tuple[Value, Value]:
    """One side's base and present value."""
    if has_base:
        return ("before" if changed else now), now
    return None, (now if changed else None)


def _values(situation: Situation) -> tuple[Kind, Pair | None, Value, Value]:
    """A record in this situation: kind of field, base, CRM value, ERP value."""
    one_blank = not situation.has_base and situation.crm_changed != situation.erp_changed
    if one_blank and situation.equal:  # only a checkbox that is off equals one without a value
        return Kind.CHECKBOX, None, *((False, None) if situation.crm_changed else (None, False))
    crm_base, crm = _half(situation.has_base, situation.crm_changed, "same")
    erp_base, erp = _half(situation.has_base, situation.erp_changed, "same" if situation.equal else "other")
    return Kind.TEXT, ((crm_base, erp_base) if situation.has_base else None), crm, erp


def _expected(rule: Rule, action: Action, base: Pair | None, crm: Value, erp: Value) -> Plan:
    overruled = "wins" in rule
    if action is Action.WRITE_CRM:
        return Plan(crm_writes=[Write(Side.CRM, "E", "C", crm, erp, rule, (erp, erp), crm if overruled else None)])
    if action is Action.WRITE_ERP:
        return Plan(erp_writes=[Write(Side.ERP, "E", "C", erp, crm, rule, (crm, crm), erp if overruled else None)])
    if action is Action.ASK:
        return Plan(conflicts=[Conflict("E", "C", crm, erp, base)])
    return Plan(settled={"E": (crm, erp)}) if action is Action.SETTLE else Plan()


@pytest.mark.parametrize("situation", list(situations()), ids=str)
def test_every_situation_ends_as_the_table_says(situation: Situation) -> None:
    kind, base, crm, erp = _values(situation)
    field = mapping(kind, kind, situation.to_crm, situation.to_erp)
    plan = merge(field, base, crm, erp, _WINNERS[situation.winner])
    assert plan == _expected(*decide(situation), base, crm, erp)


# Who wins


@pytest.mark.parametrize(
    ("policy", "crm_first", "newer", "winner"),
    [
        (Policy.PRIORITY, True, Side.ERP, Side.CRM),
        (Policy.PRIORITY, False, Side.CRM, Side.ERP),
        (Policy.CRM, False, Side.ERP, Side.CRM),
        (Policy.ERP, True, Side.CRM, Side.ERP),
        (Policy.NEWEST, True, Side.ERP, Side.ERP),
        (Policy.NEWEST, False, Side.CRM, Side.CRM),
        (Policy.NEWEST, True, None, Side.CRM),
        (Policy.NEWEST, False, None, Side.ERP),
    ],
)
def test_the_policy_names_the_winner_and_the_loser_is_kept(
    policy: Policy, crm_first: bool, newer: Side | None, winner: Side
) -> None:
    plan = Merger([mapping()], policy, crm_first).merge({"E": ["old", "old"]}, {"C": "crm"}, {"E": "erp"}, newer)
    (write,) = plan.crm_writes + plan.erp_writes
    loser = "erp" if winner is Side.CRM else "crm"
    assert (write.new, write.old, write.loser, write.side.value) == (winner.value, loser, loser, loser)


def test_a_field_may_have_a_policy_of_its_own() -> None:
    plan = merge(mapping(policy=Policy.ASK), ("old", "old"), "crm", "erp", Policy.CRM)
    assert plan == Plan(conflicts=[Conflict("E", "C", "crm", "erp", ("old", "old"))])


# Equality by type and meaning (behaviour E3)


@pytest.mark.parametrize(
    ("field", "crm", "erp", "equal"),
    [
        (mapping(), "007", "7", False),
        (mapping(Kind.TEXT, Kind.INTEGER), "007", 7, False),
        (mapping(Kind.TEXT, Kind.INTEGER), "7", 7, True),
        (mapping(Kind.DOUBLE, Kind.INTEGER), 1.0, 1, True),
        (mapping(Kind.DOUBLE, Kind.INTEGER), 1.5, 1, False),
        (mapping(Kind.TEXT, Kind.DOUBLE), "1.50", 1.5, True),
        (mapping(Kind.DATE, Kind.DATETIME), "2013-12-31", "2013-12-31T00:00:00", True),
        (mapping(Kind.DATE, Kind.DATETIME), "2013-12-31", "2013-12-31T00:00:01", False),
        (mapping(), "one\r\ntwo", "one\ntwo", True),
        (mapping(), "Acme", "ACME", False),
        (mapping(Kind.CHECKBOX, Kind.INTEGER), True, 1, True),
        (mapping(Kind.CHECKBOX, Kind.CHECKBOX), None, False, True),
        (mapping(Kind.LIST, Kind.LIST, items={"1": "retail"}), "retail", "1", True),
        (mapping(Kind.LIST, Kind.LIST, items={"1": "retail"}), "1", "1", False),
        (limited(erp=4), "Acme Ltd", "Acme", True),
        (limited(crm=4), "Acme", "Acme Ltd", True),
        (limited(erp=5), "Acme Ltd", "Acme", False),
    ],
)
def test_values_are_compared_by_meaning(field: FieldMapping, crm: Value, erp: Value, equal: bool) -> None:
    first, later = merge(field, None, crm, erp), merge(field, ("old", "old"), crm, erp)
    assert (first == later == Plan(settled={"E": (crm, erp)})) is equal


def test_a_lossy_looking_conversion_is_not_an_edit_later() -> None:
    assert not merge(mapping(Kind.TEXT, Kind.DOUBLE), ("1.50", 1.5), "1.50", 1.5)
    assert not merge(limited(erp=4), ("Acme Ltd", "Acme"), "Acme Ltd", "Acme")


# Values that do not fit


def _problem(plan: Plan) -> tuple[Side, Value, str]:
    (problem,) = plan.problems
    assert plan == Plan(problems=[problem])
    return problem.side, problem.value, problem.misfit.code


def test_a_text_that_is_too_long_is_a_problem_even_if_its_start_is_there_already() -> None:
    assert _problem(merge(limited(erp=4), ("Acme", "Acme"), "Acme Ltd", "Acme")) == (Side.ERP, "Acme Ltd", "too_long")
    assert _problem(merge(limited(crm=4), ("Acme", "Acme"), "Acme", "Acme Ltd")) == (Side.CRM, "Acme Ltd", "too_long")


def test_an_unmapped_item_is_a_problem() -> None:
    field = mapping(Kind.LIST, Kind.LIST, items={"1": "retail"})
    assert _problem(merge(field, ("retail", "1"), "retail", "2")) == (Side.CRM, "2", "unknown_item")


def test_a_winner_that_does_not_fit_is_a_problem_and_the_loser_stays() -> None:
    assert _problem(merge(mapping(Kind.TEXT, Kind.INTEGER), ("1", 1), "many", 2)) == (Side.ERP, "many", "not_a_number")


@pytest.mark.parametrize("side", list(Side))
def test_a_mandatory_field_is_not_blanked(side: Side) -> None:
    erp = FieldSpec("E", Kind.TEXT, mandatory=side is Side.ERP)
    crm = FieldSpec("C", Kind.TEXT, mandatory=side is Side.CRM)
    now: Pair = (None, "a") if side is Side.ERP else ("a", None)
    plan = merge(FieldMapping(erp, crm, True, True), ("a", "a"), *now)
    assert _problem(plan) == (side, None, "mandatory_blank")


def test_a_blank_travels_to_a_field_that_may_be_blank() -> None:
    assert merge(mapping(), ("a", "a"), None, "a").erp_writes[0].new is None


def test_a_problem_in_one_field_does_not_hold_up_the_others() -> None:
    merger = Merger([mapping(Kind.TEXT, Kind.INTEGER, key="1"), mapping(key="2")])
    base: Base = {"E1": ["1", 1], "E2": ["a", "a"]}
    plan = merger.merge(base, {"C1": "many", "C2": "b"}, {"E1": 1, "E2": "a"})
    assert [problem.erp_field for problem in plan.problems] == ["E1"]
    assert [write.erp_field for write in plan.erp_writes] == ["E2"]
    assert apply_to(plan, base) == {"E1": ["1", 1], "E2": ("b", "b")}


# Which fields are looked at


def test_a_field_that_was_not_read_is_left_alone() -> None:
    merger = Merger([mapping()])
    assert not merger.merge({"E": ["a", "a"]}, {"C": "b"}, {})
    assert not merger.merge({"E": ["a", "a"]}, {}, {"E": "b"})
    assert not merger.merge({}, {"C": "b"}, {})


def test_only_the_fields_asked_for_are_merged() -> None:
    merger = Merger([mapping(key="1"), mapping(key="2")])
    plan = merger.merge({}, {"C1": "a", "C2": "b"}, {"E1": None, "E2": None}, fields={"E2"})
    assert [write.erp_field for write in plan.erp_writes] == ["E2"]


def test_a_mapping_without_direction_is_ignored() -> None:
    merger = Merger([mapping(to_crm=False, to_erp=False)])
    assert not merger.merge({}, {"C": "a"}, {"E": "b"})


def test_a_crm_field_fed_by_two_erp_fields_is_refused() -> None:
    twice = [FieldMapping(FieldSpec(key, Kind.TEXT), FieldSpec("C", Kind.TEXT), True, False) for key in "AB"]
    with pytest.raises(ValueError, match="CRM field C"):
        Merger(twice)


def test_an_erp_field_mapped_twice_is_refused() -> None:
    twice = [FieldMapping(FieldSpec("E", Kind.TEXT), FieldSpec(key, Kind.TEXT), True, False) for key in "AB"]
    with pytest.raises(ValueError, match="ERP field E"):
        Merger(twice)


def test_a_crm_field_may_feed_two_erp_fields() -> None:
    twice = [FieldMapping(FieldSpec(key, Kind.TEXT), FieldSpec("C", Kind.TEXT), False, True) for key in "AB"]
    plan = Merger(twice).merge({}, {"C": "a"}, {"A": None, "B": None})
    assert [write.erp_field for write in plan.erp_writes] == ["A", "B"]


# Copying one side to the other (behaviour A14)


def test_a_copy_overwrites_whatever_was_agreed_and_names_the_loser() -> None:
    plan = Merger([mapping()]).copy(Side.CRM, {"C": "a"}, {"E": "b"})
    assert plan == Plan(erp_writes=[Write(Side.ERP, "E", "C", "b", "a", Rule.COPIED_FROM_CRM, ("a", "a"), "b")])
    plan = Merger([mapping()]).copy(Side.ERP, {"C": "a"}, {"E": "b"})
    assert plan == Plan(crm_writes=[Write(Side.CRM, "E", "C", "a", "b", Rule.COPIED_FROM_ERP, ("b", "b"), "a")])


def test_a_copy_settles_what_is_equal() -> None:
    assert Merger([mapping()]).copy(Side.ERP, {"C": "a"}, {"E": "a"}) == Plan(settled={"E": ("a", "a")})


@pytest.mark.parametrize("source", list(Side))
def test_a_copy_keeps_to_the_direction(source: Side) -> None:
    merger = Merger([mapping(to_crm=source is Side.CRM, to_erp=source is Side.ERP)])
    assert not merger.copy(source, {"C": "a"}, {"E": "b"})


@pytest.mark.parametrize(("source", "crm", "erp"), [(Side.CRM, None, "b"), (Side.ERP, "a", None)])
def test_blanks_overwrite_unless_they_are_to_be_kept_out(source: Side, crm: Value, erp: Value) -> None:
    merger = Merger([mapping()])
    assert not merger.copy(source, {"C": crm}, {"E": erp}, keep_blanks=True)
    plan = merger.copy(source, {"C": crm}, {"E": erp})
    assert [write.new for write in plan.crm_writes + plan.erp_writes] == [None]


def test_a_copy_is_limited_to_the_fields_asked_for() -> None:
    merger = Merger([mapping(key="1"), mapping(key="2")])
    plan = merger.copy(Side.CRM, {"C1": "a", "C2": "b"}, {"E1": None, "E2": None}, fields=["E1"])
    assert [write.erp_field for write in plan.erp_writes] == ["E1"]


def test_a_copy_reports_what_does_not_fit() -> None:
    plan = Merger([limited(erp=4)]).copy(Side.CRM, {"C": "Acme Ltd"}, {"E": "Acme"})
    assert isinstance(plan.problems[0], Problem)
    assert _problem(plan) == (Side.ERP, "Acme Ltd", "too_long")
