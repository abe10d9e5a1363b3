"""The caller's side: what it sends, and that it goes on only if the connector has proved who it is."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.soap.handshake_kit import (
    ADDRESS,
    APPLICATION,
    NAMESPACE,
    NONCE,
    NOW,
    Clock,
    client_application,
    host,
    private_key,
)

from brygga.soap.applications import ClientApplication
from brygga.soap.failures import CallFailed, Reason
from brygga.soap.handshake import HostAuthentication, client_authentication
from brygga.soap.handshake_messages import (
    LARGEST_MESSAGE,
    AuthenticationRequest,
    AuthenticationResponse,
    read_request,
    write_response,
)
from brygga.soap.handshake_tokens import signed_nonce

IN = AuthenticationRequest("", NAMESPACE, NAMESPACE)


class Peer:
    """Stands where the network would be: remembers what was posted and lets something answer it."""

    def __init__(self, answer: Callable[[bytes], bytes | None]) -> None:
        self.answer = answer
        self.posted: list[tuple[bytes, str]] = []

    def post(self, body: bytes, action: str) -> bytes:
        self.posted.append((body, action))
        answer = self.answer(body)
        assert answer is not None, "the host did not take this for a message of the handshake"
        return answer

    @property
    def tokens(self) -> list[str]:
        requests = [read_request(body) for body, _action in self.posted]
        return [request.signed_token for request in requests if request]


def peer_of(authentication: HostAuthentication) -> Peer:
    return Peer(lambda body: authentication.handle(body, ADDRESS))


def fixed_random(size: int) -> bytes:
    assert size == 16
    return bytes.fromhex(NONCE)


def authenticate(peer: Peer, application: ClientApplication | None = None, now: float = NOW) -> float:
    log_in = client_authentication(application or client_application(), clock=Clock(now), random_bytes=fixed_random)
    return log_in(peer.post)


def failure(peer: Peer, application: ClientApplication | None = None, now: float = NOW) -> str:
    """The technical text with which the handshake fails."""
    with pytest.raises(CallFailed) as caught:
        authenticate(peer, application, now)
    assert caught.value.reason is Reason.NOT_AUTHORISED
    assert not caught.value.may_repeat
    assert not caught.value.unknown_outcome
    assert repr(APPLICATION) in caught.value.technical
    return caught.value.technical


def test_both_roles_agree_for_the_life_of_the_token() -> None:
    authentication = host(Clock())
    assert authenticate(peer_of(authentication)) == int(NOW) + 300
    assert authentication.allows(ADDRESS)


def test_each_handshake_has_a_nonce_of_its_own() -> None:
    peer = peer_of(host(Clock()))
    log_in = client_authentication(client_application(), clock=Clock())
    for _ in range(3):
        log_in(peer.post)
    nonces = {jwt.decode(token, options={"verify_signature": False})["nonce"] for token in peer.tokens}
    assert len(nonces) == 3
    assert all(len(bytes.fromhex(nonce)) == 16 for nonce in nonces)


def test_the_request_is_in_the_namespaces_of_the_application() -> None:
    peer = peer_of(host(Clock()))
    authenticate(
        peer, dataclasses.replace(client_application(), namespace="http://tempuri.org/", data_namespace="urn:d")
    )
    [(body, action)] = peer.posted
    assert action == "http://tempuri.org/IIntegrationServiceConnectorAuth/Authenticate"
    assert [element.tag for element in etree.fromstring(body).iter()] == [
        "{http://schemas.xmlsoap.org/soap/envelope/}Envelope",
        "{http://schemas.xmlsoap.org/soap/envelope/}Body",
        "{http://tempuri.org/}Authenticate",
        "{http://tempuri.org/}request",
        "{urn:d}SignedToken",
    ]


@pytest.mark.parametrize(
    ("application", "now", "reason"),
    [
        (client_application(caller="stranger"), NOW, "fits none of the callers"),
        (client_application(issuer="Somebody AS"), NOW, "issuer"),
        (dataclasses.replace(client_application(), id="other"), NOW, "audience"),
        (client_application(), NOW - 500, "has expired"),
        (client_application(), NOW + 500, "not valid yet"),
    ],
)
def test_a_refusal_is_told_with_its_reason(application: ClientApplication, now: float, reason: str) -> None:
    with pytest.raises(CallFailed) as caught:
        authenticate(peer_of(host(Clock())), application, now)
    assert "the connector refused, for this reason" in caught.value.technical
    assert reason in caught.value.technical


def test_a_connector_with_another_key_is_not_believed() -> None:
    impostor = dataclasses.replace(client_application(), public_key=private_key("stranger").public_key())
    assert "signature" in failure(peer_of(host(Clock())), impostor)


def answering(signed: str, succeeded: bool = True, reason: str = "") -> Peer:
    response = AuthenticationResponse(succeeded, signed, reason)
    return Peer(lambda _body: write_response(response, IN))


def test_an_answer_to_another_nonce_is_not_believed() -> None:
    assert "another nonce" in failure(answering(signed_nonce(NONCE[::-1], private_key("connector"), NOW)))


@pytest.mark.parametrize("off", [-700, 700])
def test_an_answer_of_another_time_is_not_believed(off: int) -> None:
    assert "more than 10 minutes off" in failure(answering(signed_nonce(NONCE, private_key("connector"), NOW + off)))


def test_a_signature_over_something_else_is_not_believed() -> None:
    good = signed_nonce(NONCE, private_key("connector"), NOW)
    assert "signature" in failure(answering(good.replace("1230", "1231")))


def test_success_without_a_token_is_not_believed() -> None:
    assert "signature" in failure(answering(""))


def test_a_good_token_that_comes_with_a_refusal_does_not_count() -> None:
    good = signed_nonce(NONCE, private_key("connector"), NOW)
    assert "'Closed today'" in failure(answering(good, succeeded=False, reason="Closed today"))


def test_a_long_reason_is_cut_and_cannot_forge_lines_of_the_log() -> None:
    text = failure(answering("", succeeded=False, reason="no\nERROR forged " + "x" * 10000))
    assert "\n" not in text
    assert len(text) < 1000


FAULT = (
    b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><s:Fault><faultcode>s:Client</faultcode>'
    b"<faultstring>No such operation</faultstring></s:Fault></s:Body></s:Envelope>"
)


@pytest.mark.parametrize(
    ("answer", "problem"),
    [
        (b"", "well-formed"),
        (b"<html>", "well-formed"),
        (b"<html/>", "no SOAP envelope"),
        (FAULT, "SOAP fault: 'No such operation'"),
        (FAULT.replace(b"Fault>", b"AuthenticateResult>"), "'AuthenticateResult' instead of AuthenticateResponse"),
        (b"<!DOCTYPE x>" + FAULT, "document type declaration"),
        (FAULT + b" " * LARGEST_MESSAGE, "more than the"),
    ],
)
def test_what_is_no_answer_is_told(answer: bytes, problem: str) -> None:
    assert problem in failure(Peer(lambda _body: answer))


@pytest.mark.parametrize("word", ["true", "1"])
def test_both_ways_to_write_true_are_read_in_any_namespace_and_order(word: str) -> None:
    signed = signed_nonce(NONCE, private_key("connector"), NOW)
    members = f"<Succeeded>{word}</Succeeded><Extra/><SignedApplicationToken> {signed}\n</SignedApplicationToken>"
    answer = f"<Envelope><Body><AuthenticateResponse>{members}</AuthenticateResponse></Body></Envelope>"
    assert authenticate(Peer(lambda _body: answer.encode())) == int(NOW) + 300


def test_a_failure_of_the_network_is_passed_on() -> None:
    lost = CallFailed(Reason.UNREACHABLE, "refused", may_repeat=True, unknown_outcome=False)

    def post(body: bytes, action: str) -> bytes:
        raise lost

    with pytest.raises(CallFailed) as caught:
        client_authentication(client_application())(post)
    assert caught.value is lost


@given(st.binary(max_size=200), st.text(alphabet=st.characters(codec="utf-8"), max_size=200))
def test_whatever_comes_back_is_no_proof(garbage: bytes, text: str) -> None:
    failure(Peer(lambda _body: garbage))
    failure(answering(text))
    failure(answering(f"{NONCE}.202603141230.{text}"))
