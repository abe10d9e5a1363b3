"""Switching defects on: in Python with `with_defects`, by configuration with `HostileConnector`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from brygga.check.hostile.defects import DEFECTS
from brygga.check.hostile.good import SampleConnector
from brygga.contract import ConnectionInfo, Connector, FieldMetadata, FieldsResponse, Response
from brygga.soap.operations import OPERATIONS

DEFECTS_KEY = "Defects"
"""The configuration field that switches defects on: their ids, separated by commas."""


def with_defects(*ids: str) -> SampleConnector:
    """A sample connector with these defects, the first one outermost; without any it is a good one.

    Raises ValueError for a defect that does not exist.
    """
    if unknown := sorted({*ids} - DEFECTS.keys()):
        raise ValueError(f'There is no defect "{unknown[0]}". `python -m brygga.check.hostile --list` lists them.')
    bases = (*(DEFECTS[id].connector for id in dict.fromkeys(ids)), SampleConnector)
    hostile: type[SampleConnector] = type("Hostile", bases, {})
    return hostile()


class HostileConnector(Connector):
    """The sample connector with the defects it is made with, and those that `Defects` in a configuration names.

    A connection has the variant that it was last saved with; a call for an unknown one goes to the variant that
    was tested or saved last. Not registered as an installed connector: no administrator has a use for it.
    """

    name = "hostile"
    title = "Hostile ERP"
    description = "Breaks the contract on purpose, for trying out the conformance kit."

    def __init__(self, defects: Iterable[str] = ()) -> None:
        self._always = tuple(defects)
        self._latest = with_defects(*self._always)
        self._variants = {self._always: self._latest}
        self._by_guid: dict[str, SampleConnector] = {}

    def get_config_data(self) -> FieldsResponse:
        answer = self._latest.get_config_data()
        switch = FieldMetadata(DEFECTS_KEY, "Defects", "Ids of defects, separated by commas.", rank=100)
        return FieldsResponse(fields=[*answer.fields, switch]) if answer.ok else answer

    def test_config_data(self, info: ConnectionInfo) -> Response:
        try:
            self._latest = self._variant(info.values)
        except ValueError as error:
            return Response.failure(str(error))
        return self._latest.test_config_data(_without_switch(info))

    def save_connection(self, info: ConnectionInfo) -> Response:
        try:
            self._latest = self._variant(info.values)
        except ValueError as error:
            return Response.failure(str(error))
        self._by_guid[info.guid] = self._latest
        return self._latest.save_connection(_without_switch(info))

    def _variant(self, configuration: Mapping[str, str]) -> SampleConnector:
        """The connector with the defects of a configuration, made once; raises ValueError."""
        switched = (id.strip() for id in configuration.get(DEFECTS_KEY, "").split(","))
        ids = (*self._always, *filter(None, switched))
        if ids not in self._variants:
            self._variants[ids] = with_defects(*ids)
        return self._variants[ids]


def _forward(operation: str) -> Callable[..., Any]:
    def forwarded(self: HostileConnector, guid: str, *arguments: Any) -> Any:
        return getattr(self._by_guid.get(guid, self._latest), operation)(guid, *arguments)

    return forwarded


for _operation in OPERATIONS.keys() - vars(HostileConnector).keys():
    setattr(HostileConnector, _operation, _forward(_operation))


def _without_switch(info: ConnectionInfo) -> ConnectionInfo:
    values = {key: value for key, value in info.values.items() if key != DEFECTS_KEY}
    return ConnectionInfo(info.guid, values)
