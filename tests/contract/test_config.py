"""Typed configuration: what the CRM side is told, what comes back as an instance, and every fault named."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

import pytest

from brygga.contract import Access, ConfigError, FieldMetadata, FieldType, config_field
from brygga.contract.config import metadata, parse


@dataclass(kw_only=True)
class Settings:
    folder: str = config_field(label='US:"Folder";SW:"Mapp"', mandatory=True, max_length=10, description="Where")
    api_key: str = config_field(label="Key", secret=True, key="ApiToken", max_length=4)
    port: int = config_field(label="Port", default=8000)
    factor: float | None = config_field(label="Factor")
    company: str = config_field(label="Company", list_name="Companies", rank=-1)
    dry: bool = config_field(label="Dry run")
    start: date | None = config_field(label="Start")
    last_run: datetime = config_field(label="Last run", mandatory=True, default=datetime(2013, 1, 1))
    cache: list[str] = field(default_factory=list)


def test_what_the_crm_side_is_told() -> None:
    told = {field.key: field for field in metadata(Settings)}
    assert list(told) == ["Company", "Folder", "ApiToken", "Port", "Factor", "Dry", "Start", "LastRun"]
    assert told["Folder"] == FieldMetadata(
        key="Folder",
        name='US:"Folder";SW:"Mapp"',
        description="Where",
        max_length=10,
        access=Access.MANDATORY,
        rank=1,
    )
    assert [field.type for field in told.values()] == [
        FieldType.LIST,
        FieldType.TEXT,
        FieldType.PASSWORD,
        FieldType.INTEGER,
        FieldType.DOUBLE,
        FieldType.CHECKBOX,
        FieldType.DATETIME,
        FieldType.DATETIME,
    ]
    assert told["Port"].default == "[I:8000]"
    assert told["LastRun"].default == "[DT:01/01/2013 00:00:00.0000000]"
    assert told["Company"].list_name == "Companies"


def test_values_become_an_instance() -> None:
    values = {
        "Folder": "in",
        "ApiToken": "abcd",
        "Port": "[I:80]",
        "Factor": "[F:1.5]",
        "Company": "7",
        "Dry": "[I:1]",
        "Start": "[DT:12/31/2013 10:00:00.0000000]",
        "LastRun": "[D:12/31/2013]",
    }
    assert parse(Settings, values) == Settings(
        folder="in",
        api_key="abcd",
        port=80,
        factor=1.5,
        company="7",
        dry=True,
        start=date(2013, 12, 31),
        last_run=datetime(2013, 12, 31),
    )


@pytest.mark.parametrize("blank", [{}, {"ApiToken": "", "Port": "", "Factor": "", "Dry": "", "LastRun": ""}])
def test_blank_values_take_the_default(blank: dict[str, str]) -> None:
    assert parse(Settings, {"Folder": "in"} | blank) == Settings(
        folder="in",
        api_key="",
        port=8000,
        factor=None,
        company="",
        dry=False,
        start=None,
        last_run=datetime(2013, 1, 1),
    )


def test_every_field_at_fault_is_named() -> None:
    with pytest.raises(ConfigError) as caught:
        parse(Settings, {"Port": "eighty", "ApiToken": "s3cret", "Start": "[T:10:00]", "Colour": "red", "Dry": "[I:1]"})
    problems = caught.value.problems
    assert set(problems) == {"Folder", "Port", "ApiToken", "Start", "Colour"}
    assert problems["Folder"] == '"Folder" is missing. Enter a value.'
    assert "eighty" in problems["Port"]
    assert "4 are allowed" in problems["ApiToken"]
    assert all(problem in str(caught.value) for problem in problems.values())
    assert "s3cret" not in str(caught.value)


def test_a_blank_default_does_not_stand_in_for_a_mandatory_value() -> None:
    @dataclass
    class Strict:
        name: str = config_field(label="Name", mandatory=True, default="")

    with pytest.raises(ConfigError, match="missing"):
        parse(Strict, {})


def test_a_field_without_a_possible_blank_is_refused() -> None:
    @dataclass
    class Undecided:
        port: int = config_field(label="Port")

    with pytest.raises(TypeError, match="port: give a default"):
        metadata(Undecided)


def test_a_type_that_cannot_be_configured_is_refused() -> None:
    @dataclass
    class Odd:
        names: list[str] = config_field(label="Names", mandatory=True)

    with pytest.raises(TypeError, match="names"):
        metadata(Odd)


def test_a_secret_is_a_text_and_no_list_item() -> None:
    @dataclass
    class Number:
        pin: int = config_field(label="PIN", secret=True, default=1)

    @dataclass
    class Item:
        pin: str = config_field(label="PIN", secret=True, list_name="Pins")

    with pytest.raises(TypeError, match="type str"):
        metadata(Number)
    with pytest.raises(TypeError, match="cannot be a secret"):
        metadata(Item)
