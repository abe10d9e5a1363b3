"""Actor types and their fields: rules M and, for types that are not on offer, E8."""

from __future__ import annotations

from brygga.check.checks.describing import default_problem, text_problem
from brygga.check.context import Context, Offer, outcome
from brygga.check.record import repeated, some
from brygga.contract import ActorType, FieldMetadata, FieldType, search

_ALL_RULES = "M1 M2 M3 M4 M5 M6 M7 M8 M9 M10 M11 M12 M13"
_LONGEST = 2**31 - 1


def read(context: Context) -> None:
    """M1, M2, M3: fetch what is on offer."""
    answer = context.session.items("get_supported_actor_types", context.guid)
    if not context.accepted("M1", "get_supported_actor_types", answer) or answer is None:
        context.record.not_applicable(_ALL_RULES, "the actor types could not be read")
        return
    what, names = "get_supported_actor_types", answer.items
    known = [name for name in names if name in list(ActorType) and name != ActorType.UNKNOWN]
    strange = [name for name in names if name not in known]
    context.record.expect("M1", bool(names), what, "at least one type", "none")
    context.record.expect("M1", not strange, what, "types of the contract", some(strange))
    context.record.expect("M2", len(set(names)) == len(names), what, "each type once", some(names))
    for name in dict.fromkeys(known):
        _read_type(context, ActorType(name))


def _read_type(context: Context, actor_type: ActorType) -> None:
    what = f"get_supported_actor_type_fields({actor_type})"
    answer = context.session.fields("get_supported_actor_type_fields", context.guid, actor_type)
    if not context.accepted("M3", what, answer) or answer is None:
        return
    fields = answer.fields
    context.record.expect("M3", bool(fields), what, "fields", "none")
    keys = [field.key for field in fields]
    context.record.expect("M4", all(key.strip() for key in keys), what, "keys", "a blank key")
    doubled = repeated(keys)
    context.record.expect("M4", not doubled, what, "each key once", f"more than once: {some(doubled)}")
    for field in fields:
        _describe(context, what, field)
    if usable := {field.key: field for field in fields if field.key}:
        offer = context.offers[actor_type] = Offer(actor_type, usable)
        _read_searchable(context, offer)


def _describe(context: Context, what: str, field: FieldMetadata) -> None:
    record, key = context.record, field.key
    special = (search.PARENT_KEY, search.PARENT_TYPE)
    record.expect("M5", key not in special, what, f"other keys than {' and '.join(special)}", key)
    record.expect("M6", bool(field.name.strip()), what, f"a name for {key}", "none")
    wrong = text_problem(field.name) or text_problem(field.description)
    record.expect("M7", not wrong, what, 'plain text, or US:"…";NO:"…"', f"{key}: {wrong}")
    listed = f"{key}: type {field.type.name}, list {field.list_name!r}"
    record.expect(
        "M8", (field.type is FieldType.LIST) == bool(field.list_name.strip()), what, "a list if typed so", listed
    )
    sensible = 0 <= field.max_length <= _LONGEST
    record.expect("M9", sensible, what, "a length of 0 or more", f"{key}: length {field.max_length}")


def defaults(context: Context) -> None:
    """M10: when the lists are known."""
    for offer in context.offers.values():
        for field in offer.fields.values():
            wrong = default_problem(field, context.lists.get(field.list_name, {}))
            what = f"get_supported_actor_type_fields({offer.actor_type})"
            context.record.expect("M10", not wrong, what, "a default that fits", f"{field.key}: {wrong}")


def _read_searchable(context: Context, offer: Offer) -> None:
    what = f"get_searchable_fields({offer.actor_type})"
    answer = context.session.items("get_searchable_fields", context.guid, offer.actor_type)
    if not context.accepted("M11", what, answer) or answer is None:
        return
    keys = answer.items
    strange = {key for key in keys if key not in offer.fields}
    context.record.expect("M11", not strange, what, "fields of the type", some(strange))
    context.record.expect("M11", len(set(keys)) == len(keys), what, "each field once", some(keys))
    offer.searchable = [key for key in dict.fromkeys(keys) if key in offer.fields]
    secret = [key for key in offer.searchable if offer.fields[key].type is FieldType.PASSWORD]
    context.record.expect("M12", not secret, what, "no passwords", some(secret))


def read_again(context: Context) -> None:
    """M13: the same questions once more."""
    types = context.session.items("get_supported_actor_types", context.guid)
    if types is not None:
        same = set(context.offers) <= set(types.items)
        context.record.expect(
            "M13", same, "get_supported_actor_types again", some(set(context.offers)), some(types.items)
        )
    for offer in context.offers.values():
        fields = context.session.fields("get_supported_actor_type_fields", context.guid, offer.actor_type)
        if fields is not None:
            changed = _changed(offer, {field.key: field for field in fields.fields if field.key})
            what = f"get_supported_actor_type_fields({offer.actor_type}) again"
            context.record.expect("M13", not changed, what, "the same fields", f"others: {some(changed)}")
        keys = context.session.items("get_searchable_fields", context.guid, offer.actor_type)
        if keys is not None:
            changed = set(offer.searchable) ^ (set(keys.items) & set(offer.fields))
            what = f"get_searchable_fields({offer.actor_type}) again"
            context.record.expect("M13", not changed, what, "the same fields", f"others: {some(changed)}")


def _changed(offer: Offer, now: dict[str, FieldMetadata]) -> set[str]:
    return {key for key in offer.fields.keys() | now.keys() if offer.fields.get(key) != now.get(key)}


def types_not_on_offer(context: Context) -> None:
    """E8: a type that is not on offer, where there is one."""
    missing = [kind for kind in ActorType if kind not in context.offers and kind is not ActorType.UNKNOWN]
    if not missing or not context.offers:
        context.record.not_applicable("E8", "every actor type is on offer, or none")
        return
    for operation in ("search_actors", "get_actors_by_timestamp"):
        first, second = (missing[0], "") if operation == "search_actors" else ("", missing[0])
        answer = context.session.actors(operation, context.guid, first, second, [])
        if answer is not None:
            right = not answer.ok or not list(answer.actors)
            what = f"{operation} for {missing[0]}, which is not on offer"
            context.record.expect("E8", right, what, "a failure, or no actors", outcome(answer))
