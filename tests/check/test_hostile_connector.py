"""The hostile connector itself: its table of defects, how they are switched on, and its page in the manual."""

from __future__ import annotations

import uuid
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from brygga.check.hostile import DEFECTS, SAMPLE_VALUES, HostileConnector, SampleConnector, __main__, markdown
from brygga.check.hostile import with_defects as switched
from brygga.check.rules import RULES
from brygga.contract import ActorType, ConnectionInfo, Connector, ErpActor, ErrorCode

DOCS = Path(__file__).parents[2] / "docs"


def connected(connector: Connector, **values: str) -> str:
    """The GUID of a new connection."""
    guid = str(uuid.uuid4())
    saved = connector.save_connection(ConnectionInfo(guid, SAMPLE_VALUES | values))
    assert saved.ok, saved
    return guid


def credit_limit(connector: Connector, guid: str) -> str:
    (customer,) = connector.get_actors(guid, ActorType.CUSTOMER, ["N1001"], ["CreditLimit"]).actors
    return customer.fields["CreditLimit"]


def test_every_rule_has_a_defect_and_every_defect_breaks_a_rule() -> None:
    broken = [number for defect in DEFECTS.values() for number in defect.rules]
    assert set(broken) == RULES.keys()
    assert all(defect.rules for defect in DEFECTS.values())


def test_every_defect_is_described_in_one_sentence() -> None:
    for defect in DEFECTS.values():
        assert defect.description.endswith("."), defect.id
        assert ". " not in defect.description, defect.id


def test_the_page_of_the_manual_is_current() -> None:
    assert (DOCS / "hostile-connector.md").read_text(encoding="utf-8") == markdown() + "\n"


def test_defects_combine() -> None:
    hostile = switched("decimal-comma", "blank-keys")
    guid = connected(hostile)
    assert credit_limit(hostile, guid) == "2501,5"
    keys = [actor.erp_key for actor in hostile.search_actors(guid, ActorType.CUSTOMER, "", []).actors]
    assert keys.count("") == 1


def test_an_unknown_defect_is_named_in_the_refusal() -> None:
    with pytest.raises(ValueError, match='no defect "rudeness"'):
        switched("rudeness")


def test_the_configuration_switches_defects_on_for_one_connection() -> None:
    hostile = HostileConnector()
    good, bad = connected(hostile), connected(hostile, Defects=" decimal-comma, trims ")
    assert credit_limit(hostile, good) == "[F:2501.5]"
    assert credit_limit(hostile, bad) == "2501,5"


def test_defects_that_it_is_made_with_hold_for_every_connection() -> None:
    hostile = HostileConnector(["decimal-comma"])
    assert credit_limit(hostile, connected(hostile, Defects="trims")) == "2501,5"


def test_a_connection_keeps_its_data_when_it_is_saved_again() -> None:
    hostile = HostileConnector()
    guid = connected(hostile, Defects="trims")
    created = hostile.create_actor(guid, ErpActor(ActorType.PROJECT, "", fields={"Title": "Ny kai"})).actor
    assert created is not None
    hostile.save_connection(ConnectionInfo(guid, SAMPLE_VALUES | {"Defects": "trims"}))
    answer = hostile.get_actors(guid, ActorType.PROJECT, [created.erp_key], list(created.fields))
    assert list(answer.actors) == [created]


def test_an_unknown_defect_in_the_configuration_is_refused() -> None:
    hostile = HostileConnector()
    info = ConnectionInfo("", SAMPLE_VALUES | {"Defects": "rudeness"})
    for answer in (hostile.test_config_data(info), hostile.save_connection(info)):
        assert not answer.ok
        assert "rudeness" in answer.user_explanation


def test_the_form_has_the_switch() -> None:
    assert [field.key for field in HostileConnector().get_config_data().fields][-1] == "Defects"


def test_an_unknown_connection_is_unknown() -> None:
    assert HostileConnector().test_connection(str(uuid.uuid4())).error_code == ErrorCode.UNKNOWN_CONNECTION_ID


def test_it_is_not_among_the_installed_connectors() -> None:
    assert "hostile" not in entry_points(group="brygga.connectors").names


def test_connections_to_two_companies_see_their_own_actors() -> None:
    sample = SampleConnector()
    northern, southern = connected(sample), connected(sample, Company="S")
    found = sample.get_actors(southern, ActorType.CUSTOMER, ["N1001", "S1001"], []).actors
    assert [actor.erp_key for actor in found] == ["S1001"]
    sample.delete_connection(southern)
    assert sample.test_connection(northern).ok


def test_a_connection_that_does_not_allow_changes_refuses_them() -> None:
    sample = SampleConnector()
    guid = connected(sample, AllowChanges="[I:0]")
    answer = sample.save_actors(guid, [ErpActor(ActorType.CUSTOMER, "N1001", fields={"City": "Oslo"})])
    assert not answer.ok
    assert "does not allow changes" in answer.user_explanation


def test_secrets_are_in_no_explanation() -> None:
    refused = SampleConnector().test_config_data(ConnectionInfo("", SAMPLE_VALUES | {"Password": "hunter2"}))
    assert not refused.ok
    assert "hunter2" not in refused.user_explanation + refused.tech_explanation


def test_the_command_prints_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["--list"]) == 0
    assert capsys.readouterr().out.rstrip() == markdown()


def test_the_command_reports_on_the_good_connector(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main([]) == 0
    assert "conforms" in capsys.readouterr().out


def test_the_command_reports_a_defect(capsys: pytest.CaptureFixture[str]) -> None:
    assert __main__.main(["decimal-comma"]) == 1
    assert "V3" in capsys.readouterr().out


def test_the_command_refuses_an_unknown_defect(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        __main__.main(["rudeness"])
    assert stopped.value.code == 2
    assert "rudeness" in capsys.readouterr().err
