"""How the API says that something was not done: status, stable code, a message in the caller's language."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

import structlog
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from pydantic import Field

from brygga.api.schemas.base import Model
from brygga.crm import errors as crm_errors
from brygga.crm.errors import CrmError
from brygga.erp import errors as erp_errors
from brygga.erp.errors import BryggaError, Denied, InvalidConfiguration

_log = structlog.get_logger(__name__)


class NotLoggedIn(BryggaError):
    """Who calls is not known: send a token, or a user name and password."""

    code = "not_logged_in"


class TooManyFailures(BryggaError):
    """Too many log-ins have failed: wait `seconds`."""

    code = "too_many_failures"

    def __init__(self, seconds: int) -> None:
        text = _("Too many log-ins have failed. Try again in %(seconds)s seconds.")
        super().__init__(text % {"seconds": seconds}, "rate limit of failed log-ins")
        self.seconds = seconds


class BadBody(BryggaError):
    """The body is not as described; `members` says which member is wrong, where one is."""

    code = "bad_request"

    def __init__(self, user_message: object, technical: str = "", members: Sequence[MemberProblem] = ()) -> None:
        super().__init__(user_message, technical)
        self.members = list(members)


class UnknownMediaType(BryggaError):
    """The body is written in a language that is not read here: send JSON."""

    code = "unknown_media_type"


class MemberProblem(Model):
    """What is wrong with one member of a request. `Member` is its path, as `Connection.ConfigFields`."""

    member: str
    message: str


class Problem(Model):
    """Why an operation was not carried out; nothing has been changed then.

    `Code` is stable, for programs; `Message` is for people, in the caller's language; `Technical` is English.
    """

    code: str
    message: str
    technical: str = ""
    members: list[MemberProblem] = Field(default_factory=list)


_STATUSES: list[tuple[type[Exception], int]] = [
    (NotLoggedIn, 401),
    (Denied, 403),
    (TooManyFailures, 429),
    (BadBody, 400),
    (UnknownMediaType, 415),
    (erp_errors.NotFound, 404),
    (erp_errors.InvalidConfiguration, 400),
    # The fault lies with another system; 502 would invite proxies and clients to repeat what must not be repeated.
    (erp_errors.ConnectorFailed, 424),
    (crm_errors.NoSuchRecord, 404),
    (crm_errors.UnknownField, 400),
    (crm_errors.InvalidValue, 400),
    (BryggaError, 409),
    (CrmError, 409),
]
STATUSES = frozenset(status for _error, status in _STATUSES)
"""The statuses of the answers that say why something was not done."""


def add_to(api: NinjaAPI) -> None:
    """Have the API answer every error in this way."""
    api.add_exception_handler(BryggaError, lambda request, error: _domain(api, request, error))
    api.add_exception_handler(CrmError, lambda request, error: _domain(api, request, error))
    api.add_exception_handler(ValidationError, lambda request, error: _domain(api, request, _invalid(error)))
    api.add_exception_handler(AuthenticationError, lambda request, _error: _domain(api, request, _nobody()))
    api.add_exception_handler(HttpError, lambda request, error: _http(api, request, error))
    api.add_exception_handler(RequestDataTooBig, lambda request, error: _too_big(api, request, error))
    api.add_exception_handler(Exception, lambda request, error: _unexpected(api, request, error))


@csrf_exempt
def unknown_operation(request: HttpRequest, rest: str) -> HttpResponse:
    """The answer to a call of what is not there."""
    text = _("There is no such operation. The page /api/docs lists those that there are.")
    problem = Problem(code="no_such_operation", message=text, technical=f"no route to {request.path}")
    return JsonResponse(problem.model_dump(by_alias=True), status=404)


def status_of(error: Exception) -> int:
    """The status that stands for an error of the domain."""
    return next(status for kind, status in _STATUSES if isinstance(error, kind))


def _domain(api: NinjaAPI, request: HttpRequest, error: BryggaError | CrmError) -> HttpResponse:
    problem = Problem(
        code=error.code, message=error.user_message, technical=error.technical, members=_members_of(error)
    )
    response = _answer(api, request, problem, status_of(error))
    if isinstance(error, NotLoggedIn):
        response.headers["WWW-Authenticate"] = 'Bearer realm="Brygga", Basic realm="Brygga", charset="UTF-8"'
    if isinstance(error, TooManyFailures):
        response.headers["Retry-After"] = str(error.seconds)
    return response


def _members_of(error: BryggaError | CrmError) -> list[MemberProblem]:
    if isinstance(error, BadBody):
        return error.members
    if isinstance(error, InvalidConfiguration):
        return [MemberProblem(member=problem.key, message=problem.message) for problem in error.problems]
    if isinstance(error, crm_errors.InvalidValue):
        return [MemberProblem(member=error.key, message=str(error.reason))]
    return []


def _nobody() -> NotLoggedIn:
    return NotLoggedIn(_("Log in: send a token, or a user name and password."), "no credentials")


def _http(api: NinjaAPI, request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, BryggaError):  # ninja wraps what the parser of bodies raises
        return _domain(api, request, error.__cause__)
    if isinstance(error.__cause__, RequestDataTooBig):
        return _too_big(api, request, error.__cause__)
    problem = Problem(code="bad_request", message=_("The request can't be read."), technical=str(error))
    return _answer(api, request, problem, error.status_code)


def _too_big(api: NinjaAPI, request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    text = _("The body is too large. Send it in several parts.")
    return _answer(api, request, Problem(code="too_large", message=text, technical=str(error)), 413)


def _unexpected(api: NinjaAPI, request: HttpRequest, error: Exception) -> HttpResponse:
    """What nobody foresaw: told with a reference to the log, which has the rest."""
    reference = uuid.uuid4().hex[:8]
    _log.error("api_failed", path=request.path, reference=reference, exc_info=error)
    text = _("Something went wrong in Brygga. The log says more under the reference %(reference)s.")
    message = text % {"reference": reference}
    return _answer(api, request, Problem(code="internal", message=message, technical=f"reference {reference}"), 500)


def _answer(api: NinjaAPI, request: HttpRequest, problem: Problem, status: int) -> HttpResponse:
    response: HttpResponse = api.create_response(request, problem.model_dump(by_alias=True), status=status)
    return response


def _invalid(error: ValidationError) -> BadBody:
    members = [_member_problem(fault) for fault in error.errors]
    first = members[0]
    named = f"{first.member}: {first.message}" if first.member else first.message
    text = _("The request is not as described. %(problem)s") % {"problem": named}
    technical = "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors)
    return BadBody(text, technical, members)


def _member_problem(fault: dict[str, object]) -> MemberProblem:
    source, *path = fault["loc"]  # type: ignore[misc]  # ninja's errors have a tuple here
    within = path[1:] if source == "body" else path  # the first step in a body is the parameter that takes it
    return MemberProblem(member=".".join(map(str, within)), message=_sentence(str(fault["type"]), fault))


def _sentence(kind: str, fault: dict[str, object]) -> str:
    if kind == "enum":
        expected = dict(fault.get("ctx") or {}).get("expected", "")  # type: ignore[call-overload]
        return _("It must be one of: %(names)s.") % {"names": str(expected).replace("'", "").replace(" or ", ", ")}
    if kind == "missing":
        return _("It is missing.")
    for starts, sentence in (
        ("int", _("It must be a whole number.")),
        ("less_than", _("The number is too large.")),
        ("greater_than", _("The number is too small.")),
        ("bool", _("It must be true or false.")),
        ("string", _("It must be a text.")),
        ("list", _("It must be a list.")),
        ("dict", _("It must be an object.")),
        ("model", _("It must be an object.")),
    ):
        if kind.startswith(starts):
            return sentence
    return _("Its value can't be used.")
