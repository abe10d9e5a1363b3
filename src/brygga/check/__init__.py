"""The conformance kit: runs a connector, in process or behind a URL, through the contract and reports.

In the tests of a connector:

    from brygga.check import assert_conforms

    def test_my_connector_conforms() -> None:
        assert_conforms(MyConnector(), {"Server": "localhost"}, write=True)
"""

from brygga.check.report import Finding, Grade, Outcome, Report, Timing
from brygga.check.rules import GROUPS, RULES, Rule, Severity
from brygga.check.runner import CALL_LIMIT, CannotCheck, assert_conforms, run

__all__ = [
    "CALL_LIMIT",
    "GROUPS",
    "RULES",
    "CannotCheck",
    "Finding",
    "Grade",
    "Outcome",
    "Report",
    "Rule",
    "Severity",
    "Timing",
    "assert_conforms",
    "run",
]
