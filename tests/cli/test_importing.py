"""`brygga import`: what is done with list items that are not mapped (behaviour I3)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company, connect_memory

from brygga.cli import run
from brygga.cli.output import DONE, PARTLY, USAGE
from brygga.contract import ActorType
from brygga.crm.listing import list_items
from brygga.erp import connectors
from brygga.erp.models import StoredPlan

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def erp() -> Iterator[MemoryErp]:
    """A customer of group 3, Public, which no list item of the CRM stands for."""
    with connectors.use("memory", MemoryErp()) as made:
        connect_memory("memory")
        made.put(ActorType.CUSTOMER, "1", NAME="Fjord", GROUP="3")
        yield made


def category() -> str | None:
    """The text of Fjord's category."""
    item = company("Fjord").fields["category"]
    return None if item is None else list_items("category")[str(item)]


def imported(*options: str) -> int:
    """The exit status of an import of all customers."""
    return run(["import", "memory", "Customer", "--all", *options])


def test_without_a_choice_they_are_left_blank_and_reported(capsys: pytest.CaptureFixture[str]) -> None:
    assert imported() == PARTLY
    assert "GROUP" in capsys.readouterr().err
    assert category() is None


def test_they_are_added() -> None:
    assert imported("--unknown-items", "add") == DONE
    assert category() == "Public"


def test_another_is_taken_instead_by_its_text() -> None:
    assert imported("--unknown-items", "default", "--instead", "GROUP=industry") == DONE
    assert category() == "Industry"


def test_a_plan_keeps_the_choice() -> None:
    assert imported("--unknown-items", "add", "--plan") == DONE
    assert "Public" not in list_items("category").values()
    assert run(["plan", "apply", str(StoredPlan.objects.get().pk)]) == DONE
    assert category() == "Public"


@pytest.mark.parametrize(
    ("instead", "said"),
    [
        ("NAME=Industry", "no ERP list field"),
        ("GROUP=", "names no item"),
        ("GROUP=Fishery", 'no item "Fishery"'),
        ("GROUP", "FIELD=VALUE"),
    ],
)
def test_what_could_not_be_taken_instead_is_told(instead: str, said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert imported("--unknown-items", "default", "--instead", instead) == USAGE
    assert said in capsys.readouterr().err
