"""Creating actors: rules W1 to W4, W23 and W24, and P5 for creating at the same time."""

from __future__ import annotations

import dataclasses
import uuid
from typing import cast

from brygga.check.checks.bench import Bench, CannotCreate, Draft, set_up
from brygga.check.checks.configuration import expect_unknown
from brygga.check.context import Context, differences, outcome
from brygga.check.record import some
from brygga.check.session import Call
from brygga.contract import Access, ActorResponse, ErpActor


def start(context: Context) -> list[Bench]:
    """W1, W2, W3, W23: create the test actors of each type. Where that is impossible, the report says so."""
    benches = []
    for offer in context.offers.values():
        context.progress(f"creating {offer.actor_type}")
        try:
            bench = set_up(context, offer)
        except CannotCreate as error:
            context.record.remark(
                f"{offer.actor_type}: no test actor could be created, writing was not checked: {error}"
            )
            continue
        _two_more_at_once(bench)
        for actor in list(bench.actors):
            _expect_created(bench, actor)
        benches.append(bench)
    return benches


def _two_more_at_once(bench: Bench) -> None:
    context = bench.context
    call: Call = ("create_actor", (context.guid, bench.draft.actor()))
    answers = context.session.together([call, ("create_actor", (context.guid, bench.draft.actor()))])
    for answer in cast(list[ActorResponse | None], answers):
        bench.note(answer)
        what = f"create_actor of a {bench.offer.actor_type}, two at the same time"
        if context.accepted("P5", what, answer) and answer is not None and answer.actor is not None:
            bench.actors.append(answer.actor)
    keys = [actor.erp_key for actor in bench.actors]
    taken = set(keys) & set(bench.offer.by_key)
    what = f"create_actor of a {bench.offer.actor_type}"
    context.record.expect("W3", not taken, what, "a new key", f"in use: {some(taken)}")
    context.record.expect("W3", len(set(keys)) == len(keys), what, "a key for each", some(keys))


def _expect_created(bench: Bench, actor: ErpActor) -> None:
    context, offer, draft = bench.context, bench.offer, bench.draft
    what = f"create_actor of a {offer.actor_type}"
    lacking = [name for name in ("erp_key", "last_modified") if not getattr(actor, name)]
    context.record.expect("W1", not lacking, what, "key and stamp", f"without {some(lacking)}")
    context.record.expect(
        "W1", actor.actor_type is offer.actor_type, what, str(offer.actor_type), str(actor.actor_type)
    )
    wrong = differences(offer, draft.actor(), actor, draft.fields)
    context.record.expect("W1", not wrong, what, "the values given", wrong)
    now = bench.read(actor.erp_key)
    what = f"get_actors of the {offer.actor_type} that was created"
    if context.record.expect("W2", now is not None, what, actor.erp_key, "nothing") and now is not None:
        wrong = differences(offer, actor, now, [key for key in actor.fields if key in offer.fields])
        wrong = wrong or differences(offer, draft.actor(), now, draft.fields)
        context.record.expect("W2", not wrong, what, "the values of the answer", wrong)
        context.record.expect(
            "W2", now.last_modified == actor.last_modified, what, actor.last_modified, now.last_modified
        )
        bench.actors[bench.actors.index(actor)] = now
        if draft.parent is not None:
            parent = (now.parent_type, now.parent_key)
            context.record.expect("W23", parent == draft.parent, what, f"the parent {draft.parent}", f"{parent}")


def listed(bench: Bench) -> None:
    """W2, W24: what was created is found by searching as well, and nothing else."""
    keys = bench.keys()
    if keys is not None:
        missing = {actor.erp_key for actor in bench.actors} - keys
        what = f"all {bench.offer.actor_type} after create_actor"
        bench.context.record.expect("W2", not missing, what, "the new actors, too", f"missing {some(missing)}")
        extra = keys - {actor.erp_key for actor in bench.actors} - bench.offer.by_key.keys()
        if not bench.offer.cut:
            expected = "one for each call (if nobody worked in the ERP meanwhile)"
            bench.context.record.expect("W24", not extra, what, expected, f"also {some(extra)}")


def mandatory(bench: Bench) -> None:
    """W4: each mandatory field left out once."""
    fields = bench.offer.fields.values()
    needed = [field.key for field in fields if field.access is Access.MANDATORY and not field.default]
    for key in needed:
        before = bench.keys()
        lacking = dataclasses.replace(bench.draft, fields={**bench.draft.fields, key: ""})
        answer = bench.create(lacking)
        what = f"create_actor of a {bench.offer.actor_type} without {key}"
        if answer is not None:
            bench.context.record.expect("W4", not answer.ok, what, "a failure", outcome(answer))
        if answer is not None and not answer.ok and before is not None and (after := bench.keys()) is not None:
            bench.context.record.expect("W4", before == after, what, "no new actor", some(after - before))


def unknown_connection(bench: Bench) -> None:
    """E6: creating and saving with a GUID that was never saved."""
    context, kind = bench.context, bench.offer.actor_type
    draft = Draft(kind, bench.draft.fields, bench.draft.parent)
    created = context.session.actor("create_actor", str(uuid.uuid4()), draft.actor())
    bench.note(created)
    expect_unknown(context, "E6", "create_actor with an unknown connection", created)
    actor = ErpActor(kind, bench.actors[0].erp_key, fields={})
    saved = context.session.actors("save_actors", str(uuid.uuid4()), [actor])
    expect_unknown(context, "E6", "save_actors with an unknown connection", saved)
