"""Loading the demo: files, users, configuration, imports, and some companies that only the CRM knows."""

from __future__ import annotations

import shutil
from importlib.resources import as_file, files
from pathlib import Path

import structlog
from django.utils.translation import override

from brygga.contract import SearchRestriction
from brygga.crm.fields import RecordType
from brygga.crm.models import Company, User
from brygga.crm.models.users import ERP_SYNC
from brygga.crm.services.records import create_record
from brygga.crm.services.users import create_user
from brygga.demo.log_in import USERS, DemoUser, LogIns, log_ins
from brygga.demo.people import Maker
from brygga.demo.tables import PROSPECT
from brygga.demo.words import DENMARK, GERMANY, NETHERLANDS, NORWAY, SWEDEN
from brygga.erp import configuration
from brygga.erp.errors import BryggaError, Refused
from brygga.erp.models import Connection
from brygga.erp.services.connections import find_connection
from brygga.erp.services.importing import Selection, import_actors

_log = structlog.get_logger(__name__)

FOLDER = "demo"
LOADED = "loaded"
BY = "demo"

NORDIC, CONTINENTAL = "Nordic ERP", "Continental ERP"
_SEED = 7
_KNOWN_CUSTOMERS = Selection(where=[SearchRestriction("CUSTGR", "notoneof", [PROSPECT])])
_EVERYTHING = Selection(everything=True)

# In this order: a person can be imported once the company is linked. A company of the second ERP that the first has
# as well is known by its VAT number and becomes one record with two links.
_IMPORTS = (
    (NORDIC, "Customer", _KNOWN_CUSTOMERS, None),
    (NORDIC, "Supplier", _EVERYTHING, None),
    (NORDIC, "Person", _EVERYTHING, None),
    (NORDIC, "Project", _EVERYTHING, None),
    (CONTINENTAL, "Customer", _KNOWN_CUSTOMERS, "VATNO"),
    (CONTINENTAL, "Supplier", _EVERYTHING, None),
    (CONTINENTAL, "Person", _EVERYTHING, None),
)


def load(home: Path) -> LogIns:
    """Load the demo into this data directory and its database, unless it is there; give the log-ins.

    Raises Refused when the database holds companies or connections that are not the demo's.
    """
    folder = home / FOLDER
    if not folder.exists() and (Connection.objects.exists() or Company.objects.exists()):
        raise Refused(
            f"The database holds data that is not the demo's. Give the demo a directory of its own: set BRYGGA_HOME "
            f"to something else than {home}, and leave DATABASE_URL out."
        )
    _copy_files(folder)
    found = log_ins(folder)
    if (folder / LOADED).exists() and Connection.objects.exists():
        return found
    with override("en"):
        _load(found)
    (folder / LOADED).touch()
    return found


def _load(found: LogIns) -> None:
    for user in USERS:
        _make_user(user, found.password)
    configuration.apply((files(__package__) / "data" / "configuration.yaml").read_text(encoding="utf-8"))
    for connection, actor_type, selection, duplicates in _IMPORTS:
        _import(connection, actor_type, selection, duplicates)
    _add_crm_companies()


def _copy_files(folder: Path) -> None:
    """The ERPs' own files, which the demo's users may edit: those that are there are left alone."""
    folder.mkdir(mode=0o700, exist_ok=True)
    with as_file(files(__package__) / "data") as data:
        for source in (data / "nordic.xlsx", *(data / "continental").glob("*.csv")):
            target = folder / source.relative_to(data)
            target.parent.mkdir(exist_ok=True)
            if not target.exists():
                shutil.copyfile(source, target)


def _make_user(user: DemoUser, password: str) -> None:
    if User.objects.filter(username=user.name).exists():
        return
    create_user(
        user.name,
        password,
        administrator=user.administrator,
        licences=[ERP_SYNC],
        language=user.language,
        group="Administration" if user.administrator else "Sales",
        first_name=user.first_name,
    )


def _import(name: str, actor_type: str, selection: Selection, duplicates: str | None) -> None:
    choice = "merge" if duplicates else "skip"
    report = import_actors(find_connection(name), actor_type, selection, duplicates, choice, BY)
    if any(part.failure for part in report.connections):
        raise BryggaError("; ".join(part.error for part in report.connections))
    _log.debug("demo_imported", connection=name, actor_type=actor_type, created=report.connections[0].created)


def _add_crm_companies() -> None:
    """Companies that no ERP has: to be created there, from their ERP tab."""
    maker = Maker(_SEED)
    for country in (SWEDEN, NORWAY, DENMARK, GERMANY, NETHERLANDS) * 3:
        company = maker.company(country)
        if Company.objects.filter(vatno=company.vat).exists():
            continue
        values = {
            "NAME": company.name,
            "VATNO": company.vat,
            "PHONE": company.phone,
            "POSTALAD1": company.street,
            "POSTALZIP": company.zip,
            "POSTALCITY": company.city,
        }
        create_record(RecordType.COMPANY, values, BY)
