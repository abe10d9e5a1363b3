"""What a report says, in its three forms, and how it comes about."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html.parser import HTMLParser
from threading import Event

import pytest

from brygga.check import RULES, CannotCheck, Finding, Grade, Outcome, Report, Timing, assert_conforms, run
from brygga.check.checks.changes import unordered
from brygga.check.hostile import SAMPLE_VALUES, SampleConnector
from brygga.contract import (
    ActorsResponse,
    ActorType,
    ConnectionInfo,
    ErpActor,
    FieldsResponse,
    ItemsResponse,
    Response,
)
from brygga.soap.failures import CallFailed, Reason

HOSTILE = "<script>alert('&')</script>"


def report(*numbers: str) -> Report:
    findings = [Finding(RULES[number], f"asking {HOSTILE}", "this", HOSTILE) for number in numbers]
    outcomes = {number: Outcome.FAILED if number in numbers else Outcome.PASSED for number in RULES}
    outcomes["L1"] = Outcome.NOT_APPLICABLE
    timings = {"get_actors": Timing(3, 0.5, 1.25)}
    remarks = [f"left behind {HOSTILE}"]
    return Report(HOSTILE, findings, outcomes, {"L1": "no field has a list"}, timings, {}, remarks)


@pytest.mark.parametrize(
    ("broken", "grade"),
    [((), Grade.CONFORMS), (("T7",), Grade.CONFORMS), (("V5",), Grade.REMARKS), (("V5", "K2", "T7"), Grade.FAILS)],
)
def test_the_gravest_broken_rule_decides_the_grade(broken: Sequence[str], grade: Grade) -> None:
    assert report(*broken).grade is grade


def test_a_finding_says_what_was_expected_what_came_and_why_it_matters() -> None:
    text = report("K2").as_text()
    for said in ("K2 error", "asking", "this", HOSTILE, RULES["K2"].title, RULES["K2"].why, "section 4"):
        assert said in text


def test_the_verdict_stands_last_with_the_numbers_of_rules() -> None:
    last = report("K2").as_text().splitlines()[-1]
    assert f"does not conform ({len(RULES) - 2} passed, 1 failed, 1 not applicable)" in last


def test_rules_that_could_not_be_checked_say_why() -> None:
    assert "no field has a list: L1" in report().as_text()
    assert json.loads(report().as_json())["rules"]["L1"]["reason"] == "no field has a list"


def test_json_has_every_rule_and_finding() -> None:
    document = json.loads(report("K2").as_json())
    assert document["grade"] == "does not conform"
    assert list(document["rules"]) == list(RULES)
    assert document["rules"]["K2"]["outcome"] == "failed"
    assert [finding["got"] for finding in document["findings"]] == [HOSTILE]
    assert document["timings"]["get_actors"] == {"calls": 3, "mean_seconds": 0.5, "longest_seconds": 1.25}


class Page(HTMLParser):
    """Tags, attributes and text of a page; a tag closed out of turn is an error."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.words: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.open: list[str] = []
        self.feed(text)
        assert not self.open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += attrs
        if tag != "meta":
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)


def test_the_page_stands_alone_and_escapes_what_came_from_the_connector() -> None:
    page = Page(report("K2", "V5").as_html())
    assert "script" not in page.tags
    assert "link" not in page.tags
    assert not {name for name, _ in page.attributes} & {"src", "href", "onclick"}
    assert HOSTILE in page.words


def test_the_page_shows_every_rule_with_headings_and_labelled_columns() -> None:
    page = Page(report("K2").as_html())
    assert page.tags.count("h1") == 1
    assert {"main", "h2", "th", "dl"} <= set(page.tags)
    assert ("lang", "en") in page.attributes
    assert set(RULES) <= set(page.words)


# The run


def test_a_broken_connector_never_breaks_the_run() -> None:
    class Raising(SampleConnector):
        def get_actors(self, *question: object) -> ActorsResponse:
            raise SystemExit("the ERP is closed")

        def search_actors(self, *question: object) -> ActorsResponse:
            return ActorsResponse(actors=[None, ErpActor(ActorType.CUSTOMER, None, fields={"Name": 7, 8: None})])  # type: ignore[list-item, arg-type, dict-item]

        def get_supported_actor_types(self, guid: str) -> ItemsResponse:
            return ItemsResponse(items=["Customer", None])  # type: ignore[list-item]

    found = run(Raising(), SAMPLE_VALUES, write=True)
    assert found.grade is Grade.FAILS
    assert {"E1", "E2", "V2"} <= {finding.rule.number for finding in found.findings}
    assert "the ERP is closed" in found.as_text()


def test_a_call_that_hangs_is_given_up_and_the_others_are_checked() -> None:
    released = Event()

    class Hanging(SampleConnector):
        def get_list_items(self, *question: object) -> Response:  # type: ignore[override]
            released.wait(30)
            return Response()

    try:
        found = run(Hanging(), SAMPLE_VALUES, limit=0.3)
    finally:
        released.set()
    assert {finding.rule.number for finding in found.findings} == {"P1"}
    assert found.outcomes["S7"] is Outcome.PASSED
    assert found.outcomes["L3"] is Outcome.NOT_APPLICABLE


def test_the_connection_is_deleted_in_the_end() -> None:
    connector = SampleConnector()
    saved = []

    class Watched(SampleConnector):
        def save_connection(self, info: ConnectionInfo) -> Response:
            saved.append(info.guid)
            return super().save_connection(info)

    connector = Watched()
    run(connector, SAMPLE_VALUES)
    assert saved
    assert not any(connector.test_connection(guid).ok for guid in saved)


def test_reading_changes_nothing_in_the_erp() -> None:
    class ReadOnly(SampleConnector):
        def create_actor(self, *question: object) -> Response:  # type: ignore[override]
            raise AssertionError("created something")

        def save_actors(self, guid: str, actors: Sequence[ErpActor]) -> ActorsResponse:
            assert not actors
            return super().save_actors(guid, actors)

    found = run(ReadOnly(), SAMPLE_VALUES)
    assert found.grade is Grade.CONFORMS
    assert all(rule.writes for rule in found.rules(Outcome.NOT_APPLICABLE))


def test_the_report_names_the_test_data_it_leaves_behind() -> None:
    connector = SampleConnector()
    text = run(connector, SAMPLE_VALUES, write=True).as_text()
    guid = "aaaaaaaa-0000-0000-0000-000000000000"
    connector.save_connection(ConnectionInfo(guid, dict(SAMPLE_VALUES)))
    left = connector.search_actors(guid, ActorType.PROJECT, "Brygga check", []).actors
    assert all(f"Project {actor.erp_key}" in text for actor in left)
    assert list(left)


def test_an_erp_that_takes_nothing_new_is_said_to_be_so() -> None:
    found = run(SampleConnector(), {**SAMPLE_VALUES, "AllowChanges": "false"}, write=True)
    assert found.grade is Grade.CONFORMS
    assert "Customer: no test actor could be created" in found.as_text()
    assert found.outcomes["W5"] is Outcome.NOT_APPLICABLE


def test_timings_are_taken_with_the_given_clock() -> None:
    ticks = iter(range(1_000_000))
    found = run(SampleConnector(), SAMPLE_VALUES, clock=lambda: float(next(ticks)))
    assert found.timings["get_config_data"] == Timing(1, 1.0, 1.0)


def test_progress_is_told() -> None:
    said: list[str] = []
    run(SampleConnector(), SAMPLE_VALUES, progress=said.append)
    assert "listing Customer" in said


def test_a_wrong_configuration_is_not_held_against_the_connector() -> None:
    with pytest.raises(CannotCheck, match="password"):
        run(SampleConnector(), {**SAMPLE_VALUES, "Password": "wrong"})
    with pytest.raises(CannotCheck, match="AllowChanges"):
        run(SampleConnector(), {**SAMPLE_VALUES, "AllowChanges": "perhaps"})


def test_a_connector_that_is_not_there_cannot_be_checked() -> None:
    class Unreachable(SampleConnector):
        def get_config_data(self) -> FieldsResponse:
            raise CallFailed(Reason.UNREACHABLE, "no route to host", may_repeat=True, unknown_outcome=False)

    with pytest.raises(CannotCheck, match="no route to host"):
        run(Unreachable(), SAMPLE_VALUES)


def test_a_failed_assertion_lists_the_findings() -> None:
    class Forgetful(SampleConnector):
        def get_supported_actor_types(self, guid: str) -> ItemsResponse:
            return ItemsResponse(items=["Customer", "Customer"])

    with pytest.raises(AssertionError, match="M2 warning"):
        assert_conforms(Forgetful(), SAMPLE_VALUES)


def test_secrets_are_not_in_the_report() -> None:
    class Raising(SampleConnector):
        def test_config_data(self, info: ConnectionInfo) -> Response:
            raise ValueError(f"cannot use {info.values}")

    found = run(Raising(), SAMPLE_VALUES).as_json()
    assert "cannot use" in found
    assert SAMPLE_VALUES["Password"] not in found


@pytest.mark.parametrize(
    "values",
    [
        ["1", "20", "3.5", "-7"],
        ["2024-05-13T13:50:48", "2023-01-02T00:00:00"],
        ["2024-05-13T13:50:48.5", "2023-01-02T00:00:00.125", "2023-01-02T00:00:00"],
        ["0x00000000000007D1", "0x0000000000A7D1B2"],
        ["20240513", "20230102"],
    ],
)
def test_stamps_that_sort_are_fine(values: list[str]) -> None:
    assert unordered(values) == ""


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["12", "2024-05-13"], "both"),
        (["13.05.2024 13:50", "01.02.2023 00:00"], "begin with the year"),
        (["v9", "v10"], "different length"),
        (["2024-5-13", "2024-11-02"], "different length"),
    ],
)
def test_stamps_that_do_not_sort_are_found(values: list[str], said: str) -> None:
    assert said in unordered(values)
