"""Responses merge as section 3 says, and a bare connector answers instead of raising."""

from __future__ import annotations

from brygga.contract import (
    ZERO_GUID,
    ActorType,
    Connector,
    ErpActor,
    ErrorCode,
    ItemsResponse,
    Response,
    State,
)


def test_merging_keeps_the_failure_the_higher_state_and_all_texts() -> None:
    fine = ItemsResponse(state=State.OK_WITH_INFO, user_explanation="Read.", items=["a"])
    failed = Response.failure("No contact.", "timeout", ErrorCode.UNKNOWN_CONNECTION_ID)
    merged = fine.absorb(failed)
    assert merged is fine
    assert not merged.ok
    assert merged.state is State.ERROR
    assert merged.user_explanation == "Read.\nNo contact."
    assert merged.tech_explanation == "timeout"
    assert merged.error_code == "UNKNOWN_CONNECTION_ID"
    assert merged.items == ["a"]


def test_error_codes_are_spelt_as_published() -> None:
    assert [code.value for code in ErrorCode] == ["UNKNOWN_CONNECTION_ID", "UNKOWN_FIELDKEY", "UNKOWN_LISTITEM_ID"]


def test_actor_types_have_their_published_numbers() -> None:
    assert [kind.number for kind in ActorType] == list(range(8))
    assert ActorType.PERSON.number == 4


def test_a_bare_connector_says_what_it_does_not_offer() -> None:
    connector = Connector()
    assert connector.get_config_data().ok
    for answer in (
        connector.test_connection(ZERO_GUID),
        connector.get_actors(ZERO_GUID, ActorType.CUSTOMER, [], []),
        connector.create_actor(ZERO_GUID, ErpActor(ActorType.CUSTOMER, "")),
        connector.get_list(ZERO_GUID, "Groups"),
    ):
        assert not answer.ok
        assert "not implemented" in answer.tech_explanation
