"""Tokens: keys to the agent API in a user's name. A key is shown once; what is stored is its SHA-256."""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta

import structlog
from django.db.models import Q
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from brygga.crm.errors import Refused
from brygga.crm.models import ApiToken, User

_PREFIX = "brygga_"
_LONGEST_NAME = 100
_SHOWN = 12
"""How many letters of a key are kept to know it by: the prefix and five more."""
_NOTED_EVERY = timedelta(minutes=1)
"""How often the time of the last use is written, so that reading does not become writing."""

_log = structlog.get_logger(__name__)


def create_token(user: User, name: str) -> tuple[ApiToken, str]:
    """Make a token; the second is its key, which nobody can read again. Raises Refused for a blank or long name."""
    if not name.strip() or len(name) > _LONGEST_NAME:
        raise Refused(_("A token needs a name of at most 100 characters that says what it is for."))
    key = _PREFIX + secrets.token_urlsafe(32)
    token = ApiToken.objects.create(user=user, name=name.strip(), digest=_digest(key), start=key[:_SHOWN])
    _log.info("token_created", user=user.username, token=token.pk)
    return token, key


def list_tokens(user: User) -> list[ApiToken]:
    """The tokens of a user that can be used, the newest first."""
    return list(user.api_tokens.filter(revoked_at__isnull=True))


def revoke_token(user: User, token_id: int) -> None:
    """Make a token useless from now on. Raises Refused if the user has no such token."""
    if not user.api_tokens.filter(pk=token_id, revoked_at__isnull=True).update(revoked_at=timezone.now()):
        text = format_lazy(_("{user} has no token {id}; list the tokens and choose one."), user=user.name, id=token_id)
        raise Refused(text, f"token {token_id} of {user.username!r} not found")
    _log.info("token_revoked", user=user.username, token=token_id)


def user_of(key: str) -> User | None:
    """The user whose token this is the key of; None for a key that is unknown or revoked, or of an inactive user."""
    tokens = ApiToken.objects.filter(revoked_at__isnull=True, user__is_active=True)
    token = tokens.select_related("user").filter(digest=_digest(key)).first()
    if token is None:
        return None
    _note_use(token)
    return token.user


def _note_use(token: ApiToken) -> None:
    now = timezone.now()
    stale = Q(last_used_at__isnull=True) | Q(last_used_at__lt=now - _NOTED_EVERY)
    if token.last_used_at is None or token.last_used_at < now - _NOTED_EVERY:
        ApiToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)


def _digest(key: str) -> str:
    return hashlib.sha256(key.encode("utf-8", "replace")).hexdigest()
