"""The table of conformance rules: complete, in order, and the page printed from it is up to date."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

import brygga.check
from brygga.check import GROUPS, RULES
from brygga.check.rules import markdown

PAGE = Path(__file__).parents[2] / "docs" / "conformance-rules.md"
CHECKS = Path(brygga.check.__file__).parent


def test_rules_are_numbered_without_gaps_in_the_order_of_their_groups() -> None:
    letters = [number[0] for number in RULES]
    assert list(RULES) == [f"{letter}{place}" for letter in GROUPS for place in range(1, letters.count(letter) + 1)]


@pytest.mark.parametrize("rule", RULES.values(), ids=list(RULES))
def test_a_rule_says_what_why_and_where(rule: brygga.check.Rule) -> None:
    assert rule.title
    assert not rule.title.endswith(".")
    assert rule.why.endswith(".")
    assert 1 <= rule.section <= 7


def test_every_rule_is_looked_at_by_some_check() -> None:
    code = "".join(path.read_text(encoding="utf-8") for path in CHECKS.glob("**/*.py") if "rules" not in path.parts)
    used = set(re.findall(r'"([A-Z]\d+)"', code))
    assert used >= set(RULES)


def test_the_page_in_the_manual_is_the_printed_table() -> None:
    command = [sys.executable, "-m", "brygga.check"]
    printed = subprocess.run(command, capture_output=True, check=True, encoding="utf-8").stdout
    assert PAGE.read_text(encoding="utf-8") == printed == markdown() + "\n"
