"""Reading the bodies of requests."""

from __future__ import annotations

import json
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja.parser import Parser

from brygga.api import xml_bodies
from brygga.api.errors import BadBody, MemberProblem, UnknownMediaType

_JSON = ("", "application/json", "text/json", "application/json-patch+json", "application/merge-patch+json")
_XML = ("application/xml", "text/xml")


class BodyParser(Parser):
    """Reads JSON and XML, under the media types of the published description; forms have no shape for most bodies."""

    def parse_body(self, request: HttpRequest) -> Any:
        """The body. Raises BadBody and UnknownMediaType."""
        media_type = (request.content_type or "").lower()
        if media_type in _XML:
            return _read_xml(request.body)
        if media_type not in _JSON:
            raise UnknownMediaType(_("Send the body as application/json."), f"content type {media_type!r}")
        return _read_json(request.body)


def _read_json(text: bytes) -> Any:
    try:
        body = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadBody(_("The body is not JSON."), str(error)) from error
    _check_texts(body, "")
    return body


def _read_xml(text: bytes) -> Any:
    try:
        return xml_bodies.parse(text)
    except ValueError as error:
        raise BadBody(_("The body is not XML."), str(error)) from error


def _check_texts(value: Any, path: str) -> None:
    """No database takes a text with NUL, and none half of a pair of surrogates."""
    if isinstance(value, str) and not _is_clean(value):
        problem = MemberProblem(member=path, message=_("The text has a character that can't be stored."))
        raise BadBody(f"{path}: {problem.message}" if path else problem.message, "NUL or lone surrogate", [problem])
    if isinstance(value, dict):
        for name, member in value.items():
            _check_texts(name, path)
            _check_texts(member, f"{path}.{name}" if path else name)
    if isinstance(value, list):
        for place, item in enumerate(value):
            _check_texts(item, f"{path}.{place}")


def _is_clean(text: str) -> bool:
    return "\0" not in text and not any("\ud800" <= letter <= "\udfff" for letter in text)
