"""Saving actors: rules W5 to W11 and W17 to W22, and P5 for saving at the same time."""

from __future__ import annotations

from brygga.check.checks.bench import Bench, mark
from brygga.check.context import Offer, differences, nonsense, outcome, refused, same_value
from brygga.check.record import some
from brygga.check.session import Call
from brygga.contract import Access, ActorsResponse, ErpActor, ErrorCode, FieldMetadata, FieldType, stamps, values

_TYPED = (FieldType.INTEGER, FieldType.DOUBLE, FieldType.DATETIME, FieldType.CHECKBOX)
_ROUNDS = 3


def echo(bench: Bench) -> None:
    """W5, W6, W7, W8, W9: one field of one actor is saved, twice the same."""
    field, old = bench.texts[0], bench.read(bench.actors[0].erp_key)
    if old is None:
        return
    latest = _latest(bench)
    text = mark(field.max_length)
    what = f"save_actors of {bench.offer.actor_type}, field {field.key}"
    new = _saved(bench, what, old.erp_key, {field.key: text})
    if new is None:
        return
    record = bench.context.record
    stamp = f"{new.last_modified!r}, and there was {latest!r}"
    record.expect("W6", not stamps.newer(latest, new.last_modified), what, "a stamp no earlier than any before", stamp)
    now = bench.read(old.erp_key)
    if now is not None:
        others = [key for key, other in bench.offer.fields.items() if other.access is not Access.READ_ONLY]
        wrong = differences(bench.offer, old, now, [key for key in others if key != field.key])
        record.expect("W8", not wrong, what, "the other fields as they were", wrong)
        value = now.fields.get(field.key, "")
        record.expect("W5", value == text, f"get_actors after {what}", repr(text), repr(value))
        record.expect("W5", now.last_modified == new.last_modified, what, f"the stamp {now.last_modified!r}", stamp)
    for since in dict.fromkeys((old.last_modified, latest)):
        _expect_among_changes(bench, since, new)
    if now is not None and _saved(bench, what, old.erp_key, {field.key: text}, "W9") is not None:
        bench.expect_same("W9", f"{what}, the same again", now)


def _latest(bench: Bench) -> str:
    """The last stamp of all actors that are known."""
    known = [actor.last_modified for offer in bench.context.offers.values() for actor in offer.actors]
    now = [actor.last_modified for key in bench.actors if (actor := bench.read(key.erp_key)) is not None]
    return stamps.latest([*known, *now])


def _saved(bench: Bench, what: str, key: str, fields: dict[str, str], rule: str = "W5") -> ErpActor | None:
    answer = bench.save((key, fields))
    if not bench.context.accepted(rule, what, answer) or answer is None:
        return None
    echoed = _echoed(answer, key)
    if not bench.context.record.expect(rule, echoed is not None, what, f"the actor {key}", outcome(answer)):
        return None
    assert echoed is not None
    sent = ErpActor(bench.offer.actor_type, key, fields=fields)
    wrong = differences(bench.offer, sent, echoed, fields)
    bench.context.record.expect(rule, not wrong, what, "the values that were saved", wrong)
    bench.context.record.expect(rule, bool(echoed.last_modified), what, "a stamp", "none")
    return echoed


def _echoed(answer: ActorsResponse, key: str) -> ErpActor | None:
    return next((actor for actor in answer.actors if actor.erp_key == key), None)


def _expect_among_changes(bench: Bench, since: str, saved: ErpActor) -> None:
    context, kind = bench.context, bench.offer.actor_type
    what = f"get_actors_by_timestamp({since!r}, {kind}) after a save"
    got = context.found("W7", what, "get_actors_by_timestamp", since, kind, bench.offer.field_keys)
    if got is not None:
        found = saved.erp_key in {actor.erp_key for actor in got}
        context.record.expect("W7", found, what, f"the actor {saved.erp_key}", some([actor.erp_key for actor in got]))


def unknown_field(bench: Bench) -> None:
    """W10: a field that does not exist beside one that does."""
    field = bench.texts[0]
    changes = {field.key: mark(field.max_length), nonsense(): "1"}
    what = f"save_actors of {bench.offer.actor_type} with an unknown field"
    _expect_refused(bench, "W10", what, changes, ErrorCode.UNKNOWN_FIELD_KEY)


def wrong_type(bench: Bench) -> None:
    """W21: a text for a field of each other type."""
    for field in _one_of_each_type(bench.offer):
        what = f"save_actors of {bench.offer.actor_type}, {field.key} ({field.type.name.lower()}) = 'no such value'"
        _expect_refused(bench, "W21", what, {field.key: "no such value"})


def _one_of_each_type(offer: Offer) -> list[FieldMetadata]:
    writable = [field for field in offer.fields.values() if field.access is not Access.READ_ONLY]
    return list({field.type: field for field in writable if field.type in _TYPED}.values())


def unknown_item(bench: Bench) -> None:
    """W22: a key that is not in the field's list."""
    fields = [field for field in bench.offer.fields.values() if field.type is FieldType.LIST]
    for field in [field for field in fields if field.access is not Access.READ_ONLY][:1]:
        what = f"save_actors of {bench.offer.actor_type}, {field.key} = an unknown item"
        _expect_refused(bench, "W22", what, {field.key: nonsense()}, ErrorCode.UNKNOWN_LIST_ITEM_ID)


def _expect_refused(bench: Bench, rule: str, what: str, changes: dict[str, str], code: str = "") -> None:
    before = bench.read(bench.actors[0].erp_key)
    if before is None:
        return
    answer = bench.save((before.erp_key, changes))
    if answer is None:
        return
    right = refused(answer) and (not code or answer.error_code == code)
    expected = f"a failure with {code}" if code else "a failure"
    bench.context.record.expect(rule, right, what, expected, outcome(answer))
    bench.expect_same(rule, what, before)


def unknown_key(bench: Bench) -> None:
    """W11: an actor that does not exist."""
    field, key, before = bench.texts[0], nonsense(), bench.keys()
    answer = bench.save((key, {field.key: mark(field.max_length)}))
    if answer is None or before is None:
        return
    what = f"save_actors of a {bench.offer.actor_type} that does not exist"
    right = not answer.ok or _echoed(answer, key) is None
    bench.context.record.expect("W11", right, what, "a failure, or an answer without it", outcome(answer))
    after = bench.keys()
    if after is not None:
        bench.context.record.expect("W11", after == before, what, "no new actor", some(after - before))


def read_only(bench: Bench) -> None:
    """W17: a field of the ERP's own."""
    fields = [field for field in bench.offer.fields.values() if field.access is Access.READ_ONLY]
    for field in [field for field in fields if field.type in _OTHER][:1]:
        before = bench.read(bench.actors[0].erp_key)
        if before is None:
            return
        old = before.fields.get(field.key, "")
        new = mark(field.max_length) if field.type is FieldType.TEXT else _another(old, field.type)
        answer = bench.save((before.erp_key, {field.key: new}))
        now = bench.read(before.erp_key)
        if answer is not None and now is not None:
            value = now.fields.get(field.key, "")
            what = f"save_actors of {bench.offer.actor_type}, the read-only field {field.key} = {new!r}"
            kept = same_value(value, old, field.type)
            bench.context.record.expect("W17", kept, what, repr(old), repr(value))


_OTHER: dict[FieldType, tuple[values.Value, values.Value]] = {
    FieldType.TEXT: ("", ""),
    FieldType.INTEGER: (4711, 4712),
    FieldType.DOUBLE: (4711.5, 4712.5),
    FieldType.CHECKBOX: (True, False),
}


def _another(old: str, field_type: FieldType) -> str:
    first, second = (values.encode_as(value, field_type) for value in _OTHER[field_type])
    return second if same_value(first, old, field_type) else first


def clearing(bench: Bench) -> None:
    """W18: a blank in place of a text."""
    field = next((field for field in bench.texts if field.access is Access.NORMAL), None)
    if field is None:
        bench.context.record.not_applicable("W18", "no text field that may be blank can be written")
        return
    actor = bench.actors[0]
    what = f"save_actors of {bench.offer.actor_type}, {field.key} = ''"
    bench.save((actor.erp_key, {field.key: mark(field.max_length)}))
    if bench.context.accepted("W18", what, bench.save((actor.erp_key, {field.key: ""}))):
        now = bench.read(actor.erp_key)
        value = "" if now is None else now.fields.get(field.key, "")
        bench.context.record.expect("W18", not value, what, "no value", repr(value))


def several(bench: Bench) -> None:
    """W20: two actors in one call."""
    field = bench.texts[0]
    changes = [(actor.erp_key, {field.key: mark(field.max_length)}) for actor in bench.actors[:2]]
    what = f"save_actors of {len(changes)} {bench.offer.actor_type}"
    answer = bench.save(*changes)
    if not bench.context.accepted("W20", what, answer) or answer is None:
        return
    echoed = [actor.erp_key for actor in answer.actors]
    keys = [key for key, _ in changes]
    bench.context.record.expect("W20", sorted(echoed) == sorted(keys), what, some(keys), some(echoed))
    _expect_values(bench, "W20", what, changes)


def _expect_values(bench: Bench, rule: str, what: str, changes: list[tuple[str, dict[str, str]]]) -> None:
    for key, fields in changes:
        now = bench.read(key)
        wanted = ErpActor(bench.offer.actor_type, key, fields=fields)
        wrong = f"no actor {key}" if now is None else differences(bench.offer, wanted, now, fields)
        bench.context.record.expect(rule, not wrong, what, "what was saved", wrong)


def at_the_same_time(bench: Bench) -> None:
    """P5: different actors, and different fields of one actor, several times over."""
    fields = bench.texts[:2]
    for _ in range(_ROUNDS):
        changes = [
            (actor.erp_key, {field.key: mark(field.max_length)}) for actor in bench.actors[:2] for field in fields
        ]
        kind = bench.offer.actor_type
        calls: list[Call] = [
            ("save_actors", (bench.context.guid, [ErpActor(kind, key, fields=dict(values))])) for key, values in changes
        ]
        what = f"{len(calls)} calls of save_actors of {kind} at the same time"
        answers = bench.context.session.together(calls)
        accepted = [bench.context.accepted("P5", what, answer) for answer in answers]
        if all(accepted):
            _expect_values(bench, "P5", what, changes)


def others_untouched(bench: Bench) -> None:
    """W19: every other actor is as it was before anything was written."""
    context, offer = bench.context, bench.offer
    what = f"all {offer.actor_type} after the test data were saved"
    got = context.found("W19", what, "search_actors", offer.actor_type, "", offer.field_keys)
    if got is None or not offer.actors:
        return
    now = {actor.erp_key: actor for actor in got}
    gone = [key for key in offer.by_key if key not in now]
    context.record.expect("W19", not gone, what, "all others", f"missing {some(gone)}")
    pairs = [(old, now[key]) for key, old in offer.by_key.items() if key in now]
    wrong = [
        f"{old.erp_key} {found}" for old, new in pairs if (found := differences(offer, old, new, offer.field_keys))
    ]
    context.record.expect("W19", not wrong, what, "the values of before", some(wrong))
    moved = [old.erp_key for old, new in pairs if old.last_modified != new.last_modified]
    context.record.expect("W19", not moved, what, "the stamps of before", f"others: {some(moved)}")
