"""Asking again, and several at once: rules K4, T6, P2, P3 and P4."""

from __future__ import annotations

from brygga.check.context import Context, Offer, differences, nonsense
from brygga.check.record import some
from brygga.check.session import Call
from brygga.contract import Response

_ROUNDS = 3
_SLOW = 2.0
_SMALL = (
    *("get_config_data", "get_supported_actor_types", "get_supported_actor_type_fields", "get_searchable_fields"),
    *("get_list", "get_list_items"),
)


def same_again(context: Context) -> None:
    """K4, T6, P3: the listing once more, after all other reading."""
    for offer in context.populated:
        what = f"all {offer.actor_type} once more"
        got = context.found("K4", what, "search_actors", offer.actor_type, "", offer.field_keys)
        if got is None:
            continue
        context.compare("K4", offer, what, list(offer.by_key), got)
        pairs = [(offer.by_key[actor.erp_key], actor) for actor in got if actor.erp_key in offer.by_key]
        moved = [old.erp_key for old, new in pairs if old.last_modified != new.last_modified]
        expected = "the stamps of before (if nobody worked in the ERP meanwhile)"
        context.record.expect("T6", not moved, what, expected, f"others: {some(moved)}")
        wrong = [
            f"{old.erp_key} {found}" for old, new in pairs if (found := differences(offer, old, new, offer.field_keys))
        ]
        context.record.expect("P3", not wrong, what, "the values of before", some(wrong))


def at_the_same_time(context: Context) -> None:
    """P2: different calls, several times each, first one after the other and then all at once."""
    calls = [call for offer in list(context.populated)[:4] for call in _calls(context, offer)]
    if not calls:
        context.record.not_applicable("P2", "there are no actors")
        return
    alone = [context.session.call(operation, *arguments) for operation, arguments in calls]
    for _ in range(_ROUNDS):
        together = context.session.together(calls)
        for (operation, arguments), one, other in zip(calls, alone, together, strict=True):
            if one is not None:
                what = f"{operation} for {arguments[1]}, {len(calls)} calls at the same time"
                context.record.expect("P2", _same(one, other), what, "the answer it gives alone", _told(other))


def _calls(context: Context, offer: Offer) -> list[Call]:
    keys = [actor.erp_key for actor in offer.sample(3)]
    return [
        ("get_actors", (context.guid, offer.actor_type, keys, offer.field_keys)),
        ("get_actors", (context.guid, offer.actor_type, keys[:1], offer.field_keys[:1])),
        ("search_actors", (context.guid, offer.actor_type, nonsense(), offer.field_keys)),
        ("get_supported_actor_type_fields", (context.guid, offer.actor_type)),
    ]


def _same(one: Response, other: Response | None) -> bool:
    """Whether two answers say the same; actors may come in another order."""
    return other is not None and _told(one) == _told(other)


def _told(answer: Response | None) -> str:
    if answer is None:
        return "no answer"
    actors = getattr(answer, "actors", None)
    return str(answer) if actors is None else f"IsOk {answer.ok}, {sorted(map(str, actors))}"


def speed(context: Context) -> None:
    """P4: how long the small calls took on the whole."""
    for operation, timing in context.session.timings().items():
        if operation in _SMALL:
            in_time = timing.mean <= _SLOW
            took = f"{timing.mean:.1f} s on average of {timing.calls} calls"
            context.record.expect("P4", in_time, operation, f"at most {_SLOW:g} s", took)
