"""Persons whose company in the CRM and company in the ERP have come apart (behaviour E8).

The contact's fields go on to sync; to which company the person belongs is for a person to say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from brygga.contract import ErpActor
from brygga.crm.fields import RecordType
from brygga.erp.crm_side import CrmSide, Snapshot
from brygga.erp.engine import links as store
from brygga.erp.engine.channel import Channel
from brygga.erp.engine.links import Base, LinkRow
from brygga.erp.models import LinkState
from brygga.erp.problems import Problem, issue

CODES = ("moved_in_erp", "moved_in_crm")

_KEPT = ""
"""The key of a base under which stands the pair of companies, CRM id and ERP key, that somebody chose to keep."""


def partings(
    channel: Channel,
    found: Sequence[tuple[LinkRow, ErpActor]],
    snapshots: Mapping[int, Snapshot],
    crm: CrmSide,
) -> dict[int, dict[str, Any]]:
    """The issue of each link, by id, whose person belongs to another company in the ERP than in the CRM.

    Only where the ERP's company is linked with one in the CRM: else nobody could say that it is another one. The
    value of an issue is the pair (the contact's company, the company of the ERP) as CRM ids.
    """
    if channel.record_type != RecordType.CONTACT:
        return {}
    homes = _homes(channel, [actor for _link, actor in found])
    apart: list[tuple[LinkRow, ErpActor, int, int]] = []
    for link, actor in found:
        company = snapshots[link.record_id].parent_id if link.record_id in snapshots else None
        home = homes.get((str(actor.parent_type), actor.parent_key))
        if company is not None and home not in (None, company) and not _is_kept(link.base, company, actor.parent_key):
            apart.append((link, actor, company, home))
    names = crm.describe(RecordType.COMPANY, sorted({id_ for parts in apart for id_ in parts[2:]})) if apart else {}
    return {link.id: _issue(link, actor, company, home, names) for link, actor, company, home in apart}


def keep_apart(base: Base, company_id: int, parent_key: str) -> None:
    """Remember that somebody chose to leave a person in this CRM company and this company of the ERP."""
    base[_KEPT] = [company_id, parent_key]


def _is_kept(base: Base, company_id: int, parent_key: str) -> bool:
    return base.get(_KEPT) == [company_id, parent_key]


def _homes(channel: Channel, actors: Collection[ErpActor]) -> dict[tuple[str, str], int]:
    """The CRM company that each parent of these actors is linked with."""
    homes: dict[tuple[str, str], int] = {}
    for parent_type in {str(actor.parent_type) for actor in actors if actor.parent_type and actor.parent_key}:
        keys = sorted({actor.parent_key for actor in actors if str(actor.parent_type) == parent_type})
        links = store.links_by_key(channel.connection.pk, parent_type, keys)
        homes |= {(parent_type, key): link.record_id for key, link in links.items() if link.state != LinkState.GONE}
    return homes


def _issue(link: LinkRow, actor: ErpActor, company: int, home: int, names: Mapping[int, str]) -> dict[str, Any]:
    in_erp = bool(link.parent_key) and link.parent_key != actor.parent_key
    params = {"company": names.get(company, ""), "home": names.get(home, "")}
    return issue("", Problem("moved_in_erp" if in_erp else "moved_in_crm", params), [company, home], "")
