"""Keys, certificates and a clock for the tests of the handshake."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID

from brygga.soap.applications import Caller, ClientApplication, HostApplication
from brygga.soap.handshake import HostAuthentication
from brygga.soap.handshake_tokens import ISSUER
from brygga.soap.keys import PublicKey

NOW = datetime(2026, 3, 14, 12, 30, 20, tzinfo=UTC).timestamp()
APPLICATION = "5f0c2a"
CONTEXT = "Cust12345"
NAMESPACE = "urn:example:handshake"
NONCE = "00112233445566778899aabbccddeeff"
ADDRESS = "127.0.0.1"


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: float = NOW

    def __call__(self) -> float:
        return self.now


@cache
def private_key(owner: str, bits: int = 2048) -> rsa.RSAPrivateKey:
    """The key of this owner, the same one throughout a run."""
    return rsa.generate_private_key(65537, bits)


def public_key(owner: str) -> PublicKey:
    return PublicKey(private_key(owner).public_key(), f"{owner}.pem")


def pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def public_pem(key: rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def certificate(key: rsa.RSAPrivateKey, begins: float = NOW - 86400, ends: float = NOW + 86400) -> bytes:
    """A certificate for the key, signed by itself, as PEM."""
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "caller")])
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, datetime.fromtimestamp(begins, UTC), datetime.fromtimestamp(ends, UTC)
    )
    return builder.sign(key, SHA256()).public_bytes(Encoding.PEM)


def lasting_certificate(key: rsa.RSAPrivateKey) -> bytes:
    """A certificate that is valid by the real clock."""
    now = datetime.now(UTC)
    return certificate(key, (now - timedelta(days=1)).timestamp(), (now + timedelta(days=1)).timestamp())


def rsa_xml(key: rsa.RSAPrivateKey, private: bool = True) -> bytes:
    """The key as .NET writes it."""
    numbers = key.private_numbers()
    public = numbers.public_numbers
    parts = {"Modulus": public.n, "Exponent": public.e}
    if private:
        parts |= {"P": numbers.p, "Q": numbers.q, "DP": numbers.dmp1, "DQ": numbers.dmq1}
        parts |= {"InverseQ": numbers.iqmp, "D": numbers.d}
    inner = "".join(f"<{name}>{_base64(value)}</{name}>" for name, value in parts.items())
    return f"<RSAKeyValue>{inner}</RSAKeyValue>".encode()


def _base64(value: int) -> str:
    return base64.b64encode(value.to_bytes((value.bit_length() + 7) // 8)).decode()


def client_application(
    issuer: str = ISSUER, caller: str = "caller", application: str = "connector"
) -> ClientApplication:
    """The application as the caller knows it."""
    return ClientApplication(
        id=APPLICATION,
        url="http://127.0.0.1/",
        public_key=private_key(application).public_key(),
        namespace=NAMESPACE,
        data_namespace=NAMESPACE,
        context=CONTEXT,
        caller=Caller(private_key(caller), issuer),
    )


def host_application(*certificates: PublicKey, require: bool = True) -> HostApplication:
    """The application as it knows itself."""
    return HostApplication(
        APPLICATION, private_key("connector"), certificates or (public_key("caller"),), ISSUER, require
    )


def host(clock: Clock, *certificates: PublicKey, require: bool = True) -> HostAuthentication:
    return HostAuthentication(host_application(*certificates, require=require), clock=clock)
