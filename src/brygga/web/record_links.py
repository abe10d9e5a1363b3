"""The links of a record as they are told to people who are about to delete or merge it."""

from __future__ import annotations

from collections.abc import Iterable

from brygga.erp.services.linked import Linked
from brygga.web.sections import actor_label


def shown_links(links: Iterable[Linked]) -> list[dict[str, str]]:
    """Connection, actor type in words and ERP key of each link."""
    return [
        {"connection": link.connection, "actor": actor_label(link.actor_type), "erp_key": link.erp_key}
        for link in links
    ]
