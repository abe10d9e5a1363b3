"""What tests of the engine start from: a configuration, records by name, a user's edit."""

from __future__ import annotations

from brygga.crm.fields import RecordType
from brygga.crm.models import Company
from brygga.crm.services import records
from brygga.erp.configuration import apply
from brygga.erp.models import Connection

CONFIGURATION = """
connectors:
  - {{name: {name}, url: "plugin://{name}"}}
connections:
  - name: {name}
    connector: {name}
    active: true
    scope: everyone
    conflict: priority
    actors:
      Customer:
        sync: true
        fields:
          NAME: {{crm: NAME, direction: {both}}}
          CITY: {{crm: POSTALCITY, direction: {both}}}
          GROUP: {{crm: category, direction: {both}, list: {{"1": Retail, "2": Industry}}}}
          CODE: {{crm: NUMBER1, direction: {in_}}}
          VATNO: {{crm: VATNO, direction: to_erp}}
      Person:
        sync: true
        fields:
          FIRSTNAME: {{crm: FIRSTNAME, direction: {both}}}
          LASTNAME: {{crm: LASTNAME, direction: {both}}}
"""


def connect_memory(name: str, both: str = "both", in_: str = "to_crm") -> Connection:
    """An active connection to `plugin://NAME`, mapped as above."""
    apply(CONFIGURATION.format(name=name, both=both, in_=in_))
    return Connection.objects.get(connector__name=name)


def company(name: str) -> records.RecordView:
    """The company of this name."""
    return records.get_record(RecordType.COMPANY, Company.objects.get(name=name, deleted=False).pk)


def edit(record: records.RecordView, **values: object) -> records.RecordView:
    """A user's edit of a record."""
    current = records.get_record(record.type, record.id)
    return records.save_record(record.type, record.id, current.version, values, by="anna")
