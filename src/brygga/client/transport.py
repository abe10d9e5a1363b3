"""One call over HTTP."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode, urlsplit

import urllib3

from brygga.client.errors import Unreachable, error_of

_PATH = "/api/v1/Agents/ErpSync/"


class Transport:
    """Calls operations at a server. Nothing is repeated by itself: a lost answer may stand for work that was done."""

    def __init__(self, url: str, headers: Mapping[str, str], timeout: float, ca_file: str | None) -> None:
        if urlsplit(url).scheme not in ("http", "https"):
            raise ValueError(f"{url!r} is not the address of a server: it begins with https:// or http://")
        self._base = url.rstrip("/") + _PATH
        self._headers = {"Accept": "application/json", "Content-Type": "application/json", **headers}
        self._pool = urllib3.PoolManager(
            retries=False, timeout=urllib3.Timeout(timeout), ca_certs=ca_file, cert_reqs="CERT_REQUIRED"
        )

    def call(self, operation: str, body: object, query: Mapping[str, str | int]) -> Any:
        """The answer of an operation; None where it has none. Raises AgentError."""
        url = self._base + operation + (f"?{urlencode(query)}" if query else "")
        sent = None if body is None else json.dumps(body).encode()
        try:
            response = self._pool.request("POST", url, body=sent, headers=self._headers, redirect=False)
        except urllib3.exceptions.HTTPError as error:
            raise Unreachable(f"{operation}: no answer from {self._base}", technical=repr(error)) from error
        if response.status == 204:
            return None
        answer = _read(response.data)
        if response.status != 200:
            raise error_of(response.status, answer)
        return answer

    def close(self) -> None:
        """Close the connections to the server."""
        self._pool.clear()


def _read(data: bytes) -> Any:
    try:
        return json.loads(data)
    except ValueError:
        return None
