"""The Django app of the room `crm`."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.apps import apps as installed
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CrmConfig(AppConfig):
    """Registers the models under the label `crm` and sees to it that the standard lists exist."""

    name = "brygga.crm"
    label = "crm"
    verbose_name = _("CRM")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Create the standard lists after every migration, so that a later version can bring new ones."""
        post_migrate.connect(_create_standard_lists, sender=self)


def _create_standard_lists(using: str, apps: Any = installed, **_unused: Any) -> None:
    from brygga.crm.models.lists import STANDARD_LISTS

    try:
        lists = apps.get_model("crm", "CrmList").objects.using(using)
    except LookupError:  # migrated backwards, to before the table existed
        return
    for key, name in STANDARD_LISTS.items():
        lists.get_or_create(key=key, defaults={"name": name})
