"""The Django app of the room `erp`."""

from django.apps import AppConfig


class ErpConfig(AppConfig):
    """Registers the models under the label `erp`."""

    name = "brygga.erp"
    label = "erp"
    default_auto_field = "django.db.models.BigAutoField"
