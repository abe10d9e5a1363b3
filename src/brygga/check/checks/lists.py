"""Lists that fields name: rules L1 to L4 and L6."""

from __future__ import annotations

from brygga.check.checks.describing import text_problem
from brygga.check.context import Context, nonsense, outcome, refused, spread
from brygga.check.record import some
from brygga.contract import ErrorCode, FieldType


def read(context: Context) -> None:
    """L1, L2, M7: fetch every list that a field names."""
    fields = [field for offer in context.offers.values() for field in offer.fields.values()]
    names = sorted({field.list_name for field in fields if field.type is FieldType.LIST and field.list_name.strip()})
    if not names:
        context.record.not_applicable("L1 L2 L3 L4 L5 W22", "no field has a list")
    for name in names:
        answer = context.session.list_items("get_list", context.guid, name)
        what = f"get_list({name!r})"
        if not context.accepted("L1", what, answer) or answer is None:
            continue
        items = context.lists[name] = answer.items
        context.record.expect("L1", bool(items), what, "items", "none")
        lacking = [f"{key!r}: {text!r}" for key, text in items.items() if not key.strip() or not text.strip()]
        context.record.expect("L2", not lacking, what, "a key and a text for each item", some(lacking))
        broken = next((wrong for text in items.values() if (wrong := text_problem(text))), "")
        context.record.expect("M7", not broken, what, 'plain text, or US:"…";NO:"…"', broken)


def items_by_key(context: Context) -> None:
    """L3, L4: some items of each list, and one that does not exist."""
    named = {field.list_name for offer in context.offers.values() for field in offer.fields.values()}
    for name, items in context.lists.items():
        if name not in named or not items:
            continue
        wanted = {key: items[key] for key in spread(list(items), 3)}
        _expect_items(context, name, wanted)
        _expect_no_other(context, name, wanted)


def _expect_items(context: Context, name: str, wanted: dict[str, str]) -> None:
    what = f"get_list_items({name!r}, {list(wanted)})"
    answer = context.session.list_items("get_list_items", context.guid, name, list(wanted))
    if context.accepted("L3", what, answer) and answer is not None:
        context.record.expect("L3", answer.items == wanted, what, str(wanted), str(answer.items))


def _expect_no_other(context: Context, name: str, wanted: dict[str, str]) -> None:
    keys = [*list(wanted)[:1], nonsense()]
    what = f"get_list_items({name!r}, {keys})"
    answer = context.session.list_items("get_list_items", context.guid, name, keys)
    if answer is None:
        return
    if refused(answer):
        right = answer.error_code == ErrorCode.UNKNOWN_LIST_ITEM_ID
        context.record.expect("L4", right, what, f"the code {ErrorCode.UNKNOWN_LIST_ITEM_ID}", outcome(answer))
    else:
        context.record.expect("L4", list(answer.items) == keys[:1], what, some(keys[:1]), some(list(answer.items)))


def unknown_list(context: Context) -> None:
    """L6: a list that does not exist."""
    name = nonsense()
    answer = context.session.list_items("get_list", context.guid, name)
    if answer is not None:
        what = f"get_list({name!r}), which does not exist"
        right = not answer.ok or not answer.items
        context.record.expect("L6", right, what, "a failure, or no items", f"{len(answer.items)} items")
