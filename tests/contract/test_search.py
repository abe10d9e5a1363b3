"""Advanced search: every operator against a plain reference of its own, the date modes, and clear refusals."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.contract import ActorType, ErpActor, ErrorCode, FieldType, SearchError, SearchRestriction
from brygga.contract.search import OPERATORS, DateMode, matcher, matches, matches_text
from brygga.contract.values import encode

TYPES = {
    "NAME": FieldType.TEXT,
    "AMOUNT": FieldType.DOUBLE,
    "COUNT": FieldType.INTEGER,
    "ACTIVE": FieldType.CHECKBOX,
    "GROUP": FieldType.LIST,
    "SINCE": FieldType.DATETIME,
    "PIN": FieldType.PASSWORD,
}


def actor(**fields: str) -> ErpActor:
    return ErpActor(ActorType.PERSON, "K17", "1", ActorType.CUSTOMER, "10001", fields)


def holds(key: str, operator: str, *operands: str, stored: str, mode: DateMode | None = None) -> bool:
    restriction = SearchRestriction(key, operator, list(operands))
    if mode is None:
        return matches(actor(**{key: stored}), [restriction], TYPES)
    return matches(actor(**{key: stored}), [restriction], TYPES, mode)


def reference_text(operator: str, value: str, operands: list[str]) -> bool:
    value, first, last = value.casefold(), operands[0].casefold(), operands[-1].casefold()
    places = [i for i in range(len(value) + 1) if value[i : i + len(first)] == first]
    begins, ends = 0 in places, len(value) - len(first) in places
    answers = {
        "=": value == first,
        "isnot": value != first,
        "begins": begins,
        "notbegins": not begins,
        "contains": bool(places),
        "notcontains": not places,
        "ends": ends,
        "notends": not ends,
        "between": sorted([first, value]) == [first, value] and sorted([value, last]) == [value, last],
    }
    return answers[operator]


def reference_order(operator: str, position: int, low: int, high: int) -> bool:
    """The operators that order, told by the sign of the comparison alone."""
    if operator == "between":
        return low >= 0 >= high
    signs = {
        "=": [0],
        "!=": [-1, 1],
        ">": [1],
        "after": [1],
        "<": [-1],
        "before": [-1],
        ">=": [0, 1],
        "afterOrEqual": [0, 1],
        "<=": [-1, 0],
        "beforeOrEqual": [-1, 0],
    }
    return position in signs[operator]


def sign(difference: float) -> int:
    return (difference > 0) - (difference < 0)


short_text = st.text(alphabet="aAbBøØß ", max_size=4)


@given(st.sampled_from(list(OPERATORS[FieldType.TEXT])), short_text, short_text, short_text)
def test_text_operators(operator: str, value: str, low: str, high: str) -> None:
    operands = [low, high] if operator == "between" else [low]
    assert holds("NAME", operator, *operands, stored=value) == reference_text(operator, value, operands)


@pytest.mark.parametrize(("key", "convert"), [("COUNT", int), ("AMOUNT", lambda number: number / 4)])
@pytest.mark.parametrize("operator", OPERATORS[FieldType.INTEGER])
def test_number_operators(key: str, convert: Callable[[int], int | float], operator: str) -> None:
    for value, low, high in itertools.product(map(convert, range(-2, 3)), repeat=3):
        operands = [encode(low), encode(high)] if operator == "between" else [encode(low)]
        expected = reference_order(operator, sign(value - low), sign(value - low), sign(value - high))
        assert holds(key, operator, *operands, stored=encode(value)) == expected


CUTS: dict[DateMode, Callable[[datetime], str]] = {
    DateMode.DATE_ONLY: lambda moment: f"{moment:%Y%m%d}",
    DateMode.TIME_ONLY: lambda moment: f"{moment:%H%M%S%f}",
    DateMode.TIME_ONLY_IGNORE_SECONDS: lambda moment: f"{moment:%H%M}",
    DateMode.DATE_AND_TIME: lambda moment: f"{moment:%Y%m%d%H%M%S%f}",
    DateMode.DATE_AND_TIME_IGNORE_SECONDS: lambda moment: f"{moment:%Y%m%d%H%M}",
}
near = st.datetimes(datetime(2013, 12, 30), datetime(2014, 1, 2)).map(
    lambda moment: moment.replace(minute=moment.minute % 2, hour=moment.hour % 2, second=moment.second % 3)
)


@given(st.sampled_from(list(OPERATORS[FieldType.DATETIME])), st.sampled_from(DateMode), near, near, near)
def test_date_operators_in_each_mode(
    operator: str, mode: DateMode, value: datetime, low: datetime, high: datetime
) -> None:
    operands = [low, high] if operator == "between" else [low]
    at, start, end = (int(CUTS[mode](moment)) for moment in (value, low, high))
    expected = reference_order(operator, sign(at - start), sign(at - start), sign(at - end))
    assert holds("SINCE", operator, *map(encode, operands), stored=encode(value), mode=mode) == expected


def test_seconds_are_ignored_unless_asked_for() -> None:
    stored, sought = encode(datetime(2013, 5, 13, 13, 50, 48)), encode(datetime(2013, 5, 13, 13, 50, 2))
    assert holds("SINCE", "=", sought, stored=stored)
    assert not holds("SINCE", "=", sought, stored=stored, mode=DateMode.DATE_AND_TIME)


def test_dates_count_as_midnight_and_times_stand_alone() -> None:
    assert holds("SINCE", "=", encode(date(2013, 5, 13)), stored=encode(datetime(2013, 5, 13)))
    stored = encode(datetime(2013, 5, 13, 8, 30))
    assert holds("SINCE", "=", encode(time(8, 30)), stored=stored, mode=DateMode.TIME_ONLY)


@pytest.mark.parametrize(
    ("stored", "operator", "keys", "expected"),
    [
        ("1", "oneof", ["1", "2"], True),
        ("3", "oneof", ["1", "2"], False),
        ("3", "notoneof", ["1", "2"], True),
        ("1", "notoneof", ["1", "2"], False),
        ("a", "oneof", ["A"], False),
        ("", "oneof", ["1", ""], True),
        ("1", "oneof", [], False),
        ("1", "notoneof", [], True),
    ],
)
def test_list_operators(stored: str, operator: str, keys: list[str], expected: bool) -> None:
    assert holds("GROUP", operator, *keys, stored=stored) is expected


@pytest.mark.parametrize(
    ("stored", "sought", "expected"),
    [("[I:1]", "[I:1]", True), ("[I:0]", "[I:1]", False), ("", "[I:0]", True), ("", "[I:1]", False)],
)
def test_checkbox(stored: str, sought: str, expected: bool) -> None:
    assert holds("ACTIVE", "=", sought, stored=stored) is expected


@pytest.mark.parametrize("stored", ["", "[I:rubbish]"])
def test_what_is_blank_or_unreadable_has_no_place_in_an_order(stored: str) -> None:
    assert not holds("COUNT", ">", "[I:-5]", stored=stored)
    assert not holds("COUNT", "<=", "[I:5]", stored=stored)
    assert not holds("COUNT", "between", "[I:-5]", "[I:5]", stored=stored)
    assert not holds("COUNT", "=", "[I:0]", stored=stored)
    assert holds("COUNT", "!=", "[I:0]", stored=stored)
    assert holds("COUNT", "=", "", stored=stored)


def test_an_integer_field_compares_with_a_fraction() -> None:
    assert holds("COUNT", ">", "[F:1.5]", stored="[I:2]")
    assert not holds("COUNT", ">", "1.5", stored="[I:1]")


def test_operators_are_known_in_any_case() -> None:
    assert holds("NAME", "Begins", "KUN", stored="Kunden")
    assert holds("SINCE", "BEFOREOREQUAL", "2013-12-31", stored="[D:12/31/2013]")


@pytest.mark.parametrize(
    ("key", "operator", "operands", "expected"),
    [
        ("ParentErpKey", "=", ["10001"], True),
        ("ParentErpKey", "isnot", ["10001"], False),
        ("ParentErpKey", "oneof", ["5", "10001"], True),
        ("ParentActorType", "=", ["customer"], True),
        ("ParentActorType", "oneof", ["Supplier", "Partner"], False),
    ],
)
def test_parents_are_special_keys(key: str, operator: str, operands: list[str], expected: bool) -> None:
    assert matches(actor(), [SearchRestriction(key, operator, operands)], {}) is expected


def test_an_actor_without_parent() -> None:
    alone = ErpActor(ActorType.CUSTOMER, "1")
    assert matches(alone, [SearchRestriction("ParentActorType", "=", [""])], {})
    assert not matches(alone, [SearchRestriction("ParentActorType", "=", ["Customer"])], {})


def test_all_restrictions_must_hold() -> None:
    begins = SearchRestriction("NAME", "begins", ["k"])
    ends = SearchRestriction("NAME", "ends", ["S"])
    test = matcher([begins, ends], TYPES)
    assert [test(actor(NAME=name)) for name in ("Kunden A/S", "Kunden AB", "Firma A/S")] == [True, False, False]
    assert matches(actor(), [], TYPES)


@pytest.mark.parametrize(
    ("key", "operator", "operands", "said"),
    [
        ("NAME", "sounds like", ["x"], "sounds like.*begins, contains"),
        ("NAME", "oneof", ["x"], "oneof"),
        ("PIN", "=", ["1"], "cannot be searched"),
        ("NAME", "between", ["a"], "takes 2 value"),
        ("NAME", "=", [], "takes 1 value"),
        ("COUNT", "=", ["many"], '"many" is not a valid'),
        ("SINCE", "after", [""], "not blank"),
    ],
)
def test_a_search_that_cannot_be_answered_is_refused_before_any_actor_is_seen(
    key: str, operator: str, operands: list[str], said: str
) -> None:
    with pytest.raises(SearchError, match=said) as caught:
        matcher([SearchRestriction(key, operator, operands)], TYPES)
    assert key in str(caught.value)
    assert caught.value.code == ""


def test_an_unknown_field_has_its_error_code() -> None:
    with pytest.raises(SearchError, match="SHOESIZE") as caught:
        matcher([SearchRestriction("SHOESIZE", "=", ["42"])], TYPES)
    assert caught.value.code == ErrorCode.UNKNOWN_FIELD_KEY


@pytest.mark.parametrize(
    ("search_text", "expected"),
    [
        ("", True),
        ("  ", True),
        ("kunden", True),
        ("RØR kunden", True),
        ("kunden oslo", False),
        ("k17", True),
        ("10001", True),
        ("2013-12-31", True),
        ("DT:", False),
        ("[broken", True),
    ],
)
def test_free_text(search_text: str, expected: bool) -> None:
    found = actor(NAME="Kunden Rør A/S", NO="[I:10001]", SINCE="[DT:12/31/2013 10:00:00.0000000]", X="[I:[broken]")
    assert matches_text(found, search_text) is expected
