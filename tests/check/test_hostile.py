"""The conformance kit finds every defect of the hostile connector, and none in a good one."""

from __future__ import annotations

import pytest

from brygga import check
from brygga.check.hostile import DEFECTS, SAMPLE_VALUES, HostileConnector, SampleConnector, with_defects
from brygga.check.report import Grade
from brygga.check.rules import RULES
from brygga.contract import Connector


def broken_rules(connector: Connector, *, write: bool) -> set[str]:
    """The numbers of the rules that a check finds broken."""
    limit = 0.5 if isinstance(connector, DEFECTS["hangs"].connector) else 20.0
    report = check.run(connector, SAMPLE_VALUES, write=write, limit=limit)
    return {finding.rule.number for finding in report.findings}


@pytest.mark.parametrize("connector", [SampleConnector(), HostileConnector()], ids=["sample", "hostile"])
def test_a_good_connector_passes_clean(connector: Connector) -> None:
    report = check.run(connector, SAMPLE_VALUES, write=True)
    assert not report.findings
    assert report.grade is Grade.CONFORMS


@pytest.mark.parametrize("id", DEFECTS)
def test_the_kit_finds_the_defect(id: str) -> None:
    rules = DEFECTS[id].rules
    broken = broken_rules(with_defects(id), write=any(RULES[number].writes for number in rules))
    assert broken & set(rules), f"{id} should break {rules}, found were {sorted(broken)}"
