"""Settings and maintenance: users (behaviour C3, C4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brygga.crm.models import User
from brygga.crm.models.users import LICENCES
from brygga.crm.services import groups
from brygga.crm.services.passwords import set_password
from brygga.crm.services.users import UserValues, add_user, change_user, list_users
from brygga.web.access import administrators, user_of
from brygga.web.dialogs import Around
from brygga.web.paging import Page, asked_page, asked_text
from brygga.web.record_form import NO_SELECTION
from brygga.web.settings_dialogs import DialogForm, form_dialog, posted

_PAGE = "web/settings/users.html"


class PasswordForm(DialogForm):
    """A new password, typed by an administrator."""

    password = forms.CharField(
        label=gettext_lazy("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


class UserForm(DialogForm):
    """What an administrator says of a user."""

    first_name = forms.CharField(label=gettext_lazy("First name"), max_length=150, required=False)
    last_name = forms.CharField(label=gettext_lazy("Last name"), max_length=150, required=False)
    email = forms.EmailField(label=gettext_lazy("E-mail"), max_length=254, required=False)
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)
    primary_group = forms.TypedChoiceField(
        label=gettext_lazy("Primary group"), coerce=int, empty_value=None, required=False
    )
    other_groups = forms.TypedMultipleChoiceField(
        label=gettext_lazy("Other groups"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )
    licences = forms.MultipleChoiceField(
        label=gettext_lazy("Licences"),
        choices=list(LICENCES.items()),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    administrator = forms.BooleanField(label=gettext_lazy("Administrator"), required=False)
    active = forms.BooleanField(label=gettext_lazy("Active"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offered = [(group.pk, group.name) for group in groups.groups()]
        self._choices("primary_group", [("", NO_SELECTION), *offered])
        self._choices("other_groups", offered)
        for key, keyboard in (("first_name", "given-name"), ("last_name", "family-name"), ("email", "email")):
            self.fields[key].widget.attrs["autocomplete"] = f"section-user {keyboard}"

    def _choices(self, key: str, choices: list[Any]) -> None:
        field = self.fields[key]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    def values(self) -> UserValues:
        """What was filled in."""
        return UserValues(**{key: self.cleaned_data[key] for key in UserValues.__slots__})

    def sides(self) -> list[dict[str, Any]]:
        """The fields in two groups: who it is, and what the user may do."""
        rights = ("primary_group", "other_groups", "licences", "administrator", "active")
        who = [key for key in self.fields if key not in rights]
        return [
            {"label": _("User"), "fields": [self[key] for key in who]},
            {"label": _("Groups and rights"), "fields": [self[key] for key in rights]},
        ]


class NewUserForm(UserForm):
    """A user who is not there yet: with a log-in name and a first password."""

    username = forms.CharField(
        label=gettext_lazy("User name"),
        max_length=150,
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=gettext_lazy("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    field_order = ("username", "password")


@administrators
def users(request: HttpRequest) -> HttpResponse:
    """The users, a page of them."""
    return render(request, _PAGE, _page_context(request))


@administrators
def add(request: HttpRequest) -> HttpResponse:
    """A new user."""
    form = NewUserForm(posted(request), initial={"language": user_of(request).language, "active": True})

    def carry_out() -> None:
        sent = form.cleaned_data
        made = add_user(sent["username"], sent["password"], form.values(), user_of(request))
        messages.success(request, _("%(name)s has been added.") % {"name": made.name})

    return _dialog(request, _("Add user"), form, carry_out, hints=password_validators_help_texts())


@administrators
def change(request: HttpRequest, user_id: int) -> HttpResponse:
    """What can be changed of a user; an administrator's own rights are shown and stay."""
    user = _user_or_404(user_id)
    form = UserForm(posted(request), initial=_initial(user))
    own = user == user_of(request)
    for key in ("administrator", "active"):
        form.fields[key].disabled = own
    hints = [_("Your own right and log-in can only be taken away by another administrator.")] if own else []

    def carry_out() -> None:
        changed = change_user(user_id, form.values(), user_of(request))
        messages.success(request, _("%(name)s has been saved.") % {"name": changed.name})

    password_url = reverse("web:settings_user_password", args=[user_id])
    return _dialog(request, user.name, form, carry_out, hints=hints, password_url=password_url)


@administrators
def password(request: HttpRequest, user_id: int) -> HttpResponse:
    """A new password for a user."""
    user = _user_or_404(user_id)
    form = PasswordForm(posted(request))

    def carry_out() -> None:
        set_password(user, form.cleaned_data["password"], user_of(request))
        if user == user_of(request):
            update_session_auth_hash(request, user)
        messages.success(request, _("%(name)s has a new password.") % {"name": user.name})

    title = _("Set password: %(name)s") % {"name": user.name}
    return form_dialog(request, _around(request), title, form, carry_out, hints=password_validators_help_texts())


def _dialog(request: HttpRequest, title: str, form: UserForm, carry_out: Any, **more: Any) -> HttpResponse:
    template = "web/settings/user.html"
    return form_dialog(request, _around(request), title, form, carry_out, template, sides=form.sides, **more)


def _around(request: HttpRequest) -> Around:
    return Around(_PAGE, reverse("web:settings_users"), lambda: _page_context(request))


def _page_context(request: HttpRequest) -> Mapping[str, Any]:
    text = asked_text(request)
    found = list_users(text)
    page = Page(asked_page(request), found.count())
    rows = [_row(user) for user in found[page.start : page.stop]]
    return {"tab": "users", "text": text, "rows": rows, "page": page}


def _row(user: User) -> dict[str, Any]:
    others = [group.name for group in user.other_groups.all() if not group.deleted]
    return {
        "user": user,
        "url": reverse("web:settings_user", args=[user.pk]),
        "groups": ", ".join(filter(None, [user.primary_group.name if user.primary_group else "", *others])),
        "licences": ", ".join(str(LICENCES[key]) for key in user.licences if key in LICENCES),
        "language": dict(settings.LANGUAGES).get(user.language, user.language),
    }


def _initial(user: User) -> dict[str, Any]:
    return {
        "first_name": user.first_name,
        "last_name": user.last_name,
        "email": user.email,
        "language": user.language,
        "primary_group": user.primary_group_id,
        "other_groups": list(user.other_groups.values_list("pk", flat=True)),
        "licences": user.licences,
        "administrator": user.is_staff,
        "active": user.is_active,
    }


def _user_or_404(user_id: int) -> User:
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        raise Http404(_("The user is not there any more; refresh the page."))
    return user
