"""The connector's side: whom it believes, whom it refuses and why, and for how long an address is let in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from tests.soap.handshake_kit import (
    ADDRESS,
    APPLICATION,
    CONTEXT,
    NAMESPACE,
    NONCE,
    NOW,
    Clock,
    certificate,
    host,
    host_application,
    private_key,
    public_key,
    public_pem,
)

from brygga.soap.expiring import ExpiringSet
from brygga.soap.handshake import HostAuthentication
from brygga.soap.handshake_messages import (
    LARGEST_MESSAGE,
    AuthenticationRequest,
    AuthenticationResponse,
    read_response,
    write_request,
)
from brygga.soap.handshake_tokens import CONTEXT as CONTEXT_CLAIM
from brygga.soap.handshake_tokens import check_signed_nonce
from brygga.soap.keys import PublicKey, read_public

Claims = dict[str, Any]
GOOD: Claims = {
    "iss": "SuperOffice AS",
    "aud": f"spn:{APPLICATION}",
    "sub": CONTEXT,
    "nonce": NONCE,
    CONTEXT_CLAIM: CONTEXT,
    "nbf": NOW - 60,
    "exp": NOW + 300,
}


def token(changes: Claims | None = None, without: str = "", key: str = "caller", algorithm: str = "RS256") -> str:
    claims = {name: value for name, value in (GOOD | (changes or {})).items() if name != without}
    return jwt.PyJWS().encode(json.dumps(claims).encode(), private_key(key), algorithm=algorithm)


def ask(host: HostAuthentication, signed_token: str, address: str = ADDRESS) -> AuthenticationResponse:
    answer = host.handle(write_request(AuthenticationRequest(signed_token, NAMESPACE, NAMESPACE)), address)
    assert answer is not None
    return read_response(answer)


def assert_refused(answer: AuthenticationResponse, reason: str) -> None:
    assert not answer.succeeded
    assert not answer.signed_application_token
    assert reason in answer.reason


def test_a_good_token_is_answered_with_its_nonce_signed() -> None:
    answer = ask(host(Clock()), token())
    assert answer.succeeded
    assert not answer.reason
    check_signed_nonce(answer.signed_application_token, NONCE, public_key("connector").key, NOW)


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": f"SPN:{APPLICATION.upper()}"},
        {"aud": ["spn:other", f"spn:{APPLICATION}"]},
        {"nonce": NONCE.upper()},
        {"nbf": int(NOW) + 59, "exp": int(NOW) + 300},
        {"nbf": NOW - 400, "exp": NOW - 59},
    ],
    ids=["audience in another case", "several audiences", "nonce in capitals", "clock behind", "clock ahead"],
)
def test_what_does_not_matter_is_let_pass(changes: Claims) -> None:
    assert ask(host(Clock()), token(changes)).succeeded


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"iss": "Somebody AS"}, "issuer of the token (iss) is 'Somebody AS'"),
        ({"iss": None}, "issuer"),
        ({"iss": ["SuperOffice AS"]}, "issuer"),
        ({"iss": "\0\ud800<&>" + "x" * 5000}, "issuer"),
        ({"aud": "spn:other"}, "its audience (aud) is 'spn:other'"),
        ({"aud": APPLICATION}, "audience"),
        ({"aud": []}, "audience"),
        ({"aud": [7, {}]}, "audience"),
        ({"exp": NOW - 60}, "has expired"),
        ({"exp": NOW - 86400}, "has expired"),
        ({"exp": NOW + 3601}, "more than 60 minutes"),
        ({"nbf": NOW + 61}, "not valid yet"),
        ({"exp": "soon"}, "no time in exp"),
        ({"exp": True}, "no time in exp"),
        ({"exp": float("nan")}, "no time in exp"),
        ({"exp": float("inf")}, "no time in exp"),
        ({"exp": 10**400}, "no time in exp"),
        ({"nbf": -(10**400)}, "no time in nbf"),
        ({"nonce": ""}, "no nonce"),
        ({"nonce": NONCE[1:]}, "no nonce"),
        ({"nonce": NONCE + "\n"}, "no nonce"),
        ({"nonce": "x" * 32}, "no nonce"),
        ({"nonce": int(NONCE, 16)}, "no nonce"),
        ({CONTEXT_CLAIM: " "}, "customer's context"),
        ({CONTEXT_CLAIM: 7}, "customer's context"),
    ],
)
def test_a_wrong_claim_is_refused(changes: Claims, reason: str) -> None:
    assert_refused(ask(host(Clock()), token(changes)), reason)


@pytest.mark.parametrize(
    ("missing", "reason"),
    [
        ("iss", "issuer"),
        ("aud", "audience"),
        ("exp", "no time in exp"),
        ("nbf", "no time in nbf"),
        ("nonce", "no nonce"),
        (CONTEXT_CLAIM, "customer's context"),
    ],
)
def test_a_missing_claim_is_refused(missing: str, reason: str) -> None:
    assert_refused(ask(host(Clock()), token(without=missing)), reason)


def segment(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def unsigned() -> str:
    return f"{segment({'alg': 'none', 'typ': 'JWT'})}.{segment(GOOD)}."


def signed_with_the_public_key_as_secret() -> str:
    text = f"{segment({'alg': 'HS256', 'typ': 'JWT'})}.{segment(GOOD)}"
    mac = hmac.new(public_pem(private_key("caller")), text.encode(), hashlib.sha256).digest()
    return f"{text}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


@pytest.mark.parametrize(
    "forge",
    [
        unsigned,
        signed_with_the_public_key_as_secret,
        lambda: token(algorithm="RS512"),
        lambda: token(algorithm="RS384"),
        lambda: token(algorithm="PS256"),
    ],
    ids=["none", "HS256 with the public key", "RS512", "RS384", "PS256"],
)
def test_another_algorithm_is_refused(forge: Callable[[], str]) -> None:
    assert_refused(ask(host(Clock()), forge()), "not signed with RS256")


def with_claims(changes: Claims) -> str:
    """A good token whose claims were changed after it was signed."""
    header, _, signature = token().split(".")
    return f"{header}.{segment(GOOD | changes)}.{signature}"


@pytest.mark.parametrize(
    "forge",
    [
        lambda: token(key="stranger"),
        lambda: with_claims({"exp": NOW + 3000}),
        lambda: token()[:-6] + "AAAAAA",
        lambda: token().rpartition(".")[0] + ".",
    ],
    ids=["another key", "changed claims", "changed signature", "no signature"],
)
def test_a_signature_that_does_not_fit_is_refused_without_telling_more(forge: Callable[[], str]) -> None:
    answer = ask(host(Clock()), forge())
    assert_refused(answer, "signature of the token fits none")
    assert APPLICATION not in answer.reason


def nested() -> str:
    """A header of lists in lists, deeper than a parser of JSON can go."""
    return base64.urlsafe_b64encode(b"[" * 9000).decode() + ".e30.AAAA"


@pytest.mark.parametrize("garbage", ["", "garbage", "a.b.c", "....", "é.è.ê", unsigned()[1:], nested(), "x" * 60000])
def test_what_is_no_token_is_refused(garbage: str) -> None:
    assert not ask(host(Clock()), garbage).succeeded


@pytest.mark.parametrize("payload", [b"", b"[]", b"7", b"\xff", b"[" * 5000, b'{"exp": 1' + b"0" * 5000 + b"}"])
def test_signed_content_that_is_no_object_of_claims_is_refused(payload: bytes) -> None:
    signed = jwt.PyJWS().encode(payload, private_key("caller"), algorithm="RS256")
    assert_refused(ask(host(Clock()), signed), "The content of the token")


# Certificates


def loaded(path: Path, content: bytes) -> PublicKey:
    path.write_bytes(content)
    return read_public(path)


def test_any_of_several_certificates_may_have_signed(tmp_path: Path) -> None:
    certificates = [loaded(tmp_path / name, certificate(private_key(name))) for name in ("old", "caller")]
    assert ask(host(Clock(), *certificates), token()).succeeded
    assert ask(host(Clock(), *certificates), token(key="old")).succeeded
    assert_refused(ask(host(Clock(), *certificates), token(key="stranger")), "fits none")


@pytest.mark.parametrize(
    ("begins", "ends", "reason"),
    [(NOW - 86400, NOW - 1, "certificate has expired"), (NOW + 1, NOW + 86400, "certificate is not valid yet")],
)
def test_a_certificate_out_of_its_dates_is_refused(tmp_path: Path, begins: float, ends: float, reason: str) -> None:
    dated = loaded(tmp_path / "caller.pem", certificate(private_key("caller"), begins, ends))
    assert_refused(ask(host(Clock(), dated), token()), reason)


def test_a_certificate_renewed_with_the_same_key_takes_over(tmp_path: Path) -> None:
    key = private_key("caller")
    expired = loaded(tmp_path / "old.pem", certificate(key, NOW - 86400, NOW - 1))
    renewed = loaded(tmp_path / "new.pem", certificate(key))
    assert ask(host(Clock(), expired, renewed), token()).succeeded
    assert ask(host(Clock(), renewed, expired), token()).succeeded


# Replay


def test_a_token_is_good_for_one_handshake() -> None:
    authentication, signed = host(Clock()), token()
    assert ask(authentication, signed).succeeded
    assert_refused(ask(authentication, signed), "has been used before")
    assert_refused(ask(authentication, token({"nonce": NONCE.upper()})), "has been used before")
    assert ask(authentication, token({"nonce": NONCE[::-1]})).succeeded


def test_a_refused_token_does_not_use_up_its_nonce() -> None:
    authentication = host(Clock())
    assert not ask(authentication, token({"aud": "spn:other"})).succeeded
    assert ask(authentication, token()).succeeded


def test_a_token_cannot_be_replayed_at_any_moment_of_its_life() -> None:
    clock = Clock()
    authentication, signed = host(clock), token()
    assert ask(authentication, signed).succeeded
    for clock.now in (NOW + 299, NOW + 301, NOW + 359.9, NOW + 360, NOW + 1000):
        assert not ask(authentication, signed).succeeded


def test_of_many_threads_with_the_same_token_one_succeeds() -> None:
    authentication, signed = host(Clock()), token()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: ask(authentication, signed).succeeded, range(32)))
    assert answers.count(True) == 1


def test_memory_is_bounded_and_full_memory_refuses() -> None:
    clock = Clock()
    nonces = ExpiringSet(clock, capacity=2)
    authentication = HostAuthentication(host_application(), clock=clock, nonces=nonces)
    assert [ask(authentication, token({"nonce": f"{number:032x}"})).succeeded for number in range(2)] == [True, True]
    assert_refused(ask(authentication, token({"nonce": f"{2:032x}"})), "Too many handshakes")
    assert len(nonces) == 2
    clock.now += 400
    later = {"nonce": f"{3:032x}", "nbf": clock.now - 60, "exp": clock.now + 300}
    assert ask(authentication, token(later)).succeeded
    assert len(nonces) == 1


# Who is let in


def test_an_address_is_let_in_for_the_life_of_its_token() -> None:
    clock = Clock()
    authentication = host(clock)
    assert not authentication.allows(ADDRESS)
    assert ask(authentication, token()).succeeded
    assert authentication.allows(ADDRESS)
    assert not authentication.allows("192.0.2.7")
    clock.now = NOW + 300
    assert authentication.allows(ADDRESS)
    clock.now = NOW + 360
    assert not authentication.allows(ADDRESS)


def test_a_refused_handshake_lets_nobody_in_and_puts_nobody_out() -> None:
    authentication = host(Clock())
    assert not ask(authentication, token({"aud": "spn:other"})).succeeded
    assert not authentication.allows(ADDRESS)
    assert ask(authentication, token()).succeeded
    assert not ask(authentication, token()).succeeded
    assert authentication.allows(ADDRESS)


def test_a_shorter_token_does_not_end_what_a_longer_one_allows() -> None:
    clock = Clock()
    authentication = host(clock)
    assert ask(authentication, token({"exp": NOW + 1000})).succeeded
    assert ask(authentication, token({"nonce": NONCE[::-1]})).succeeded
    clock.now = NOW + 900
    assert authentication.allows(ADDRESS)


def test_a_host_that_requires_nothing_lets_everybody_in_and_still_answers() -> None:
    authentication = host(Clock(), require=False)
    assert authentication.allows("192.0.2.7")
    assert ask(authentication, token()).succeeded
    assert not ask(authentication, token()).succeeded


# The message


ENVELOPE = '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/"><e:Header/>%s</e:Envelope>'


@pytest.mark.parametrize("namespace", ["urn:x", "http://tempuri.org/", "", "it's&more"])
def test_it_answers_in_the_namespaces_it_was_asked_in(namespace: str) -> None:
    members = f'<q:request xmlns:q="urn:data"><q:Other/><!-- --><q:SignedToken> {token()} </q:SignedToken></q:request>'
    body = ENVELOPE % f"<e:Body><Authenticate xmlns={quoteattr(namespace)}>{members}</Authenticate></e:Body>"
    answer = host(Clock()).handle(body.encode(), ADDRESS)
    assert answer is not None
    tags = [element.tag for element in etree.fromstring(answer).iter()][2:]
    outer = f"{{{namespace}}}" if namespace else ""
    assert tags == [
        f"{outer}AuthenticateResponse",
        f"{outer}AuthenticateResult",
        "{urn:data}Reason",
        "{urn:data}SignedApplicationToken",
        "{urn:data}Succeeded",
    ]
    assert read_response(answer).succeeded


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"Authenticate",
        b"<html><body>Authenticate</body></html>",
        b"<Authenticate/>",
        (ENVELOPE % "").encode() + b"<!-- Authenticate -->",
        (ENVELOPE % "<e:Body><!-- Authenticate --></e:Body>").encode(),
        (ENVELOPE % "<e:Body><WSGetActors><Authenticate/></WSGetActors></e:Body>").encode(),
        (ENVELOPE % "<e:Body><WSGetActors/><Authenticate/></e:Body>").encode(),
        (ENVELOPE % "<e:Body><AuthenticateResponse/></e:Body>").encode(),
        b"<!DOCTYPE x>" + (ENVELOPE % "<e:Body><Authenticate/></e:Body>").encode(),
        (ENVELOPE % f"<e:Body><Authenticate>{'x' * LARGEST_MESSAGE}</Authenticate></e:Body>").encode(),
    ],
)
def test_what_is_no_message_of_the_handshake_is_left_to_others(body: bytes) -> None:
    assert host(Clock()).handle(body, ADDRESS) is None


@pytest.mark.parametrize("content", ["", "<request/>", "<request><SignedToken/></request>"])
def test_a_request_without_a_token_is_refused(content: str) -> None:
    body = ENVELOPE % f"<e:Body><Authenticate>{content}</Authenticate></e:Body>"
    answer = host(Clock()).handle(body.encode(), ADDRESS)
    assert answer is not None
    assert_refused(read_response(answer), "The token is missing")


def test_an_entity_is_not_resolved(tmp_path: Path) -> None:
    (tmp_path / "token").write_text(token(), encoding="utf-8")
    declared = f'<!DOCTYPE x [<!ENTITY t SYSTEM "{(tmp_path / "token").as_uri()}">]>'
    body = ENVELOPE % "<e:Body><Authenticate><SignedToken>&t;</SignedToken></Authenticate></e:Body>"
    assert host(Clock()).handle((declared + body).encode(), ADDRESS) is None


def test_a_message_in_utf_16_is_read() -> None:
    body = write_request(AuthenticationRequest(token(), NAMESPACE, NAMESPACE)).decode().encode("utf-16")
    answer = host(Clock()).handle(body, ADDRESS)
    assert answer is not None
    assert read_response(answer).succeeded


# Anything at all

pieces = st.sampled_from(
    [b"<", b">", b"</", b"Envelope", b"Body", b"Authenticate", b"SignedToken", b"xmlns=", b'"', b"&#0;", b"<![CDATA["]
)
noise = st.lists(pieces | st.binary(max_size=8), max_size=40).map(b"".join)
names = st.text(alphabet=st.characters(codec="utf-8"), max_size=40)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(noise)
def test_no_body_makes_the_host_raise(body: bytes) -> None:
    authentication = host(Clock())
    authentication.handle(body, ADDRESS)
    authentication.handle((ENVELOPE % "<e:Body><Authenticate>").encode() + body, ADDRESS)
    assert not authentication.allows(ADDRESS)


@given(names, names)
def test_no_token_and_no_namespace_makes_the_host_raise(signed_token: str, namespace: str) -> None:
    body = write_request(AuthenticationRequest(signed_token, namespace, namespace))
    answer = host(Clock()).handle(body, ADDRESS)
    assert answer is None or not read_response(answer).succeeded


@given(st.dictionaries(st.sampled_from(sorted(GOOD)), json_values, min_size=1))
def test_no_claims_make_the_host_raise(changes: Claims) -> None:
    answer = ask(host(Clock()), token(changes))
    assert answer.succeeded or answer.reason
