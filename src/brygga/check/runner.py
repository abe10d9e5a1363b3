"""The run: a connection of its own, every check on it, and a report whatever happens."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias, TypeVar

from brygga.check.checks import (
    changes,
    configuration,
    creating,
    fetching,
    listing,
    lists,
    metadata,
    operators,
    repetition,
    saving,
    searching,
    texts,
)
from brygga.check.checks.bench import Bench
from brygga.check.context import Context, refusal, refused
from brygga.check.record import Record
from brygga.check.report import Report
from brygga.check.rules import RULES, Severity
from brygga.check.session import Session
from brygga.contract import BadValue, Connector, FieldMetadata, FieldType, values
from brygga.contract.localised import text_for
from brygga.soap.failures import CallFailed, Reason

CALL_LIMIT = 30.0
"""How long one call may take, in seconds."""

Subject = TypeVar("Subject")
Step: TypeAlias = Callable[[Subject], None]

_BEFORE_SAVING: Sequence[Step[Context]] = (
    configuration.read_lists,
    configuration.describe_fields,
    configuration.refuse_wrong_values,
    configuration.test_stores_nothing,
)
_READING: Sequence[Step[Context]] = (
    metadata.read,
    lists.read,
    metadata.defaults,
    configuration.unknown_connection,
    metadata.types_not_on_offer,
    listing.read,
    lists.items_by_key,
    lists.unknown_list,
    changes.present,
    changes.on_or_after,
    fetching.by_keys,
    fetching.unknown_keys,
    fetching.fewer_fields,
    fetching.unknown_field,
    fetching.parents_exist,
    fetching.children,
    searching.free_text,
    searching.nowhere,
    searching.special_characters,
    searching.unknown_field,
    searching.unknown_operator,
    searching.wrong_operand,
    operators.every_operator,
    operators.any_case,
    operators.all_must_hold,
    operators.by_parent,
    repetition.at_the_same_time,
    configuration.second_connection,
    configuration.save_again,
    metadata.read_again,
    repetition.same_again,
)
_WRITING: Sequence[Step[Bench]] = (
    creating.listed,
    creating.mandatory,
    creating.unknown_connection,
    saving.echo,
    saving.several,
    saving.unknown_field,
    saving.unknown_key,
    saving.wrong_type,
    saving.unknown_item,
    saving.read_only,
    texts.special,
    texts.long,
    saving.clearing,
    saving.at_the_same_time,
    saving.others_untouched,
)
_TEXTLESS = frozenset({creating.listed, creating.mandatory, creating.unknown_connection, saving.others_untouched})
"""What can be checked on actors without a text field to write to."""


_NOT_THERE = frozenset(
    {
        *(Reason.UNREACHABLE, Reason.CONNECT_TIMEOUT, Reason.UNTRUSTED, Reason.NOT_FOUND),
        *(Reason.NOT_AUTHORISED, Reason.REFUSED_BY_SERVER, Reason.NOT_SOAP),
    }
)
"""Why a first call fails where there is nothing to check; other failures are findings."""


class CannotCheck(Exception):
    """The check could not begin: nothing answers, or the configuration is not one that works. The text says which."""


def run(
    connector: Connector,
    values: Mapping[str, str],
    *,
    write: bool = False,
    clock: Callable[[], float] = time.monotonic,
    progress: Callable[[str], None] | None = None,
    limit: float = CALL_LIMIT,
) -> Report:
    """Check a connector, in process or behind a URL, against the contract.

    `values` is a working configuration by field key, as plain text (`true`, `12`, `2024-01-31`) or in wire form. The
    check uses a connection of its own and deletes it in the end. With `write` it creates actors with names like
    "Brygga check 1a2b3c4d", at least three of each type, and saves them; they stay in the ERP, and the report names
    them. `clock` gives seconds for the timings, `progress` is told what is being done, `limit` is the time for one
    call in seconds. No exception of the connector ends the run.

    Raises CannotCheck.
    """
    record = Record()
    session = Session(connector, record, clock, limit)
    context = Context(session, record, dict(values), write, progress or (lambda text: None), str(uuid.uuid4()))
    _read_configuration(context)
    _steps(context, _BEFORE_SAVING, context)
    if _connect(context):
        try:
            _steps(context, _READING, context)
            _write(context)
            repetition.speed(context)
        finally:
            _disconnect(context)
    return _report(connector, context)


def assert_conforms(connector: Connector, values: Mapping[str, str], write: bool = False) -> None:
    """For a connector's own tests: run the check and raise AssertionError with every error and warning."""
    report = run(connector, values, write=write)
    broken = [finding for finding in report.findings if finding.rule.severity is not Severity.NOTE]
    assert not broken, report.as_text()


# The connection


def _read_configuration(context: Context) -> None:
    context.progress("reading the configuration fields")
    answer = context.session.fields("get_config_data")
    error = context.session.last_error
    if isinstance(error, CallFailed) and error.reason in _NOT_THERE:
        raise CannotCheck(f"There is no connector that can be called: {error}. Check the address.")
    if context.accepted("C1", "get_config_data()", answer) and answer is not None:
        context.config = [field for field in answer.fields if field.key]
    context.values = _encoded(context.config, context.values)
    secret = [field.key for field in context.config if field.type is FieldType.PASSWORD]
    context.record.secrets = [text for key in secret if (text := context.values.get(key))]


def _encoded(fields: Sequence[FieldMetadata], given: Mapping[str, str]) -> dict[str, str]:
    """The configuration in wire form; defaults where nothing is given."""
    types = {field.key: field.type for field in fields}
    wire = {field.key: field.default for field in fields if field.default}
    for key, text in given.items():
        try:
            wire[key] = values.encode_as(text, types.get(key, FieldType.TEXT))
        except BadValue as error:
            raise CannotCheck(f"Configuration field {key}: {error}. Correct the value.") from error
    return wire


def _connect(context: Context) -> bool:
    """C4, C8: test the configuration, save it, test the connection. Whether there is one to go on with.

    A configuration that is refused by the test and does not work either is no fault of the connector. Raises
    CannotCheck for that.
    """
    context.progress("saving the connection")
    tested = context.session.call("test_config_data", context.info(""))
    saved = context.session.call("save_connection", context.info(context.guid))
    works = context.session.call("test_connection", context.guid) if saved is not None and saved.ok else None
    if tested is not None and refused(tested) and (saved is None or refused(saved) or refused(works)):
        _disconnect(context)
        why = context.record.redacted(_explained(tested.user_explanation))
        raise CannotCheck(f"The connector refuses this configuration: {why}")
    context.accepted("C4", "test_config_data", tested)
    connected = context.accepted("C8", "save_connection", saved)
    context.accepted("C8", "test_connection after save_connection", works)
    return connected


def _explained(text: str) -> str:
    return text_for(text, "en") or "no reason is given."


def _disconnect(context: Context) -> None:
    """Leave nothing behind in the connector; C11 and its like are checked on another connection."""
    context.progress("deleting the connection")
    answer = context.session.call("delete_connection", context.guid)
    if answer is not None and not answer.ok:
        context.record.remark(f"The connection {context.guid} could not be deleted: {refusal(answer)}")


# The steps


def _steps(context: Context, steps: Sequence[Step[Subject]], subject: Subject) -> None:
    for step in steps:
        context.progress(f"{step.__module__.rpartition('.')[2]}: {step.__name__.replace('_', ' ')}")
        try:
            step(subject)
        except Exception as error:  # an answer so strange that a check stumbles over it must not hide the others
            context.record.finding("E2", f"the check {step.__name__}", "answers that can be looked into", repr(error))


def _write(context: Context) -> None:
    writing = " ".join(rule.number for rule in RULES.values() if rule.writes)
    if not context.write:
        context.record.not_applicable(writing, "nothing was written; check with --write")
        return
    benches: list[Bench] = []
    _steps(context, [lambda subject: benches.extend(creating.start(subject))], context)
    if not benches:
        context.record.not_applicable(writing, "no test actor could be created")
    for bench in benches:
        if not bench.texts:
            context.record.remark(
                f"{bench.offer.actor_type}: there is no text field to write to; saving was not checked."
            )
        _steps(context, [step for step in _WRITING if bench.texts or step in _TEXTLESS], bench)
    if context.left_behind:
        context.record.remark(
            f"These test actors stay in the ERP; delete them there: {', '.join(context.left_behind)}."
        )


def _report(connector: Connector, context: Context) -> Report:
    record = context.record
    order = {number: place for place, number in enumerate(RULES)}
    return Report(
        title=text_for(connector.title, "en") or connector.name or type(connector).__name__,
        findings=sorted(record.findings, key=lambda finding: order[finding.rule.number]),
        outcomes=record.outcomes(),
        reasons=record.reasons("the connector offers nothing to check it on"),
        timings=context.session.timings(),
        more=dict(record.more),
        remarks=record.remarks,
        wrote=context.write,
    )
