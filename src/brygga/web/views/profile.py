"""One's own profile: name, language, password, and the tokens of the agent API."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.password_validation import password_validators_help_texts
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from brygga.crm.errors import CrmError
from brygga.crm.services import tokens
from brygga.crm.services.passwords import change_password
from brygga.crm.services.profile import change_profile
from brygga.web.access import signed_in, user_of
from brygga.web.dialogs import Around, in_dialog
from brygga.web.form_errors import show_error
from brygga.web.settings_dialogs import DialogForm, NameForm, form_dialog, posted

_PAGE = "web/settings/profile.html"


class ProfileForm(DialogForm):
    """Name, e-mail address and language."""

    first_name = forms.CharField(
        label=gettext_lazy("First name"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "given-name"}),
    )
    last_name = forms.CharField(
        label=gettext_lazy("Last name"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "family-name"}),
    )
    email = forms.EmailField(
        label=gettext_lazy("E-mail"),
        max_length=254,
        required=False,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    language = forms.ChoiceField(label=gettext_lazy("Language"), choices=settings.LANGUAGES)


class OwnPasswordForm(DialogForm):
    """The present password and a new one."""

    old = forms.CharField(
        label=gettext_lazy("Present password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    password = forms.CharField(
        label=gettext_lazy("New password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )


@signed_in
def profile(request: HttpRequest) -> HttpResponse:
    """What users see and change of themselves; another language takes effect with the next page."""
    user = user_of(request)
    if request.method != "POST":
        return render(request, _PAGE, _page_context(request))
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return render(request, _PAGE, {**_page_context(request), "profile_form": form}, status=422)
    change_profile(user, **form.cleaned_data)
    with translation.override(user.language):
        messages.success(request, _("Your profile has been saved."))
    return redirect("web:profile")


@signed_in
def password(request: HttpRequest) -> HttpResponse:
    """Another password for oneself."""
    form = OwnPasswordForm(posted(request))

    def carry_out() -> None:
        change_password(user_of(request), form.cleaned_data["old"], form.cleaned_data["password"])
        update_session_auth_hash(request, user_of(request))
        messages.success(request, _("Your password has been changed."))

    hints = password_validators_help_texts()
    return form_dialog(request, _around(request), _("Change password"), form, carry_out, hints=hints)


@signed_in
def add_token(request: HttpRequest) -> HttpResponse:
    """A new token; its key is shown once."""
    form = NameForm(posted(request))
    if request.method == "POST" and form.is_valid():
        try:
            token, key = tokens.create_token(user_of(request), form.cleaned_data["name"])
        except CrmError as refused:
            show_error(form, refused)
        else:
            context = _page_context(request) | {"title": _("Token: %(name)s") % {"name": token.name}, "key": key}
            return in_dialog(request, _around(request), "web/settings/token.html", context)
    texts = [_("A token lets a program use the agent API in your name. Say what it is for.")]
    return form_dialog(
        request, _around(request), _("Create token"), form, lambda: None, texts=texts, submit=_("Create")
    )


@signed_in
@require_POST
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    """Make a token useless."""
    try:
        tokens.revoke_token(user_of(request), token_id)
    except CrmError as refused:
        messages.error(request, refused.user_message)
    else:
        messages.success(request, _("The token has been revoked. Programs that use it are refused from now on."))
    return redirect("web:profile")


def _around(request: HttpRequest) -> Around:
    return Around(_PAGE, reverse("web:profile"), lambda: _page_context(request))


def _page_context(request: HttpRequest) -> dict[str, Any]:
    user = user_of(request)
    initial = {key: getattr(user, key) for key in ("first_name", "last_name", "email", "language")}
    return {"profile_form": ProfileForm(initial=initial), "tokens": tokens.list_tokens(user)}
