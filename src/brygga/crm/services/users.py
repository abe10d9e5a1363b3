"""Users: made, changed, and kept from locking everybody out (behaviour C3, C4)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import reduce
from operator import or_

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet, Value
from django.db.models.functions import Coalesce, Concat, Lower, NullIf, Trim
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from brygga.crm.errors import InvalidValue, Refused
from brygga.crm.finding import casings
from brygga.crm.models import User, UserGroup
from brygga.crm.models.users import LICENCES
from brygga.crm.services.groups import ensure_group, find_group
from brygga.crm.services.passwords import check_password

_FOUND_IN = ("username", "first_name", "last_name", "email", "primary_group__name")
_SHOWN = Coalesce(NullIf(Trim(Concat("first_name", Value(" "), "last_name")), Value("")), "username")
"""The name that a user is shown by, as `User.name` has it."""

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class UserValues:
    """What an administrator says of a user; groups by id."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    language: str = "en"
    licences: Collection[str] = ()
    primary_group: int | None = None
    other_groups: Collection[int] = ()
    administrator: bool = False
    active: bool = True


def list_users(text: str = "", active_only: bool = False) -> QuerySet[User]:
    """The users in whom every word of `text` is found, by name, with their groups: three queries for any number."""
    users = User.objects.select_related("primary_group").prefetch_related("other_groups")
    for word in text.split():
        users = users.filter(_anywhere(word))
    if active_only:
        users = users.filter(is_active=True)
    return users.annotate(shown=_SHOWN).order_by(Lower("shown"), "pk")


@transaction.atomic
def create_user(
    username: str,
    password: str,
    *,
    administrator: bool = False,
    licences: Iterable[str] = (),
    language: str = "en",
    group: str = "",
    other_groups: Iterable[str] = (),
    first_name: str = "",
    last_name: str = "",
    email: str = "",
) -> User:
    """Create a user; groups are given by name and made where they are missing.

    Raises:
        Refused: the name is blank or taken, or a licence or the language is unknown.
    """
    if not username.strip() or User.objects.filter(username=username).exists():
        raise Refused(_("The user name is blank or taken; choose another one."), f"user {username!r}")
    user = User.objects.create_user(
        username,
        email,
        password,
        is_staff=administrator,
        licences=_known_licences(licences),
        language=known_language(language),
        primary_group=ensure_group(group) if group else None,
        first_name=first_name,
        last_name=last_name,
    )
    user.other_groups.set([ensure_group(name) for name in other_groups])
    return user


@transaction.atomic
def add_user(username: str, password: str, values: UserValues, by: User) -> User:
    """Create a user as an administrator describes one.

    Raises:
        InvalidValue: the log-in name (`username`) or the password (`password`) will not do; all reasons are given.
        Refused: a licence, the language or a group is unknown.
    """
    username = _new_username(username)
    named = User(username=username, first_name=values.first_name, last_name=values.last_name, email=values.email)
    check_password(password, named)
    user = User.objects.create_user(username, values.email, password)
    _assign(user, values)
    _log.info("user_added", user=username, by=by.username)
    return user


@transaction.atomic
def change_user(user_id: int, values: UserValues, by: User) -> User:
    """Make a user as an administrator describes one; a user is deactivated, never deleted.

    Raises:
        Refused: there is no such user; nobody would be left who can administer; or an administrator would take away
            the own right or the own log-in, which somebody else has to do. A licence, language or group is unknown.
    """
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise Refused(_("The user is not there any more; refresh the page."), f"user {user_id} not found")
    if not (values.administrator and values.active):
        _check_may_lose_rights(user, by)
    _assign(user, values)
    _log.info("user_changed", user=user.username, by=by.username)
    return user


@transaction.atomic
def set_licences(username: str, licences: Iterable[str]) -> User:
    """Give a user exactly these licences. Raises Refused for an unknown user or licence."""
    user = find_user(username)
    user.licences = _known_licences(licences)
    user.save(update_fields=["licences"])
    return user


@transaction.atomic
def set_groups(username: str, primary: str, others: Iterable[str] = ()) -> User:
    """Set a user's primary group, blank for none, and the others, by name. Raises Refused for an unknown user."""
    user = find_user(username)
    user.primary_group = ensure_group(primary) if primary else None
    user.save(update_fields=["primary_group"])
    user.other_groups.set([ensure_group(name) for name in others])
    return user


@transaction.atomic
def set_administrator(username: str, administrator: bool) -> User:
    """Make a user an administrator or no longer one. Raises Refused for an unknown user and for the last one."""
    user = find_user(username)
    if not administrator:
        _check_somebody_is_left(user)
    user.is_staff = administrator
    user.save(update_fields=["is_staff"])
    return user


def find_user(username: str) -> User:
    """The user with this log-in name. Raises Refused."""
    user = User.objects.filter(username=username).first()
    if user is None:
        message = _("There is no user {name}; choose another one.")
        raise Refused(format_lazy(message, name=username), f"user {username!r} not found")
    return user


def known_language(language: str) -> str:
    """The language code, if the screens speak it. Raises Refused."""
    known = dict(settings.LANGUAGES)
    if language not in known:
        message = _("There is no language {language}; choose one of: {all}.")
        raise Refused(format_lazy(message, language=language, all=", ".join(known)), f"language {language!r}")
    return language


def _anywhere(word: str) -> Q:
    pairs = ((name, case) for name in _FOUND_IN for case in casings(word))
    return reduce(or_, (Q(**{f"{name}__icontains": case}) for name, case in pairs))


def _new_username(username: str) -> str:
    username = User.normalize_username(username.strip())
    if User.objects.filter(username__iexact=username).exists():
        raise InvalidValue("username", _("User name"), _("Somebody has this user name already; choose another one."))
    if not username or len(username) > 150 or not User.username_validator.regex.search(username):
        reason = _("A user name takes 1 to 150 letters, digits and @ . + - _, without spaces.")
        raise InvalidValue("username", _("User name"), reason)
    return username


def _assign(user: User, values: UserValues) -> None:
    user.first_name, user.last_name, user.email = values.first_name, values.last_name, values.email
    user.language = known_language(values.language)
    user.licences = _known_licences(values.licences)
    user.is_staff, user.is_active = values.administrator, values.active
    user.primary_group = _known_group(values.primary_group)
    user.save()
    user.other_groups.set([find_group(group_id) for group_id in set(values.other_groups) - {values.primary_group}])


def _known_group(group_id: int | None) -> UserGroup | None:
    return None if group_id is None else find_group(group_id)


def _check_may_lose_rights(user: User, by: User) -> None:
    if user.is_staff and user.is_active:
        _check_somebody_is_left(user)
    if user.pk == by.pk:
        raise Refused(_("You can't take this right from yourself. Ask another administrator to do it."))


def _check_somebody_is_left(user: User) -> None:
    """Somebody else who is active can administer; the rows are locked, so that two can't take it from each other."""
    administrators = User.objects.select_for_update().filter(is_staff=True, is_active=True)
    if not any(other.pk != user.pk for other in administrators):
        raise Refused(
            _("This is the only administrator; appoint another one first."), f"user {user.username!r} is the last one"
        )


def _known_licences(licences: Iterable[str]) -> list[str]:
    wanted: Sequence[str] = sorted(set(licences))
    for licence in wanted:
        if licence not in LICENCES:
            message = _("There is no licence {licence}; choose one of: {all}.")
            text = format_lazy(message, licence=licence, all=", ".join(LICENCES))
            raise Refused(text, f"licence {licence!r}")
    return list(wanted)
