"""A workbook with the customers of the demo, and a connection from which they can be imported."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

from brygga.crm.fields import RecordType
from brygga.crm.services.records import RecordView, create_record
from brygga.erp import configuration
from brygga.erp.models import Connection

_CONFIGURATION = """
connectors:
  - {{name: Workbook, url: "plugin://workbook"}}
connections:
  - name: Harbour ERP
    connector: Workbook
    active: true
    scope: everyone
    config: {{Filename: "{file}"}}
    priority: 9
    actors:
      Customer:
        sync: true
        fields:
          NAME: {{crm: NAME, direction: both, search: true, rank: 1}}
          NUMBER2: {{crm: NUMBER2, direction: to_crm, search: true, rank: 2}}
          POSTALCITY: {{crm: POSTALCITY, direction: both, search: true, rank: 3}}
          CUSTGR: {{crm: category, direction: both, search: true, rank: 4, list: {{"1": Retail, "2": Industry}}}}
"""


def import_scene(folder: Path) -> tuple[Connection, RecordView]:
    """The connection, and a company in the CRM that the workbook has as well, without its city."""
    workbook = folder / "erp.xlsx"
    with as_file(files("brygga.demo") / "data" / "nordic.xlsx") as packaged:
        shutil.copyfile(packaged, workbook)
    configuration.apply(_CONFIGURATION.format(file=workbook.as_posix()))
    known = create_record(RecordType.COMPANY, {"NAME": first_customer(workbook)}, "test")
    return Connection.objects.get(connector__name="Workbook"), known


def first_customer(workbook: Path) -> str:
    """The name of the customer that the workbook lists first."""
    import openpyxl

    book = openpyxl.load_workbook(workbook, read_only=True)
    try:
        head, first = list(book["Customer"].iter_rows(values_only=True, max_row=2))
        return str(first[head.index("NAME")])
    finally:
        book.close()
