"""`brygga token`: made, listed, revoked."""

from __future__ import annotations

import json

import pytest

from brygga.cli import run
from brygga.cli.output import DONE, REFUSED
from brygga.crm.services import tokens
from brygga.crm.services.users import create_user

pytestmark = pytest.mark.django_db


def test_a_token_from_birth_to_death(capsys: pytest.CaptureFixture[str]) -> None:
    user = create_user("anna", "secret")
    assert run(["token", "create", "anna", "--name", "Script"]) == DONE
    key = capsys.readouterr().out.strip()
    assert tokens.user_of(key) == user
    assert run(["token", "list", "anna", "--json"]) == DONE
    listed = capsys.readouterr().out
    (row,) = json.loads(listed)
    assert (row["name"], row["start"]) == ("Script", key[:12])
    assert key not in listed
    assert run(["token", "revoke", "anna", str(row["id"])]) == DONE
    assert tokens.user_of(key) is None
    capsys.readouterr()
    assert run(["token", "list", "anna"]) == DONE
    assert capsys.readouterr().out.splitlines() == ["Id\tName\tBegins with\tMade\tLast used"]


def test_a_program_gets_the_key_in_a_document(capsys: pytest.CaptureFixture[str]) -> None:
    user = create_user("anna", "secret")
    assert run(["token", "create", "anna", "--json"]) == DONE
    assert tokens.user_of(json.loads(capsys.readouterr().out)["token"]) == user


@pytest.mark.parametrize("line", ["create nobody", "list nobody", "revoke nobody 1", "revoke anna 4711"])
def test_who_or_what_is_not_there_is_refused(line: str, capsys: pytest.CaptureFixture[str]) -> None:
    create_user("anna", "secret")
    assert run(["token", *line.split()]) == REFUSED
    assert capsys.readouterr().err.startswith("brygga: There is no user nobody" if "nobody" in line else "brygga: anna")
