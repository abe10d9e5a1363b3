"""Tokens: shown once, stored hashed, useless once revoked."""

from __future__ import annotations

import hashlib
from datetime import timedelta

import pytest
from django.utils import timezone

from brygga.crm.errors import Refused
from brygga.crm.models import ApiToken, User
from brygga.crm.services import tokens, users

pytestmark = pytest.mark.django_db


@pytest.fixture
def user() -> User:
    return users.create_user("anna", "secret")


def test_a_key_is_shown_once_and_its_digest_stored(user: User) -> None:
    token, key = tokens.create_token(user, " Script ")
    row = ApiToken.objects.values().get()
    assert row["digest"] == hashlib.sha256(key.encode()).hexdigest()
    assert (row["name"], row["start"]) == ("Script", key[:12])
    assert key not in str(row)
    assert len(key) >= 48
    assert tokens.create_token(user, "Script")[1] != key
    assert tokens.user_of(key) == user
    assert token.last_used_at is None


@pytest.mark.parametrize("name", ["", " ", "x" * 101])
def test_a_token_needs_a_name(user: User, name: str) -> None:
    with pytest.raises(Refused, match="name"):
        tokens.create_token(user, name)


def test_a_revoked_token_is_useless_and_not_listed(user: User) -> None:
    token, key = tokens.create_token(user, "Script")
    kept, other_key = tokens.create_token(user, "Other")
    tokens.revoke_token(user, token.pk)
    assert tokens.user_of(key) is None
    assert tokens.user_of(other_key) == user
    assert tokens.list_tokens(user) == [kept]
    with pytest.raises(Refused, match="no token"):
        tokens.revoke_token(user, token.pk)


def test_nobody_revokes_the_token_of_another(user: User) -> None:
    token, key = tokens.create_token(user, "Script")
    with pytest.raises(Refused):
        tokens.revoke_token(users.create_user("bo", "secret"), token.pk)
    assert tokens.user_of(key) == user


@pytest.mark.parametrize("key", ["", "brygga_", "\0", "\ud800", "x" * 10_000])
def test_what_is_no_key_is_nobodys(user: User, key: str) -> None:
    assert tokens.user_of(key) is None


def test_the_last_use_is_noted_and_not_at_every_use(user: User) -> None:
    token, key = tokens.create_token(user, "Script")
    tokens.user_of(key)
    token.refresh_from_db()
    first = token.last_used_at
    assert first is not None
    tokens.user_of(key)
    token.refresh_from_db()
    assert token.last_used_at == first
    ApiToken.objects.update(last_used_at=timezone.now() - timedelta(hours=1))
    tokens.user_of(key)
    token.refresh_from_db()
    assert token.last_used_at > first


def test_who_is_not_active_has_no_key(user: User) -> None:
    _token, key = tokens.create_token(user, "Script")
    user.is_active = False
    user.save()
    assert tokens.user_of(key) is None
