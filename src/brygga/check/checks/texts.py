"""Texts there and back: rules W12 to W16."""

from __future__ import annotations

from brygga.check.checks.bench import Bench
from brygga.check.context import refused
from brygga.contract import FieldMetadata

_TEXTS = (
    ("W12", "Åse Łódź Ελλάς Київ 東京 עברית 😀 𝄞"),
    ("W13", "<b> & \"q\" 'a' &amp; ]]> <!-- --> &#65;"),
    ("W14", "first\nsecond\r\nthird\n\nfifth"),
    ("W15", "  both ends  "),
)
_LONG = 2_000
_LONGEST = 20_000


def special(bench: Bench) -> None:
    """W12 to W15: each text is saved and read back; what does not fit the field is cut beforehand."""
    field = bench.texts[0]
    for rule, text in _TEXTS:
        sent = _cut(text, field)
        what = f"save_actors of {bench.offer.actor_type}, {field.key} = {sent!r}"
        if bench.context.accepted(rule, what, bench.save((bench.actors[0].erp_key, {field.key: sent}))):
            kept = _kept(bench, field)
            bench.context.record.expect(rule, kept == sent, what, repr(sent), repr(kept))


def _cut(text: str, field: FieldMetadata) -> str:
    """The end of a text that matters would be lost by cutting it there, so blanks at the ends are kept."""
    if not 0 < field.max_length < len(text):
        return text
    middle = text.strip()[: max(1, field.max_length - 2)]
    return f" {middle} "[: field.max_length] if text != text.strip() else text[: field.max_length].strip()


def _kept(bench: Bench, field: FieldMetadata) -> str:
    now = bench.read(bench.actors[0].erp_key)
    return "" if now is None else now.fields.get(field.key, "")


def long(bench: Bench) -> None:
    """W16: as long as allowed, and one longer; where there is no limit, long."""
    for field in bench.texts:
        if field.max_length > _LONGEST:
            continue
        if field.max_length > 0:
            _expect_kept(bench, field, field.max_length, may_refuse=False)
            _expect_kept(bench, field, field.max_length + 1, may_refuse=True)
        else:
            _expect_kept(bench, field, _LONG, may_refuse=True)


def _expect_kept(bench: Bench, field: FieldMetadata, length: int, *, may_refuse: bool) -> None:
    text = ("Brygga check " * (length // 13 + 1))[: length - 1] + "."
    what = f"save_actors of {bench.offer.actor_type}, {field.key} = {length} characters"
    answer = bench.save((bench.actors[0].erp_key, {field.key: text}))
    if answer is None or (may_refuse and refused(answer)):
        return
    if bench.context.accepted("W16", what, answer):
        kept = _kept(bench, field)
        bench.context.record.expect("W16", kept == text, what, f"all {length}", f"{len(kept)}: {kept[-40:]!r}")
