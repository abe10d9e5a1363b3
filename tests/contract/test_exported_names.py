"""The names that connector authors rely on: a change here is a change of the published interface."""

from __future__ import annotations

from brygga import contract


def test_the_public_names() -> None:
    assert contract.__all__ == [
        "ZERO_GUID",
        "Access",
        "ActorResponse",
        "ActorType",
        "ActorsResponse",
        "BadValue",
        "ConfigError",
        "ConnectionInfo",
        "Connector",
        "ErpActor",
        "ErrorCode",
        "FieldMetadata",
        "FieldType",
        "FieldsResponse",
        "ItemsResponse",
        "ListResponse",
        "Response",
        "SearchError",
        "SearchRestriction",
        "State",
        "config",
        "config_field",
        "localised",
        "search",
        "stamps",
        "values",
    ]


def test_every_public_name_exists() -> None:
    assert all(hasattr(contract, name) for name in contract.__all__)
