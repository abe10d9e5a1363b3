"""The two messages of the handshake as XML: written for WCF, read by local name (contract, section 7).

The XML namespace of the interface is not published, so whoever asks chooses it, and is answered in the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from xml.sax.saxutils import quoteattr

from lxml import etree

from brygga.soap.operations import SOAP
from brygga.soap.xml import XSI, escape

INTERFACE = "IIntegrationServiceConnectorAuth"
OPERATION = "Authenticate"
LARGEST_MESSAGE = 64 * 1024
"""In bytes. What is larger is no message of the handshake."""


@dataclass(frozen=True, slots=True)
class AuthenticationRequest:
    """What the caller sends. `namespace` is the operation's, `data_namespace` that of the members."""

    signed_token: str
    namespace: str
    data_namespace: str

    @property
    def action(self) -> str:
        """The SOAPAction, without quotes, as WCF makes it."""
        return f"{self.namespace.removesuffix('/')}/{INTERFACE}/{OPERATION}"


@dataclass(frozen=True, slots=True)
class AuthenticationResponse:
    """What the connector answers: a token if it succeeded, otherwise a reason."""

    succeeded: bool
    signed_application_token: str = ""
    reason: str = ""


def write_request(request: AuthenticationRequest) -> bytes:
    """The request as a SOAP envelope."""
    token = _member("SignedToken", request.signed_token, request.data_namespace)
    return _envelope(f"<{OPERATION} xmlns={quoteattr(request.namespace)}><request>{token}</request></{OPERATION}>")


def read_request(body: bytes) -> AuthenticationRequest | None:
    """The request in this SOAP envelope; None if it is anything else. A missing token reads as an empty one."""
    if len(body) > LARGEST_MESSAGE:
        return None
    try:
        operation = _body_of(parse_xml(body))
    except ValueError:
        return None
    namespace, name = split(operation)
    if name != OPERATION:
        return None
    token = _descendant(operation, "SignedToken")
    if token is None:
        return AuthenticationRequest("", namespace, namespace)
    return AuthenticationRequest((token.text or "").strip(), namespace, split(token)[0])


def write_response(response: AuthenticationResponse, request: AuthenticationRequest) -> bytes:
    """The response as a SOAP envelope, in the namespaces of the request."""
    members = "".join(
        _member(name, text, request.data_namespace)
        for name, text in (
            ("Reason", response.reason),
            ("SignedApplicationToken", response.signed_application_token),
            ("Succeeded", "true" if response.succeeded else "false"),
        )
    )
    return _envelope(
        f"<{OPERATION}Response xmlns={quoteattr(request.namespace)}>"
        f"<{OPERATION}Result>{members}</{OPERATION}Result></{OPERATION}Response>"
    )


def read_response(body: bytes) -> AuthenticationResponse:
    """The response in this SOAP envelope. Raises ValueError that says what it is instead."""
    if len(body) > LARGEST_MESSAGE:
        raise ValueError(f"the answer has {len(body)} bytes, more than the {LARGEST_MESSAGE} that are read")
    answer = _body_of(parse_xml(body))
    name = split(answer)[1]
    if name == "Fault":
        raise ValueError(f"the answer is a SOAP fault: {_text(answer, 'faultstring')[:200]!a}")
    if name != f"{OPERATION}Response":
        raise ValueError(f"the answer is {name[:80]!a} instead of {OPERATION}Response")
    return AuthenticationResponse(
        _text(answer, "Succeeded") in ("true", "1"), _text(answer, "SignedApplicationToken"), _text(answer, "Reason")
    )


def parse_xml(content: bytes) -> etree._Element:
    """Parse XML without DTDs, entities, network or oversized trees. Raises ValueError for what is not such XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise ValueError(f"it is no well-formed XML ({type(error).__name__})") from None
    if root.getroottree().docinfo.doctype:
        raise ValueError("it has a document type declaration, which is not accepted")
    return root


def split(element: etree._Element) -> tuple[str, str]:
    """Namespace, empty if there is none, and local name of an element."""
    name = etree.QName(element)
    return name.namespace or "", name.localname


def elements(parent: etree._Element) -> Iterator[etree._Element]:
    """The child elements, without comments and processing instructions."""
    return (child for child in parent if isinstance(child.tag, str))


def _body_of(envelope: etree._Element) -> etree._Element:
    """The first element in the body of an envelope. Raises ValueError if it is none, or its body is empty."""
    if split(envelope)[1] == "Envelope":
        for body in elements(envelope):
            if split(body)[1] == "Body":
                for content in elements(body):
                    return content
    raise ValueError("it is no SOAP envelope with content")


def _descendant(element: etree._Element, name: str) -> etree._Element | None:
    return next((found for found in element.iter(etree.Element) if split(found)[1] == name), None)


def _text(element: etree._Element, name: str) -> str:
    found = _descendant(element, name)
    return "" if found is None else (found.text or "").strip()


def _member(name: str, text: str, namespace: str) -> str:
    """A member of a data contract; an empty one is written as null."""
    tag = f"{name} xmlns={quoteattr(namespace)}"
    return f"<{tag}>{escape(text)}</{name}>" if text else f'<{tag} xmlns:i="{XSI}" i:nil="true"/>'


def _envelope(content: str) -> bytes:
    return f'<s:Envelope xmlns:s="{SOAP}"><s:Body>{content}</s:Body></s:Envelope>'.encode()
