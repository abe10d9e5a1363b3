"""Tags in the defaults of configuration fields (behaviour A4)."""

from __future__ import annotations

import pytest
from pytest_django import Settings

from brygga.contract import FieldMetadata
from brygga.erp.services.template_tags import filled, filled_fields, may_come_from, serial_number, tag_values


@pytest.mark.parametrize(
    ("default", "text"),
    [
        ("<name>", "Harbour"),
        ("<NAME>/<User>", "Harbour/eva"),
        ("<other> <nam", "<other> <nam"),
        ("", ""),
    ],
)
def test_known_tags_are_filled_in(default: str, text: str) -> None:
    assert filled(default, tag_values("eva", " Harbour ")) == text


def test_without_a_name_its_tag_stays() -> None:
    assert filled("<name> <user>", tag_values("eva")) == "<name> eva"


def test_a_value_that_looks_like_a_tag_is_not_filled_in_again() -> None:
    assert filled("<name>", {"name": "<user>", "user": "eva"}) == "<user>"


def test_the_serial_number_stays_and_belongs_to_the_installation(settings: Settings) -> None:
    first = serial_number()
    assert first == serial_number() == tag_values("eva", "")["ser#"]
    assert len(first) == 10
    assert first.isdecimal()
    settings.SECRET_KEY = "another-key-of-another-installation"
    assert serial_number() != first


def test_fields_keep_all_but_their_tags() -> None:
    field = FieldMetadata("Company", "Company", default="<name>", rank=3)
    assert filled_fields([field], {"name": "Harbour"}) == [
        FieldMetadata("Company", "Company", default="Harbour", rank=3)
    ]
    assert field.default == "<name>"


@pytest.mark.parametrize(
    ("default", "text", "expected"),
    [
        ("<user>@erp", "eva@erp", True),
        ("<user>@erp", "eva@crm", False),
        ("A.C", "A.C", True),
        ("A.C", "ABC", False),
        ("", "x", False),
    ],
)
def test_a_value_is_recognised_as_its_default(default: str, text: str, expected: bool) -> None:
    assert may_come_from(default, text) is expected
