"""Canonical values: reading and writing each kind, and what does not fit."""

from __future__ import annotations

import json
import pickle
import string
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.contract.actors import FieldType
from brygga.merge.values import MESSAGES, Kind, Misfit, Value, kind_of, reader, shown, writer

READ = [
    (Kind.TEXT, "Acme AB", "Acme AB"),
    (Kind.TEXT, " 007 ", " 007 "),
    (Kind.TEXT, "", None),
    (Kind.TEXT, " \t\n", None),
    (Kind.LIST, "SE", "SE"),
    (Kind.LIST, "", None),
    (Kind.INTEGER, "[I:12345]", 12345),
    (Kind.INTEGER, "123", 123),
    (Kind.INTEGER, "[F:5.0]", 5),
    (Kind.INTEGER, "", None),
    (Kind.DOUBLE, "[F:12345.6789]", 12345.6789),
    (Kind.DOUBLE, "[F:12345.6789,2]", 12345.6789),
    (Kind.DOUBLE, "[D:0.0]", 0.0),
    (Kind.DOUBLE, "12", 12.0),
    (Kind.DOUBLE, "", None),
    (Kind.CHECKBOX, "[I:1]", True),
    (Kind.CHECKBOX, "[I:0]", False),
    (Kind.CHECKBOX, "", None),
    (Kind.DATE, "[D:12/31/2013]", "2013-12-31"),
    (Kind.DATE, "2013-12-31", "2013-12-31"),
    (Kind.DATE, "[DT:12/31/2013 00:00:00.0000000]", "2013-12-31"),
    (Kind.DATE, "", None),
    (Kind.DATETIME, "[DT:12/31/2013 23:59:59.0000000]", "2013-12-31T23:59:59"),
    (Kind.DATETIME, "[DT:12/31/2013 23:59:59.5000000]", "2013-12-31T23:59:59.500000"),
    (Kind.DATETIME, "2013-12-31T23:59:59", "2013-12-31T23:59:59"),
    (Kind.DATETIME, "[D:12/31/2013]", "2013-12-31T00:00:00"),
    (Kind.DATETIME, "", None),
]

UNREADABLE = [
    (Kind.INTEGER, "twelve", "not_a_number"),
    (Kind.INTEGER, "[F:1.5]", "not_a_number"),
    (Kind.DOUBLE, "1,5", "not_a_number"),
    (Kind.DOUBLE, "[F:NaN]", "not_a_number"),
    (Kind.CHECKBOX, "maybe", "not_a_checkbox"),
    (Kind.DATE, "tomorrow", "not_a_date"),
    (Kind.DATE, "[DT:12/31/2013 23:59:59.0000000]", "would_lose_time"),
    (Kind.DATETIME, "[T:23:59:59]", "not_a_date"),
    (Kind.DATETIME, "[D:13/31/2013]", "not_a_date"),
]

CANONICAL: dict[Kind, st.SearchStrategy[Value]] = {
    Kind.TEXT: st.text(min_size=1).filter(lambda text: not text.isspace()),
    Kind.LIST: st.text(string.ascii_letters, min_size=1),
    Kind.INTEGER: st.integers(-(2**63), 2**63),
    Kind.DOUBLE: st.floats(allow_nan=False, allow_infinity=False),
    Kind.CHECKBOX: st.booleans(),
    Kind.DATE: st.dates(min_value=date(1, 1, 1)).map(date.isoformat),
    Kind.DATETIME: st.datetimes().map(datetime.isoformat),
}


@pytest.mark.parametrize(("kind", "text", "value"), READ)
def test_a_wire_text_becomes_the_canonical_value(kind: Kind, text: str, value: Value) -> None:
    read = reader(kind)(text)
    assert (type(read), read) == (type(value), value)


@pytest.mark.parametrize(("kind", "text", "code"), UNREADABLE)
def test_a_bad_wire_text_is_a_described_misfit(kind: Kind, text: str, code: str) -> None:
    with pytest.raises(Misfit) as caught:
        reader(kind)(text)
    assert caught.value.code == code


@pytest.mark.parametrize("kind", list(Kind))
@given(data=st.data())
def test_what_is_written_is_read_back_and_fits_in_json(kind: Kind, data: st.DataObject) -> None:
    value = data.draw(CANONICAL[kind] | st.none())
    assert reader(kind)(writer(kind)(value)) == value
    assert json.loads(json.dumps(value)) == value


def test_a_whole_double_is_written_as_a_double() -> None:
    assert writer(Kind.DOUBLE)(5) == "[F:5.0]"


def test_every_field_type_has_a_kind() -> None:
    assert {kind_of(field_type) for field_type in FieldType} == set(Kind) - {Kind.DATE}


def test_a_misfit_describes_itself_with_the_value() -> None:
    misfit = Misfit("too_long", length=34, max_length=20)
    assert misfit.describe() == str(misfit) == MESSAGES["too_long"].format(length=34, max_length=20)
    assert "34" in misfit.describe()
    assert "20" in misfit.describe()


def test_a_misfit_survives_pickling() -> None:
    misfit = pickle.loads(pickle.dumps(Misfit("too_long", length=34, max_length=20)))
    assert (misfit.code, misfit.params) == ("too_long", {"length": 34, "max_length": 20})


def test_braces_in_a_value_do_not_disturb_the_message() -> None:
    assert '"{0}"' in Misfit("not_a_number", value="{0}").describe()


def test_a_long_value_is_quoted_shortened() -> None:
    assert shown("x" * 61) == "x" * 60 + "…"
