"""RSA keys from files: PEM, X.509 certificates, and the `<RSAKeyValue>` XML of .NET (contract, section 7)."""

from __future__ import annotations

import base64
import math
import re
from dataclasses import dataclass, field
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from brygga.soap.handshake_messages import elements, parse_xml, split

SMALLEST_KEY = 2048
"""In bits. A shorter RSA key is no proof of anything today."""

_BLOCK = re.compile(rb"-----BEGIN ([A-Z0-9 ]+)-----.*?-----END \1-----", re.DOTALL)
_PUBLIC_LABELS = ("CERTIFICATE", "PUBLIC KEY", "RSA PUBLIC KEY")
_BOM = b"\xef\xbb\xbf"
_PRIVATE_PARTS = ("P", "Q", "D", "DP", "DQ", "InverseQ")
_NO_RSA = "this is no RSA key. The handshake needs one."
_TOO_MUCH = "it holds a private key, and the public one belongs here. Leave the private key with its owner."


class BadKey(ValueError):
    """A key file that cannot be used. The text names the file and what to do, and never holds key material."""

    def __init__(self, path: Path, problem: str) -> None:
        super().__init__(f"{path}: {problem}")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """An RSA public key. `name` is that of its file; a certificate is valid between two epoch seconds."""

    key: rsa.RSAPublicKey = field(repr=False)
    name: str
    not_before: float = -math.inf
    not_after: float = math.inf


def read_private(path: Path) -> rsa.RSAPrivateKey:
    """The private key in a PEM or XML file. Raises BadKey."""
    content = _content(path)
    key = _private_from_xml(path, content) if _is_xml(content) else _private_from_pem(path, content)
    _check_length(path, key.key_size)
    return key


def read_public(path: Path) -> PublicKey:
    """The public key, or first certificate, in a PEM or XML file. Raises BadKey, also for a private key."""
    content = _content(path)
    public = _public_from_xml(path, content) if _is_xml(content) else _public_from_pem(path, content)
    _check_length(path, public.key.key_size)
    return public


def _content(path: Path) -> bytes:
    try:
        return path.read_bytes().removeprefix(_BOM).strip()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "the path is not valid"
        raise BadKey(path, f"the key cannot be read ({reason}). Correct the path or the rights.") from None


def _is_xml(content: bytes) -> bool:
    return content.startswith(b"<")


def _private_from_pem(path: Path, content: bytes) -> rsa.RSAPrivateKey:
    label, block = _block(path, content, private=True)
    if label == "ENCRYPTED PRIVATE KEY" or b"ENCRYPTED" in block:
        raise BadKey(path, "the private key has a password. Store it without one, readable by Brygga's account only.")
    try:
        key = load_pem_private_key(block, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise BadKey(path, "the private key is damaged or of an unknown kind. Export it anew as PEM.") from None
    if not isinstance(key, rsa.RSAPrivateKey):
        raise BadKey(path, _NO_RSA)
    return key


def _public_from_pem(path: Path, content: bytes) -> PublicKey:
    label, block = _block(path, content, private=False)
    begins, ends = -math.inf, math.inf
    try:
        if label == "CERTIFICATE":
            certificate = x509.load_pem_x509_certificate(block)
            begins = certificate.not_valid_before_utc.timestamp()
            ends = certificate.not_valid_after_utc.timestamp()
            key: object = certificate.public_key()
        else:
            key = load_pem_public_key(block)
    except (ValueError, UnsupportedAlgorithm):
        raise BadKey(path, "the key or certificate is damaged or of an unknown kind. Export it anew as PEM.") from None
    if not isinstance(key, rsa.RSAPublicKey):
        raise BadKey(path, _NO_RSA)
    return PublicKey(key, path.name, begins, ends)


def _block(path: Path, content: bytes, private: bool) -> tuple[str, bytes]:
    """Label and bytes of the block of a PEM file that holds the kind of key wanted."""
    blocks = [(match[1].decode(), match[0]) for match in _BLOCK.finditer(content)]
    secret = [block for block in blocks if block[0].endswith("PRIVATE KEY")]
    public = [block for block in blocks if block[0] in _PUBLIC_LABELS]
    if private and not secret:
        raise BadKey(path, "there is no private key in it. Expected PEM or <RSAKeyValue> XML with all its parts.")
    if not private and secret:
        raise BadKey(
            path, "it holds a private key, and the public one belongs here. Keep the private key to its owner."
        )
    if not private and not public:
        raise BadKey(path, "there is no key in it. Expected a certificate or public key as PEM, or <RSAKeyValue> XML.")
    return secret[0] if private else public[0]


def _private_from_xml(path: Path, content: bytes) -> rsa.RSAPrivateKey:
    parts = _xml_parts(path, content)
    missing = [name for name in _PRIVATE_PARTS if name not in parts]
    if missing:
        raise BadKey(path, f"parts of the private key are missing: {', '.join(missing)}. Export it with all of them.")
    p, q, d, dp, dq, inverse = (parts[name] for name in _PRIVATE_PARTS)
    try:
        return rsa.RSAPrivateNumbers(p, q, d, dp, dq, inverse, _public_numbers(parts)).private_key()
    except ValueError:
        raise BadKey(path, "the parts of the private key do not belong together. Export it anew.") from None


def _public_from_xml(path: Path, content: bytes) -> PublicKey:
    parts = _xml_parts(path, content)
    if parts.keys() & set(_PRIVATE_PARTS):
        raise BadKey(
            path, "it holds a private key, and the public one belongs here. Keep the private key to its owner."
        )
    try:
        return PublicKey(_public_numbers(parts).public_key(), path.name)
    except ValueError:
        raise BadKey(path, "Modulus and Exponent are no RSA key. Export it anew.") from None


def _public_numbers(parts: dict[str, int]) -> rsa.RSAPublicNumbers:
    return rsa.RSAPublicNumbers(parts["Exponent"], parts["Modulus"])


def _xml_parts(path: Path, content: bytes) -> dict[str, int]:
    """The numbers of an `<RSAKeyValue>` by name, Modulus and Exponent among them."""
    try:
        root = parse_xml(content)
        texts = {split(part)[1]: "".join((part.text or "").split()) for part in elements(root)}
        parts = {name: int.from_bytes(base64.b64decode(text, validate=True)) for name, text in texts.items()}
    except ValueError:
        raise BadKey(path, "this is no <RSAKeyValue> XML with base64 in its parts. Export the key anew.") from None
    if split(root)[1] != "RSAKeyValue" or not {"Modulus", "Exponent"} <= parts.keys():
        raise BadKey(path, "this is no <RSAKeyValue> with Modulus and Exponent. Export the key anew.")
    return parts


def _check_length(path: Path, bits: int) -> None:
    if bits < SMALLEST_KEY:
        raise BadKey(path, f"the key has {bits} bits, at least {SMALLEST_KEY} are needed. Make a longer one.")
