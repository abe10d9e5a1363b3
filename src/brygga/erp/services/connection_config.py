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
from brygga.erp.errors import ConfigProblem, InvalidConfiguration
from brygga.erp.models import ConfigValue, Connection
from brygga.erp.secrets import encrypt


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
    """As `checked_values`; the stored secrets stay where `values` has none. Raises InvalidConfiguration."""
    stored = stored_values(connection)
    kept = {key: stored[key] for key in secret_keys(fields) if key in stored and key not in values}
    return checked_values(fields, {**values, **kept})


def try_out(connector: ContractConnector, fields: Sequence[FieldMetadata], values: Mapping[str, str]) -> None:
    """Ask the connector whether these values would work; nothing is stored. Raises ConnectorFailed with its reason."""
    secrets = secret_values(fields, values)
    call_connector(connector, "test_config_data", ConnectionInfo("", dict(values)), secrets=secrets)


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
    if field.access == Access.READ_ONLY and text != field.default:
        raise ValueError(_('"%(label)s" can\'t be changed.') % {"label": label_of(field)})
    if field.max_length and len(text) > field.max_length:
        shown = {"label": label_of(field), "length": field.max_length}
        raise ValueError(_('"%(label)s" is longer than %(length)d characters. Shorten it.') % shown)
    try:
        return encode_as(decode(text, field.type), field.type)
    except BadValue as error:
        shown_type = {"label": label_of(field), "type": field.type.name.lower()}
        raise ValueError(_('"%(label)s" is not a valid value of type %(type)s.') % shown_type) from error


def label_of(field: FieldMetadata) -> str:
    """The field's name in the language of the reader."""
    return text_for(field.name, get_language() or "en") or field.key


def _problem(key: str, message: str) -> ConfigProblem:
    return ConfigProblem(0, key, message)
