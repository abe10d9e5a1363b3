"""Answers whose actors are taken out while the rest is still being parsed: nothing is lost, doubled or mixed up."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brygga.contract import ActorsResponse, ActorType, ErpActor, Response
from brygga.soap import xml
from brygga.soap.codec import decode_response
from brygga.soap.operations import OPERATIONS

SEARCH = OPERATIONS["search_actors"]
MANY = 600
"""Actors enough for a message of several steps."""
BASE = "<IsOk>true</IsOk><State>Ok</State>"


def item(number: int, extra: str = "") -> str:
    entry = f"<KeyValueOfstringstring><Key>NAME</Key><Value>Åsa {extra}{number}</Value></KeyValueOfstringstring>"
    members = f"<ActorType>Person</ActorType><ErpKey>{number}</ErpKey><FieldValues>{entry}</FieldValues>"
    return f"<ErpActorWS>{members}</ErpActorWS>"


def envelope(members: str, before: str = "", in_body: str = "") -> str:
    answer = f"<WSSearchActorsResponse><WSSearchActorsResult>{members}</WSSearchActorsResult></WSSearchActorsResponse>"
    return f'{before}<s:Envelope xmlns:s="x"><s:Body>{in_body}{answer}</s:Body></s:Envelope>'


def listing(*items: str) -> str:
    return f"{BASE}<Actors>{''.join(items)}</Actors>"


def read(message: bytes) -> list[ErpActor]:
    response = decode_response(SEARCH, BytesIO(message))
    assert isinstance(response, ActorsResponse)
    assert response.ok
    return list(response.actors)


def expected(count: int) -> list[ErpActor]:
    return [ErpActor(ActorType.PERSON, str(number), fields={"NAME": f"Åsa {number}"}) for number in range(count)]


ALL = [item(number) for number in range(MANY)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "iso-8859-1"])
@pytest.mark.parametrize("declared", [True, False])
def test_actors_are_read_in_any_encoding(encoding: str, declared: bool) -> None:
    name = encoding.removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    declared = declared or encoding == "iso-8859-1"
    message = envelope(listing(*ALL), f'<?xml version="1.0" encoding="{name}"?>\n' if declared else "")
    assert read(message.encode(encoding)) == expected(MANY)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-be"])
def test_what_precedes_the_envelope_does_not_keep_actors_in_memory(
    monkeypatch: pytest.MonkeyPatch, encoding: str
) -> None:
    monkeypatch.setattr(xml, "MAX_NODES", 5_000)
    before = "<?other thing?><!-- no root --><?mark?>"
    assert read(envelope(listing(*ALL), before).encode(encoding)) == expected(MANY)


@pytest.mark.parametrize("count", [1, 2, MANY])
def test_processing_instructions_change_nothing_wherever_they_are(count: int) -> None:
    items = [item(number, "<?a?>").replace("<ErpKey>", "<?b?><ErpKey><?c d?>") for number in range(count)]
    between = "<?e?>".join(["", *items, ""])
    members = f"<?f?>{BASE}<UserExplanation>a<?g?>b</UserExplanation><?h?><Actors>{between}</Actors><?i?>"
    message = envelope(members, "<?j?>", "<?k?>").encode()
    assert read(message) == expected(count)
    assert decode_response(SEARCH, BytesIO(message)).user_explanation == "ab"


def test_base_members_may_come_after_many_actors() -> None:
    assert read(envelope(f"<Actors>{''.join(ALL)}</Actors>{BASE}").encode()) == expected(MANY)


def test_other_things_between_actors_are_passed_over() -> None:
    mixed = "<Odd><ErpActorWS/></Odd> text <!-- and a comment -->".join(ALL)
    assert read(envelope(listing(mixed)).encode()) == expected(MANY)


@pytest.mark.parametrize("count", [1, 2, MANY])
def test_few_and_many_are_read_alike(count: int) -> None:
    assert read(envelope(listing("<Odd/>", *ALL[:count], "<Odd/>")).encode()) == expected(count)


def test_a_long_answer_is_not_read_ahead() -> None:
    message = envelope(listing(*ALL * 50)).encode()
    body = BytesIO(message)
    response = decode_response(SEARCH, body)
    assert isinstance(response, ActorsResponse)
    assert next(iter(response.actors)).erp_key == "0"
    assert body.tell() < len(message) / 10


class Dribble:
    """A stream that gives pieces of these sizes, again and again."""

    def __init__(self, message: bytes, sizes: list[int]) -> None:
        self._body = BytesIO(message)
        self._sizes = self._again(sizes)

    @staticmethod
    def _again(sizes: list[int]) -> Iterator[int]:
        while True:
            yield from sizes

    def read(self, size: int, /) -> bytes:
        return self._body.read(min(size, next(self._sizes)))


@given(sizes=st.lists(st.integers(1, 700), min_size=1, max_size=9), encoding=st.sampled_from(["utf-8", "utf-16"]))
def test_it_does_not_matter_where_a_message_is_cut(sizes: list[int], encoding: str) -> None:
    items = [item(number, "<?a?>" if number % 7 == 0 else "") + "\n  <?b?>" * (number % 3) for number in range(60)]
    message = envelope(listing(*items), "<?c?>\n").encode(encoding)
    response: Response = decode_response(SEARCH, Dribble(message, sizes))
    assert isinstance(response, ActorsResponse)
    assert list(response.actors) == expected(60)
