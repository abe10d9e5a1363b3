"""`brygga record`, `createuser` and `migrate` on the real CRM."""

from __future__ import annotations

import json
from typing import Any

import pytest

from brygga.cli import run
from brygga.crm.models import User
from brygga.crm.services.lists import add_items

pytestmark = pytest.mark.django_db


@pytest.fixture
def brygga(capsys: pytest.CaptureFixture[str]) -> Any:
    def call(*arguments: str) -> Any:
        capsys.readouterr()
        assert run([*arguments, "--json"]) == 0, capsys.readouterr().err
        out, err = capsys.readouterr()
        assert err == ""
        return json.loads(out)

    return call


def test_a_company_from_birth_to_death(brygga: Any, capsys: pytest.CaptureFixture[str]) -> None:
    items = add_items("category", ["Retail", "Industry"])
    made = brygga("record", "create", "company", "NAME=Norrvik Bygg AB", "category=retail", "stop=yes")
    assert set(made) == {"id", "type", "version", "fields", "parent"}
    assert (made["type"], made["version"], made["parent"]) == ("company", 1, None)
    assert {key: made["fields"][key] for key in ("NAME", "category", "stop", "PHONE")} == {
        "NAME": "Norrvik Bygg AB", "category": "Retail", "stop": True, "PHONE": None,
    }  # fmt: skip
    number = str(made["id"])
    changed = brygga("record", "set", "company", number, f"category={items['Industry']}", "name=Norrvik AB", "stop=")
    assert (changed["version"], changed["fields"]["category"]) == (2, "Industry")
    assert (changed["fields"]["NAME"], changed["fields"]["stop"]) == ("Norrvik AB", False)
    assert brygga("record", "get", "company", number) == changed
    assert run(["record", "delete", "company", number]) == 0
    assert run(["record", "get", "company", number]) == 1
    assert number in capsys.readouterr().err


def test_a_contact_belongs_to_a_company(brygga: Any) -> None:
    company = brygga("record", "create", "company", "NAME=Fjordlys AS")["id"]
    made = brygga("record", "create", "contact", "LASTNAME=Berg", "BIRTHDATE=1980-02-29", "--company", str(company))
    assert made["parent"] == {"type": "company", "id": company, "name": "Fjordlys AS"}
    assert made["fields"]["BIRTHDATE"] == "1980-02-29"


def test_list_filters_by_all_given_values(brygga: Any) -> None:
    for city in ("Oslo", "Bergen"):
        for name in ("Granlia AS", "Solvik AS"):
            brygga("record", "create", "company", f"NAME={name}", f"POSTALCITY={city}")
    assert len(brygga("record", "list", "company")) == 4
    found = brygga("record", "list", "company", "NAME=Granlia AS", "POSTALCITY=Bergen")
    assert [(view["fields"]["NAME"], view["fields"]["POSTALCITY"]) for view in found] == [("Granlia AS", "Bergen")]


def test_pipes_get_tab_separated_lines(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["record", "create", "project", "NAME=Web shop"]) == 0
    assert "NAME\tWeb shop" in capsys.readouterr().out.splitlines()


def test_createuser(capsys: pytest.CaptureFixture[str]) -> None:
    line = "createuser anna --password bridge-over-water --admin --licence erp-sync --language sv"
    assert run(line.split()) == 0
    user = User.objects.get(username="anna")
    assert user.check_password("bridge-over-water")
    assert (user.is_administrator, user.licences, user.language) == (True, ["erp-sync"], "sv")
    assert run(line.split()) == 1
    assert "taken" in capsys.readouterr().err


def test_migrate_has_nothing_to_do_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["migrate"]) == 0
    assert capsys.readouterr().out == "The database is up to date.\n"
