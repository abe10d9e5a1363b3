"""Links follow when two companies become one in the CRM (behaviour E8, G8)."""

from __future__ import annotations

from typing import Any

from brygga.crm.fields import RecordType
from brygga.erp.crm_side import crm_side
from brygga.erp.engine import marks
from brygga.erp.models import CreateIntent, Link, LinkState
from brygga.erp.problems import Problem, issue


def follow_merge(keep_id: int, drop_id: int, **_more: Any) -> None:
    """Give the links of the dropped company to the kept one, where that has none with the same connection.

    They are compared in the next run, which brings the merged values to the ERPs. A link that has no place there is
    left as a described state: two actors for one company.
    """
    kept = _of_company(Link, keep_id)
    name = crm_side().describe(RecordType.COMPANY, [keep_id])[keep_id]
    for link in _of_company(Link, drop_id).values():
        if link.connection_id in kept:
            _describe(link, name, kept[link.connection_id].erp_key)
        else:
            link.record_id = keep_id
            link.save(update_fields=["record_id"])
            marks.retry(Link.objects.filter(pk=link.pk))
    tried = set(_of_company(CreateIntent, keep_id)) | set(kept)
    for connection_id, intent in _of_company(CreateIntent, drop_id).items():
        if connection_id not in tried:
            CreateIntent.objects.filter(pk=intent.pk).update(record_id=keep_id)


def _describe(link: Link, company: str, key: str) -> None:
    problem = Problem("two_actors", {"company": company, "key": key})
    link.state, link.issues, link.failures = LinkState.GONE, [issue("", problem)], 0
    link.save(update_fields=["state", "issues", "failures"])
    marks.put_off([(link.pk, None)])


def _of_company(model: Any, company_id: int) -> dict[int, Any]:
    found = model.objects.filter(record_type=RecordType.COMPANY, record_id=company_id)
    return {one.connection_id: one for one in found}
