"""Requests to the whole WSGI application in this process, timed: middleware, rights, services and the answer.

What a web server and the network take comes on top, and is the same for all.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from statistics import quantiles
from time import perf_counter
from typing import Any

from django.core.handlers.wsgi import WSGIHandler


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and how many milliseconds it took."""

    status: str
    body: bytes
    milliseconds: float


@dataclass(frozen=True, slots=True)
class Asking:
    """A request: its address with the query, the headers as WSGI names them, and a body of JSON."""

    method: str
    address: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""

    def timed(self, application: WSGIHandler) -> Answer:
        """Ask, and read the whole answer."""
        statuses: list[str] = []
        environ = self._environ()
        started = perf_counter()
        response = application(environ, lambda status, _headers: statuses.append(status))
        body = b"".join(response)
        response.close()
        return Answer(statuses[0], body, (perf_counter() - started) * 1000)

    def _environ(self) -> dict[str, Any]:
        path, _mark, query = self.address.partition("?")
        return {
            "REQUEST_METHOD": self.method,
            "PATH_INFO": path,
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_TYPE": "application/json",
            "CONTENT_LENGTH": str(len(self.body)),
            "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": BytesIO(self.body),
            "wsgi.errors": sys.stderr,
            "wsgi.url_scheme": "http",
            **self.headers,
        }


def p95(taken: Sequence[float]) -> float:
    """The time within which 95 of 100 requests were answered."""
    return quantiles(taken, n=20)[-1]
