"""Settings and maintenance: the lists of the CRM (behaviour C1, C4). Their items: `settings_items`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from brygga.crm.errors import Refused
from brygga.crm.models import CrmList
from brygga.crm.services import lists as service
from brygga.web.access import administrators
from brygga.web.dialogs import Around
from brygga.web.paging import asked_text
from brygga.web.settings_dialogs import DialogForm, NameForm, form_dialog, posted

PAGE = "web/settings/lists.html"
_MOST = 500
"""How many items are shown; of more, quick find shows the others."""


@administrators
def lists(request: HttpRequest) -> HttpResponse:
    """The lists, the first one open."""
    first = min(service.lists(), key=lambda one: one.label.casefold(), default=None)
    return redirect("web:settings_list_add") if first is None else redirect("web:settings_list", first.pk)


@administrators
def one_list(request: HttpRequest, list_id: int) -> HttpResponse:
    """One list with its items, beside the others."""
    return render(request, PAGE, page_context(request, list_or_404(list_id)))


@administrators
def add(request: HttpRequest) -> HttpResponse:
    """A new list."""
    form = NameForm(posted(request))

    def carry_out() -> str:
        made = service.add_list(form.cleaned_data["name"])
        messages.success(request, _("%(name)s has been added.") % {"name": made.label})
        return reverse("web:settings_list", args=[made.pk])

    first = service.lists()[0]
    return form_dialog(request, around(request, first), _("Add list"), form, carry_out)


@administrators
def rename(request: HttpRequest, list_id: int) -> HttpResponse:
    """Another name for a list."""
    crm_list = list_or_404(list_id)
    form = NameForm(posted(request), initial={"name": crm_list.label})

    def carry_out() -> None:
        renamed = service.rename_list(list_id, form.cleaned_data["name"])
        messages.success(request, _("%(name)s has been saved.") % {"name": renamed.label})

    return form_dialog(request, around(request, crm_list), _("Rename list"), form, carry_out)


@administrators
def delete(request: HttpRequest, list_id: int) -> HttpResponse:
    """Delete a list that somebody has added and that no field chooses from."""
    crm_list = list_or_404(list_id)

    def carry_out() -> str:
        service.delete_list(list_id)
        messages.success(request, _("%(name)s has been deleted.") % {"name": crm_list.label})
        return reverse("web:settings_lists")

    title = _("Delete %(name)s?") % {"name": crm_list.label}
    texts = [_("The list goes away with its items. That is possible while no field chooses from it.")]
    return form_dialog(
        request,
        around(request, crm_list),
        title,
        DialogForm(posted(request)),
        carry_out,
        texts=texts,
        submit=_("Delete"),
        danger=True,
    )


def list_or_404(list_id: int) -> CrmList:
    """The list with this id. Raises Http404."""
    try:
        return service.find_list(list_id)
    except Refused as refused:
        raise Http404(refused.user_message) from refused


def around(request: HttpRequest, crm_list: CrmList) -> Around:
    """The page of a list, for the dialogs over it."""
    url = reverse("web:settings_list", args=[crm_list.pk])
    return Around(PAGE, url, lambda: page_context(request, crm_list))


def page_context(request: HttpRequest, crm_list: CrmList) -> Mapping[str, Any]:
    """The lists in the order of the reader's language, and the items of the one that is open."""
    text = asked_text(request)
    items = [item for item in service.items(crm_list.key) if text.casefold() in item.text.casefold()]
    return {
        "lists": sorted(service.lists_with_sizes(), key=lambda one: one.label.casefold()),
        "here": crm_list,
        "is_own": service.is_own(crm_list),
        "text": text,
        "items": items[:_MOST],
        "total": len(items),
        "most": _MOST if len(items) > _MOST else 0,
    }
