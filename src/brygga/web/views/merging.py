"""Making two companies one: what would happen, which one stays, and doing it (behaviour E8, G8)."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from brygga.crm.errors import CrmError
from brygga.crm.fields import RecordType
from brygga.crm.services.records import MergePreview, RecordView, merge_companies, preview_merge
from brygga.erp.services.linked import links_of
from brygga.web.access import signed_in, user_of
from brygga.web.choosing import candidates, chosen, hint, options, reference
from brygga.web.dialogs import Around, done, in_dialog
from brygga.web.kinds import COMPANIES
from brygga.web.record_links import shown_links
from brygga.web.records import Presenter, record_or_404
from brygga.web.views.records import details_context

_LONGEST_TEXT = 250
_OTHER_STAYS = "other"


@signed_in
def merge(request: HttpRequest, record_id: int) -> HttpResponse:
    """Choose the other company, see what a merge would do, and do it."""
    record = record_or_404(COMPANIES, record_id)
    asked = request.POST if request.method == "POST" else request.GET
    text = asked.get("with", "").strip().replace("\x00", "")[:_LONGEST_TEXT]
    if not text:
        return _in_dialog(request, record, {})
    found = candidates(RecordType.COMPANY, text)
    other = chosen(text, found)
    if other is None:
        error = _("It is not clear which company is meant. Choose one.") if found else _("No company matches.")
        return _in_dialog(request, record, {"text": text, "error": error, "candidates": options(found)})
    return _with_other(request, record, other, asked.get("stays", ""))


def _with_other(request: HttpRequest, record: RecordView, other: RecordView, stays: str) -> HttpResponse:
    keep, drop = (other, record) if stays == _OTHER_STAYS else (record, other)
    context: dict[str, Any] = {"text": reference(other.name, other.id)}
    try:
        preview = preview_merge(keep.id, drop.id)
        if request.method == "POST" and request.POST.get("seen") == _seen(preview):
            merged = merge_companies(keep.id, drop.id, user_of(request).username)
            text = _("%(drop)s and %(keep)s are one company now.") % {"drop": drop.name, "keep": merged.name}
            return done(request, COMPANIES.url(keep.id), text)
    except CrmError as refused:
        return _in_dialog(request, record, context | {"error": refused.user_message})
    if request.method == "POST":
        context["error"] = _("One of the companies was changed meanwhile. This is what a merge would do now.")
    return _in_dialog(request, record, context | _shown(record, other, preview, stays))


def _shown(record: RecordView, other: RecordView, preview: MergePreview, stays: str) -> dict[str, Any]:
    presenter = Presenter(COMPANIES)
    turned = {"with": reference(other.name, other.id), "stays": "" if stays == _OTHER_STAYS else _OTHER_STAYS}
    taken = {link.connection_id for link in links_of(RecordType.COMPANY, [preview.keep.id])}
    links = links_of(RecordType.COMPANY, [preview.drop.id])
    return {
        "merge": preview,
        "keep_more": hint(preview.keep),
        "drop_more": hint(preview.drop),
        "filled": [
            {"label": presenter.label(key), "text": presenter.text(key, value)} for key, value in preview.filled.items()
        ],
        "moved_links": shown_links(link for link in links if link.connection_id not in taken),
        "doubled_links": shown_links(link for link in links if link.connection_id in taken),
        "other_reference": turned["with"],
        "stays": stays,
        "seen": _seen(preview),
        "other_way_url": f"{COMPANIES.url(record.id, 'merge')}?{urlencode(turned)}",
    }


def _seen(preview: MergePreview) -> str:
    """What a preview was made of; a merge is carried out only as it was shown."""
    parts = (preview.keep.id, preview.keep.version, preview.drop.id, preview.drop.version, preview.contacts)
    return "-".join(str(part) for part in parts)


def _in_dialog(request: HttpRequest, record: RecordView, context: dict[str, Any]) -> HttpResponse:
    around = Around(
        "web/records/details.html", COMPANIES.url(record.id), lambda: details_context(request, COMPANIES, record)
    )
    given = {
        "title": _("Merge %(name)s with another company") % {"name": record.name},
        "merge_url": COMPANIES.url(record.id, "merge"),
        "suggestions_url": COMPANIES.suggestions_url,
    }
    return in_dialog(request, around, "web/records/merge.html", given | context)
