"""Free text, and advanced searches that are wrong: rules S2 to S4 and S14 to S16."""

from __future__ import annotations

from brygga.check.context import Context, Offer, nonsense, outcome, refused
from brygga.check.record import some
from brygga.contract import ErrorCode, FieldType, SearchRestriction, search

_SPECIAL = ("%", "_", "*", "?", "'", '"', "\\", "[a-z]", "<&>", ";--")
_ENOUGH = 3
_SHORTEST = 3
_OPERATOR = {
    FieldType.INTEGER: "=",
    FieldType.DOUBLE: "=",
    FieldType.DATETIME: "after",
}


def free_text(context: Context) -> None:
    """S2: a text that an actor has finds it, for at least one text field of the type."""
    for offer in context.populated:
        tried = [(key, missed) for key in _text_keys(offer) if (missed := _missed(context, offer, key)) is not None]
        if tried:
            what = f"search_actors {offer.actor_type} by values of {', '.join(key for key, _ in tried)}"
            right = any(not missed for _, missed in tried)
            lost = next((missed for _, missed in tried if missed), "")
            context.record.expect("S2", right, what, "the actors with these texts", lost)


def _text_keys(offer: Offer) -> list[str]:
    keys = [key for key in offer.searchable or offer.field_keys if offer.fields[key].type is FieldType.TEXT]
    return [key for key in keys if any(len(actor.fields[key]) >= _SHORTEST for actor in offer.filled(key))][:4]


def _missed(context: Context, offer: Offer, key: str) -> str | None:
    """Which of three actors is not found by its value, in words; None if there was no answer."""
    filled = [actor for actor in offer.filled(key) if len(actor.fields[key].strip()) >= _SHORTEST]
    for actor in (filled[0], filled[len(filled) // 2], filled[-1]):
        text = actor.fields[key].split()[0]
        what = f"search_actors {offer.actor_type} {text!r}"
        got = context.found("S2", what, "search_actors", offer.actor_type, text, offer.field_keys[:1])
        if got is None:
            return None
        if actor.erp_key not in {found.erp_key for found in got}:
            return f"{actor.erp_key} is not found by {text!r}"
    return ""


def nowhere(context: Context) -> None:
    """S3: a text that no actor has."""
    for offer in context.populated:
        text = nonsense()
        what = f"search_actors {offer.actor_type} {text!r}"
        got = context.found("S3", what, "search_actors", offer.actor_type, text, offer.field_keys[:1])
        if got is not None:
            context.record.expect("S3", not got, what, "no actors", some([actor.erp_key for actor in got]))


def special_characters(context: Context) -> None:
    """S4: characters that mean something to databases, patterns and XML, in free text and in restrictions."""
    for offer in context.populated:
        for text in _SPECIAL:
            what = f"search_actors {offer.actor_type} {text!r}"
            got = context.found("S4", what, "search_actors", offer.actor_type, text, offer.field_keys[:1])
            _expect_literal(context, offer, what, text, None if got is None else [actor.erp_key for actor in got])
        key = next((key for key in offer.searchable if offer.fields[key].type is FieldType.TEXT), None)
        for text in _SPECIAL if key is not None else ():
            restriction = SearchRestriction(key or "", "contains", [text])
            got = context.search("S4", offer, [restriction])
            if got is not None:
                test = search.matcher([restriction], offer.types)
                wanted = [actor.erp_key for actor in offer.actors if test(actor)]
                context.compare("S4", offer, f"search {offer.actor_type}: {key} contains {text!r}", wanted, got)


def _expect_literal(context: Context, offer: Offer, what: str, text: str, got: list[str] | None) -> None:
    """Hidden fields may be searched too, so only finding everybody by what nobody has is a wildcard."""
    anybody = any(text in value for actor in offer.actors for value in (actor.erp_key, *actor.fields.values()))
    if got is not None and not anybody and len(offer.actors) >= _ENOUGH:
        wild = set(offer.by_key) <= set(got)
        context.record.expect("S4", not wild, what, "the actors that have this text", "all actors")


def unknown_field(context: Context) -> None:
    """S14: a restriction on a field that does not exist."""
    for offer in context.populated:
        restriction = SearchRestriction(nonsense(), "=", ["1"])
        answer = context.session.actors("search_actors_advanced", *_asked(context, offer, restriction))
        if answer is not None:
            right = refused(answer) and answer.error_code == ErrorCode.UNKNOWN_FIELD_KEY
            expected = f"a failure with {ErrorCode.UNKNOWN_FIELD_KEY}"
            what = f"search {offer.actor_type} by an unknown field"
            context.record.expect("S14", right, what, expected, outcome(answer))


def unknown_operator(context: Context) -> None:
    """S15: an operator that does not exist."""
    for offer in context.populated:
        for key in offer.searchable[:1]:
            restriction = SearchRestriction(key, "resembles", ["1"])
            answer = context.session.actors("search_actors_advanced", *_asked(context, offer, restriction))
            if answer is not None:
                what = f"search {offer.actor_type}: {key} resembles 1"
                context.record.expect("S15", not answer.ok, what, "a failure", outcome(answer))


def wrong_operand(context: Context) -> None:
    """S16: a text where a number or a date-time belongs."""
    for offer in context.populated:
        keys = [key for key in offer.searchable if offer.fields[key].type in _OPERATOR]
        for key in keys:
            restriction = SearchRestriction(key, _OPERATOR[offer.fields[key].type], ["no such value"])
            answer = context.session.actors("search_actors_advanced", *_asked(context, offer, restriction))
            if answer is not None:
                right = not answer.ok or not list(answer.actors)
                what = f"search {offer.actor_type}: {key} {restriction.operator} 'no such value'"
                context.record.expect("S16", right, what, "a failure, or no actors", outcome(answer))
    context.record.not_applicable("S16", "no integer, double or date-time can be searched")


def _asked(context: Context, offer: Offer, restriction: SearchRestriction) -> tuple[object, ...]:
    return context.guid, offer.actor_type, [restriction], offer.field_keys[:1]
