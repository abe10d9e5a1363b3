"""Keys are read in the forms in which they are handed out; what cannot be used is refused without showing it."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from hypothesis import given
from hypothesis import strategies as st
from tests.soap.handshake_kit import NOW, certificate, pem, private_key, public_pem, rsa_xml

from brygga.soap.keys import BadKey, read_private, read_public

KEY = private_key("keys")
ELLIPTIC = ec.generate_private_key(ec.SECP256R1())
PKCS1 = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
LOCKED = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"losenord"))
LOCKED_PKCS1 = KEY.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, BestAvailableEncryption(b"losenord"))
PKCS1_PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.PKCS1)
ELLIPTIC_PEM = ELLIPTIC.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
ELLIPTIC_PUBLIC = ELLIPTIC.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
SHORT = private_key("short", 1024)


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "the.key"
    path.write_bytes(content)
    return path


@pytest.mark.parametrize(
    "content",
    [
        pem(KEY),
        PKCS1,
        certificate(KEY) + pem(KEY),
        rsa_xml(KEY),
        b"\xef\xbb\xbf  " + rsa_xml(KEY).replace(b"><", b">\r\n  <"),
        rsa_xml(KEY).replace(b"<RSAKeyValue>", b'<RSAKeyValue xmlns="urn:any">'),
    ],
    ids=["pkcs8", "pkcs1", "with its certificate", "xml", "xml with a byte order mark", "xml in a namespace"],
)
def test_a_private_key_is_read(tmp_path: Path, content: bytes) -> None:
    assert read_private(written(tmp_path, content)).private_numbers() == KEY.private_numbers()


@pytest.mark.parametrize(
    "content",
    [public_pem(KEY), PKCS1_PUBLIC, rsa_xml(KEY, private=False), certificate(KEY)],
    ids=["spki", "pkcs1", "xml", "certificate"],
)
def test_a_public_key_is_read(tmp_path: Path, content: bytes) -> None:
    public = read_public(written(tmp_path, content))
    assert public.key.public_numbers() == KEY.public_key().public_numbers()
    assert public.name == "the.key"


def test_a_certificate_tells_when_it_is_valid_and_a_bare_key_always_is(tmp_path: Path) -> None:
    dated = read_public(written(tmp_path, certificate(KEY, NOW - 60, NOW + 60)))
    assert (dated.not_before, dated.not_after) == (int(NOW) - 60, int(NOW) + 60)
    bare = read_public(written(tmp_path, public_pem(KEY)))
    assert bare.not_before < 0 < NOW * 1000 < bare.not_after


def without(part: str) -> bytes:
    start, end = f"<{part}>".encode(), f"</{part}>".encode()
    content = rsa_xml(KEY)
    return content[: content.index(start)] + content[content.index(end) + len(end) :]


def damaged(content: bytes) -> bytes:
    lines = content.splitlines(keepends=True)
    return lines[0] + b"".join(lines[3:])


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no private key in it"),
        (b"hello", "no private key in it"),
        (public_pem(KEY), "no private key in it"),
        (certificate(KEY), "no private key in it"),
        (LOCKED, "has a password"),
        (LOCKED_PKCS1, "has a password"),
        (damaged(pem(KEY)), "damaged"),
        (ELLIPTIC_PEM, "no RSA key"),
        (pem(SHORT), "1024 bits"),
        (rsa_xml(SHORT), "1024 bits"),
        (rsa_xml(KEY, private=False), "missing: P, Q, D, DP, DQ, InverseQ"),
        (without("D"), "missing: D."),
        (without("Modulus"), "Modulus and Exponent"),
        (rsa_xml(KEY).replace(b"RSAKeyValue", b"DSAKeyValue"), "Modulus and Exponent"),
        (rsa_xml(KEY).replace(b"<P>", b"<P>!"), "base64"),
        (rsa_xml(KEY).replace(b"<P>", b"<P>AAAB"), "do not belong together"),
        (rsa_xml(KEY)[:-4], "no <RSAKeyValue> XML"),
        (b'<!DOCTYPE a [<!ENTITY e "AQAB">]>' + rsa_xml(KEY), "no <RSAKeyValue> XML"),
    ],
)
def test_what_is_no_private_key_is_refused_with_the_name_of_the_file(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(BadKey) as caught:
        read_private(path)
    assert problem in str(caught.value)
    assert str(caught.value).startswith(f"{path}: ")
    assert_shows_nothing(str(caught.value))


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "no key in it"),
        (pem(KEY), "holds a private key"),
        (certificate(KEY) + pem(KEY), "holds a private key"),
        (rsa_xml(KEY), "holds a private key"),
        (damaged(public_pem(KEY)), "damaged"),
        (damaged(certificate(KEY)), "damaged"),
        (ELLIPTIC_PUBLIC, "no RSA key"),
        (public_pem(SHORT), "1024 bits"),
        (rsa_xml(KEY, private=False).replace(b"AQAB", b"AAAA"), "no RSA key"),
    ],
)
def test_what_is_no_public_key_is_refused_with_the_name_of_the_file(
    tmp_path: Path, content: bytes, problem: str
) -> None:
    path = written(tmp_path, content)
    with pytest.raises(BadKey) as caught:
        read_public(path)
    assert problem in str(caught.value)
    assert_shows_nothing(str(caught.value))


@pytest.mark.parametrize("path", ["missing.pem", ".", "nul\0byte"])
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, path: str) -> None:
    for read in (read_private, read_public):
        with pytest.raises(BadKey, match="cannot be read"):
            read(tmp_path / path)


def assert_shows_nothing(text: str) -> None:
    """No piece of the key is in the text."""
    numbers = KEY.private_numbers()
    for number in (numbers.p, numbers.q, numbers.d):
        data = number.to_bytes((number.bit_length() + 7) // 8)
        assert str(number)[:12] not in text
        assert base64.b64encode(data).decode()[:12] not in text


@given(st.binary(max_size=300) | st.binary(max_size=60).map(lambda data: rsa_xml(KEY)[:200] + data))
def test_no_content_makes_reading_fail_in_another_way(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    for read in (read_private, read_public):
        with pytest.raises(BadKey):
            read(path)
