"""The Django app of the room `erp`."""

from django.apps import AppConfig


class ErpConfig(AppConfig):
    """Registers the models under the label `erp`."""

    name = "brygga.erp"
    label = "erp"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Have the connections follow what happens in the CRM: merged companies, replaced items, deleted groups."""
        from brygga.crm import signals
        from brygga.erp.services.following import follow_item, forget_group
        from brygga.erp.services.merging import follow_merge

        signals.companies_merged.connect(follow_merge, dispatch_uid="links follow a merge")
        signals.list_item_replaced.connect(follow_item, dispatch_uid="list mappings follow a replaced item")
        signals.group_deleted.connect(forget_group, dispatch_uid="scopes forget a deleted group")
