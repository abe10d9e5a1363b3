"""The scene of every schedule: which ERPs there are, how their fields are mapped, which companies are linked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from brygga.crm.fields import RecordType
from brygga.crm.services import records, user_fields
from brygga.erp.configuration import apply
from brygga.erp.models import Connection, SyncSettings
from brygga.erp.services import linking
from brygga.merge import Policy
from brygga.merge.values import Kind
from brygga.simulate.erp import SimulatedErp

COMPANIES = 6
LINKED = 4
"""The first companies are linked in every ERP; the others are there to be created."""

POLICIES = tuple(str(policy) for policy in Policy)

# A CRM field is fed by one ERP at most (behaviour A7), so each ERP owns what others only receive.
_MAPPED: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "North": {
        "NAME": ("NAME", "both"),
        "CITY": ("POSTALCITY", "both"),
        "PHONE": ("PHONE", "to_erp"),
        "CODE": ("NUMBER1", "to_crm"),
        "CREDIT": ("x:credit", "both"),
    },
    "South": {
        "NAME": ("NAME", "to_erp"),
        "CITY": ("POSTALCITY", "to_erp"),
        "PHONE": ("PHONE", "both"),
        "CODE": ("NUMBER2", "both"),
        "CREDIT": ("x:credit", "to_erp"),
    },
    "West": {
        "NAME": ("NAME", "to_erp"),
        "CITY": ("DEPARTMENT", "both"),
        "PHONE": ("PHONE", "to_erp"),
        "CODE": ("NUMBER2", "to_erp"),
    },
}
ERP_KEYS = ("NAME", "CITY", "PHONE", "CODE", "CREDIT")
CRM_KEYS = ("NAME", "POSTALCITY", "PHONE", "NUMBER1", "NUMBER2", "DEPARTMENT", "x:credit")


def mapped(erp: str) -> Mapping[str, tuple[str, str]]:
    """ERP field key to CRM field key and direction, of an ERP."""
    return _MAPPED[erp]


def build(erps: Mapping[str, SimulatedErp]) -> tuple[dict[int, int], dict[tuple[str, int], str]]:
    """Configure the ERPs, make the companies, link the first ones.

    Returns the record ids by number, and the ERP keys by ERP and number.
    """
    user_fields.define_field(RecordType.COMPANY, "credit", "Credit", Kind.DOUBLE)
    apply(_configuration(list(erps)))
    record_ids = {
        number: records.create_record(RecordType.COMPANY, {"NAME": f"company {number}"}, by="setup").id
        for number in range(1, COMPANIES + 1)
    }
    keys = {}
    for name, erp in erps.items():
        connection = connection_of(name)
        for number in range(1, LINKED + 1):
            key = keys[name, number] = erp.add(NAME=f"company {number}")
            linking.connect(connection, "company", record_ids[number], "Customer", key, "crm", "setup")
    return record_ids, keys


def settle_by(policy: str, crm_first: bool) -> None:
    """Set how conflicts are settled."""
    Connection.objects.update(policy=policy)
    settings = SyncSettings.load()
    settings.crm_priority = 0 if crm_first else 100
    settings.save()


def connection_of(erp: str) -> Connection:
    """The connection to an ERP."""
    return Connection.objects.select_related("connector").get(connector__name=erp)


def _configuration(erps: Sequence[str]) -> str:
    lines = ["connectors:", *(f'  - {{name: {erp}, url: "plugin://{erp}"}}' for erp in erps), "connections:"]
    for erp in erps:
        lines += [
            f"  - name: {erp}",
            f"    connector: {erp}",
            "    active: true",
            "    scope: everyone",
            "    actors: {Customer: {sync: true, fields: {",
            *(f'      {key}: {{crm: "{crm}", direction: {way}}},' for key, (crm, way) in _MAPPED[erp].items()),
            "    }}}",
        ]
    return "\n".join(lines)
