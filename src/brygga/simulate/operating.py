"""What users of Brygga have it do: sync, create, connect, disconnect, import, resync, decide."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress

from brygga.crm.errors import CrmError
from brygga.erp.errors import BryggaError
from brygga.erp.models import Link, LinkState, LogEntry, Run
from brygga.erp.problems import chosen_by, unanswered_rule
from brygga.erp.services import decisions, importing, linking
from brygga.erp.services.resync import resync
from brygga.erp.services.sync import sync_now
from brygga.merge import Rule
from brygga.simulate import scene, steps
from brygga.simulate.doing import do
from brygga.simulate.people import BY
from brygga.simulate.steps import CRM, Record
from brygga.simulate.world import World


def refusals_heeded() -> AbstractContextManager[None]:
    """Somebody is told that it can't be done, and leaves it."""
    return suppress(BryggaError, CrmError)


@do.register
def _sync(step: steps.Sync, world: World) -> None:
    record = None if step.record is None else record_of(step.record, world)
    if step.record is not None and record is None:
        return
    for erp in world.erps.values() if not world.nested else ():
        erp.unordered = step.unordered
    with world.troubled(step):
        sync_now(None, by="simulator", record=record, clock=world.machine.now)


@do.register
def _create(step: steps.Create, world: World) -> None:
    erp, record_id = world.erps.get(step.erp), world.ids.get(step.record)
    if erp is None or record_id is None:
        return
    connection, already = scene.connection_of(step.erp), len(erp.created)
    actor_type = str(scene.ACTOR_TYPES[step.record.type])
    with world.troubled(step), refusals_heeded():
        clock = world.machine.now
        linking.create_in_erp(connection, str(step.record.type), record_id, actor_type, {}, BY, clock=clock)
    made = world.happened.made.setdefault((step.erp, step.record.type, record_id), [])
    made.extend(erp.created[already:])


@do.register
def _disconnect(step: steps.Disconnect, world: World) -> None:
    if step.erp not in world.erps or step.record not in world.ids:
        return
    with refusals_heeded():
        kind, record_id = str(step.record.type), world.ids[step.record]
        linking.disconnect(scene.connection_of(step.erp), kind, record_id, BY, clock=world.machine.now)
        world.part(step.erp, step.record)


@do.register
def _connect(step: steps.Connect, world: World) -> None:
    record_id = world.ids.get(step.record)
    key = world.disconnected.get((step.erp, step.actor)) or world.keys.get((step.erp, step.actor))
    if not key or record_id is None:
        return
    connection, kind = scene.connection_of(step.erp), step.record.type
    with world.troubled(step), refusals_heeded():
        what = (str(kind), record_id, str(scene.ACTOR_TYPES[kind]), key)
        linking.connect(connection, *what, step.prefer, BY, world.machine.now)
    if world.keys.get((step.erp, step.record)) == key:  # whatever was created for the record before is given up
        world.happened.made.pop((step.erp, kind, record_id), None)


@do.register
def _import(step: steps.Import, world: World) -> None:
    if step.erp in world.erps:
        with world.troubled(step), refusals_heeded():
            everything = importing.Selection(everything=True)
            choices = (step.duplicates, step.on_duplicate, BY)
            connection, actor_type = scene.connection_of(step.erp), str(scene.ACTOR_TYPES[step.type])
            importing.import_actors(connection, actor_type, everything, *choices, clock=world.machine.now)


@do.register
def _resync(step: steps.Resync, world: World) -> None:
    chosen = None if step.record is None else record_of(step.record, world)
    if step.source not in (CRM, *world.erps) or (step.record and chosen is None):
        return
    source = step.source if step.source == CRM else scene.connection_of(step.source)
    before = _latest_run()
    with world.troubled(step), refusals_heeded():
        records = [chosen] if chosen else None
        resync(source, step.keep_blanks, BY, record_ids=records, clock=world.machine.now)
    rule = Rule.COPIED_FROM_CRM if step.source == CRM else Rule.COPIED_FROM_ERP
    for line in _copied_after(before, "resync"):
        of_another = chosen is not None and (line.record_type, line.record_id) != chosen
        if of_another or chosen_by(line.rule) != rule or (step.keep_blanks and line.new is None):
            world.happened.wrong.append(f"I5: {step} went beyond what was asked: {line.crm_field} = {line.new!r}")


@do.register
def _decide(step: steps.Decide, world: World) -> None:
    record_id = world.ids.get(step.record)
    if step.erp not in world.erps or record_id is None:
        return
    links = Link.objects.filter(connection=scene.connection_of(step.erp), record_id=record_id)
    link = links.filter(record_type=step.record.type).select_related("connection__connector").first()
    if link is None:
        return
    before, held = _latest_run(), {noted["field"] for noted in link.issues if noted["code"] == "conflict"}
    with world.troubled(step), refusals_heeded():
        _settle(link, step, world)
    rule = Rule.COPIED_FROM_CRM if step.side == CRM else Rule.COPIED_FROM_ERP
    for line in _copied_after(before, "resolve"):
        if line.erp_field not in held or chosen_by(line.rule) != rule:
            world.happened.wrong.append(f"I5: {step} made {line.erp_field} {line.rule}, which was not decided")


def _settle(link: Link, step: steps.Decide, world: World) -> None:
    """What a person does about a link in this state; nothing, where nothing waits for a decision."""
    clock = world.machine.now
    codes = {noted["code"] for noted in link.issues}
    if "conflict" in codes:
        decisions.resolve_conflict(link, None, "crm" if step.side == CRM else "erp", BY, clock)
    elif codes & {"moved_in_erp", "moved_in_crm"}:
        if step.side == CRM:
            decisions.keep_apart(link, BY, clock)
        else:
            decisions.move_contact(link, BY, clock)
    elif link.state == LinkState.GONE:
        decisions.accept_gone(link, BY)
        world.part(step.erp, step.record)


def _latest_run() -> int:
    return Run.objects.order_by("-id").values_list("id", flat=True).first() or 0


def _copied_after(run: int, kind: str) -> Iterable[LogEntry]:
    """What was written because a person asked for it, in the runs of this kind after that one."""
    copied: list[str] = [Rule.COPIED_FROM_CRM, Rule.COPIED_FROM_ERP]
    copied += [unanswered_rule(rule) for rule in copied]
    return LogEntry.objects.filter(run__gt=run, run__kind=kind, rule__in=copied)


def record_of(name: Record, world: World) -> tuple[str, int] | None:
    """A record as services name it; None if it is not there (yet)."""
    record_id = world.ids.get(name)
    return None if record_id is None else (str(name.type), record_id)
