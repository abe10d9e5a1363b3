"""Secrets at rest: encrypted, opened with any key of the settings, re-encrypted with the first."""

from __future__ import annotations

from dataclasses import replace

import pytest
from cryptography.fernet import Fernet

from brygga.erp import secrets
from brygga.erp.errors import Refused
from brygga.erp.models import ConfigValue, Connection, Connector


def use_keys(settings, *keys: str) -> None:
    settings.BRYGGA = replace(settings.BRYGGA, encryption_keys=keys)


@pytest.fixture
def connection(db) -> Connection:
    connector = Connector.objects.create(name="C", url="plugin://c")
    return Connection.objects.create(connector=connector, names={"en": "E"})


@pytest.mark.parametrize("text", ["hemlig", "pass ord ÅÄÖ 🔑", "x" * 5000])
def test_an_encrypted_text_comes_back_and_is_not_seen_in_the_token(text):
    token = secrets.encrypt(text)
    assert text not in token
    assert secrets.decrypt(token) == text


def test_the_same_text_gives_different_tokens():
    assert secrets.encrypt("hemlig") != secrets.encrypt("hemlig")


def test_an_empty_text_stays_empty():
    assert secrets.encrypt("") == ""
    assert secrets.decrypt("") == ""


def test_a_token_of_another_key_is_refused_with_what_to_do(settings):
    token = secrets.encrypt("hemlig")
    use_keys(settings, Fernet.generate_key().decode())
    with pytest.raises(Refused, match="Enter the secret again") as caught:
        secrets.decrypt(token)
    assert "hemlig" not in caught.value.technical


def test_rotation_lets_the_old_key_go(settings, connection):
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    use_keys(settings, old)
    stored = ConfigValue.objects.create(connection=connection, key="P", value=secrets.encrypt("hemlig"), secret=True)
    plain = ConfigValue.objects.create(connection=connection, key="Server", value="erp")
    use_keys(settings, new, old)
    assert secrets.rotate() == 1
    use_keys(settings, new)
    stored.refresh_from_db()
    plain.refresh_from_db()
    assert secrets.decrypt(stored.value) == "hemlig"
    assert plain.value == "erp"


def test_rotation_is_all_or_nothing(settings, connection):
    first, lost = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    use_keys(settings, first)
    good = ConfigValue.objects.create(connection=connection, key="A", value=secrets.encrypt("a"), secret=True)
    use_keys(settings, lost)
    ConfigValue.objects.create(connection=connection, key="B", value=secrets.encrypt("b"), secret=True)
    use_keys(settings, Fernet.generate_key().decode(), first)
    with pytest.raises(Refused):
        secrets.rotate()
    before = good.value
    good.refresh_from_db()
    assert good.value == before


def test_redaction_takes_longer_secrets_first():
    assert secrets.redact("user=a pass=abc", ["a", "abc"]) == "user=••• p•••ss=•••"
    assert secrets.redact("nothing here", ["", "zzz"]) == "nothing here"
