"""The WSGI application: `brygga.site.wsgi:application`. Hosted connectors stand before Django, if there are any."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from brygga.environment import HOST_CONNECTORS, Environment, SettingsError
from brygga.soap.host import PATH
from brygga.soap.serving import serving

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "brygga.site.settings")


def with_connectors(site: WSGIApplication, environment: Environment) -> WSGIApplication:
    """The site, with the connectors that the operator offers at their path; without any, the site as it is.

    Raises SettingsError if one of them is not installed.
    """
    if not environment.host_connectors:
        return site
    try:
        host = serving(environment.host_connectors, environment)
    except LookupError as error:
        raise SettingsError([f"{HOST_CONNECTORS}: {error} Correct the name, or install the connector."]) from error

    def application(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        wanted = environ.get("PATH_INFO", "").lower() == PATH.lower()
        return (host if wanted else site)(environ, start_response)

    return application


application = with_connectors(get_wsgi_application(), settings.BRYGGA)
