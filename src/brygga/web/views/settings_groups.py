"""Settings and maintenance: groups of users (behaviour C3, C4)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brygga.crm.errors import Refused
from brygga.crm.models import UserGroup
from brygga.crm.services import groups as service
from brygga.erp.services.linked import connections_granted_to
from brygga.web.access import administrators, user_of
from brygga.web.dialogs import Around
from brygga.web.record_form import NO_SELECTION
from brygga.web.settings_dialogs import DialogForm, NameForm, Ranked, form_dialog, gone, posted, rank_dialog

_PAGE = "web/settings/groups.html"


class DeleteForm(DialogForm):
    """The group that takes the place of one that is deleted."""

    replacement = forms.TypedChoiceField(
        label=gettext_lazy("Their new primary group"), coerce=int, empty_value=None, required=False
    )

    def __init__(self, data: Any, others: list[UserGroup]) -> None:
        super().__init__(data)
        field = self.fields["replacement"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = [("", NO_SELECTION), *((group.pk, group.name) for group in others)]


@administrators
def groups(request: HttpRequest) -> HttpResponse:
    """The groups with how many users have them."""
    return render(request, _PAGE, _page_context())


@administrators
def add(request: HttpRequest) -> HttpResponse:
    """A new group."""
    form = NameForm(posted(request))

    def carry_out() -> None:
        made = service.add_group(form.cleaned_data["name"])
        messages.success(request, _("%(name)s has been added.") % {"name": made.name})

    return form_dialog(request, _around(), _("Add group"), form, carry_out)


@administrators
def rename(request: HttpRequest, group_id: int) -> HttpResponse:
    """Another name for a group."""
    try:
        group = service.find_group(group_id)
    except Refused as refused:
        return gone(request, _around(), _("Rename group"), refused)
    form = NameForm(posted(request), initial={"name": group.name})

    def carry_out() -> None:
        service.rename_group(group_id, form.cleaned_data["name"])
        messages.success(request, _("%(name)s has been saved.") % {"name": form.cleaned_data["name"]})

    return form_dialog(request, _around(), _("Rename group"), form, carry_out)


@administrators
def rank(request: HttpRequest) -> HttpResponse:
    """The order in which groups are shown."""
    ranked = [Ranked(str(group.pk), group.name) for group in service.groups()]

    def save(order: list[str]) -> None:
        service.rank_groups([int(id_) for id_ in order])
        messages.success(request, _("The order has been saved."))

    return rank_dialog(request, _around(), _("Rank groups"), ranked, save)


@administrators
def delete(request: HttpRequest, group_id: int) -> HttpResponse:
    """Delete a group; its users who have it as primary group get another one."""
    try:
        group = service.groups_with_users().get(pk=service.find_group(group_id).pk)
    except Refused as refused:
        return gone(request, _around(), _("Delete group"), refused)
    form = DeleteForm(posted(request), [other for other in service.groups() if other.pk != group_id])
    if not service.has_primary_users(group_id):
        del form.fields["replacement"]

    def carry_out() -> None:
        service.delete_group(group_id, form.cleaned_data.get("replacement"), user_of(request).username)
        messages.success(request, _("%(name)s has been deleted.") % {"name": group.name})

    title = _("Delete %(name)s?") % {"name": group.name}
    return form_dialog(
        request, _around(), title, form, carry_out, texts=_consequences(group), submit=_("Delete"), danger=True
    )


def _consequences(group: Any) -> list[str]:
    texts = [_("Users who have the group lose it, and with it the access that it gives.")]
    connections = connections_granted_to(group.pk)
    if connections:
        text = _("These ERP connections are given to the group, and will not be any more: %(connections)s.")
        texts.append(text % {"connections": ", ".join(connections)})
    return texts


def _around() -> Around:
    return Around(_PAGE, reverse("web:settings_groups"), _page_context)


def _page_context() -> Mapping[str, Any]:
    return {"tab": "groups", "groups": service.groups_with_users()}
