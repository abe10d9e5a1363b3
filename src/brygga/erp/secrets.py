"""Secrets of connections, encrypted at rest with keys from the settings.

`settings.BRYGGA.encryption_keys` lists Fernet keys: the first encrypts, all of them decrypt. To change keys put
a new one first, call `rotate`, and then take the old ones away.
"""

from __future__ import annotations

from collections.abc import Iterable

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from brygga.erp.errors import Refused
from brygga.erp.models import ConfigValue

MASK = "•••"


def encrypt(text: str) -> str:
    """The text as a token that may be stored; an empty text stays empty."""
    return _cipher().encrypt(text.encode()).decode("ascii") if text else ""


def decrypt(token: str) -> str:
    """The text of a stored token. Raises Refused if no key of the settings opens it."""
    try:
        return _cipher().decrypt(token.encode()).decode() if token else ""
    except InvalidToken as error:
        raise _no_key() from error


def rotate() -> int:
    """Encrypt every stored secret anew with the first key; all or none. Returns how many there are."""
    cipher = _cipher()
    with transaction.atomic():
        secrets = list(ConfigValue.objects.select_for_update().filter(secret=True).exclude(value=""))
        for secret in secrets:
            try:
                secret.value = cipher.rotate(secret.value.encode()).decode("ascii")
            except InvalidToken as error:
                raise _no_key() from error
        ConfigValue.objects.bulk_update(secrets, ["value"], batch_size=500)
    return len(secrets)


def redact(text: str, secrets: Iterable[str]) -> str:
    """The text without the secrets, for logs: connectors and drivers sometimes repeat what they were given."""
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        text = text.replace(secret, MASK)
    return text


def _cipher() -> MultiFernet:
    keys = settings.BRYGGA.encryption_keys
    if not keys:
        raise ImproperlyConfigured("BRYGGA_ENCRYPTION_KEYS is empty; secrets cannot be stored")
    return MultiFernet([Fernet(key) for key in keys])


def _no_key() -> Refused:
    return Refused(
        _("A stored secret can't be read with the encryption keys of this server. Enter the secret again."),
        "no key of BRYGGA_ENCRYPTION_KEYS decrypts a stored configuration value",
    )
