"""The full listing of each type: rules S1, S13, T3 on its completeness, and V, K, T, L5 on what is in it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from brygga.check.context import ACTORS_KEPT, Context, Offer
from brygga.check.record import repeated, shown, some
from brygga.contract import BadValue, ErpActor, FieldMetadata, FieldType, values

_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_MARKED = {
    FieldType.INTEGER: re.compile(r"\[I:-?\d+\]", re.ASCII),
    FieldType.DOUBLE: re.compile(r"\[[FM]:-?\d+(\.\d+)?(,\d{1,2})?\]", re.ASCII),
    FieldType.CHECKBOX: re.compile(r"\[I:[01]\]"),
    FieldType.DATETIME: re.compile(
        r"\[(DT:\d\d/\d\d/\d{4} \d\d:\d\d:\d\d(\.\d{1,7})?|D:\d\d/\d\d/\d{4}|T:\d\d:\d\d(:\d\d(\.\d{1,7})?)?)\]",
        re.ASCII,
    ),
}
_NEED_ACTORS = (
    "S2 S3 S4 S5 S6 S7 S8 S9 S10 S11 S12 S14 S15 S16 V1 V2 V3 V4 V5 V6 V7 V8 V9 K1 K2 K3 K4 K5 K6 K7 K8 K9 K10 K11 K12 "
    "T1 T2 T4 T5 T6 T7 L5 E7"
)


def read(context: Context) -> None:
    """S1, S13, T3: the three ways to ask for everything. What any of them finds is the reference."""
    for offer in context.offers.values():
        context.progress(f"listing {offer.actor_type}")
        answers = {}
        for rule, operation, arguments in (
            ("S1", "search_actors", (offer.actor_type, "", offer.field_keys)),
            ("T3", "get_actors_by_timestamp", ("", offer.actor_type, offer.field_keys)),
            ("S13", "search_actors_advanced", (offer.actor_type, [], offer.field_keys)),
        ):
            got = context.found(rule, f"all {offer.actor_type} by {operation}", operation, *arguments)
            if got is not None:
                answers[rule, operation] = got
        _keep(context, offer, list(answers.values()))
        for (rule, operation), got in answers.items():
            context.compare(rule, offer, f"all {offer.actor_type} by {operation}", set(offer.by_key), got)
    if not context.populated:
        context.record.not_applicable(_NEED_ACTORS, "there are no actors")


def _keep(context: Context, offer: Offer, answers: list[list[ErpActor]]) -> None:
    """Look the fullest answer over and keep it as the reference, with what only the others have."""
    listing = list(answers[0]) if answers else []
    examine(context, offer, listing)
    seen = {actor.erp_key for actor in listing}
    for answer in answers[1:]:
        listing += [actor for actor in answer if actor.erp_key not in seen]
        seen |= {actor.erp_key for actor in answer}
    usable = {actor.erp_key: actor for actor in listing if actor.erp_key and actor.actor_type is offer.actor_type}
    offer.cut = len(usable) > ACTORS_KEPT
    offer.actors = list(usable.values())[:ACTORS_KEPT]
    if offer.cut:
        context.record.remark(
            f"{offer.actor_type}: of {len(usable)} actors, the first {ACTORS_KEPT} served as reference."
        )


def examine(context: Context, offer: Offer, listing: list[ErpActor]) -> None:
    """The rules that hold for each actor by itself, and K2; one finding for each rule, with the first case."""
    what = f"all {offer.actor_type} by search_actors"
    if not listing:
        return
    _examine_keys(context, offer, listing, what)
    strange = {key for actor in listing for key in actor.fields if key not in offer.fields}
    context.record.expect("V1", not strange, what, "the fields asked for", f"also {some(strange)}")
    context.record.expect("V2", True, what, "", "")
    bad = next((text for actor in listing for text in _all_texts(actor) if _NOT_XML.search(text)), None)
    context.record.expect("V7", bad is None, what, "characters that XML can carry", shown(bad))
    for field in offer.fields.values():
        _examine_field(context, offer, field, listing, what)


def _all_texts(actor: ErpActor) -> Iterator[str]:
    yield from (actor.erp_key, actor.last_modified, actor.parent_key)
    yield from actor.fields.values()


def _examine_keys(context: Context, offer: Offer, listing: list[ErpActor], what: str) -> None:
    keys = [actor.erp_key for actor in listing]
    context.record.expect("K1", all(key.strip() for key in keys), what, "a key for every actor", "a blank key")
    doubled = repeated(keys)
    context.record.expect("K2", not doubled, what, "each key once", f"more than once: {some(doubled)}")
    others = {str(actor.actor_type) for actor in listing if actor.actor_type is not offer.actor_type}
    context.record.expect("K3", not others, what, f"actors of the type {offer.actor_type}", some(others))
    halves = [actor.erp_key for actor in listing if (actor.parent_type is None) == bool(actor.parent_key)]
    context.record.expect("K9", not halves, what, "type and key of the parent, or neither", some(halves))
    foreign = {
        str(actor.parent_type) for actor in listing if actor.parent_type and actor.parent_type not in context.offers
    }
    context.record.expect("K9", not foreign, what, "parents of types on offer", some(foreign))


def _examine_field(context: Context, offer: Offer, field: FieldMetadata, listing: list[ErpActor], what: str) -> None:
    texts = [text for actor in listing if (text := actor.fields.get(field.key, ""))]
    if not texts:
        return
    for rule, test, expected in _tests(field):
        bad = next((text for text in texts if not test(text)), None)
        context.record.expect(rule, bad is None, what, expected, f"{field.key}: {shown(bad)}")
    if field.type is FieldType.LIST and (items := context.lists.get(field.list_name)):
        strange = {text for text in texts if text not in items}
        expected = f"keys of the list {field.list_name}"
        context.record.expect("L5", not strange, what, expected, f"{field.key}: {some(strange)}")


def _tests(field: FieldMetadata) -> Iterator[tuple[str, Callable[[str], bool], str]]:
    """The rules for the values of a field: number, test, and what is expected."""
    if field.type is FieldType.DATETIME:
        yield "V4", lambda text: _fits(text, field.type), "date-times, month first and without zone"
    elif field.type in _MARKED:
        yield "V3", lambda text: _fits(text, field.type), f"values of the type {field.type.name.lower()}"
    if field.type in _MARKED:
        form = _MARKED[field.type]
        yield "V5", lambda text: not _fits(text, field.type) or bool(form.fullmatch(text)), "marked values"
    if field.type is FieldType.TEXT and field.max_length > 0:
        yield "V6", lambda text: len(text) <= field.max_length, f"at most {field.max_length} characters"


def _fits(text: str, field_type: FieldType) -> bool:
    try:
        values.decode(text, field_type)
    except BadValue:
        return False
    return True
