"""zeep as the peer: a client made once, from our own WSDL; it parses and writes the same messages as we do."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from zeep import Client
from zeep.loader import parse_xml
from zeep.wsdl.utils import etree_to_string

from bench.wire_messages import GUID, LISTED, SAVED
from brygga.contract import ErpActor
from brygga.soap.wsdl import wsdl


class Zeep:
    """zeep without its HTTP: the steps between the bytes of a message and zeep's own objects."""

    def __init__(self) -> None:
        with TemporaryDirectory(prefix="brygga-bench-") as folder:
            file = Path(folder) / "connector.wsdl"
            file.write_bytes(wsdl("http://127.0.0.1/ErpConnectorWS.svc"))
            self._client = Client(str(file))
        self._binding = self._client.service._binding

    def close(self) -> None:
        """Let go of the connections that zeep holds ready."""
        self._client.transport.session.close()

    def decode(self, answer: bytes) -> list[Any]:
        """The actors of an answer, as zeep's objects."""
        envelope = parse_xml(answer, self._client.transport, settings=self._client.settings)
        return self._binding.get(LISTED.wire).process_reply(envelope).Actors.ErpActorWS

    def encode(self, request: dict[str, Any]) -> bytes:
        """A save of actors, from what `request_to_save` made."""
        envelope, _ = self._binding._create(SAVED.wire, (), {"request": request}, client=self._client)
        return etree_to_string(envelope)


def request_to_save(actors: Iterable[ErpActor]) -> dict[str, Any]:
    """What zeep takes for a save; plain dictionaries, for it is slower with objects of its own."""
    return {"ConnectionGuid": GUID, "Actors": {"ErpActorWS": [_actor(actor) for actor in actors]}}


def _actor(actor: ErpActor) -> dict[str, Any]:
    fields = [{"Key": key, "Value": value} for key, value in actor.fields.items()]
    return {
        "ActorType": actor.actor_type.value,
        "ErpKey": actor.erp_key,
        "FieldValues": {"KeyValueOfstringstring": fields},
        "LastModified": actor.last_modified,
        "ParentActorType": None,
        "ParentErpKey": actor.parent_key,
    }


def same(zeep_actor: Any, actor: ErpActor) -> bool:
    """Whether zeep read what we read."""
    fields = {entry.Key: entry.Value for entry in zeep_actor.FieldValues.KeyValueOfstringstring}
    return (zeep_actor.ErpKey, zeep_actor.LastModified, fields) == (actor.erp_key, actor.last_modified, actor.fields)
