"""What a person can do about something that needs attention (behaviour G4, G8, U9, U10).

Each takes the name of who decided, which the run or the log keeps. Who may do what is for the caller to check.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import structlog
from django.utils import timezone
from django.utils.translation import gettext as _

from brygga.contract import FieldType
from brygga.crm.fields import CrmField, RecordType
from brygga.crm.models import User
from brygga.crm.services import records
from brygga.erp.crm_side import crm_side
from brygga.erp.engine import links as store
from brygga.erp.engine import moved
from brygga.erp.engine.channel import open_channel
from brygga.erp.engine.context import Context
from brygga.erp.engine.report import ConnectionReport, RunReport
from brygga.erp.engine.run import at_work, collect_changes, leased, push_links
from brygga.erp.errors import Refused
from brygga.erp.models import ActorMapping, Connection, CreateIntent, FieldMapping, Link, LinkState, Run
from brygga.erp.problems import REFUSALS, Problem, restored
from brygga.erp.services import linking
from brygga.erp.services.mapping import label_of
from brygga.erp.services.sync import Clock, finish, sync_now
from brygga.merge import Misfit, Side
from brygga.merge.values import kind_of, reader

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Correction:
    """A value that did not fit and can be corrected: the ERP field with its name, the CRM field, and why not."""

    erp_field: str
    erp_label: str
    crm_field: CrmField
    problem: Problem | None


def retry(subject: Link | Connection, by: str, clock: Clock = timezone.now) -> RunReport:
    """Try again at once: one link, or a connection with all that was set aside. What fails is in the report."""
    if isinstance(subject, Connection):
        return sync_now([subject], by, clock=clock, by_hand=True)
    return sync_now([subject.connection], by, record=(subject.record_type, subject.record_id), clock=clock)


def resolve_conflict(
    link: Link, fields: Collection[str] | None, side: Side | str, by: str, clock: Clock = timezone.now
) -> RunReport:
    """Let one side's values stand in the fields in conflict, by ERP field key; None means all of them.

    The other fields are merged as ever. The log has the values that were replaced, the rule that a person chose,
    and by the run who it was. Raises Refused for a field that is not in conflict; what fails is in the report.
    """
    held = [noted["field"] for noted in link.issues if noted["code"] == "conflict"]
    chosen = held if fields is None else list(fields)
    strange = [field for field in chosen if field not in held]
    if strange or not chosen:
        names = ", ".join(strange) or link.erp_key
        raise Refused(_("%(fields)s: no conflict waits for a decision. It may have been settled.") % {"fields": names})
    return _let_stand(link, dict.fromkeys(chosen, Side(side)), by, clock)


def correctable(link: Link) -> list[Correction]:
    """The values that did not fit and can be corrected in the CRM, from where they go to the ERP.

    Those that only the ERP can correct are left out: its field takes nothing from the CRM, or what it holds is not
    even of the field's own type.
    """
    noted = {one["field"]: one for one in link.issues if one["code"] in REFUSALS and one["code"] != "unknown_item"}
    fields = FieldMapping.objects.filter(actor=_mapping_of(link), key__in=noted, to_erp=True).exclude(crm_key="")
    known = crm_side().fields(RecordType(link.record_type))
    return [
        Correction(field.key, label_of(field), known[field.crm_key], restored(noted[field.key]))
        for field in fields
        if field.crm_key in known and not _is_unreadable(field, noted[field.key])
    ]


def resubmit(link: Link, version: int, values: Mapping[str, Any], by: str, clock: Clock = timezone.now) -> RunReport:
    """Give the CRM record of a link values that fit, by CRM field key, and let them stand on both sides.

    `version` is that of the record as it was read. Raises Refused for a field that can't be corrected here, and what
    `records.save_record` raises; what fails is in the report.
    """
    fields = {one.crm_field.key: one.erp_field for one in correctable(link)}
    strange = [key for key in values if key not in fields]
    if strange or not values:
        names = ", ".join(strange) or link.erp_key
        raise Refused(_("%(fields)s: no value waits for a correction. It may have been settled.") % {"fields": names})
    records.save_record(RecordType(link.record_type), link.record_id, version, values, by)
    return _let_stand(link, {fields[key]: Side.CRM for key in values}, by, clock)


def disconnect(link: Link, by: str) -> None:
    """Remove a link; nothing is deleted on either side."""
    linking.disconnect(link.connection, link.record_type, link.record_id, by)


def accept_gone(link: Link, by: str) -> None:
    """Accept that one of the two is gone, and remove the link. Raises Refused where both are there."""
    link.refresh_from_db(fields=["state"])
    if link.state != LinkState.GONE:
        raise Refused(_("%(key)s is not missing any more. Look at it again.") % {"key": link.erp_key})
    disconnect(link, by)


def move_contact(link: Link, by: str, clock: Clock = timezone.now) -> RunReport:
    """Move the contact to the company that it belongs to in the ERP.

    Raises Refused where the two have not come apart, and what `records.move_contact` raises.
    """
    _company, home = _parted(link)
    contact = records.get_record(RecordType.CONTACT, link.record_id)
    records.move_contact(contact.id, contact.version, home, by)
    return retry(link, by, clock)


def keep_apart(link: Link, by: str, clock: Clock = timezone.now) -> None:
    """Leave a contact in its company though the ERP has another one, until either of them changes.

    Raises Refused where the two have not come apart, or while an engine is at work.
    """
    company, home = _parted(link)
    with _alone(link.connection, clock):
        link.refresh_from_db()
        parent = Link.objects.filter(connection=link.connection, record_type=RecordType.COMPANY, record_id=home).first()
        if parent is None:
            raise Refused(Problem("crm_deleted"))
        moved.keep_apart(link.base, company, parent.erp_key)
        link.parent_key = parent.erp_key
        link.issues = [noted for noted in link.issues if noted["code"] not in moved.CODES]
        link.state = LinkState.OK if link.state == LinkState.MOVED else link.state
        link.save(update_fields=["base", "parent_key", "issues", "state"])
    _log.info("kept_apart", connection=link.connection.name, record=f"contact:{link.record_id}", by=by)


def give_up_try(intent: CreateIntent, by: str, clock: Clock = timezone.now) -> None:
    """Forget an earlier try to create an actor: what it may have made is somebody else's. Raises Refused if busy."""
    with _alone(intent.connection, clock):
        CreateIntent.objects.filter(pk=intent.pk).delete()
    record = f"{intent.record_type}:{intent.record_id}"
    _log.info("try_given_up", connection=intent.connection.name, record=record, by=by, doubt=intent.doubt)


def connect_try(intent: CreateIntent, erp_key: str, prefer: str, by: str, clock: Clock = timezone.now) -> Link:
    """Connect the record with the actor that an earlier try has made. Raises as `linking.connect` does."""
    record = (intent.record_type, intent.record_id)
    return linking.connect(intent.connection, *record, intent.actor_type, erp_key, prefer, by, clock)


def assign(link: Link, user: User | None, by: str) -> None:
    """Say who takes care of a link; None says nobody."""
    link.assignee = user
    link.save(update_fields=["assignee"])
    record = f"{link.record_type}:{link.record_id}"
    _log.info("assigned", connection=link.connection.name, record=record, to=user and user.username, by=by)


def _let_stand(link: Link, sides: Mapping[str, Side], by: str, clock: Clock) -> RunReport:
    """Sync a link in a run of its own in which these sides win, by ERP field key."""
    run = Run.objects.create(kind="resolve", by=by)
    report = RunReport(run.pk, [ConnectionReport.of(link.connection)])
    context = Context(crm_side(), clock, report.connections[0], f"user:{by}", run.pk, chosen=sides)
    with at_work(link.connection, context) as lease:
        if lease is not None:
            collect_changes(context.crm)
            push_links(open_channel(_mapping_of(link)), store.links_by_id([link.pk]), context)
    finish(run, report)
    return report


def _is_unreadable(field: FieldMapping, noted: Mapping[str, Any]) -> bool:
    """Whether the ERP holds something that is no value of the field's own type."""
    if noted.get("target") != Side.CRM:
        return False
    try:
        reader(kind_of(FieldType(field.type)))(str(noted.get("value")))
    except Misfit:
        return True
    return False


def _parted(link: Link) -> tuple[int, int]:
    """The contact's company and the company of the ERP, as CRM ids."""
    for noted in link.issues:
        if noted["code"] in moved.CODES:
            company, home = noted["value"]
            return int(company), int(home)
    raise Refused(_("%(key)s belongs to the same company on both sides.") % {"key": link.erp_key})


def _mapping_of(link: Link) -> ActorMapping:
    return ActorMapping.objects.select_related("connection__connector").get(
        connection=link.connection_id, actor_type=link.actor_type
    )


@contextmanager
def _alone(connection: Connection, clock: Clock) -> Iterator[None]:
    """While no engine is at work, which would write over what is changed here."""
    with leased(connection, clock) as lease:
        if lease is None:
            raise Refused(Problem("busy"))
        yield
