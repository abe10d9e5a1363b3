"""Time stamps: rules T1, T2, T4, T5 and T7."""

from __future__ import annotations

import re
from collections.abc import Sequence

from brygga.check.checks.fetching import same_as_listed
from brygga.check.context import Context, Offer, spread
from brygga.check.record import some
from brygga.contract import stamps

_NUMBER = re.compile(r"-?\d+(?:\.\d+)?", re.ASCII)
_DAY_OR_MONTH_FIRST = re.compile(r"\d{1,2}[/.-]\d{1,2}[/.-]\d{4}.*", re.ASCII)
_RUN = re.compile(r"(?<![.\d])\d+", re.ASCII)


def present(context: Context) -> None:
    """T1, T2: the stamps of the whole listing, of all types together."""
    every = [actor.last_modified for offer in context.populated for actor in offer.actors]
    for offer in context.populated:
        lacking = [actor.erp_key for actor in offer.actors if not actor.last_modified]
        context.record.expect(
            "T1", not lacking, f"all {offer.actor_type}", "a stamp for each", f"none: {some(lacking)}"
        )
    filled = [stamp for stamp in every if stamp]
    if filled:
        wrong = unordered(filled)
        context.record.expect("T2", not wrong, "the stamps of all actors", "numbers, or texts that sort by time", wrong)


def unordered(values: Sequence[str]) -> str:
    """Why these stamps can't be put in order, as far as can be told; empty if nothing speaks against it.

    A text sorts by time if its numbers have as many digits in each stamp. Stamps of one length (such as
    hexadecimal ones) are given the benefit of the doubt, and so are fractions of seconds.
    """
    numbers = [value for value in values if _NUMBER.fullmatch(value)]
    texts = [value for value in values if not _NUMBER.fullmatch(value)]
    if numbers and texts:
        return f"both, such as {numbers[0]!r} and {texts[0]!r}"
    if dated := [value for value in texts if _DAY_OR_MONTH_FIRST.fullmatch(value)]:
        return f"dates that do not begin with the year, such as {dated[0]!r}"
    if len({len(value) for value in texts}) > 1:
        by_shape: dict[tuple[int, ...], str] = {}
        for value in texts:
            by_shape.setdefault(tuple(len(run) for run in _RUN.findall(value)), value)
        if len({shape[:6] for shape in by_shape}) > 1:
            return f"numbers of different length within texts, such as {some(list(by_shape.values()))}"
    return ""


def on_or_after(context: Context) -> None:
    """T4, T5, T7: the changes since the first, a middle and the last stamp."""
    for offer in context.populated:
        ordered = sorted({actor.last_modified for actor in offer.actors if actor.last_modified}, key=stamps.key)
        for stamp in spread(ordered, 3):
            _since(context, offer, stamp)


def _since(context: Context, offer: Offer, stamp: str) -> None:
    what = f"get_actors_by_timestamp({stamp!r}, {offer.actor_type})"
    got = context.found("T4", what, "get_actors_by_timestamp", stamp, offer.actor_type, offer.field_keys)
    if got is None:
        return
    wanted = [actor.erp_key for actor in offer.actors if not stamps.newer(stamp, actor.last_modified)]
    context.compare("T4", offer, what, wanted, got)
    same_as_listed(context, offer, got, what)
    order = [stamps.key(actor.last_modified) for actor in got]
    context.record.expect("T7", order == sorted(order), what, "the oldest first", "another order")
