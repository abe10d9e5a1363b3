"""Bodies of HTTP requests and replies: read within a limit, unpacked and packed."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

_GZIP = 16 + zlib.MAX_WBITS
_FAST = 1
"""Replies are packed as they are made; the highest speed takes most of the repetition out of XML already."""


class BadBody(Exception):
    """A request whose body cannot be taken: `status` is the HTTP status, the message says why in English."""

    def __init__(self, status: HTTPStatus, message: str) -> None:
        super().__init__(message)
        self.status = status


def read_body(environ: dict[str, Any], limit: int) -> bytes:
    """The body of a WSGI request, unpacked, of at most `limit` bytes both as sent and unpacked. Raises BadBody."""
    body = _read(environ, limit)
    encoding = environ.get("HTTP_CONTENT_ENCODING", "").strip().lower()
    if encoding in ("", "identity"):
        return body
    if encoding != "gzip":
        raise BadBody(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "This encoding of a request is not known. Use gzip.")
    return _unpack(body, limit)


def _read(environ: dict[str, Any], limit: int) -> bytes:
    source = environ["wsgi.input"]
    length = environ.get("CONTENT_LENGTH", "")
    if length:
        if not (length.isascii() and length.isdigit()):
            raise BadBody(HTTPStatus.BAD_REQUEST, "Content-Length is not a number.")
        expected = int(length)
        if expected > limit:
            raise _too_large(limit)
        body = _read_up_to(source, expected)
        if len(body) < expected:
            raise BadBody(HTTPStatus.BAD_REQUEST, "The request broke off.")
        return body
    if not environ.get("wsgi.input_terminated"):  # the end of such a body cannot be told
        raise BadBody(HTTPStatus.LENGTH_REQUIRED, "The request has no Content-Length.")
    body = _read_up_to(source, limit + 1)
    if len(body) > limit:
        raise _too_large(limit)
    return body


def _read_up_to(source: Any, size: int) -> bytes:
    parts = []
    while size > 0 and (part := source.read(size)):
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


def _unpack(packed: bytes, limit: int) -> bytes:
    unpacker = zlib.decompressobj(_GZIP)
    try:
        body = unpacker.decompress(packed, limit + 1)
    except zlib.error:
        raise BadBody(HTTPStatus.BAD_REQUEST, "The request is not the gzip that it says it is.") from None
    if len(body) > limit:
        raise _too_large(limit)
    if not unpacker.eof or unpacker.unused_data:
        raise BadBody(HTTPStatus.BAD_REQUEST, "The request is not one whole gzip stream.")
    return body


def _too_large(limit: int) -> BadBody:
    return BadBody(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"The request is larger than {limit} bytes.")


def wants_gzip(environ: dict[str, Any]) -> bool:
    """Whether the caller takes replies in gzip."""
    for offer in environ.get("HTTP_ACCEPT_ENCODING", "").lower().split(","):
        coding, _, quality = offer.replace(" ", "").partition(";q=")
        if coding in ("gzip", "x-gzip"):
            return not quality or quality.strip("0.") != ""
    return False


def packed(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """The chunks as one gzip stream; what is ready goes out as it comes. Breaks off where `chunks` raises."""
    packer = zlib.compressobj(_FAST, wbits=_GZIP)
    for chunk in chunks:
        if ready := packer.compress(chunk):
            yield ready
    yield packer.flush()
