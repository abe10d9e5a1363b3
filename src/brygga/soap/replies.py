"""From an HTTP reply to a body that holds XML: statuses, size limits, charsets."""

from __future__ import annotations

import codecs
import contextlib
import re
import tempfile
from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import BinaryIO, cast
from urllib.parse import urljoin, urlsplit

import urllib3

from brygga.soap.failures import CallFailed, Reason

_PIECE = 1 << 16
_IN_MEMORY = 4 << 20
"""Bytes of a reply that are kept in memory; what is larger goes to a temporary file on disk."""
_END_SIZE = 512

_XML_DECLARATION = re.compile(rb"<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)")
_END = re.compile(rb"</(?:[\w.-]+:)?Envelope\s*>")
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([A-Za-z0-9._:-]+)", re.IGNORECASE)
_MARKS = (codecs.BOM_UTF8, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_BUSY = {429, 502, 503, 504}
_PERHAPS_DONE = {502, 504}
"""Gateways say these also when the connector behind them did the work and the answer was lost."""


class ServerBusy(CallFailed):
    """The server asks to come back later; `retry_after` is in seconds, None if it did not say when."""

    def __init__(self, technical: str, status: int, retry_after: float | None) -> None:
        perhaps_done = status in _PERHAPS_DONE
        super().__init__(Reason.SERVER_BUSY, technical, may_repeat=True, unknown_outcome=perhaps_done, status=status)
        self.retry_after = retry_after


def check_status(response: urllib3.BaseHTTPResponse, url: str) -> None:
    """Pass 200, and 500, which SOAP faults arrive with. Raises CallFailed for any other status."""
    status = response.status
    if status in (200, 500):
        return
    said = f"the server answered {status} {response.reason or ''}".rstrip()
    if status in _BUSY:
        raise ServerBusy(said, status, _retry_after(response))
    if status >= 500:
        raise CallFailed(Reason.SERVER_FAILED, said, may_repeat=True, unknown_outcome=True, status=status)
    if status < 300:
        raise CallFailed(Reason.NOT_SOAP, said, may_repeat=True, unknown_outcome=True, status=status)
    if status < 400:
        said += f" and pointed to {_target(response, url)}; change the address of the connector if that is right"
    # 408: the server grew tired of waiting for the request, as servers do with idle connections.
    raise CallFailed(_refusal(status), said, may_repeat=status == 408, unknown_outcome=False, status=status)


def _refusal(status: int) -> Reason:
    if status in (401, 403):
        return Reason.NOT_AUTHORISED
    if status in (404, 405):
        return Reason.NOT_FOUND
    return Reason.REFUSED_BY_SERVER


def _target(response: urllib3.BaseHTTPResponse, url: str) -> str:
    """Where a redirect points, without the query, which may hold secrets."""
    location = response.headers.get("Location")
    if not location:
        return "nowhere"
    try:
        parts = urlsplit(urljoin(url, location))
        host = (parts.hostname or "") + (f":{parts.port}" if parts.port else "")
    except ValueError:
        return "an address that cannot be read"
    return f"{parts.scheme}://{host}{parts.path}"[:300]


def _retry_after(response: urllib3.BaseHTTPResponse) -> float | None:
    with contextlib.suppress(urllib3.exceptions.InvalidHeader, ValueError, OverflowError):
        return urllib3.Retry().get_retry_after(response)
    return None


def receive(response: urllib3.BaseHTTPResponse, largest: int) -> BinaryIO:
    """The whole body of a reply, unpacked, at its start, in UTF-8 or an encoding that an XML parser finds out alone.

    The caller closes it. Raises CallFailed with TOO_LARGE for more than `largest` bytes, with BAD_XML for an envelope
    that has no end or a charset that does not fit; errors of urllib3 go through.
    """
    body = _kept(_pieces(response, largest))
    try:
        if not body.tell() and response.length_remaining is None and not response.headers.get("Transfer-Encoding"):
            raise _failed(Reason.BROKEN_OFF, "the connection ended where the answer should begin", response.status)
        head, tail = _ends(body)
        if b"Envelope" in head and not _END.search(tail):
            raise _failed(Reason.BAD_XML, "the answer stops before the end of its envelope", response.status)
        charset = _charset_to_translate(head, response.headers.get("Content-Type", ""))
        return _translated(body, charset, response.status) if charset else body
    except BaseException:
        body.close()
        raise


def _pieces(response: urllib3.BaseHTTPResponse, largest: int) -> Iterator[bytes]:
    length, size = response.length_remaining, 0
    if length is not None and length <= min(largest, _PIECE) and "Content-Encoding" not in response.headers:
        yield response.read()  # all at once, which is quicker
        return
    while piece := response.read1(_PIECE):
        size += len(piece)
        if size > largest:
            raise _failed(Reason.TOO_LARGE, f"the answer is larger than {largest} bytes", response.status)
        yield piece


def _kept(pieces: Iterable[bytes]) -> BinaryIO:
    """The pieces as a file that stands at its end; no `SpooledTemporaryFile`, which is slow for small answers."""
    file: BinaryIO = BytesIO()
    try:
        for piece in pieces:
            if isinstance(file, BytesIO) and file.tell() + len(piece) > _IN_MEMORY:
                file = _on_disk(file)
            file.write(piece)
    except BaseException:
        file.close()
        raise
    return file


def _on_disk(file: BytesIO) -> BinaryIO:
    copy = cast(BinaryIO, tempfile.TemporaryFile())  # noqa: SIM115 - the caller closes it
    copy.write(file.getbuffer())
    return copy


def _ends(body: BinaryIO) -> tuple[bytes, bytes]:
    """The first and the last bytes; those of UTF-16 look like ASCII. The body is at its start again afterwards."""
    body.seek(max(0, body.tell() - _END_SIZE))
    tail = body.read()
    body.seek(0)
    head = body.read(_END_SIZE)
    body.seek(0)
    return head, tail.replace(b"\0", b"")


def _charset_to_translate(head: bytes, content_type: str) -> str | None:
    """The charset that only the header names. What the document says of itself an XML parser finds out alone."""
    named = _CHARSET.search(content_type)
    if not named or head.startswith(_MARKS) or _XML_DECLARATION.match(head.replace(b"\0", b"")):
        return None
    with contextlib.suppress(LookupError):
        "".encode(named[1])  # Python has codecs that are no charsets, such as "zlib"; it refuses them here
        charset = codecs.lookup(named[1]).name
        return None if charset in ("utf-8", "ascii") else charset
    return None


def _translated(body: BinaryIO, charset: str, status: int) -> BinaryIO:
    """The body in UTF-8; the original is closed."""
    decoder = codecs.getincrementaldecoder(charset)()

    def pieces() -> Iterator[bytes]:
        while piece := body.read(_PIECE):
            yield decoder.decode(piece).encode()
        yield decoder.decode(b"", final=True).encode()

    with body:
        try:
            translated = _kept(pieces())
        except UnicodeError as error:
            raise _failed(Reason.BAD_XML, f"the answer is not in {charset}, as its header says", status) from error
    translated.seek(0)
    return translated


def _failed(reason: Reason, technical: str, status: int) -> CallFailed:
    if status == 500 and reason is Reason.BAD_XML:
        reason = Reason.SERVER_FAILED  # so there was no fault to be had
    may_repeat = reason is not Reason.TOO_LARGE
    return CallFailed(reason, technical, may_repeat=may_repeat, unknown_outcome=True, status=status)
