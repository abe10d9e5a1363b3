"""XML as both directions share it: namespaces, what text may carry, and a parser that is safe with strangers.

Messages come from outside and are not trusted. No document type is accepted, no entity is resolved, nothing is
fetched, and size, depth and length of text are limited; depth (256) and text (10 million characters) by libxml2.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final, Protocol

from lxml import etree

from brygga.soap.failures import Reason

XSI = "http://www.w3.org/2001/XMLSchema-instance"

MAX_REQUEST: Final = 64 << 20
"""The largest request, in bytes."""
MAX_RESPONSE: Final = 2 << 30
"""The largest answer, in bytes; actors are read from it as they come."""
MAX_HELD: Final = 64 << 20
"""How much of an answer, in bytes, is held in memory: all but actors, and each single actor."""
MAX_NODES: Final = 3_000_000
"""How many elements and attributes are held in memory: each takes far more there than in the message. They are not
counted before there are as many bytes, for most messages never have so many."""

_CHUNK = 1 << 14  # the parser is a fifth slower with what does not fit into the nearest caches of the processor
_HEAD = 4096
_END = b"Envelope>"
_SHOWN = 200
_PROLOG = rb"(?>(?:<\?(?>.*?\?>)|<!--(?>.*?-->)|\s)*)"  # atomic: what matched is not tried again in other ways
_ENVELOPE = re.compile(_PROLOG + rb"(<(?:[\w.-]+:)?Envelope)[\s/>]", re.DOTALL)
_DOCUMENT_TYPE = re.compile(_PROLOG + rb"<!DOCTYPE(?!\s+html\b)", re.DOTALL)
_BYTE_ORDER_MARK = re.compile(rb"\A(?:\xef\xbb\xbf|\xfe\xff|\xff\xfe)?\s*")
_SAFE: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "collect_ids": False,
}
_BEYOND_LIMITS = (etree.ErrorTypes.ERR_RESOURCE_LIMIT, etree.ErrorTypes.ERR_NAME_TOO_LONG)


class Unreadable(ValueError):
    """A message that cannot be read: NOT_SOAP, BAD_XML or TOO_LARGE. The text is English, for the log."""

    def __init__(self, reason: Reason, text: str) -> None:
        super().__init__(text)
        self.reason = reason


# Writing

_UNFIT = "\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff"
_SPECIAL = re.compile(f"[&<>\r{_UNFIT}]")
_REPLACED: dict[int, str] = {
    code: "\N{REPLACEMENT CHARACTER}"
    for code in (*range(0x00, 0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF)
    if chr(code) not in "\t\n\r"
}
_ESCAPES = _REPLACED | {ord("&"): "&amp;", ord("<"): "&lt;", ord(">"): "&gt;", ord("\r"): "&#xD;"}


def is_plain(text: str) -> bool:
    """Whether nothing in the text has to be escaped. Most texts are printable, and for these it is quickly told."""
    if text.isprintable():
        return not ("&" in text or "<" in text or ">" in text)
    return _SPECIAL.search(text) is None


def escape(text: str) -> str:
    """Text as the content of an element. What XML 1.0 cannot carry (most control characters, lone halves of
    surrogate pairs) becomes U+FFFD; a carriage return survives as a character reference."""
    return text if is_plain(text) else text.translate(_ESCAPES)


# Reading


class Readable(Protocol):
    """A stream of bytes; only its `read` is needed."""

    def read(self, size: int, /) -> bytes: ...


def local_name(element: etree._Element) -> str:
    """The name without its namespace."""
    return without_namespace(element.tag)  # type: ignore[arg-type] # of what is declared, only str is there


@lru_cache(maxsize=1024)
def without_namespace(tag: object) -> str:
    """The local name of an element with this tag."""
    return str(tag).rpartition("}")[2]


class Document:
    """A message that is parsed as it comes, from a readable stream of bytes.

    Each step of the iteration reads on a little, and there is none for a message that is little and whole; `root` is
    complete after the last. Raises Unreadable, and whatever the stream raises.
    """

    def __init__(self, body: Readable, limit: int) -> None:
        self._body = body
        self._left = limit
        self._held = self._nodes = 0
        self._parser = etree.XMLPullParser(**self._options())
        self.root: etree._Element

    def _options(self) -> dict[str, Any]:
        return {**_SAFE, "events": (), "remove_pis": True}

    def __iter__(self) -> Iterator[None]:
        try:
            head = self._first_chunk()
            self._parser.feed(self._begun(head, _check_head(head)))
            if len(head) >= _HEAD or not head.rstrip().endswith(_END):
                yield
                while chunk := self._next_chunk():
                    self._parser.feed(chunk)
                    yield
            self.root = self._parser.close()
        except etree.XMLSyntaxError as error:
            reason = Reason.TOO_LARGE if error.code in _BEYOND_LIMITS else Reason.BAD_XML
            raise Unreadable(reason, str(error)) from error
        _refuse_document_type(self.root)

    def _first_chunk(self) -> bytes:
        chunk = b""
        while len(chunk) < _HEAD and (more := self._next_chunk()):
            chunk += more
        return chunk

    def _begun(self, chunk: bytes, root: bytes) -> bytes:
        """What the parser is given as the first chunk, in which `root`, in ASCII, begins the root element."""
        return chunk

    def _next_chunk(self) -> bytes:
        chunk = self._body.read(_CHUNK)
        self._left -= len(chunk)
        self._held += len(chunk)
        if self._held > MAX_NODES:
            self._nodes += chunk.count(b"<") + chunk.count(b"=")
        if self._left < 0 or self._held > MAX_HELD or self._nodes > MAX_NODES:
            raise Unreadable(Reason.TOO_LARGE, "the message is larger than is accepted")
        return chunk


class GrowingDocument(Document):
    """A document of which elements that are complete can be taken out while the others are still to come.

    lxml's events for elements cost half as much as parsing does. So there is an event for processing instructions
    only: a mark that is put in front of the root leads to the tree, which can then be looked at after each step.
    Whoever iterates removes what has been dealt with and tells so with `released`.
    """

    def __init__(self, body: Readable, limit: int) -> None:
        super().__init__(body, limit)
        self._mark: etree._Element | None = None
        self._has_instructions = False

    @property
    def so_far(self) -> etree._Element | None:
        """The root with what has come of it; None where it cannot be told before the end."""
        return None if self._mark is None else self._mark.getroottree().getroot()

    def released(self) -> None:
        """What has come so far is no longer in memory; the limits of what is held count from here."""
        self._held = self._nodes = 0

    def cleaned(self, element: etree._Element) -> etree._Element:
        """The element without processing instructions. SOAP forbids them, so there is hardly ever anything to do."""
        if self._has_instructions:
            etree.strip_tags(element, etree.ProcessingInstruction)
        return element

    def __iter__(self) -> Iterator[None]:
        for _ in super().__iter__():
            self._look_at_instructions()
            yield
        self._look_at_instructions()
        self.cleaned(self.root)

    def _look_at_instructions(self) -> None:
        """The first is the mark. They must not stay in the parser, which would then be kept by its own document."""
        for _, instruction in self._parser.read_events():
            if self._mark is None:
                self._mark = instruction
            else:
                self._has_instructions = True

    def _options(self) -> dict[str, Any]:
        return {**_SAFE, "events": ("pi",)}

    def _begun(self, chunk: bytes, root: bytes) -> bytes:
        encoding = _encoding_like(chunk)
        start = root.decode("ascii").encode(encoding)
        return chunk.replace(start, "<?mark?>".encode(encoding) + start, 1)


def _encoding_like(chunk: bytes) -> str:
    """An encoding in which ASCII looks as it does at the beginning of this message."""
    if b"\0" not in chunk[:4]:
        return "ascii"
    return "utf-16-le" if chunk[:2] == codecs.BOM_UTF16_LE or chunk[1] == 0 else "utf-16-be"


def parse(body: Readable, limit: int) -> etree._Element:
    """The root of a whole message; raises as Document does."""
    document = Document(body, limit)
    for _ in document:
        pass
    return document.root


def _check_head(chunk: bytes) -> bytes:
    """Look at the first bytes, whether they can be the beginning of an envelope in any encoding: an HTML page
    and the like are told from XML that is broken, and a document type does not come near the parser. Returns how
    the root element begins, in ASCII."""
    head = _BYTE_ORDER_MARK.sub(b"", chunk[:_HEAD].replace(b"\0", b""))
    if _DOCUMENT_TYPE.match(head):
        raise Unreadable(Reason.BAD_XML, "a document type is not accepted")
    if not head:
        raise Unreadable(Reason.NOT_SOAP, "the message is empty")
    found = _ENVELOPE.match(head)
    if not found:
        shown = head[:_SHOWN].decode("ascii", "replace")
        raise Unreadable(Reason.NOT_SOAP, f"the message is no SOAP envelope, it begins: {shown}")
    return found[1]


def _refuse_document_type(root: etree._Element) -> None:
    """For encodings in which it could not be seen before."""
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable(Reason.BAD_XML, "a document type is not accepted")
