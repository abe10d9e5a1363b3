"""Actors by key, chosen fields, and parents: rules K5 to K8 and K10, V8, V9, E7, T5."""

from __future__ import annotations

from collections.abc import Sequence

from brygga.check.context import Context, Offer, differences, nonsense, outcome, refused, spread
from brygga.check.record import some
from brygga.contract import ErpActor, ErrorCode

_AT_ONCE = 300
_PARENTS_READ = 50


def by_keys(context: Context) -> None:
    """K5, K7, V8, T5: many actors at once, and the same in pages."""
    for offer in context.populated:
        keys = [actor.erp_key for actor in offer.sample(_AT_ONCE)]
        what = f"get_actors of {len(keys)} {offer.actor_type}"
        got = context.found("K5", what, "get_actors", offer.actor_type, keys, offer.field_keys)
        if got is None:
            continue
        context.compare("K5", offer, what, keys, got)
        same_as_listed(context, offer, got, what)
        _in_pages(context, offer, keys, {actor.erp_key: actor for actor in got})


def same_as_listed(context: Context, offer: Offer, got: Sequence[ErpActor], what: str) -> None:
    """V1, V8, T5, K3: hold actors, asked for with all fields, against the listing."""
    wrong, stamps = [], []
    for actor in got:
        listed = offer.by_key.get(actor.erp_key)
        if listed is None:
            continue
        if found := differences(offer, listed, actor, offer.field_keys):
            wrong.append(f"{actor.erp_key} {found}")
        if (listed.parent_type, listed.parent_key) != (actor.parent_type, actor.parent_key):
            wrong.append(f"{actor.erp_key} parent {actor.parent_type} {actor.parent_key}")
        if listed.last_modified != actor.last_modified:
            stamps.append(f"{actor.erp_key} {listed.last_modified!r} and {actor.last_modified!r}")
    context.record.expect("V8", not wrong, what, "the values of the listing", some(wrong))
    context.record.expect("T5", not stamps, what, "the stamps of the listing", some(stamps))
    others = {str(actor.actor_type) for actor in got if actor.actor_type is not offer.actor_type}
    context.record.expect("K3", not others, what, f"actors of the type {offer.actor_type}", some(others))
    strange = {key for actor in got for key in actor.fields if key not in offer.fields}
    context.record.expect("V1", not strange, what, "the fields asked for", f"also {some(strange)}")


def _in_pages(context: Context, offer: Offer, keys: list[str], at_once: dict[str, ErpActor]) -> None:
    size = max(1, len(keys) // 3)
    paged: list[ErpActor] = []
    for start in range(0, len(keys), size):
        page = keys[start : start + size]
        what = f"get_actors of {len(page)} {offer.actor_type}"
        got = context.found("K7", what, "get_actors", offer.actor_type, page, offer.field_keys)
        if got is None:
            return
        paged += got
    what = f"get_actors of {len(keys)} {offer.actor_type}, {size} at a time"
    context.compare("K7", offer, what, at_once.keys(), paged)


def unknown_keys(context: Context) -> None:
    """K6, K8: a key that does not exist beside one that does, alone, and none."""
    for offer in context.populated:
        key, unknown = offer.actors[-1].erp_key, nonsense()
        for keys, wanted in (([unknown, key], [key]), ([unknown], [])):
            what = f"get_actors of {offer.actor_type} {', '.join(keys)}"
            got = context.found("K6", what, "get_actors", offer.actor_type, keys, offer.field_keys)
            if got is not None:
                found = [actor.erp_key for actor in got]
                context.record.expect("K6", found == wanted, what, some(wanted), some(found))
        answer = context.session.actors("get_actors", context.guid, offer.actor_type, [], offer.field_keys)
        if answer is not None:
            what = f"get_actors of {offer.actor_type} without keys"
            context.record.expect("K8", answer.ok and not list(answer.actors), what, "no actors", outcome(answer))


def fewer_fields(context: Context) -> None:
    """V1, V9: half of the fields, of a few actors, by each way of reading."""
    for offer in context.populated:
        fields = offer.field_keys[::2]
        keys = [actor.erp_key for actor in offer.sample(5)]
        calls: tuple[tuple[str, tuple[object, ...]], ...] = (
            ("get_actors", (offer.actor_type, keys, fields)),
            ("search_actors", (offer.actor_type, "", fields)),
            ("get_actors_by_timestamp", ("", offer.actor_type, fields)),
        )
        for operation, arguments in calls:
            what = f"{operation} of {offer.actor_type} with the fields {', '.join(fields)}"
            got = context.found("V9", what, operation, *arguments)
            if got is not None:
                _expect_fields(context, offer, got, fields, what)


def _expect_fields(context: Context, offer: Offer, got: list[ErpActor], fields: list[str], what: str) -> None:
    strange = {key for actor in got for key in actor.fields if key not in fields}
    context.record.expect("V1", not strange, what, "the fields asked for", f"also {some(strange)}")
    pairs = ((offer.by_key.get(actor.erp_key), actor) for actor in got)
    wrong = [
        f"{actor.erp_key} {found}"
        for listed, actor in pairs
        if listed is not None and (found := differences(offer, listed, actor, fields))
    ]
    context.record.expect("V9", not wrong, what, "the values of the listing", some(wrong))


def unknown_field(context: Context) -> None:
    """E7: a field that does not exist among those asked for."""
    for offer in context.populated:
        key, field, unknown = offer.actors[0].erp_key, offer.field_keys[0], nonsense()
        arguments = (context.guid, offer.actor_type, [key], [field, unknown])
        answer = context.session.actors("get_actors", *arguments)
        if answer is None:
            continue
        what = f"get_actors of {offer.actor_type} with an unknown field"
        if refused(answer):
            right = answer.error_code == ErrorCode.UNKNOWN_FIELD_KEY
            context.record.expect("E7", right, what, f"the code {ErrorCode.UNKNOWN_FIELD_KEY}", outcome(answer))
            continue
        got = list(answer.actors)
        context.record.expect(
            "E7", [actor.erp_key for actor in got] == [key], what, f"the actor {key}", outcome(answer)
        )
        made_up = [actor.fields[unknown] for actor in got if actor.fields.get(unknown)]
        context.record.expect("E7", not made_up, what, "no value for it", some(made_up))


def parents_exist(context: Context) -> None:
    """K10: the actors that others name as their parents."""
    named = [parent for offer in context.populated for parent in offer.parents]
    if not named:
        context.record.not_applicable("K10 K11 K12 S12 W23", "no actor has a parent")
    for kind in dict.fromkeys(kind for kind, _ in named if kind in context.offers):
        asked = spread(list(dict.fromkeys(key for parent, key in named if parent is kind)), _PARENTS_READ)
        offer = context.offers[kind]
        got = context.found("K10", f"get_actors of parents, {kind}", "get_actors", kind, asked, offer.field_keys[:1])
        if got is not None:
            missing = set(asked) - {actor.erp_key for actor in got}
            context.record.expect("K10", not missing, f"get_actors of parents, {kind}", "all of them", some(missing))


def children(context: Context) -> None:
    """K11, K12: search by parent, by one of the same key but another type, by none that exists."""
    for offer in context.populated:
        if not offer.parents:
            continue
        some_parents = [offer.parents[0], offer.parents[-1], offer.parents[len(offer.parents) // 2]]
        others = [(kind, key) for kind in context.offers for _, key in some_parents[:1]]
        for parent in dict.fromkeys([*some_parents, *others]):
            _expect_children(context, offer, parent)
        kind = offer.parents[0][0]
        arguments = (context.guid, offer.actor_type, "", kind, nonsense(), offer.field_keys)
        answer = context.session.actors("search_actor_by_parent", *arguments)
        if answer is not None:
            what = f"search_actor_by_parent: {offer.actor_type} of an unknown {kind}"
            context.record.expect("K12", not list(answer.actors), what, "no actors", outcome(answer))


def _expect_children(context: Context, offer: Offer, parent: tuple[object, str]) -> None:
    wanted = [actor.erp_key for actor in offer.actors if (actor.parent_type, actor.parent_key) == parent]
    what = f"search_actor_by_parent: {offer.actor_type} of {parent[0]} {parent[1]}"
    operation, arguments = "search_actor_by_parent", (*parent, offer.field_keys)
    exists = parent in offer.parents
    answer = context.session.actors(operation, context.guid, offer.actor_type, "", *arguments)
    if answer is None or (not exists and refused(answer)):
        return
    if context.accepted("K11", what, answer):
        got = list(answer.actors)
        context.compare("K11", offer, what, wanted, got)
        same_as_listed(context, offer, got, what)
    if exists:
        got_none = context.found("K11", what, operation, offer.actor_type, nonsense(), *arguments)
        if got_none is not None:
            keys = [actor.erp_key for actor in got_none]
            context.record.expect("K11", not keys, f"{what}, with a text that occurs nowhere", "no actors", some(keys))
