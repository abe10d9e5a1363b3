"""Sync connectors: added, configured, deleted, restored, and the catalogue of those installed (behaviour A2)."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from brygga.contract import FieldMetadata
from brygga.contract.localised import text_for
from brygga.erp.errors import ConnectorFailed, Refused
from brygga.erp.models import Connector
from brygga.erp.services import connectors, removal
from brygga.erp.services.catalogue import addresses, catalogue
from brygga.web.access import administrators, user_of
from brygga.web.catalogue_rows import catalogue_rows
from brygga.web.dialogs import done
from brygga.web.sync_page import connector_or_404, on_sync_tab, refused
from brygga.web.sync_selection import Selection


class ConnectorForm(forms.Form):
    """The name and the address of a sync connector."""

    use_required_attribute = False
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=200,
        widget=forms.TextInput(attrs={"class": "input", "autocomplete": "off", "autofocus": True}),
    )
    url = forms.CharField(
        label=gettext_lazy("Connector URL"),
        max_length=500,
        widget=forms.TextInput(
            attrs={"class": "input", "list": "installed-connectors", "autocomplete": "off", "spellcheck": "false"}
        ),
    )


@administrators
def add(request: HttpRequest) -> HttpResponse:
    """The dialog for a new sync connector; it is stored if a connector answers at its address."""
    return _edit(request, Connector(), Selection.of(request).url("connectors_add"))


@administrators
def configure(request: HttpRequest, connector_id: int) -> HttpResponse:
    """The same for a sync connector that there is."""
    connector = connector_or_404(connector_id)
    return _edit(request, connector, Selection.of(request).url("connectors_configure", connector_id))


@administrators
@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """Whether a connector answers at an address, and what it asks for; shown while one types."""
    url = request.POST.get("url", "").strip()
    if not url:
        return HttpResponse()
    try:
        fields = connectors.fields_at(url)
    except (Refused, ConnectorFailed) as failed:
        return _answer(request, failure=failed.user_message)
    return _answer(request, asks_for=", ".join(_label(field) for field in fields))


@administrators
def delete(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Ask, and mark a sync connector as deleted; one that connections use stays."""
    connector, selection = connector_or_404(connector_id), Selection.of(request)
    obstacle = connectors.obstacle_to_deleting(connector)
    if request.method == "POST" and not obstacle:
        connectors.delete_connectors([connector])
        text = _("The sync connector “%(name)s” has been deleted.") % {"name": connector.name}
        return done(request, selection.page, text)
    question = _("Delete “%(name)s”?") % {"name": connector.name}
    after = _("No ERP connection uses it. It is marked as deleted and can be restored.")
    context = {
        "title": _("Delete sync connector"),
        "texts": [] if obstacle else [question, after],
        "error": obstacle,
        "action": selection.url("connectors_delete", connector_id),
        "label": _("Delete"),
        "danger": True,
    }
    return on_sync_tab(request, "web/sync/confirm.html", context)


@administrators
@require_POST
def restore(request: HttpRequest, connector_id: int) -> HttpResponse:
    """Bring a deleted sync connector back."""
    connector = connector_or_404(connector_id, with_deleted=True)
    try:
        removal.restore_connector(connector, user_of(request).username)
    except Refused as refusal:
        return refused(request, _("Restore"), refusal.user_message)
    text = _("The sync connector “%(name)s” is back.") % {"name": connector.name}
    return done(request, Selection.of(request).to(connector=connector_id).page, text)


@administrators
def installed(request: HttpRequest) -> HttpResponse:
    """The catalogue: the connectors installed on this server, and how to install more."""
    return render(request, "web/sync/catalogue.html", {"entries": catalogue_rows(catalogue())})


def _edit(request: HttpRequest, connector: Connector, action: str) -> HttpResponse:
    if request.method != "POST":
        return _form(request, connector, action, ConnectorForm(initial=_start(request, connector)))
    form = ConnectorForm(request.POST)
    if not form.is_valid():
        return _form(request, connector, action, form, _("Some fields need a correction."))
    try:
        saved = connectors.save_connector(connector, form.cleaned_data["name"], form.cleaned_data["url"])
    except (Refused, ConnectorFailed) as failed:
        return _form(request, connector, action, form, failed.user_message)
    text = _("The sync connector “%(name)s” has been saved.") % {"name": saved.name}
    return done(request, Selection.of(request).to(connector=saved.pk).page, text)


def _start(request: HttpRequest, connector: Connector) -> dict[str, str]:
    """What the form begins with: the connector as it is, or what the catalogue proposes for a new one."""
    if connector.pk:
        return {"name": connector.name, "url": connector.url}
    return {"name": request.GET.get("name", ""), "url": request.GET.get("url", "")}


def _form(
    request: HttpRequest, connector: Connector, action: str, form: ConnectorForm, error: str = ""
) -> HttpResponse:
    context: dict[str, Any] = {
        "title": _("Configure Sync Connector") if connector.pk else _("Add a sync connector"),
        "form": form,
        "action": action,
        "suggestions": addresses(),
        "error": error,
    }
    return on_sync_tab(request, "web/sync/connector_form.html", context)


def _answer(request: HttpRequest, failure: str = "", asks_for: str = "") -> HttpResponse:
    text = _("A connector answers. It asks for: %(fields)s.") % {"fields": asks_for} if asks_for else ""
    text = text or _("A connector answers. It asks for nothing.")
    context = {"failure": failure, "text": _("There is no connector to be used yet.") if failure else text}
    return render(request, "web/sync/test_result.html", context)


def _label(field: FieldMetadata) -> str:
    return text_for(field.name, get_language() or "en") or field.key
