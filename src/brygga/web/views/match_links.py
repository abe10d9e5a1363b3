"""The links of a connection as a CSV file, exported and imported (behaviour G5)."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from brygga.erp.errors import BryggaError, Refused
from brygga.erp.models import Connection
from brygga.erp.services import link_files
from brygga.web.access import administrators, user_of
from brygga.web.dialogs import Around, in_dialog
from brygga.web.match_page import actor_or_404, page_context
from brygga.web.sync_page import connection_or_404

_MOST_BYTES = 2_000_000
"""A file so large has tens of thousands of links: too much to wait for in a dialog."""
_TOLD = 100
"""Refused lines that are told one by one."""


@administrators
def export(request: HttpRequest, connection_id: int) -> HttpResponseBase:
    """The file, streamed."""
    connection = connection_or_404(connection_id)
    answer = StreamingHttpResponse(_with_mark(connection), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="links.csv"'
    return answer


@administrators
def import_(request: HttpRequest, connection_id: int) -> HttpResponse:
    """The dialog that asks for the file; posted, what came of it."""
    connection = connection_or_404(connection_id)
    context: dict[str, Any] = {"connection": connection}
    if request.method == "POST":
        try:
            context |= _imported(request, connection)
        except BryggaError as refused:
            context["error"] = refused.user_message
    page = reverse("web:matching", args=[connection_id])
    around = Around(
        "web/matching/workbench.html", page, lambda: page_context(request, connection, actor_or_404(connection, ""))
    )
    return in_dialog(request, around, "web/matching/links.html", context)


def _imported(request: HttpRequest, connection: Connection) -> dict[str, Any]:
    done = link_files.import_links(connection, _sent(request), user_of(request).username)
    more = max(0, len(done.refused) - _TOLD)
    return {"done": done, "refused": done.refused[:_TOLD], "more": more}


def _sent(request: HttpRequest) -> str:
    """The text of the file. Raises Refused."""
    file = request.FILES.get("file")
    if file is None:
        raise Refused(_("Choose a file."))
    if (file.size or 0) > _MOST_BYTES:
        raise Refused(_("The file is too large to be imported here. Use “brygga link import” on the server."))
    try:
        return file.read().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Refused(_("The file is not UTF-8. Save it as CSV UTF-8.")) from error


def _with_mark(connection: Connection) -> Any:
    """By the mark, spreadsheets know that the text is UTF-8."""
    yield "\ufeff"
    yield from link_files.exported(connection)
