"""Settings and maintenance: the items of a list (behaviour C4)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from brygga.crm.errors import Refused
from brygga.crm.fields import RecordType
from brygga.crm.models import CrmListItem
from brygga.crm.services import lists as service
from brygga.crm.services.replacing import replace_item, uses_of
from brygga.erp.services.linked import connections_mapping_item
from brygga.web.access import administrators, user_of
from brygga.web.kinds import KINDS
from brygga.web.settings_dialogs import DialogForm, Ranked, form_dialog, posted, rank_dialog
from brygga.web.views.settings_lists import around, list_or_404


class TextForm(DialogForm):
    """The text of an item."""

    text = forms.CharField(
        label=gettext_lazy("Text"), max_length=200, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class DeleteForm(DialogForm):
    """The item that takes the place of one that is deleted."""

    replacement = forms.TypedChoiceField(
        label=gettext_lazy("Replace it with"), coerce=int, empty_value=None, required=False
    )

    def __init__(self, data: Any, others: list[CrmListItem]) -> None:
        super().__init__(data)
        field = self.fields["replacement"]
        assert isinstance(field, forms.ChoiceField)
        keep = _("Nothing: what has it keeps it")
        field.choices = [("", keep), *((item.pk, item.text) for item in others)]


@administrators
def add(request: HttpRequest, list_id: int) -> HttpResponse:
    """A new item, the last one."""
    crm_list = list_or_404(list_id)
    form = TextForm(posted(request))

    def carry_out() -> None:
        made = service.add_item(crm_list.key, form.cleaned_data["text"])
        messages.success(request, _("%(name)s has been added.") % {"name": made.text})

    return form_dialog(request, around(request, crm_list), _("Add item"), form, carry_out)


@administrators
def rename(request: HttpRequest, list_id: int, item_id: int) -> HttpResponse:
    """Another text for an item."""
    item = _item_or_404(list_id, item_id)
    form = TextForm(posted(request), initial={"text": item.text})

    def carry_out() -> None:
        service.rename_item(item_id, form.cleaned_data["text"])
        messages.success(request, _("%(name)s has been saved.") % {"name": form.cleaned_data["text"]})

    delete_url = reverse("web:settings_item_delete", args=[list_id, item_id])
    return form_dialog(request, around(request, item.list), _("Rename item"), form, carry_out, delete_url=delete_url)


@administrators
def rank(request: HttpRequest, list_id: int) -> HttpResponse:
    """The order in which the items are offered."""
    crm_list = list_or_404(list_id)
    ranked = [Ranked(str(item.pk), item.text) for item in service.items(crm_list.key)]

    def save(order: list[str]) -> None:
        service.rank_items(crm_list.key, [int(id_) for id_ in order])
        messages.success(request, _("The order has been saved."))

    title = _("Rank items: %(list)s") % {"list": crm_list.label}
    return rank_dialog(request, around(request, crm_list), title, ranked, save)


@administrators
def delete(request: HttpRequest, list_id: int, item_id: int) -> HttpResponse:
    """Delete an item; the records that have it keep it, or get another one."""
    item = _item_or_404(list_id, item_id)
    uses, connections = uses_of(item), connections_mapping_item(item_id)
    others = [other for other in service.items(item.list.key) if other.pk != item_id]
    form = DeleteForm(posted(request), others)
    if not (uses or connections):
        del form.fields["replacement"]

    def carry_out() -> None:
        _delete(request, item, form.cleaned_data.get("replacement"))

    return form_dialog(
        request,
        around(request, item.list),
        _("Delete %(name)s?") % {"name": item.text},
        form,
        carry_out,
        texts=_consequences(uses, connections),
        submit=_("Delete"),
        danger=True,
    )


def _delete(request: HttpRequest, item: CrmListItem, replacement: int | None) -> None:
    text = _("%(name)s has been deleted.") % {"name": item.text}
    if replacement is None:
        service.delete_item(item.pk)
    else:
        changed = replace_item(item.pk, replacement, user_of(request).username)
        saved = ngettext("%(count)s record has the new item.", "%(count)s records have the new item.", changed)
        text = f"{text} {saved % {'count': changed}}"
    messages.success(request, text)


def _consequences(uses: dict[RecordType, int], connections: list[str]) -> list[str]:
    if not (uses or connections):
        return [_("No record has this item, and no ERP connection maps it.")]
    texts = []
    if uses:
        counts = ", ".join(f"{KINDS[record_type].plural} ({number})" for record_type, number in uses.items())
        texts.append(_("Records that have it: %(counts)s.") % {"counts": counts})
    if connections:
        text = _(
            "The list mapping of these ERP connections uses it: %(connections)s. The replacement takes its place "
            "there; where it is mapped already, the ERP item is left without a CRM item."
        )
        texts.append(text % {"connections": ", ".join(connections)})
    return texts


def _item_or_404(list_id: int, item_id: int) -> CrmListItem:
    try:
        item = service.find_item(item_id)
    except Refused as refused:
        raise Http404(refused.user_message) from refused
    if item.list_id != list_id:
        raise Http404(_("The list item is not there any more; refresh the list."))
    return item
