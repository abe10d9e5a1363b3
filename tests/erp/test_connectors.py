"""Connectors: found by address, called, their failures made errors; adding and deleting them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.utils import translation
from structlog.testing import capture_logs
from tests.erp.sample_connector import SampleConnector

from brygga.contract import ActorsResponse, ActorType, ErpActor, ErrorCode, FieldsResponse, Response, State
from brygga.erp import connectors
from brygga.erp.errors import ConnectorFailed, NotFound, Refused
from brygga.erp.models import ConfigValue, Connection, Connector
from brygga.erp.problems import Problem
from brygga.erp.secrets import encrypt
from brygga.erp.services import connectors as service
from brygga.soap.failures import Reason

pytestmark = pytest.mark.django_db


@pytest.fixture
def sample() -> Iterator[SampleConnector]:
    with connectors.use("sample", SampleConnector()) as connector:
        yield connector


@pytest.fixture
def connection(sample) -> Connection:
    connector = Connector.objects.create(name="Sample", url="plugin://sample")
    connection = Connection.objects.create(connector=connector, names={"en": "ERP"})
    ConfigValue.objects.create(connection=connection, key="Server", value="erp.local")
    ConfigValue.objects.create(connection=connection, key="Password", value=encrypt("hemlig"), secret=True)
    return connection


def test_a_plugin_address_opens_the_connector_in_use(sample, connection):
    assert connectors.open_connector(connection) is sample
    assert connectors.open_connector(connection.connector) is sample


def test_use_ends_with_its_block():
    with connectors.use("brief", SampleConnector()):
        connectors.open_address("plugin://brief")
    with pytest.raises(Refused, match='No connector "brief" is installed'):
        connectors.open_address("plugin://brief")


@pytest.mark.parametrize(
    ("url", "text"),
    [
        ("ftp://erp.local/x.svc", "is not an address of a connector"),
        ("http://anna:secret@erp.local/x.svc", "can't be used as an address"),
        ("app://1234", 'The application "1234" is not set up'),
    ],
)
def test_an_address_that_can_not_be_used_is_refused_clearly(url, text):
    with pytest.raises(Refused, match=text):
        connectors.open_address(url)


def test_an_address_keeps_its_network_connections():
    one, same, other = (connectors.open_address(f"http://127.0.0.1:9/{name}.svc") for name in ("a", "a", "b"))
    assert one is same
    assert one is not other


def test_a_connector_that_can_not_be_reached_is_told_with_what_to_do(connection):
    connection.connector.url = "http://127.0.0.1:9/none.svc"
    with pytest.raises(ConnectorFailed, match="can't be reached") as failed:
        connectors.call(connection, "test_connection")
    assert failed.value.retry
    assert not failed.value.unknown_outcome


def test_every_reason_of_a_call_without_an_answer_has_a_sentence():
    for reason in Reason:
        assert "%(" not in str(Problem(f"call_{reason}", {"status": 500}))
        assert str(Problem(f"call_{reason}", {"status": 500})) != f"call_{reason}"


@pytest.mark.parametrize(
    ("url", "warned"),
    [
        ("http://erp.local/x.svc", True),
        ("http://10.0.0.5:8080/x.svc", True),
        ("https://erp.local/x.svc", False),
        ("http://localhost:8080/x.svc", False),
        ("http://127.0.0.1/x.svc", False),
        ("http://[::1]/x.svc", False),
        ("plugin://workbook", False),
    ],
)
def test_a_call_without_encryption_over_the_network_is_warned_of(url, warned):
    assert bool(service.warnings_of(Connector(name="x", url=url))) is warned


def test_an_unknown_connection_is_saved_and_the_call_repeated_once(sample, connection):
    answer = connectors.call(connection, "get_list", "groups")
    assert answer.items["1"] == "Retail"
    assert sample.calls == ["get_list", "save_connection", "get_list"]
    assert sample.saved[str(connection.guid)] == {"Server": "erp.local", "Password": "hemlig"}


def test_a_connector_that_never_learns_is_asked_twice_and_no_more(sample, connection, monkeypatch):
    monkeypatch.setattr(sample, "saved", _Forgetful())
    with pytest.raises(ConnectorFailed) as caught:
        connectors.call(connection, "test_connection")
    assert caught.value.error_code == ErrorCode.UNKNOWN_CONNECTION_ID
    assert sample.calls == ["test_connection", "save_connection", "test_connection"]


class _Forgetful(dict):
    def __setitem__(self, key, value):
        pass


def test_a_refusal_is_told_in_the_language_of_the_reader(sample, connection, monkeypatch):
    failure = Response.failure('US:"Closed.";SW:"Stängt."', "maintenance")
    monkeypatch.setattr(sample, "test_connection", lambda guid: failure)
    with pytest.raises(ConnectorFailed) as caught:
        connectors.call(connection, "test_connection")
    for language, text in (("sv", "Stängt."), ("nl", "Closed.")):
        with translation.override(language):
            assert caught.value.user_message == text
    assert "maintenance" in caught.value.technical
    assert caught.value.retry


@pytest.mark.parametrize("code", [ErrorCode.UNKNOWN_FIELD_KEY, ErrorCode.UNKNOWN_LIST_ITEM_ID])
def test_a_wrong_question_is_not_worth_repeating(sample, connection, monkeypatch, code):
    monkeypatch.setattr(sample, "test_connection", lambda guid: Response.failure("No.", "", code))
    with pytest.raises(ConnectorFailed) as caught:
        connectors.call(connection, "test_connection")
    assert not caught.value.retry


def test_an_exception_is_a_failure_with_an_unknown_outcome_and_no_secret_in_the_log(sample, connection, monkeypatch):
    def explode(guid: str) -> Response:
        raise OSError("log-in with hemlig failed")

    monkeypatch.setattr(sample, "test_connection", explode)
    with capture_logs() as logs, pytest.raises(ConnectorFailed) as caught:
        connectors.call(connection, "test_connection")
    assert caught.value.unknown_outcome
    assert "OSError" in caught.value.technical
    assert "hemlig" not in str(logs) + caught.value.technical + caught.value.user_message
    assert logs[0]["event"] == "connector_raised"


def test_a_refusal_that_repeats_a_secret_is_redacted(sample, connection, monkeypatch):
    monkeypatch.setattr(sample, "test_connection", lambda guid: Response.failure("hemlig is wrong", "pwd=hemlig"))
    with capture_logs() as logs, pytest.raises(ConnectorFailed) as caught:
        connectors.call(connection, "test_connection")
    assert "hemlig" not in str(logs) + caught.value.technical + caught.value.user_message


def test_warnings_pass_through(sample, connection, monkeypatch):
    actors = [ErpActor(ActorType.CUSTOMER, "1", "7")]
    warned = ActorsResponse(state=State.WARNING, user_explanation="Row 3 is skipped.", actors=actors)
    monkeypatch.setattr(sample, "get_actors", lambda *args: warned)
    answer = connectors.call(connection, "get_actors", ActorType.CUSTOMER, ["1"], [])
    assert answer.state is State.WARNING
    assert list(answer.actors) == actors


def test_a_stream_that_breaks_off_is_a_failure_too(sample, connection, monkeypatch):
    def stream() -> Iterator[ErpActor]:
        yield ErpActor(ActorType.CUSTOMER, "1", "7")
        raise ConnectionResetError("gone")

    monkeypatch.setattr(sample, "get_actors", lambda *args: ActorsResponse(actors=stream()))
    actors = iter(connectors.call(connection, "get_actors", ActorType.CUSTOMER, ["1"], []).actors)
    assert next(actors).erp_key == "1"
    with pytest.raises(ConnectorFailed):
        next(actors)


def test_a_connector_is_added_when_it_answers(sample):
    connector = service.create_connector(" Sample ", "plugin://sample")
    assert service.find_connector("Sample") == connector
    assert [field.key for field in service.fields_at(connector.url)] == ["Server", "Password", "Port"]


@pytest.mark.parametrize(
    ("name", "url", "reason"),
    [
        ("", "plugin://sample", "needs a name"),
        ("Sample", " ", "needs a URL"),
        ("Sample", "ftp://sample", "not an address"),
        ("Sample", "sample", "not an address"),
        ("Sample", "plugin://absent", 'No connector "absent"'),
        ("Sample", "app://1234", "not set up"),
    ],
)
def test_a_connector_is_refused_with_the_reason(sample, name, url, reason):
    with pytest.raises(Refused, match=reason):
        service.create_connector(name, url)
    assert not Connector.objects.exists()


def test_a_connector_that_does_not_answer_is_not_added(sample, monkeypatch):
    monkeypatch.setattr(sample, "get_config_data", lambda: FieldsResponse.failure("Out of order."))
    with pytest.raises(ConnectorFailed, match="Out of order"):
        service.create_connector("Sample", "plugin://sample")
    assert not Connector.objects.exists()


def test_a_name_is_given_once_among_the_living(sample):
    first = service.create_connector("Sample", "plugin://sample")
    with pytest.raises(Refused, match="already"):
        service.create_connector("Sample", "plugin://sample")
    service.delete_connectors([first])
    service.create_connector("Sample", "plugin://sample")
    assert len(service.list_connectors()) == 1
    assert len(service.list_connectors(with_deleted=True)) == 2


def test_a_connector_with_connections_is_not_deleted_and_none_of_the_others_either(connection):
    free = Connector.objects.create(name="Free", url="plugin://sample")
    with pytest.raises(Refused, match="these connections use it: ERP"):
        service.delete_connectors([free, connection.connector])
    assert not Connector.objects.filter(deleted=True).exists()
    Connection.objects.update(deleted=True)
    service.delete_connectors([free, connection.connector])
    assert Connector.objects.filter(deleted=True).count() == 2


def test_an_unknown_name_tells_what_exists(connection):
    with pytest.raises(NotFound, match='There are: "Sample"'):
        service.find_connector("Simple")
