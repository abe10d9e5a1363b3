"""Passwords and what users change of themselves (behaviour C4)."""

from __future__ import annotations

import structlog
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from brygga.crm.errors import InvalidValue
from brygga.crm.models import User

_log = structlog.get_logger(__name__)


def check_password(password: str, user: User) -> None:
    """Check a new password by the rules of the installation. Raises InvalidValue (`password`) with all the reasons."""
    try:
        validate_password(password, user)
    except ValidationError as refused:
        raise InvalidValue("password", _("Password"), " ".join(refused.messages)) from refused


@transaction.atomic
def set_password(user: User, password: str, by: User) -> None:
    """Give a user a new password; where others are signed in as this user, they have to log in again.

    Raises:
        InvalidValue: the password (`password`) will not do.
    """
    check_password(password, user)
    user.set_password(password)
    user.save(update_fields=["password"])
    _log.info("password_set", user=user.username, by=by.username)


def change_password(user: User, old: str, new: str) -> None:
    """Change one's own password.

    Raises:
        InvalidValue: the present password (`old`) is another one, or the new one (`password`) will not do.
    """
    if not user.check_password(old):
        raise InvalidValue("old", _("Present password"), _("This is not your present password; type it again."))
    set_password(user, new, user)
