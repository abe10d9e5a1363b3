"""Configuration and connections: rules C and E6."""

from __future__ import annotations

import secrets
import uuid

from brygga.check.checks.describing import default_problem, text_problem
from brygga.check.context import Context, outcome, refusal, refused
from brygga.check.record import repeated, some
from brygga.contract import ZERO_GUID, Access, ActorType, ConnectionInfo, ErrorCode, FieldMetadata, FieldType, Response

_TELLING = 4
"""A shorter secret may stand in a text by chance."""


def describe_fields(context: Context) -> None:
    """C2: the metadata of the configuration fields."""
    fields = context.config
    keys = [field.key for field in fields]
    doubled = repeated(keys)
    context.record.expect("C2", not doubled, "get_config_data()", "each key once", f"twice: {some(doubled)}")
    for field in fields:
        context.record.expect(
            "C2", not (wrong := _problem(context, field)), "get_config_data()", "a usable field", wrong
        )


def _problem(context: Context, field: FieldMetadata) -> str:
    if not field.key.strip():
        return "a field with a blank key"
    if not field.name.strip():
        return f"{field.key}: no name"
    if (field.type is FieldType.LIST) != bool(field.list_name):
        return f"{field.key}: type {field.type.name}, list {field.list_name!r}"
    wrong = text_problem(field.name) or text_problem(field.description)
    wrong = wrong or default_problem(field, context.lists.get(field.list_name, {}))
    return f"{field.key}: {wrong}" if wrong else ""


def read_lists(context: Context) -> None:
    """C3: the lists of configuration fields, before there is a connection."""
    names = {field.list_name for field in context.config if field.type is FieldType.LIST and field.list_name}
    if not names:
        context.record.not_applicable("C3", "no configuration field has a list")
    for name in sorted(names):
        answer = context.session.list_items("get_list", ZERO_GUID, name)
        what = f"get_list({name!r}) with the zero GUID"
        if context.accepted("C3", what, answer) and answer is not None:
            context.record.expect("C3", bool(answer.items), what, "items", "none")
            context.lists[name] = answer.items


def refuse_wrong_values(context: Context) -> None:
    """C5, C6, C13: the test of configurations that can't work."""
    mandatory = [field for field in context.config if field.access is Access.MANDATORY and not field.default]
    if not any(field.type is FieldType.PASSWORD for field in context.config):
        context.record.not_applicable("C13", "no configuration field is a password")
    if not mandatory:
        context.record.not_applicable("C5", "no configuration field is mandatory")
    for field in mandatory:
        _expect_refusal(context, "C5", f"test_config_data without {field.key}", {field.key: ""})
    texts = [field.key for field in context.config if field.type in (FieldType.TEXT, FieldType.PASSWORD)]
    wrong = {key: f"nonsense-{secrets.token_hex(6)}" for key in texts if context.values.get(key)}
    if not wrong:
        context.record.not_applicable("C6", "no text is configured")
        return
    _expect_refusal(context, "C6", f"test_config_data with nonsense in {', '.join(wrong)}", wrong)


def _expect_refusal(context: Context, rule: str, what: str, changed: dict[str, str]) -> None:
    sent = {**context.values, **changed}
    answer = context.session.call("test_config_data", ConnectionInfo("", sent))
    if answer is None:
        return
    context.record.expect(rule, not answer.ok, what, "a failure", outcome(answer))
    told = answer.user_explanation + answer.tech_explanation
    for field in context.config:
        secret = sent.get(field.key, "")
        if field.type is FieldType.PASSWORD and len(secret) >= _TELLING:  # it must not get into the report either
            expected = "no secret in the explanations"
            context.record.expect("C13", secret not in told, what, expected, f"that of {field.key}")


def test_stores_nothing(context: Context) -> None:
    """C7: after a test there is no connection."""
    context.session.call("test_config_data", context.info(""))
    for guid in (str(uuid.uuid4()), ZERO_GUID):
        answer = context.session.call("test_connection", guid)
        if answer is not None:
            what = f"test_connection of {guid}, which was never saved"
            context.record.expect("C7", not answer.ok, what, "a failure", outcome(answer))


def unknown_connection(context: Context) -> None:
    """E6: every operation that only reads, with a GUID that was never saved."""
    kind = next(iter(context.offers), ActorType.CUSTOMER)
    calls: tuple[tuple[str, tuple[object, ...]], ...] = (
        ("test_connection", ()),
        ("get_supported_actor_types", ()),
        ("get_supported_actor_type_fields", (kind,)),
        ("get_searchable_fields", (kind,)),
        ("get_actors", (kind, ["1"], [])),
        ("search_actors", (kind, "", [])),
        ("search_actor_by_parent", (kind, "", kind, "1", [])),
        ("search_actors_advanced", (kind, [], [])),
        ("save_actors", ([],)),
        ("get_list", ("Unknown",)),
        ("get_list_items", ("Unknown", ["1"])),
        ("get_actors_by_timestamp", ("", kind, [])),
    )
    for operation, arguments in calls:
        answer = context.session.call(operation, str(uuid.uuid4()), *arguments)
        expect_unknown(context, "E6", f"{operation} with an unknown connection", answer)


def expect_unknown(context: Context, rule: str, what: str, answer: Response | None) -> None:
    """Hold an answer against the one that an unknown connection must get."""
    if answer is None:
        return
    right = refused(answer) and answer.error_code == ErrorCode.UNKNOWN_CONNECTION_ID
    context.record.expect(rule, right, what, f"a failure with {ErrorCode.UNKNOWN_CONNECTION_ID}", outcome(answer))


def second_connection(context: Context) -> None:
    """C10, C11, C12: another connection with the same configuration comes, goes, and comes again."""
    other = str(uuid.uuid4())
    if not _save(context, "C10", "save_connection of a second connection", other):
        return
    try:
        deleted = context.session.call("delete_connection", other)
        if deleted is None:
            return
        context.record.expect("C11", deleted.ok, "delete_connection", "to be carried out", refusal(deleted))
        _expect_gone(context, other)
        _expect_first_works(context)
        if _save(context, "C12", "save_connection of a connection that was deleted", other):
            _expect_same_actors(context, "C12", other, "after the connection was deleted and saved again")
    finally:
        context.session.call("delete_connection", other)


def _save(context: Context, rule: str, what: str, guid: str) -> bool:
    return context.accepted(rule, what, context.session.call("save_connection", context.info(guid)))


def _expect_gone(context: Context, guid: str) -> None:
    answers = [context.session.call("test_connection", guid), context.session.call("get_supported_actor_types", guid)]
    for offer in list(context.offers.values())[:1]:
        answers.append(context.session.call("search_actors", guid, offer.actor_type, "", offer.field_keys))
    for answer in answers:
        if answer is not None:
            what = "a call for a connection that was deleted"
            context.record.expect("C11", not answer.ok, what, "a failure", outcome(answer))


def _expect_first_works(context: Context) -> None:
    for operation in ("test_connection", "get_supported_actor_types"):
        answer = context.session.call(operation, context.guid)
        if answer is not None:
            what = f"{operation} of the first connection, after the second was deleted"
            context.record.expect("C10", answer.ok, what, "to be carried out", refusal(answer))


def save_again(context: Context) -> None:
    """C9: saving the same configuration under the same GUID."""
    if _save(context, "C9", "save_connection, the second time", context.guid):
        _expect_same_actors(context, "C9", context.guid, "after the connection was saved again", stamps=True)


def _expect_same_actors(context: Context, rule: str, guid: str, when: str, *, stamps: bool = False) -> None:
    for offer in context.populated:
        answer = context.session.actors("search_actors", guid, offer.actor_type, "", offer.field_keys)
        if not context.accepted(rule, f"search {offer.actor_type} {when}", answer) or answer is None:
            continue
        got = list(answer.actors)
        if context.compare(rule, offer, f"all {offer.actor_type} {when}", offer.by_key.keys(), got):
            changed = [
                actor.erp_key
                for actor in got
                if (before := offer.by_key.get(actor.erp_key)) is not None
                and (before.fields != actor.fields or (stamps and before.last_modified != actor.last_modified))
            ]
            same = "the same values and stamps" if stamps else "the same values"
            context.record.expect(rule, not changed, f"all {offer.actor_type} {when}", same, f"others: {some(changed)}")
