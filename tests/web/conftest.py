"""People, records and connections that the tests of the screens share."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from django.test import Client
from tests.web.config_erp import ConfigErp
from tests.web.connection_posts import stored_connection
from tests.web.trade_erp import TradeErp
from tests.web.trade_erp import trade_erp as connected_trade

from brygga.contract import ActorsResponse, ActorType, Connector, ErpActor, FieldType, ListResponse
from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.crm.services.records import RecordView, create_record
from brygga.crm.services.users import create_user
from brygga.erp import connectors
from brygga.erp.models import ActorMapping, Connection, FieldMapping, Link, Run
from brygga.erp.models import Connector as ConnectorRow


class TabConnector(Connector):
    """An ERP with one customer, which can be made to fail and to forget."""

    name = "tab"

    def __init__(self) -> None:
        self.failure = ""
        self.gone = False
        self.calls: list[str] = []

    def get_actors(
        self, guid: str, actor_type: ActorType, erp_keys: Sequence[str], field_keys: Sequence[str]
    ) -> ActorsResponse:
        """The customers asked for, or the failure."""
        self.calls.append("get_actors")
        if self.failure:
            return ActorsResponse.failure(self.failure)
        fields = {"GROUP": "4", "CREDIT": "[F:1500.5]", "SINCE": "[D:07/06/2009]"}
        return ActorsResponse(
            actors=[] if self.gone else [ErpActor(actor_type, key, fields=fields) for key in erp_keys]
        )

    def get_list_items(self, guid: str, list_name: str, keys: Sequence[str]) -> ListResponse:
        """The texts of the customer groups."""
        self.calls.append("get_list_items")
        return ListResponse(items={"4": 'US:"Group four";SW:"Grupp fyra"'})


@dataclass
class Erp:
    """A connection whose connector the test holds."""

    connection: Connection
    connector: TabConnector
    fields: dict[str, FieldMapping] = field(default_factory=dict)

    def link(self, record: RecordView, key: str = "10017", **state: object) -> Link:
        """Link a record to a customer."""
        return Link.objects.create(
            connection=self.connection,
            actor_type="Customer",
            erp_key=key,
            record_type=record.type,
            record_id=record.id,
            **state,
        )


@pytest.fixture
def user(db: None) -> User:
    """A user with the licence and no more rights."""
    return create_user("anna", "secret-word", licences=["erp-sync"], first_name="Anna", last_name="Berg")


@pytest.fixture
def admin(db: None) -> User:
    """An administrator with the licence."""
    return create_user("eva", "secret-word", administrator=True, licences=["erp-sync"])


@pytest.fixture
def as_user(user: User) -> Client:
    """A browser in which the user has logged in."""
    client = Client()
    client.force_login(user)
    return client


@pytest.fixture
def as_admin(admin: User) -> Client:
    """A browser in which the administrator has logged in."""
    client = Client()
    client.force_login(admin)
    return client


@pytest.fixture
def company(db: None) -> RecordView:
    """A company."""
    values = {"NAME": "Orkdal Eldresenter", "PHONE": "72 48 00 00", "POSTALCITY": "Orkanger"}
    return create_record(RecordType.COMPANY, values, "test")


@pytest.fixture
def erp(db: None) -> Iterator[Erp]:
    """An active connection for everyone that maps customers to companies."""
    connector = TabConnector()
    with connectors.use("tab", connector):
        row = ConnectorRow.objects.create(name="Tab", url="plugin://tab")
        connection = Connection.objects.create(names={"en": "Fjord"}, connector=row, active=True)
        actor = ActorMapping.objects.create(
            connection=connection, actor_type="Customer", record_type="company", sync=True
        )
        made = Erp(connection, connector)
        for rank, (key, name, kind, list_name) in enumerate(
            [
                ("SINCE", "Customer since", FieldType.DATETIME, ""),
                ("CREDIT", "Credit limit", FieldType.DOUBLE, ""),
                ("GROUP", 'US:"Group";SW:"Grupp"', FieldType.LIST, "GROUPS"),
                ("PHONE", "Phone", FieldType.TEXT, ""),
            ]
        ):
            made.fields[key] = FieldMapping.objects.create(
                actor=actor, key=key, name=name, type=kind, list_name=list_name, rank=rank, show_in_tab=key != "PHONE"
            )
        yield made


@pytest.fixture
def run(db: None) -> Run:
    """A finished run."""
    return Run.objects.create(kind="sync", by="anna", state="done")


@pytest.fixture
def trade(db: None) -> Iterator[Connection]:
    """A new connection to an ERP of many fields: nothing has a direction, nothing is synced."""
    with connected_trade() as (_erp, connection):
        yield connection


@pytest.fixture
def trade_erp(trade: Connection) -> TradeErp:
    """The ERP of that connection."""
    made = connectors.open_connector(trade)
    assert isinstance(made, TradeErp)
    return made


@pytest.fixture
def customer(trade: Connection) -> ActorMapping:
    """The customers of that connection."""
    return trade.actors.select_related("connection__connector").get(actor_type="Customer")


@pytest.fixture
def asking() -> Iterator[ConfigErp]:
    """A connector that asks for configuration of every type."""
    with connectors.use("asking", ConfigErp()) as connector:
        yield connector


@pytest.fixture
def connector(db: None, asking: ConfigErp) -> ConnectorRow:
    """It, as an administrator has added it."""
    return ConnectorRow.objects.create(name="Asking", url="plugin://asking")


@pytest.fixture
def connection(connector: ConnectorRow) -> Connection:
    """A connection of it, not active, with a secret."""
    return stored_connection(connector)
