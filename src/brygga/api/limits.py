"""A limit on failed log-ins, per user name and per address.

Failures are counted in Django's cache, which is in this process's memory unless the settings say otherwise: a server
of several processes has as many counts, and a restart forgets them. Behind a reverse proxy that BRYGGA_TRUSTED_PROXY
does not name, all callers share the proxy's address. The count of a user name stops passwords only: whoever guesses at
a name does not lock out its tokens.
"""

from __future__ import annotations

import hashlib

from django.core.cache import cache
from django.http import HttpRequest

from brygga.api.errors import TooManyFailures

PERIOD = 300
"""Seconds after the first failure until a count is forgotten."""

PER_USER = 10
PER_ADDRESS = 50
"""Failures within a period before further tries are refused unread."""


def check(request: HttpRequest, username: str = "") -> None:
    """Let a log-in be tried. Raises TooManyFailures."""
    for key, most in _counts(request, username):
        if int(cache.get(key, 0)) >= most:
            raise TooManyFailures(PERIOD)


def note_failure(request: HttpRequest, username: str = "") -> None:
    """Count a failed log-in."""
    for key, _most in _counts(request, username):
        if cache.add(key, 1, PERIOD):
            continue
        try:
            cache.incr(key)
        except ValueError:  # it ran out between the two
            cache.set(key, 1, PERIOD)


def _counts(request: HttpRequest, username: str) -> list[tuple[str, int]]:
    counts = [(_key("address", request.META.get("REMOTE_ADDR", "")), PER_ADDRESS)]
    return [*counts, (_key("user", username.casefold()), PER_USER)] if username else counts


def _key(kind: str, name: str) -> str:
    """A name of any length and letters as a key that every cache takes."""
    return f"api-failures:{kind}:{hashlib.sha256(name.encode('utf-8', 'replace')).hexdigest()}"
