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
from brygga.soap.operations import ARRAYS, NAMESPACE
from brygga.soap.wsdl import wsdl


class Zeep:
    """zeep without its HTTP: the steps between the bytes of a message and zeep's own objects."""

    def __init__(self) -> None:
        with TemporaryDirectory(prefix="brygga-bench-") as folder:
            file = Path(folder) / "connector.wsdl"
            file.write_bytes(wsdl("http://127.0.0.1/ErpConnectorWS.svc"))
            self._client = Client(str(file))
        self._binding = self._client.service._binding
        self._type = self._client.get_type(f"{{{NAMESPACE}}}ErpActorWS")
        self._dictionary = self._client.get_type(f"{{{ARRAYS}}}ArrayOfKeyValueOfstringstring")
        self._entry = self._dictionary.elements[0][1].type

    def close(self) -> None:
        """Let go of the connections that zeep holds ready."""
        self._client.transport.session.close()

    def decode(self, answer: bytes) -> list[Any]:
        """The actors of an answer, as zeep's objects."""
        envelope = parse_xml(answer, self._client.transport, settings=self._client.settings)
        return self._binding.get(LISTED.wire).process_reply(envelope).Actors.ErpActorWS

    def request_to_save(self, actors: Iterable[ErpActor]) -> dict[str, Any]:
        """What `encode` takes. The actors are objects of zeep's; plain dictionaries take it half as long again."""
        return {"ConnectionGuid": GUID, "Actors": {"ErpActorWS": [self._actor(actor) for actor in actors]}}

    def encode(self, request: dict[str, Any]) -> bytes:
        """A save of actors, to bytes."""
        envelope, _ = self._binding._create(SAVED.wire, (), {"request": request}, client=self._client)
        return etree_to_string(envelope)

    def _actor(self, actor: ErpActor) -> Any:
        entries = [self._entry(Key=key, Value=value) for key, value in actor.fields.items()]
        return self._type(
            ActorType=actor.actor_type.value,
            ErpKey=actor.erp_key,
            FieldValues=self._dictionary(entries),
            LastModified=actor.last_modified,
            ParentActorType=None,
            ParentErpKey=actor.parent_key,
        )


def same(zeep_actor: Any, actor: ErpActor) -> bool:
    """Whether zeep read what we read."""
    fields = {entry.Key: entry.Value for entry in zeep_actor.FieldValues.KeyValueOfstringstring}
    return (zeep_actor.ErpKey, zeep_actor.LastModified, fields) == (actor.erp_key, actor.last_modified, actor.fields)
