"""LastModified stamps: numbers by value, texts by code point, and one total order over both."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.contract import stamps

any_stamp = st.one_of(
    st.text(max_size=6),
    st.text(alphabet="019a.-", max_size=5),
    st.integers().map(str),
    st.datetimes().map(lambda moment: moment.isoformat()),
)


@pytest.mark.parametrize(
    ("older", "newer"),
    [
        ("9", "10"),
        ("-2", "-1"),
        ("2.5", "10"),
        ("2013-05-13T13:50:48", "2013-05-13T13:50:49"),
        ("2013-05-13T13:50:48.5", "2013-05-13T13:50:49"),
        ("a", "b"),
        ("Z", "a"),
        ("", "0"),
        ("", "-5"),
        ("9" * 5000, "1" + "0" * 5000),
        ("10", "9a"),
    ],
)
def test_newer(older: str, newer: str) -> None:
    assert stamps.newer(newer, older)
    assert not stamps.newer(older, newer)


@pytest.mark.parametrize(("a", "b"), [("1", "1.0"), ("007", "7"), ("x", "x"), ("", "")])
def test_stamps_of_one_value_are_not_newer_than_each_other(a: str, b: str) -> None:
    assert not stamps.newer(a, b)
    assert not stamps.newer(b, a)


@given(st.integers(), st.integers())
def test_numbers_compare_by_value(a: int, b: int) -> None:
    assert stamps.newer(str(a), str(b)) == (a > b)


@given(st.datetimes(), st.datetimes())
def test_sortable_date_times_compare_by_time(a: object, b: object) -> None:
    assert stamps.newer(f"{a:%Y-%m-%dT%H:%M:%S.%f}".zfill(26), f"{b:%Y-%m-%dT%H:%M:%S.%f}".zfill(26)) == (a > b)  # type: ignore[operator]


@given(any_stamp, any_stamp, any_stamp)
def test_the_order_is_total(a: str, b: str, c: str) -> None:
    assert stamps.newer(a, b) + stamps.newer(b, a) <= 1
    if not stamps.newer(a, b) and not stamps.newer(b, c):
        assert not stamps.newer(a, c)


@given(st.lists(any_stamp))
def test_nothing_is_newer_than_the_latest(seen: list[str]) -> None:
    last = stamps.latest(seen)
    assert last in seen or (last == "" and not seen)
    assert not any(stamps.newer(stamp, last) for stamp in seen)
