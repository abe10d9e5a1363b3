"""The caller's token and the connector's signed nonce have the published form, and nothing else passes for them."""

from __future__ import annotations

import base64
import re

import jwt
import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from tests.soap.handshake_kit import APPLICATION, CONTEXT, NONCE, NOW, private_key

from brygga.soap.handshake_tokens import CheckFailed, caller_token, check_signed_nonce, signed_nonce

KEY = private_key("connector")


def test_the_callers_token_has_the_published_claims() -> None:
    key = private_key("caller")
    token = caller_token(APPLICATION, CONTEXT, key, nonce=NONCE, now=NOW)
    assert jwt.get_unverified_header(token) == {"alg": "RS256", "typ": "JWT"}
    assert jwt.decode(token, options={"verify_signature": False}) == {
        "iss": "SuperOffice AS",
        "aud": "spn:5f0c2a",
        "sub": "Cust12345",
        "nonce": NONCE,
        "http://schemes.superoffice.net/identity/ctx": "Cust12345",
        "nbf": NOW - 60,
        "exp": NOW + 300,
    }


def test_the_callers_token_is_signed_with_rsa_and_sha256() -> None:
    token = caller_token(APPLICATION, CONTEXT, private_key("caller"), nonce=NONCE, now=NOW, issuer="Brygga")
    signed, _, signature = token.rpartition(".")
    raw = base64.urlsafe_b64decode(signature + "==")
    private_key("caller").public_key().verify(raw, signed.encode(), PKCS1v15(), SHA256())
    with pytest.raises(InvalidSignature):
        private_key("caller").public_key().verify(raw, signed.encode() + b"x", PKCS1v15(), SHA256())


def test_the_signed_nonce_has_the_published_form() -> None:
    answer = signed_nonce(NONCE, KEY, NOW)
    match = re.fullmatch(r"([0-9a-f]{32})\.([0-9]{12})\.([A-Za-z0-9+/]+={0,2})", answer)
    assert match
    assert match[1] == NONCE
    assert match[2] == "202603141230"
    signature = base64.b64decode(match[3], validate=True)
    KEY.public_key().verify(signature, f"{NONCE}.202603141230".encode(), PKCS1v15(), SHA256())


@pytest.mark.parametrize("off", [-600, -599, 0, 20, 580])
def test_a_signed_nonce_within_ten_minutes_is_accepted(off: int) -> None:
    minute = NOW - 20
    check_signed_nonce(signed_nonce(NONCE, KEY, minute), NONCE, KEY.public_key(), minute + off)


@pytest.mark.parametrize("off", [-601, 601, 86400 * 366, -86400])
def test_a_signed_nonce_that_is_more_than_ten_minutes_off_is_refused(off: int) -> None:
    minute = NOW - 20
    with pytest.raises(CheckFailed, match="202603141230 in UTC, is more than 10 minutes off"):
        check_signed_nonce(signed_nonce(NONCE, KEY, minute), NONCE, KEY.public_key(), minute + off)


def test_a_signed_nonce_of_another_handshake_is_refused() -> None:
    with pytest.raises(CheckFailed, match="another nonce"):
        check_signed_nonce(signed_nonce(NONCE[::-1], KEY, NOW), NONCE, KEY.public_key(), NOW)


def resigned(text: str) -> str:
    """Any text with a good signature: a connector that signs, but not what it should."""
    return f"{text}.{base64.b64encode(KEY.sign(text.encode(), PKCS1v15(), SHA256())).decode()}"


@pytest.mark.parametrize(
    "minute", ["", "2026", "202613141230", "2026031412300", "20260314123a", "２０２６０３１４１２３０"]
)
def test_a_signed_nonce_without_a_time_is_refused(minute: str) -> None:
    with pytest.raises(CheckFailed, match="no time of the form yyyyMMddHHmm"):
        check_signed_nonce(resigned(f"{NONCE}.{minute}"), NONCE, KEY.public_key(), NOW)


GOOD = signed_nonce(NONCE, KEY, NOW)


@pytest.mark.parametrize(
    "answer",
    [
        "",
        "..",
        "garbage",
        GOOD[:-8],
        GOOD + "=",
        GOOD.replace("1230", "1231"),
        GOOD.replace("00112233", "00112234"),
        GOOD.rpartition(".")[0] + ".",
        GOOD.rpartition(".")[0] + ".å",
        signed_nonce(NONCE, private_key("stranger"), NOW),
    ],
)
def test_a_signature_that_does_not_fit_is_refused(answer: str) -> None:
    with pytest.raises(CheckFailed, match="signature"):
        check_signed_nonce(answer, NONCE, KEY.public_key(), NOW)
