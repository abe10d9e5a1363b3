"""The Django app of the room `erp`."""

from django.apps import AppConfig


class ErpConfig(AppConfig):
    """Registers the models under the label `erp`."""

    name = "brygga.erp"
    label = "erp"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the links follow when companies are merged in the CRM."""
        from brygga.crm.signals import companies_merged
        from brygga.erp.services.merging import follow_merge

        companies_merged.connect(follow_merge, dispatch_uid="links follow a merge")
