"""What the tests of the client share: answers to give, pauses that take no time, and calls that fail."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from brygga.contract import ActorType, ErpActor
from brygga.soap.client import Authenticate, ClientSettings, SoapConnector
from brygga.soap.failures import CallFailed

GUID = "0f8fad5b-d9cb-469f-a165-70867728950e"
NS = "http://www.superoffice.net/EIS/Connector/1.0"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


def envelope(content: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{content}</s:Body></s:Envelope>'.encode()


def result(operation: str, own: str = "", explanation: str = "") -> bytes:
    members = f"<IsOk>true</IsOk><State>Ok</State><UserExplanation>{explanation}</UserExplanation>{own}"
    return envelope(
        f'<{operation}Response xmlns="{NS}"><{operation}Result>{members}</{operation}Result></{operation}Response>'
    )


def actor(key: str) -> str:
    return f"<ErpActorWS><ActorType>Customer</ActorType><ErpKey>{key}</ErpKey></ErpActorWS>"


TESTED = result("WSTestConnection", explanation="Grüße")
LISTED = result("WSSearchActors", "<Actors>" + "".join(actor(str(key)) for key in range(3000)) + "</Actors>")
CREATED = result("WSCreateActor", "<Actor><ActorType>Customer</ActorType><ErpKey>9</ErpKey></Actor>")
FAULT = envelope("<s:Fault><faultcode>s:Server</faultcode><faultstring>Object reference</faultstring></s:Fault>")
PAGE = b"<!DOCTYPE html><html><body>Welcome to nginx</body></html>"


@dataclass
class Pauses:
    """Stands in for time.sleep and random.random: notes the pauses, and always draws the longest."""

    taken: list[float] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)

    def settings(self, **other: object) -> ClientSettings:
        brisk = {"connect_timeout": 2.0, "read_timeout": 2.0, "total_timeout": 20.0} | other
        return ClientSettings(sleep=self.sleep, random=lambda: 1.0, **brisk)  # type: ignore[arg-type]


@contextmanager
def client(url: str, settings: ClientSettings, authenticate: Authenticate | None = None) -> Iterator[SoapConnector]:
    connector = SoapConnector(url, settings, authenticate)
    try:
        yield connector
    finally:
        connector.close()


def failure_of(call: Callable[[], object]) -> CallFailed:
    with pytest.raises(CallFailed) as raised:
        call()
    return raised.value


def create(connector: SoapConnector) -> object:
    return connector.create_actor(GUID, ErpActor(ActorType.CUSTOMER, "", fields={"Name": "Ny"}))


def search(connector: SoapConnector) -> list[str]:
    return [found.erp_key for found in connector.search_actors(GUID, ActorType.CUSTOMER, "", []).actors]
