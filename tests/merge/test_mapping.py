"""Conversions and the directions on offer (behaviour A7, A9, E3)."""

from __future__ import annotations

from itertools import product

import pytest

from brygga.merge.mapping import (
    CONVERSIONS,
    REASONS,
    FieldMapping,
    FieldSpec,
    available_directions,
    converter,
)
from brygga.merge.values import MESSAGES, Kind, Misfit, Value

CONVERTED = [
    (Kind.INTEGER, Kind.DOUBLE, 7, 7.0),
    (Kind.DOUBLE, Kind.INTEGER, 7.0, 7),
    (Kind.INTEGER, Kind.TEXT, 7, "7"),
    (Kind.TEXT, Kind.INTEGER, "7", 7),
    (Kind.TEXT, Kind.INTEGER, " -7.0 ", -7),
    (Kind.DOUBLE, Kind.TEXT, 7.0, "7"),
    (Kind.DOUBLE, Kind.TEXT, 7.25, "7.25"),
    (Kind.DOUBLE, Kind.TEXT, 1e22, "10000000000000000000000"),
    (Kind.TEXT, Kind.DOUBLE, "7.50", 7.5),
    (Kind.CHECKBOX, Kind.INTEGER, True, 1),
    (Kind.INTEGER, Kind.CHECKBOX, 0, False),
    (Kind.CHECKBOX, Kind.TEXT, False, "0"),
    (Kind.DATE, Kind.DATETIME, "2013-12-31", "2013-12-31T00:00:00"),
    (Kind.DATETIME, Kind.DATE, "2013-12-31T00:00:00", "2013-12-31"),
    (Kind.DATE, Kind.TEXT, "2013-12-31", "2013-12-31"),
    (Kind.TEXT, Kind.DATE, "2013-12-31", "2013-12-31"),
    (Kind.DATETIME, Kind.TEXT, "2013-12-31T23:59:59", "2013-12-31T23:59:59"),
    (Kind.TEXT, Kind.DATETIME, "2013-12-31 23:59", "2013-12-31T23:59:00"),
]

REFUSED = [
    (Kind.DOUBLE, Kind.INTEGER, 1.5, "fraction"),
    (Kind.TEXT, Kind.INTEGER, "1.5", "fraction"),
    (Kind.TEXT, Kind.INTEGER, "007", "not_a_number"),
    (Kind.TEXT, Kind.INTEGER, "٣", "not_a_number"),
    (Kind.TEXT, Kind.INTEGER, "9" * 5000, "not_a_number"),
    (Kind.TEXT, Kind.DOUBLE, "1e5", "not_a_number"),
    (Kind.TEXT, Kind.DOUBLE, "0.12345678901234567890", "would_lose_digits"),
    (Kind.TEXT, Kind.DOUBLE, "9" * 350, "would_lose_digits"),
    (Kind.INTEGER, Kind.DOUBLE, 2**53 + 1, "would_lose_digits"),
    (Kind.INTEGER, Kind.DOUBLE, 10**400, "would_lose_digits"),
    (Kind.INTEGER, Kind.CHECKBOX, 2, "not_a_checkbox"),
    (Kind.DATETIME, Kind.DATE, "2013-12-31T23:59:59", "would_lose_time"),
    (Kind.TEXT, Kind.DATE, "next week", "not_a_date"),
    (Kind.TEXT, Kind.DATETIME, "next week", "not_a_date"),
    (Kind.TEXT, Kind.DATETIME, "2013-12-31T23:59:59+01:00", "not_a_date"),
    (Kind.TEXT, Kind.CHECKBOX, "1", "no_conversion"),
    (Kind.LIST, Kind.TEXT, "SE", "no_conversion"),
]


def convert(source: Kind, target: Kind, value: Value, max_length: int = 0) -> Value:
    return converter(FieldSpec("A", source), FieldSpec("B", target, max_length), {})(value)


@pytest.mark.parametrize(("source", "target", "value", "expected"), CONVERTED)
def test_a_value_that_fits_is_converted_whole(source: Kind, target: Kind, value: Value, expected: Value) -> None:
    converted = convert(source, target, value)
    assert (type(converted), converted) == (type(expected), expected)


@pytest.mark.parametrize(("source", "target", "value", "code"), REFUSED)
def test_a_value_that_would_lose_something_is_refused(source: Kind, target: Kind, value: Value, code: str) -> None:
    with pytest.raises(Misfit) as caught:
        convert(source, target, value)
    assert caught.value.code == code
    assert "{" not in caught.value.describe()


def test_every_conversion_is_in_the_table_of_examples() -> None:
    assert {(source, target) for source, target, *_ in CONVERTED} == set(CONVERSIONS)


@pytest.mark.parametrize(("source", "target"), sorted(CONVERSIONS) + [(kind, kind) for kind in Kind])
def test_no_value_stays_no_value(source: Kind, target: Kind) -> None:
    assert convert(source, target, None) is None


def test_a_text_that_is_too_long_is_refused_and_never_cut() -> None:
    assert convert(Kind.TEXT, Kind.TEXT, "12345", max_length=5) == "12345"
    with pytest.raises(Misfit) as caught:
        convert(Kind.TEXT, Kind.TEXT, "123456", max_length=5)
    assert (caught.value.code, caught.value.params) == ("too_long", {"length": 6, "max_length": 5})


def test_the_length_counts_for_a_number_in_a_text_field() -> None:
    with pytest.raises(Misfit, match="6 characters"):
        convert(Kind.INTEGER, Kind.TEXT, 123456, max_length=5)


def test_list_items_cross_by_the_mapping_in_both_directions() -> None:
    mapping = FieldMapping(FieldSpec("E", Kind.LIST), FieldSpec("C", Kind.LIST), True, True, {"1": "retail"})
    assert mapping.to_crm_converter()("1") == "retail"
    assert mapping.to_erp_converter()("retail") == "1"


def test_an_unmapped_list_item_is_named() -> None:
    mapping = FieldMapping(FieldSpec("E", Kind.LIST), FieldSpec("C", Kind.LIST), True, True, {"1": "retail"})
    with pytest.raises(Misfit) as caught:
        mapping.to_crm_converter()("9")
    assert (caught.value.code, caught.value.params) == ("unknown_item", {"value": "9"})


@pytest.mark.parametrize(
    ("erp", "crm", "expected"),
    [
        (FieldSpec("E", Kind.TEXT), FieldSpec("C", Kind.TEXT), (None, None)),
        (FieldSpec("E", Kind.TEXT), FieldSpec("C", Kind.TEXT, read_only=True), ("read_only_crm", None)),
        (FieldSpec("E", Kind.TEXT, read_only=True), FieldSpec("C", Kind.TEXT), (None, "read_only_erp")),
        (FieldSpec("E", Kind.CHECKBOX), FieldSpec("C", Kind.TEXT), (None, "would_lose_data")),
        (FieldSpec("E", Kind.TEXT), FieldSpec("C", Kind.CHECKBOX), ("would_lose_data", None)),
        (FieldSpec("E", Kind.LIST), FieldSpec("C", Kind.LIST), (None, None)),
        (FieldSpec("E", Kind.LIST), FieldSpec("C", Kind.TEXT), ("list_and_value", "list_and_value")),
        (FieldSpec("E", Kind.DATE), FieldSpec("C", Kind.CHECKBOX), ("would_lose_data", "would_lose_data")),
    ],
)
def test_a_direction_says_why_it_is_not_available(
    erp: FieldSpec, crm: FieldSpec, expected: tuple[str | None, str | None]
) -> None:
    assert available_directions(erp, crm) == expected
    assert set(expected) - {None} <= set(REASONS)


@pytest.mark.parametrize(("source", "target"), list(product(Kind, Kind)))
def test_a_direction_is_available_exactly_where_a_conversion_exists(source: Kind, target: Kind) -> None:
    to_crm, _ = available_directions(FieldSpec("E", source), FieldSpec("C", target))
    assert (to_crm is not None) == (_refusal(source, target) == "no_conversion")


def _refusal(source: Kind, target: Kind) -> str | None:
    try:
        convert(source, target, None)
    except Misfit as misfit:
        return misfit.code
    return None


def test_every_message_can_be_filled_in() -> None:
    seen = {code for *_, code in REFUSED} | {"too_long", "unknown_item", "mandatory_blank"}
    assert seen == set(MESSAGES)
