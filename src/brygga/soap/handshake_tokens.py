"""What proves who is there: the caller's token, a JWT, and the connector's signed nonce (contract, section 7)."""

from __future__ import annotations

import base64
import binascii
import hmac
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256

from brygga.soap.keys import PublicKey

ISSUER = "SuperOffice AS"
CONTEXT = "http://schemes.superoffice.net/identity/ctx"
NONCE_BYTES = 16
BACKDATED = 60
LIFE = 300
"""A caller's token is valid from BACKDATED seconds before it is made until LIFE seconds after."""
LEEWAY = 60
"""By how many seconds the clocks of caller and connector may differ."""
LONGEST_LIFE = 3600
"""In seconds. A token that ends later is refused: its nonce would have to be remembered as long."""
ANSWER_TOLERANCE = 600
"""How many seconds the time in a signed nonce may be off."""

_ALGORITHM = "RS256"
_AUDIENCE = "spn:"
_NONCE = re.compile(r"[0-9A-Fa-f]{32}")
_MINUTE = "%Y%m%d%H%M"
_LONGEST_TOKEN = 16 * 1024


class CheckFailed(Exception):
    """A proof was not accepted. The text is a sentence that says which check failed and what to correct."""


@dataclass(frozen=True, slots=True)
class CallerProof:
    """What an accepted token says. `context` names the customer; `expires` is in epoch seconds."""

    nonce: str
    context: str
    expires: float


def caller_token(
    application_id: str, context: str, private_key: rsa.RSAPrivateKey, *, nonce: str, now: float, issuer: str = ISSUER
) -> str:
    """The caller's token for an application, made at `now` (epoch seconds) on behalf of the customer `context`."""
    claims = {
        "iss": issuer,
        "aud": f"{_AUDIENCE}{application_id}",
        "sub": context,
        "nonce": nonce,
        CONTEXT: context,
        "nbf": int(now) - BACKDATED,
        "exp": int(now) + LIFE,
    }
    return jwt.encode(claims, private_key, algorithm=_ALGORITHM)


def check_caller_token(
    token: str, *, application_id: str, issuer: str, certificates: Sequence[PublicKey], now: float
) -> CallerProof:
    """Check a caller's token at `now` (epoch seconds). Raises CheckFailed.

    The signature comes first, so that somebody without a trusted key learns nothing from the other checks.
    """
    claims = _signed_claims(token, certificates, now)
    if claims.get("iss") != issuer:
        raise CheckFailed(f"The issuer of the token (iss) is {_shown(claims.get('iss'))} and not the one expected.")
    _check_audience(claims.get("aud"), application_id)
    expires = _check_life(claims, now)
    nonce, context = claims.get("nonce"), claims.get(CONTEXT)
    if not isinstance(nonce, str) or not _NONCE.fullmatch(nonce):
        raise CheckFailed("The token has no nonce of 32 hexadecimal characters.")
    if not isinstance(context, str) or not context.strip():
        raise CheckFailed(f"The token does not name the customer's context (claim {CONTEXT}).")
    return CallerProof(nonce, context, expires)


def signed_nonce(nonce: str, private_key: rsa.RSAPrivateKey, now: float) -> str:
    """The connector's answer to a nonce, made at `now` (epoch seconds): nonce, minute in UTC, signature of both."""
    text = f"{nonce}.{datetime.fromtimestamp(now, UTC).strftime(_MINUTE)}"
    signature = private_key.sign(text.encode(), PKCS1v15(), SHA256())
    return f"{text}.{base64.b64encode(signature).decode()}"


def check_signed_nonce(answer: str, nonce: str, public_key: rsa.RSAPublicKey, now: float) -> None:
    """Check the connector's answer to `nonce` at `now` (epoch seconds). Raises CheckFailed."""
    text, _, signature = answer.rpartition(".")
    try:
        public_key.verify(base64.b64decode(signature, validate=True), text.encode(), PKCS1v15(), SHA256())
    except (InvalidSignature, binascii.Error, ValueError):
        raise CheckFailed(
            "The signature of the connector's answer does not fit the public key that is registered for it."
        ) from None
    answered, _, minute = text.partition(".")
    if not hmac.compare_digest(answered.encode(), nonce.encode()):
        raise CheckFailed("The connector's answer is to another nonce than the one that was sent.")
    if abs(now - _minute(minute)) > ANSWER_TOLERANCE:
        raise CheckFailed(
            f"The time in the connector's answer, {minute} in UTC, is more than {ANSWER_TOLERANCE // 60} minutes off. "
            "Compare the clocks of both machines."
        )


def _signed_claims(token: str, certificates: Sequence[PublicKey], now: float) -> dict[str, Any]:
    if len(token) > _LONGEST_TOKEN:
        raise CheckFailed(f"The token is longer than {_LONGEST_TOKEN} characters.")
    outdated = ""
    for certificate in certificates:
        payload = _payload(token, certificate.key)
        if payload is None:
            continue
        outdated = _outdated(certificate, now)
        if not outdated:
            return _claims(payload)
    raise CheckFailed(
        outdated or "The signature of the token fits none of the callers' certificates that are set up here."
    )


def _payload(token: str, key: rsa.RSAPublicKey) -> bytes | None:
    """The signed content of the token, None if another key signed it. Raises CheckFailed if it is no such token."""
    try:
        # The list of algorithms is what keeps out `none`, and HS256 with the public key as its secret.
        payload: bytes = jwt.PyJWS().decode(token, key, algorithms=[_ALGORITHM])
        return payload
    except jwt.InvalidSignatureError:
        return None
    except jwt.InvalidAlgorithmError:
        raise CheckFailed(f"The token is not signed with {_ALGORITHM}.") from None
    except (jwt.PyJWTError, ValueError, RecursionError):
        raise CheckFailed("The token is missing, or is no signed JWT.") from None


def _claims(payload: bytes) -> dict[str, Any]:
    try:
        claims = json.loads(payload)
    except (ValueError, RecursionError):
        claims = None
    if not isinstance(claims, dict):
        raise CheckFailed("The content of the token is no JSON object.")
    return claims


def _outdated(certificate: PublicKey, now: float) -> str:
    """What is wrong with the certificate's dates, empty if nothing is. A renewed one may have the same key."""
    if now < certificate.not_before:
        return "The caller's certificate is not valid yet."
    if now > certificate.not_after:
        return "The caller's certificate has expired. Set up the one that is in use now."
    return ""


def _check_audience(audience: object, application_id: str) -> None:
    """The audience is a text or a list of them; the case of letters does not matter (contract, section 7)."""
    named = audience if isinstance(audience, list) else [audience]
    expected = f"{_AUDIENCE}{application_id}".casefold()
    if not any(isinstance(name, str) and name.casefold() == expected for name in named):
        raise CheckFailed(
            f"The token is for another application: its audience (aud) is {_shown(audience)}. Compare the ids."
        )


def _check_life(claims: dict[str, Any], now: float) -> float:
    """When the token ends, in epoch seconds."""
    begins, ends = _moment(claims, "nbf"), _moment(claims, "exp")
    if now < begins - LEEWAY:
        raise CheckFailed("The token is not valid yet (nbf). Compare the clocks of both machines.")
    if now >= ends + LEEWAY:
        raise CheckFailed("The token has expired (exp). Compare the clocks of both machines.")
    if ends > now + LONGEST_LIFE:
        raise CheckFailed(f"The token is valid for more than {LONGEST_LIFE // 60} minutes (exp). Issue a shorter one.")
    return ends


def _moment(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    # The bound keeps out NaN, infinity, and whole numbers that are too large for a float.
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < 1e12:
        raise CheckFailed(f"The token has no time in {name}.")
    return float(value)


def _minute(text: str) -> float:
    """Epoch seconds of the start of a minute written as yyyyMMddHHmm. Raises CheckFailed."""
    try:
        if not re.fullmatch("[0-9]{12}", text):
            raise ValueError(text)
        return datetime.strptime(text, _MINUTE).replace(tzinfo=UTC).timestamp()
    except ValueError:
        raise CheckFailed("The connector's answer has no time of the form yyyyMMddHHmm.") from None


def _shown(value: object) -> str:
    """A value of a token for a sentence: short, and with nothing in it that XML or a log could not take."""
    return ascii(value)[:100]
