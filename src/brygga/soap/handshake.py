"""The handshake of `app://` in both roles (contract, section 7): who calls proves itself, and so does who answers."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from typing import Protocol

import structlog

from brygga.soap.applications import ClientApplication, HostApplication
from brygga.soap.expiring import ExpiringSet, TooMany
from brygga.soap.failures import CallFailed, Reason
from brygga.soap.handshake_messages import (
    AuthenticationRequest,
    AuthenticationResponse,
    read_request,
    read_response,
    write_request,
    write_response,
)
from brygga.soap.handshake_tokens import (
    LEEWAY,
    LIFE,
    NONCE_BYTES,
    CallerProof,
    CheckFailed,
    caller_token,
    check_caller_token,
    check_signed_nonce,
    signed_nonce,
)

Post = Callable[[bytes, str], bytes]
"""Posts a SOAP envelope with a SOAPAction to the connector and returns the body of its answer. Raises CallFailed."""
Authenticate = Callable[[Post], float]
"""Carries out the handshake and returns until when, in epoch seconds, other calls may be made. Raises CallFailed."""
Clock = Callable[[], float]
"""The time now, in epoch seconds."""

_log = structlog.get_logger(__name__)


class Authenticator(Protocol):
    """What a host asks about a request before it answers. An address is that of the peer, without port."""

    def handle(self, body: bytes, remote_address: str) -> bytes | None:
        """The answer to a message of the handshake; None if the body is no such message. Never raises."""

    def allows(self, remote_address: str) -> bool:
        """Whether other calls from this address are to be answered now."""


def client_authentication(
    application: ClientApplication, *, clock: Clock = time.time, random_bytes: Callable[[int], bytes] = os.urandom
) -> Authenticate:
    """How to authenticate against this application, each time with a new token and nonce.

    Its CallFailed has the reason NOT_AUTHORISED and a technical text that says which check failed.
    """

    def authenticate(post: Post) -> float:
        now, nonce = clock(), random_bytes(NONCE_BYTES).hex()
        request = _request(application, nonce, now)
        answer = post(write_request(request), request.action)
        try:
            _check_answer(answer, nonce, application, clock())
        except (CheckFailed, ValueError) as error:
            raise CallFailed(
                Reason.NOT_AUTHORISED,
                f"handshake with application {application.id!r} failed: {error}",
                may_repeat=False,
                unknown_outcome=False,
            ) from error
        return int(now) + LIFE

    return authenticate


def _request(application: ClientApplication, nonce: str, now: float) -> AuthenticationRequest:
    caller = application.caller
    token = caller_token(
        application.id, application.context, caller.private_key, nonce=nonce, now=now, issuer=caller.issuer
    )
    return AuthenticationRequest(token, application.namespace, application.data_namespace)


def _check_answer(body: bytes, nonce: str, application: ClientApplication, now: float) -> None:
    response = read_response(body)
    if not response.succeeded:
        raise CheckFailed(f"the connector refused, for this reason: {response.reason[:500]!a}")
    check_signed_nonce(response.signed_application_token, nonce, application.public_key, now)


class HostAuthentication:
    """The connector's side: answers the handshake, and knows which addresses have passed it.

    WCF keeps no session between calls, so what binds a call to a handshake is the address it comes from, for the
    life of the token. Everybody behind the same proxy or address translation shares one. The memory is that of
    this process, and bounded; when it is full of what still counts, further handshakes are refused.
    """

    def __init__(
        self,
        application: HostApplication,
        *,
        clock: Clock = time.time,
        nonces: ExpiringSet | None = None,
        addresses: ExpiringSet | None = None,
    ) -> None:
        self._application = application
        self._clock = clock
        self._nonces = ExpiringSet(clock) if nonces is None else nonces
        self._addresses = ExpiringSet(clock) if addresses is None else addresses

    def allows(self, remote_address: str) -> bool:
        """Whether calls from this address are answered: it has authenticated, or none needs to."""
        return not self._application.require or remote_address in self._addresses

    def handle(self, body: bytes, remote_address: str) -> bytes | None:
        """The answer to a message of the handshake, refusals included; None if the body is no such message."""
        request = read_request(body)
        if request is None:
            return None
        return write_response(self._answer(request, remote_address), request)

    def _answer(self, request: AuthenticationRequest, remote_address: str) -> AuthenticationResponse:
        now = self._clock()
        try:
            proof = self._proof(request, now)
            self._admit(proof, remote_address)
        except CheckFailed as error:
            _log.warning("caller_refused", remote_address=remote_address, reason=str(error))
            return AuthenticationResponse(succeeded=False, reason=str(error))
        _log.info("caller_authenticated", remote_address=remote_address, context=proof.context)
        return AuthenticationResponse(True, signed_nonce(proof.nonce, self._application.private_key, now))

    def _proof(self, request: AuthenticationRequest, now: float) -> CallerProof:
        application = self._application
        return check_caller_token(
            request.signed_token,
            application_id=application.id,
            issuer=application.issuer,
            certificates=application.caller_certificates,
            now=now,
        )

    def _admit(self, proof: CallerProof, remote_address: str) -> None:
        """Use up the nonce and let the address in. Raises CheckFailed."""
        until = proof.expires + LEEWAY
        try:
            if not self._nonces.add(proof.nonce.lower(), until):
                raise CheckFailed("The nonce of the token has been used before. Make a new token for each handshake.")
            self._addresses.add(remote_address, until)
        except TooMany:
            raise CheckFailed("Too many handshakes at the moment. Try again in some minutes.") from None
