"""Problems are stored as codes and read in the reader's language, also those of earlier versions."""

from __future__ import annotations

import re
from string import Formatter

import pytest
from django.db import connection as database
from django.db.migrations.executor import MigrationExecutor
from django.utils import translation
from tests.erp.scenes import company, edit

from brygga.contract import ActorType
from brygga.erp.engine.report import ConnectionReport
from brygga.erp.models import Connection, Link, Run
from brygga.erp.problems import REFUSALS, TEXTS, Problem, issue, refusal_rule, refusal_text, restored, text_in, told
from brygga.erp.services.sync import sync_now
from brygga.merge.values import MESSAGES, Kind


@pytest.mark.parametrize("code", sorted(MESSAGES))
def test_each_way_not_to_fit_has_its_sentence_with_the_same_values(code: str) -> None:
    wanted = {name for _, name, _, _ in Formatter().parse(MESSAGES[code]) if name}
    assert set(re.findall(r"%\((\w+)\)s", str(TEXTS[code]))) == wanted
    values = {name: 3 if "length" in name else "text" for name in wanted}
    assert "%" not in str(Problem(code, values))
    assert refusal_text(refusal_rule(code)) == str(REFUSALS[code])


def test_the_refusals_are_those_of_the_merge() -> None:
    assert REFUSALS.keys() == MESSAGES.keys()
    assert refusal_text("changed") == ""
    assert refusal_text("refused: from_the_future") == "from_the_future"


@pytest.mark.parametrize("kind", Kind)
def test_kinds_are_words(kind: Kind) -> None:
    text = str(Problem("no_conversion", {"source": kind.value, "target": "list"}))
    assert "%" not in text
    assert ":" not in text


def test_what_is_stored_is_read_in_any_language() -> None:
    stored = issue("NAME", Problem("too_long", {"length": 1300, "max_length": 30.5}), "x", "crm")
    assert stored["field"] == "NAME"
    assert "1300 characters" in text_in(stored)
    with translation.override("de"):
        assert "30,5" in text_in(stored)
    closed = told('US:"Closed.";SW:"Stängt."').stored()
    with translation.override("sv"):
        assert text_in(closed) == "Stängt."


@pytest.mark.parametrize(
    ("stored", "text"),
    [
        ({"code": "too_long", "text": "Too long by far."}, "Too long by far."),
        ({"code": "refused", "text": "100 % locked."}, "100 % locked."),
        ({"code": "conflict", "text": "whatever"}, "Both sides were changed."),
        ({"code": "of_tomorrow", "params": {"text": "Something new."}}, "Something new."),
        ({"code": "of_tomorrow", "params": {}}, "of_tomorrow"),
        ({"code": "too_long", "params": {}}, "too_long"),
        ({}, ""),
    ],
)
def test_rows_of_other_versions_still_have_a_text(stored: dict[str, object], text: str) -> None:
    assert text_in(stored) == text
    assert (restored(stored) is None) == (text == "")


@pytest.mark.django_db
def test_a_failed_field_is_told_in_each_readers_language(erp, connection):
    edit(company("Fjord"), POSTALCITY="A city with a name that is too long")
    report = sync_now(None, by="test")
    (problem,) = report.as_json()["connections"][0]["problems"]
    assert (problem["code"], problem["field"]) == ("too_long", "CITY")
    assert "35 characters" in problem["text"]
    link = Link.objects.get(erp_key="1")
    assert "text" not in link.issues[0]
    with translation.override("sv"):
        assert text_in(link.issues[0]).startswith("Texten har 35 tecken")
        assert report.as_json()["connections"][0]["problems"][0]["text"] == text_in(link.issues[0])


@pytest.mark.django_db
def test_a_refused_record_keeps_the_connectors_words_in_all_languages(erp, connection):
    erp.refuses.add("1")
    edit(company("Fjord"), POSTALCITY="Oslo")
    sync_now(None, by="test")
    assert text_in(Link.objects.get(erp_key="1").issues[0]) == "1 is locked by the accountant."


@pytest.mark.django_db
def test_a_failed_connection_is_stored_with_all_languages_and_its_id(erp, connection):
    erp.down = 'US:"Closed.";SW:"Stängt."'
    report = sync_now(None, by="test")
    part = Run.objects.get(pk=report.run).report[0]
    assert part["connection"] == connection.pk
    for stored in (part["failure"], Connection.objects.get().failure):
        with translation.override("sv"):
            assert text_in(stored) == "Stängt."
    assert report.connections[0].error == "Closed."


@pytest.mark.django_db
def test_a_connector_that_is_not_installed_fails_its_connection_alone(erp, connection):
    connection.connector.url = "plugin://vanished"
    connection.connector.save()
    report = sync_now(None, by="test")
    assert "vanished" in report.connections[0].error
    assert "vanished" in Connection.objects.get().failure_text


def test_a_report_has_no_language_until_it_is_read() -> None:
    part = ConnectionReport("ERP", failure=Problem("busy"), connection=7)
    part.problems.append({"type": "company", "id": 1, "erp_key": "1", **issue("", Problem("erp_gone"))})
    assert part.stored()["failure"] == {"code": "busy", "params": {}}
    assert part.stored()["problems"][0]["params"] == {}
    assert "params" not in part.as_json()["problems"][0]
    assert part.as_json()["error"].startswith("Another run")


@pytest.mark.django_db(transaction=True)
def test_sentences_of_earlier_versions_are_kept():
    """A connection that failed before there were codes says so afterwards."""
    executor = MigrationExecutor(database)
    latest = executor.loader.graph.leaf_nodes()
    executor.migrate([("erp", "0001_initial")])
    models = executor.loader.project_state([("erp", "0001_initial")]).apps
    connector = models.get_model("erp", "Connector").objects.create(name="ERP", url="plugin://erp")
    for name, failure in (("Failed", "The file is missing."), ("Well", "")):
        models.get_model("erp", "Connection").objects.create(connector=connector, names={"en": name}, failure=failure)
    try:
        MigrationExecutor(database).migrate(latest)
        assert {one.name: one.failure_text for one in Connection.objects.all()} == {
            "Failed": "The file is missing.",
            "Well": "",
        }
    finally:
        MigrationExecutor(database).migrate(latest)


def test_an_actor_type_is_no_language() -> None:
    assert "Customer 7" in str(Problem("no_company_link", {"type": str(ActorType.CUSTOMER), "key": "7"}))
