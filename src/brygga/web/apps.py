"""The Django app of the room `web`."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Registers templates, static files and the `web` template tags."""

    name = "brygga.web"
    label = "web"
