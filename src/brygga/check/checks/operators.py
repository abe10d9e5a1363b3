"""Every operator of advanced search, held against the contract's meaning over the listing: rules S5 to S12."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from itertools import pairwise

from brygga.check.context import Context, Offer, spread, told
from brygga.contract import FieldType, SearchRestriction, search, values

_FIELDS_TRIED = 3
_RULES = {
    FieldType.TEXT: "S5",
    FieldType.LABEL: "S5",
    FieldType.INTEGER: "S7",
    FieldType.DOUBLE: "S7",
    FieldType.CHECKBOX: "S8",
    FieldType.LIST: "S9",
    FieldType.DATETIME: "S10",
}
_NEGATIVE = frozenset({"notbegins", "notcontains", "notends", "isnot", "!=", "notoneof"})


def every_operator(context: Context) -> None:
    """S5, S7 to S10: on fields of each type, with operands taken from the listing."""
    for offer in context.populated:
        for field_type, rule in _RULES.items():
            for key in _keys(offer, field_type):
                context.progress(f"searching {offer.actor_type} by {key}")
                for restriction in _RESTRICTIONS[field_type](offer, key):
                    _hold(context, rule, offer, [restriction])
    for field_type, rule in _RULES.items():
        context.record.not_applicable(rule, f"no {field_type.name.lower()} field that can be searched has values")
    context.record.not_applicable("S6 S11", "no text field that can be searched has values")


def _keys(offer: Offer, field_type: FieldType) -> list[str]:
    """The searchable fields of a type that have values, those with the most different ones first."""
    keys = [key for key in offer.searchable if offer.fields[key].type is field_type and offer.filled(key)]
    different = {key: len({actor.fields[key] for actor in offer.filled(key)}) for key in keys}
    return sorted(keys, key=lambda key: -different[key])[:_FIELDS_TRIED]


def _hold(context: Context, rule: str, offer: Offer, restrictions: Sequence[SearchRestriction]) -> None:
    """Search, and compare with what the matcher finds in the listing.

    What the negative operators, and checkboxes, make of a blank value the contract leaves open: such actors don't
    count.
    """
    got = context.search(rule, offer, restrictions)
    if got is None:
        return
    left_open = _left_open(offer, restrictions)
    test = search.matcher(restrictions, offer.types)
    wanted = [actor.erp_key for actor in offer.actors if test(actor) and actor.erp_key not in left_open]
    found = [actor for actor in got if actor.erp_key not in left_open]
    context.compare(rule, offer, told(offer, restrictions), wanted, found)


def _left_open(offer: Offer, restrictions: Sequence[SearchRestriction]) -> set[str]:
    open_keys: set[str] = set()
    for restriction in restrictions:
        field = offer.fields.get(restriction.field_key)
        if field is not None and (restriction.operator in _NEGATIVE or field.type is FieldType.CHECKBOX):
            filled = {actor.erp_key for actor in offer.filled(field.key)}
            open_keys |= offer.by_key.keys() - filled
    return open_keys


# Operands by field type


def _on_texts(offer: Offer, key: str) -> Iterator[SearchRestriction]:
    texts = [actor.fields[key] for actor in offer.filled(key)]
    text = texts[len(texts) // 2]
    part = max(1, len(text) // 3)
    yield SearchRestriction(key, "=", [text])
    yield SearchRestriction(key, "isnot", [text])
    for operator, operand in (("begins", text[:part]), ("contains", text[part : 2 * part + 1]), ("ends", text[-part:])):
        if operand.strip() == operand and operand:
            yield SearchRestriction(key, operator, [operand])
            yield SearchRestriction(key, f"not{operator}", [operand])
    if (middle := text[part : 2 * part]).strip() == middle and middle:  # a `begins` that is a `contains` shows here
        for operator in ("=", "begins", "ends"):
            yield SearchRestriction(key, operator, [middle])
    yield SearchRestriction(key, "between", [text, text])
    # Where letters beyond ASCII stand in the alphabet differs from ERP to ERP.
    plain = sorted({value for value in texts if value.isascii() and value.isalnum()}, key=str.casefold)
    if plain and len(plain) == len(set(texts)):
        yield SearchRestriction(key, "between", [plain[0], plain[len(plain) // 2]])


def _on_numbers(offer: Offer, key: str) -> Iterator[SearchRestriction]:
    field_type = offer.fields[key].type
    ordered = _ordered(offer, key)
    middle = ordered[len(ordered) // 2]
    for operand in dict.fromkeys((middle, _shortest(ordered))):
        wire = values.encode_as(operand, field_type)
        for operator in ("=", "!=", ">", "<", ">=", "<="):
            yield SearchRestriction(key, operator, [wire])
    for low, high in ((ordered[0], middle), (middle, middle)):
        yield SearchRestriction(key, "between", [values.encode_as(low, field_type), values.encode_as(high, field_type)])


def _shortest(ordered: list[float]) -> float:
    """The largest of the values with the fewest digits: compared as text, it would be above longer ones."""
    length = min(len(values.as_text(value)) for value in ordered)
    return [value for value in ordered if len(values.as_text(value)) == length][-1]


def _ordered(offer: Offer, key: str) -> list[float]:
    read = values.decoder(offer.fields[key].type)
    decoded = (read(actor.fields[key]) for actor in offer.filled(key))
    return sorted({value for value in decoded if isinstance(value, int | float)})


def _on_checkboxes(offer: Offer, key: str) -> Iterator[SearchRestriction]:
    yield SearchRestriction(key, "=", [values.encode(True)])
    yield SearchRestriction(key, "=", [values.encode(False)])


def _on_lists(offer: Offer, key: str) -> Iterator[SearchRestriction]:
    used = list(dict.fromkeys(actor.fields[key] for actor in offer.filled(key)))
    for operands in (used[:1], used[:2]):
        yield SearchRestriction(key, "oneof", operands)
        yield SearchRestriction(key, "notoneof", operands)


def _on_moments(offer: Offer, key: str) -> Iterator[SearchRestriction]:
    read = values.decoder(FieldType.DATETIME)
    wires = {actor.fields[key]: read(actor.fields[key]) for actor in offer.filled(key)}
    ordered = [wire for wire, _ in sorted(wires.items(), key=lambda item: str(item[1]))]
    middle = ordered[len(ordered) // 2]
    for operator in ("=", "before", "after", "beforeOrEqual", "afterOrEqual"):
        yield SearchRestriction(key, operator, [middle])
    for low, high in ((ordered[0], middle), (middle, middle)):
        yield SearchRestriction(key, "between", [low, high])
    moment = wires[middle]
    if isinstance(moment, datetime):  # compared without seconds, unless told otherwise
        yield SearchRestriction(key, "=", [values.encode(moment.replace(second=(moment.second + 30) % 60))])


_RESTRICTIONS: dict[FieldType, Callable[[Offer, str], Iterator[SearchRestriction]]] = {
    FieldType.TEXT: _on_texts,
    FieldType.LABEL: _on_texts,
    FieldType.INTEGER: _on_numbers,
    FieldType.DOUBLE: _on_numbers,
    FieldType.CHECKBOX: _on_checkboxes,
    FieldType.LIST: _on_lists,
    FieldType.DATETIME: _on_moments,
}


# What holds for all fields


def any_case(context: Context) -> None:
    """S6: operands with large and small letters exchanged."""
    for offer in context.populated:
        for key in _keys(offer, FieldType.TEXT):
            # Not every letter has one counterpart: Σ has two small forms, ß none that is large.
            texts = [actor.fields[key] for actor in offer.filled(key)]
            lettered = [text for text in texts if text.swapcase() != text and text.swapcase().swapcase() == text]
            for text in spread(lettered, 2):
                other = text.swapcase()
                for operator, operand in (
                    ("=", other),
                    ("begins", other[:3]),
                    ("contains", other),
                    ("ends", other[-3:]),
                ):
                    if operand == operand.strip():
                        _hold(context, "S6", offer, [SearchRestriction(key, operator, [operand])])


def all_must_hold(context: Context) -> None:
    """S11: two restrictions that exclude each other, and two that narrow."""
    for offer in context.populated:
        keys = _keys(offer, FieldType.TEXT)
        for key in keys[:1]:
            texts = [actor.fields[key] for actor in offer.filled(key)]
            equal = SearchRestriction(key, "=", [texts[0]])
            _hold(context, "S11", offer, [equal, SearchRestriction(key, "isnot", [texts[0]])])
            other = SearchRestriction(key, "=", [texts[-1]])
            for second in [other] if texts[0] != texts[-1] else []:
                _hold(context, "S11", offer, [equal, second])
        for key, other_key in pairwise(keys):
            actor = next((actor for actor in offer.filled(key) if actor.fields.get(other_key)), None)
            if actor is not None:
                first = SearchRestriction(key, "contains", [actor.fields[key][:1]])
                _hold(context, "S11", offer, [first, SearchRestriction(other_key, "=", [actor.fields[other_key]])])


def by_parent(context: Context) -> None:
    """S12: the two field keys for the parent."""
    for offer in context.populated:
        for kind, key in offer.parents[:2]:
            by_key = SearchRestriction(search.PARENT_KEY, "=", [key])
            by_type = SearchRestriction(search.PARENT_TYPE, "=", [str(kind)])
            _hold(context, "S12", offer, [by_key])
            _hold(context, "S12", offer, [by_key, by_type])
