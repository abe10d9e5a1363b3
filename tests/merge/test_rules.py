"""The rules table: complete, without overlap, and the page printed from it is up to date."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from brygga.merge.rules import EXPLANATIONS, TABLE, Action, Rule, Side, Situation, decide, markdown, situations

PAGE = Path(__file__).parents[2] / "docs" / "merge-rules.md"


@pytest.mark.parametrize("situation", list(situations()), ids=str)
def test_exactly_one_row_applies_to_every_situation(situation: Situation) -> None:
    rows = [row for row in TABLE if row.matches(situation)]
    assert [(row.rule, row.action) for row in rows] == [decide(situation)]


def test_every_row_applies_to_some_situation() -> None:
    assert all(any(row.matches(situation) for situation in situations()) for row in TABLE)


@pytest.mark.parametrize("situation", list(situations()), ids=str)
def test_nothing_is_written_against_the_direction(situation: Situation) -> None:
    action = decide(situation).action
    assert situation.to_crm or action is not Action.WRITE_CRM
    assert situation.to_erp or action is not Action.WRITE_ERP


@pytest.mark.parametrize("situation", [s for s in situations() if s.equal], ids=str)
def test_equal_sides_are_never_written(situation: Situation) -> None:
    assert decide(situation).action in (Action.NOTHING, Action.SETTLE)


def test_two_blank_sides_that_differ_are_no_situation() -> None:
    with pytest.raises(KeyError):
        decide(Situation(False, False, False, False, True, True, Side.CRM))


def test_every_rule_is_explained_and_used() -> None:
    by_request = {Rule.COPIED_FROM_CRM, Rule.COPIED_FROM_ERP}
    assert set(EXPLANATIONS) == set(Rule)
    assert {row.rule for row in TABLE} == set(Rule) - by_request


def test_the_page_in_the_manual_is_the_printed_table() -> None:
    command = [sys.executable, "-m", "brygga.merge"]
    printed = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    assert PAGE.read_text(encoding="utf-8") == printed == markdown() + "\n"
