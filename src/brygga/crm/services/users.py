"""Users and their groups (behaviour C3, C4)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.conf import settings
from django.db import transaction
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from brygga.crm.errors import Refused
from brygga.crm.models import User, UserGroup
from brygga.crm.models.users import LICENCES


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
        language=_known_language(language),
        primary_group=ensure_group(group) if group else None,
        first_name=first_name,
        last_name=last_name,
    )
    user.other_groups.set([ensure_group(name) for name in other_groups])
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
    others = User.objects.filter(is_staff=True, is_active=True).exclude(pk=user.pk)
    if not administrator and not others.exists():
        raise Refused(_("This is the only administrator; appoint another one first."), f"user {username!r}")
    user.is_staff = administrator
    user.save(update_fields=["is_staff"])
    return user


def groups() -> list[UserGroup]:
    """The groups that are not deleted, in their order."""
    return list(UserGroup.objects.filter(deleted=False))


def ensure_group(name: str) -> UserGroup:
    """The group of this name, made if it is missing. Raises Refused for a blank or too long name."""
    if not name.strip() or len(name) > 100:
        raise Refused(_("A group needs a name of at most 100 characters."), f"group {name[:100]!r}")
    rank = UserGroup.objects.count()
    group, _made = UserGroup.objects.get_or_create(name=name, deleted=False, defaults={"rank": rank})
    return group


def find_user(username: str) -> User:
    """The user with this log-in name. Raises Refused."""
    user = User.objects.filter(username=username).first()
    if user is None:
        message = _("There is no user {name}; choose another one.")
        raise Refused(format_lazy(message, name=username), f"user {username!r} not found")
    return user


def _known_licences(licences: Iterable[str]) -> list[str]:
    wanted: Sequence[str] = sorted(set(licences))
    for licence in wanted:
        if licence not in LICENCES:
            message = _("There is no licence {licence}; choose one of: {all}.")
            text = format_lazy(message, licence=licence, all=", ".join(LICENCES))
            raise Refused(text, f"licence {licence!r}")
    return list(wanted)


def _known_language(language: str) -> str:
    known = dict(settings.LANGUAGES)
    if language not in known:
        message = _("There is no language {language}; choose one of: {all}.")
        raise Refused(format_lazy(message, language=language, all=", ".join(known)), f"language {language!r}")
    return language
