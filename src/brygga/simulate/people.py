"""What people do in the CRM and in the ERPs, without Brygga."""

from __future__ import annotations

from collections.abc import Iterable

from brygga.crm.errors import CrmError
from brygga.crm.services import records
from brygga.erp.models import CreateIntent, Link
from brygga.merge.values import Value
from brygga.simulate import scene, steps
from brygga.simulate.doing import do
from brygga.simulate.steps import CRM, Record
from brygga.simulate.world import World

BY = "anna"


@do.register
def _edit(step: steps.Edit, world: World) -> None:
    if step.side == CRM:
        _edit_crm(step, world)
    else:
        _edit_erp(step, world)


def _edit_crm(step: steps.Edit, world: World) -> None:
    record_id = world.ids.get(step.record)
    if record_id is None:
        return
    value: Value = step.value or None
    if step.field == "x:credit" and step.value:
        value = float(step.value)
    try:
        record = records.get_record(step.record.type, record_id)
        records.save_record(step.record.type, record_id, record.version, {step.field: value}, BY)
    except CrmError:
        return
    if record.fields[step.field] == value:  # a blank where there was none already
        return
    world.enter(CRM, (step.record.type, record_id), step.field, step.value, unique=True)


def _edit_erp(step: steps.Edit, world: World) -> None:
    key = _actor(world, step.side, step.record)
    if key is None:
        return
    wire = f"[F:{step.value}]" if step.field == "CREDIT" and step.value else step.value
    erp = world.erps[step.side]
    before = erp.actors[key].fields[step.field]
    erp.edit(key, **{step.field: wire})
    if before == wire:
        return
    world.enter(step.side, (step.record.type, key), step.field, step.value, unique=True)


@do.register
def _add(step: steps.Add, world: World) -> None:
    name = str(step.like or step.record)
    if step.side == CRM:
        _add_to_crm(step, name, world)
    elif step.side in world.erps:
        _add_to_erp(step, name, world)


def _add_to_crm(step: steps.Add, name: str, world: World) -> None:
    kind, field = step.record.type, scene.NAMES[step.record.type]
    try:
        record = records.create_record(kind, {field: name}, BY, world.ids.get(step.company) if step.company else None)
    except CrmError:
        return
    world.ids[step.record] = record.id
    world.enter(CRM, (kind, record.id), field, name, unique=step.like is None)


def _add_to_erp(step: steps.Add, name: str, world: World) -> None:
    kind, field = step.record.type, scene.NAMES[step.record.type]
    parent = _actor(world, step.side, step.company) if step.company else ""
    if parent is None:
        return
    key = world.erps[step.side].add(scene.ACTOR_TYPES[kind], parent, **{field: name})
    world.keys[step.side, step.record] = key
    world.enter(step.side, (kind, key), field, name, unique=step.like is None)


@do.register
def _move(step: steps.Move, world: World) -> None:
    if step.side == CRM:
        _move_contact(step, world)
        return
    key, home = _actor(world, step.side, step.record), _actor(world, step.side, step.company)
    if key and home:
        world.erps[step.side].move(key, home)
        world.moved(step.side, key)


def _move_contact(step: steps.Move, world: World) -> None:
    record_id, home = world.ids.get(step.record), world.ids.get(step.company)
    if record_id is None or home is None:
        return
    try:
        contact = records.get_record(step.record.type, record_id)
        records.move_contact(record_id, contact.version, home, BY)
    except CrmError:
        return
    world.moved(CRM, record_id)


@do.register
def _merge(step: steps.Merge, world: World) -> None:
    keep, drop = world.ids.get(step.keep), world.ids.get(step.drop)
    if keep is None or drop is None:
        return
    taken, linked = _busy_with(keep), set(_linked_with(drop))
    try:
        before, dropped = (records.get_record(scene.COMPANY, company).fields for company in (keep, drop))
        merged = records.merge_companies(keep, drop, BY).fields
    except CrmError:
        return
    for field in scene.CRM_KEYS[scene.COMPANY]:
        if before[field] != merged[field]:
            known_in = linked - taken if merged[field] == dropped[field] else ()
            world.enter(CRM, (scene.COMPANY, keep), field, str(merged[field]), unique=False, known_in=known_in)
    left = linked - taken - set(_linked_with(keep))
    world.happened.wrong += [f"I1: {step}: the link with {erp} was left behind" for erp in sorted(left)]
    made = world.happened.made
    for erp in world.erps:  # what was created for the dropped company is the kept one's now, if that had nothing
        if erp not in taken and (erp, scene.COMPANY, drop) in made:
            made[erp, scene.COMPANY, keep] = made.pop((erp, scene.COMPANY, drop))


def _busy_with(company: int) -> set[str]:
    """The ERPs in which a company has an actor, or may have one of which nobody has heard yet."""
    tries = CreateIntent.objects.filter(record_type=scene.COMPANY, record_id=company)
    return {*_linked_with(company), *tries.values_list("connection__connector__name", flat=True)}


def _linked_with(company: int) -> Iterable[str]:
    links = Link.objects.filter(record_type=scene.COMPANY, record_id=company)
    return links.values_list("connection__connector__name", flat=True)


@do.register
def _delete(step: steps.Delete, world: World) -> None:
    if step.side == CRM:
        _delete_record(step.record, world)
    elif step.side in world.erps:
        world.erps[step.side].actors.pop(world.keys.get((step.side, step.record), ""), None)


def _delete_record(name: Record, world: World) -> None:
    record_id = world.ids.get(name)
    if record_id is None:
        return
    try:
        record = records.get_record(name.type, record_id)
        records.delete_record(name.type, record_id, record.version, BY)
    except CrmError:
        return


@do.register
def _refuse(step: steps.Refuse, world: World) -> None:
    key = world.keys.get((step.erp, step.record))
    if key and step.refused:
        world.erps[step.erp].refuses.add(key)
    elif key:
        world.erps[step.erp].refuses.discard(key)


@do.register
def _forget(step: steps.Forget, world: World) -> None:
    if step.erp in world.erps:
        world.erps[step.erp].forget()


@do.register
def _pass(step: steps.Pass, world: World) -> None:
    world.machine.move_clock(step.seconds)


def _actor(world: World, erp: str, record: Record) -> str | None:
    """The key of a record's actor, if the ERP has it."""
    key = world.keys.get((erp, record))
    return key if key is not None and key in world.erps[erp].actors else None
