"""`app://` over the network: a real host and a real client, set up from files as an operator does."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.soap.handshake_kit import Clock, certificate, pem, private_key, public_pem, rsa_xml
from tests.soap.hosting import ACTOR, GUID, Recorder, live, new_store

from brygga.contract import ActorType
from brygga.soap.applications import Applications, load
from brygga.soap.client import ClientSettings, SoapConnector
from brygga.soap.expiring import ExpiringSet
from brygga.soap.failures import CallFailed, Reason
from brygga.soap.handshake import HostAuthentication, client_authentication
from brygga.soap.host import application

ID = "5f0c2a"
FILE = """
client:
  caller: {private_key: caller.pem}
  applications:
    5f0c2a: {url: "%s", public_key: connector.pem, namespace: "urn:x", context: Cust1}
host: {application_id: 5F0C2A, private_key: connector.xml, caller_certificates: caller.crt, require: %s}
"""


class Counting(HostAuthentication):
    """Counts the handshakes that are asked for."""

    asked = 0

    def forget(self) -> None:
        """Like a restart of the host."""
        self._addresses = ExpiringSet(self._clock)

    def handle(self, body: bytes, remote_address: str) -> bytes | None:
        self.asked += 1
        return super().handle(body, remote_address)


class Site:
    """A host, and what it takes to call it. One clock is moved for both sides."""

    def __init__(self, folder: Path, url: str, clock: Clock, authentication: Counting, recorder: Recorder) -> None:
        self.folder = folder
        self.url = url
        self.clock = clock
        self.authentication = authentication
        self.recorder = recorder

    @contextlib.contextmanager
    def client(self, caller_clock: Clock | None = None) -> Iterator[SoapConnector]:
        found = applications(self.folder, self.url).find(ID.upper())
        authenticate = client_authentication(found, clock=caller_clock or self.clock)
        connector = SoapConnector(found.url, ClientSettings(attempts=1, proxy=""), authenticate)
        try:
            yield connector
        finally:
            connector.close()


def applications(folder: Path, url: str, require: bool = True) -> Applications:
    path = folder / "applications.yaml"
    path.write_text(FILE % (url, str(require).lower()), encoding="utf-8")
    return load(path)


def write_keys(folder: Path, caller: str = "caller", connector: str = "connector") -> None:
    (folder / "caller.pem").write_bytes(pem(private_key(caller)))
    (folder / "caller.crt").write_bytes(certificate(private_key("caller")))
    (folder / "connector.xml").write_bytes(rsa_xml(private_key("connector")))
    (folder / "connector.pem").write_bytes(public_pem(private_key(connector)))


@contextlib.contextmanager
def serving(folder: Path, clock: Clock, require: bool = True) -> Iterator[Site]:
    write_keys(folder)
    host_application = applications(folder, "http://127.0.0.1/", require).host
    assert host_application
    authentication, recorder = Counting(host_application, clock=clock), Recorder()
    with live(application({"recorder": recorder}, new_store(folder), authentication)) as url:
        yield Site(folder, url, clock, authentication, recorder)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    """The clock of both sides; the client looks at it, too, to see whether its log-in still holds."""
    clock = Clock()
    monkeypatch.setattr("brygga.soap.client.time", SimpleNamespace(time=clock, monotonic=time.monotonic))
    return clock


@pytest.fixture
def site(tmp_path: Path, clock: Clock) -> Iterator[Site]:
    with serving(tmp_path, clock) as site:
        yield site


def test_a_client_authenticates_before_its_first_call_and_not_again(site: Site) -> None:
    with site.client() as connector:
        assert connector.get_config_data().ok
        assert connector.get_supported_actor_types(GUID).items
        assert len(list(connector.search_actors(GUID, ActorType.CUSTOMER, "", []).actors)) == 2
    assert site.authentication.asked == 1
    assert [name for name, _arguments in site.recorder.calls] == [
        "get_config_data",
        "get_supported_actor_types",
        "search_actors",
    ]


def test_it_authenticates_again_when_the_token_has_ended(site: Site) -> None:
    with site.client() as connector:
        assert connector.get_config_data().ok
        site.clock.now += 299
        assert connector.get_config_data().ok
        assert site.authentication.asked == 1
        site.clock.now += 1
        assert connector.get_config_data().ok
        assert site.authentication.asked == 2
    assert len(site.recorder.calls) == 3


def test_it_authenticates_again_when_the_host_has_forgotten_it(site: Site) -> None:
    with site.client() as connector:
        assert connector.get_config_data().ok
        site.authentication.forget()
        assert connector.get_config_data().ok
    assert site.authentication.asked == 2


def test_a_call_without_a_handshake_is_refused_and_does_not_reach_the_connector(site: Site) -> None:
    connector = SoapConnector(site.url, ClientSettings(attempts=1, proxy=""))
    with contextlib.closing(connector), pytest.raises(CallFailed) as caught:
        connector.create_actor(GUID, ACTOR)
    assert caught.value.reason is Reason.NOT_AUTHORISED
    assert caught.value.status == 401
    assert not caught.value.unknown_outcome
    assert site.recorder.calls == []


def test_a_host_that_requires_no_handshake_answers_calls_without(tmp_path: Path, clock: Clock) -> None:
    with serving(tmp_path, clock, require=False) as site:
        with contextlib.closing(SoapConnector(site.url, ClientSettings(attempts=1, proxy=""))) as connector:
            assert connector.get_config_data().ok
        with site.client() as connector:
            assert connector.get_config_data().ok
        assert site.authentication.asked == 1


@pytest.mark.parametrize(
    ("caller", "connector", "problem"),
    [("stranger", "connector", "fits none of the callers"), ("caller", "stranger", "does not fit the public key")],
    ids=["a caller that is not known", "a connector that is another"],
)
def test_who_does_not_prove_itself_is_not_dealt_with(site: Site, caller: str, connector: str, problem: str) -> None:
    write_keys(site.folder, caller, connector)
    with site.client() as client, pytest.raises(CallFailed, match=problem) as caught:
        client.get_config_data()
    assert caught.value.reason is Reason.NOT_AUTHORISED
    assert site.recorder.calls == []


def test_a_caller_whose_clock_is_far_off_is_refused(site: Site) -> None:
    with site.client(Clock(site.clock.now - 3600)) as client, pytest.raises(CallFailed, match="has expired"):
        client.get_config_data()
    assert site.recorder.calls == []
