"""The configuration values of a connection: checked against its fields, tried out, stored (behaviour A4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from django.utils.translation import get_language
from django.utils.translation import gettext as _

from brygga.contract import Access, ConnectionInfo, FieldMetadata, FieldType
from brygga.contract import Connector as ContractConnector
from brygga.contract.localised import text_for
from brygga.contract.values import BadValue, decode, encode_as
from brygga.erp.connectors import call_connector, stored_values
from brygga.erp.errors import ConfigProblem, InvalidConfiguration, Refused
from brygga.erp.models import ConfigValue, Connection
from brygga.erp.secrets import decrypt, encrypt, redact
from brygga.erp.services.template_tags import may_come_from


def checked_values(fields: Sequence[FieldMetadata], values: Mapping[str, str]) -> dict[str, str]:
    """The values in canonical wire form, blanks left out.

    Raises InvalidConfiguration that names every key at fault: unknown, missing, of the wrong type, too long.
    """
    known = {field.key: field for field in fields if field.type != FieldType.LABEL}
    problems = [_problem(key, _('the connector has no such configuration field. It has: %(keys)s.') % {
        "keys": ", ".join(known) or _("none")}) for key in values if key not in known]  # fmt: skip
    checked = {}
    for field in known.values():
        try:
            checked[field.key] = _checked_value(field, values.get(field.key, ""))
        except ValueError as error:
            problems.append(_problem(field.key, str(error)))
    if problems:
        raise InvalidConfiguration(problems)
    return {key: value for key, value in checked.items() if value}


def merged_values(connection: Connection, fields: Sequence[FieldMetadata], values: Mapping[str, str]) -> dict[str, str]:
    """As `checked_values`; the stored secrets stay where `values` has none.

    Raises InvalidConfiguration, and Refused for a stored secret that stays and can't be read.
    """
    staying = connection.config_values.filter(secret=True, key__in=secret_keys(fields) - set(values))
    return checked_values(fields, {**values, **{row.key: decrypt(row.value) for row in staying}})


def complete_values(
    connection: Connection | None, fields: Sequence[FieldMetadata], values: Mapping[str, str]
) -> dict[str, str]:
    """All values of a connection, or of a new one, in canonical wire form. Raises as `merged_values`."""
    return merged_values(connection, fields, values) if connection else checked_values(fields, values)


def stored_if_complete(connection: Connection, fields: Sequence[FieldMetadata]) -> dict[str, str]:
    """The stored values, if they fit the fields as they are now. Raises InvalidConfiguration and Refused."""
    stored = stored_values(connection)
    checked_values(fields, stored)
    return stored


def is_stored(connection: Connection, values: Mapping[str, str]) -> bool:
    """Whether exactly these values are stored; a secret that can't be read is none of them."""
    try:
        return stored_values(connection) == values
    except Refused:
        return False


def stored_secret_keys(connection: Connection) -> set[str]:
    """The keys of the secrets that are stored."""
    return set(connection.config_values.filter(secret=True).exclude(value="").values_list("key", flat=True))


def try_out(connector: ContractConnector, fields: Sequence[FieldMetadata], values: Mapping[str, str]) -> str:
    """Ask the connector whether these values would work; nothing is stored. Returns what it says to that, if anything.

    Raises ConnectorFailed with its reason.
    """
    secrets = secret_values(fields, values)
    answer = call_connector(connector, "test_config_data", ConnectionInfo("", dict(values)), secrets=secrets)
    return redact(text_for(answer.user_explanation, get_language() or "en"), secrets)


def secret_values(fields: Sequence[FieldMetadata], values: Mapping[str, str]) -> list[str]:
    """The values that no log and no screen may show."""
    return [values[key] for key in secret_keys(fields) if key in values]


def secret_keys(fields: Sequence[FieldMetadata]) -> set[str]:
    """The keys of the password fields."""
    return {field.key for field in fields if field.type == FieldType.PASSWORD}


def open_values(connection: Connection) -> dict[str, str]:
    """The stored values that may be shown: all but the secret ones."""
    return dict(connection.config_values.filter(secret=False).order_by("key").values_list("key", "value"))


def store_values(connection: Connection, fields: Sequence[FieldMetadata], values: Mapping[str, str]) -> None:
    """Make the stored values exactly these, secrets encrypted."""
    secrets = secret_keys(fields)
    connection.config_values.all().delete()
    ConfigValue.objects.bulk_create(
        ConfigValue(
            connection=connection, key=key, value=encrypt(value) if key in secrets else value, secret=key in secrets
        )
        for key, value in values.items()
    )


def _checked_value(field: FieldMetadata, text: str) -> str:
    if not text:
        if field.access == Access.MANDATORY and not field.default:
            raise ValueError(_('"%(label)s" is missing. Enter a value.') % {"label": label_of(field)})
        return ""
    if field.access == Access.READ_ONLY and not is_default(field, text):
        raise ValueError(_('"%(label)s" can\'t be changed.') % {"label": label_of(field)})
    try:
        value = decode(text, field.type)
        wire = encode_as(value, field.type)
    except BadValue as error:
        shown_type = {"label": label_of(field), "type": field.type.name.lower()}
        raise ValueError(_('"%(label)s" is not a valid value of type %(type)s.') % shown_type) from error
    if field.max_length and isinstance(value, str) and len(value) > field.max_length:
        shown = {"label": label_of(field), "length": field.max_length}
        raise ValueError(_('"%(label)s" is longer than %(length)d characters. Shorten it.') % shown)
    return wire


def is_default(field: FieldMetadata, text: str) -> bool:
    """Whether a value is the field's default, however its tags are filled in and the value is written."""
    if may_come_from(field.default, text):
        return True
    try:
        return decode(text, field.type) == decode(field.default, field.type)
    except BadValue:
        return False


def label_of(field: FieldMetadata) -> str:
    """The field's name in the language of the reader."""
    return text_for(field.name, get_language() or "en") or field.key


def _problem(key: str, message: str) -> ConfigProblem:
    return ConfigProblem(0, key, message)
