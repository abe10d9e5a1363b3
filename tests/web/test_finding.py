"""The search of the Connect dialog: the likest first and why, by criteria, and whether creating is on offer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pytest
from django.test import Client
from tests.web.searched_erp import SearchedErp, searched_erp
from tests.web.tab_steps import HX, IN_DIALOG, address

from brygga.contract import ActorsResponse, ActorType, Connector, SearchRestriction
from brygga.contract.search import matches
from brygga.crm.fields import RecordType
from brygga.crm.models import User
from brygga.crm.services.records import RecordView, create_record
from brygga.crm.services.users import create_user
from brygga.erp import connectors
from brygga.erp.models import ActorMapping, Connection, FieldMapping
from brygga.erp.services import advanced_search

pytestmark = pytest.mark.django_db


class CriteriaErp(SearchedErp):
    """Searches by criteria as well."""

    def search_actors_advanced(
        self, guid: str, actor_type: ActorType, restrictions: Sequence[SearchRestriction], field_keys: Sequence[str]
    ) -> ActorsResponse:
        """Those for which all hold."""
        self.searched.append(tuple(f"{r.field_key} {r.operator} {','.join(r.values)}" for r in restrictions))
        types = {field.key: field.type for field in self.get_supported_actor_type_fields(guid, actor_type).fields}
        found = [a for (kind, _), a in self.actors.items() if kind == actor_type and matches(a, restrictions, types)]
        return self._answer(guid, "search_actors_advanced", found, field_keys)


@pytest.fixture
def scene(db: None) -> Iterator[tuple[SearchedErp, Connection]]:
    with searched_erp(CriteriaErp()) as made:
        yield made


@pytest.fixture
def erp(scene: tuple[SearchedErp, Connection]) -> SearchedErp:
    return scene[0]


@pytest.fixture
def connection(scene: tuple[SearchedErp, Connection]) -> Connection:
    return scene[1]


@pytest.fixture
def fjord(db: None) -> RecordView:
    values = {"NAME": "Fjord Tours AS", "POSTALCITY": "Bergen", "VATNO": "NO 974 760 673"}
    return create_record(RecordType.COMPANY, values, "test")


def criteria(text: str) -> dict[str, str]:
    """One criterion on the name, as the editor sends it."""
    line = {"criterion-1-before": "NAME", "criterion-1-field": "NAME", "criterion-1-operator": "begins"}
    return {"criteria-sent": "1", **line, "criterion-1-value": text}


def test_the_likest_comes_first_and_says_why(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    erp.put(ActorType.CUSTOMER, "4", NAME="Reiser i nord", VATNO="974760673 MVA")
    found = as_user.get(address(fjord, connection, "connect"), {"q": ""}, headers=IN_DIALOG).text
    places = [found.index(f'name="key" value="{key}"') for key in ("4", "2", "1", "3")]
    assert places == sorted(places)
    assert 'value="90"' in found
    for why in ("VAT number", "Name", "Nothing in common"):
        assert why in found


def test_a_name_that_finds_nothing_is_looked_for_by_its_words_and_the_vat_number(
    as_user: Client, erp: SearchedErp, connection: Connection
) -> None:
    values = {"NAME": "Skog og Fjordland A/S", "VATNO": "NO1"}
    skog = create_record(RecordType.COMPANY, values, "test")
    found = as_user.get(address(skog, connection, "connect"), {"opening": "1"}, headers=IN_DIALOG).text
    assert erp.searched == [("Skog og Fjordland A/S",), ("NO1",), ("Fjordland",), ("Skog",)]
    assert "Umeå" in found
    assert "Flåm" not in found


def test_criteria_find_and_are_remembered(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    url = address(fjord, connection, "connect")
    actor = ActorMapping.objects.get(actor_type="Customer")
    frame = as_user.get(url, headers=HX).text
    assert "Advanced search" in frame
    assert f"/criteria/{actor.pk}" in frame
    found = as_user.get(url, criteria("Fjord T"), headers=IN_DIALOG).text
    assert erp.searched == [("NAME begins Fjord T",)]
    assert "Fjord Tours" in found
    assert "Fjord Fisk" not in found
    assert 'id="erp-criteria" hx-swap-oob' in found
    assert 'value="Fjord T"' in as_user.get(f"/criteria/{actor.pk}?criteria=reset").text


def test_criteria_that_lack_a_value_are_said_beside_the_line(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    found = as_user.get(address(fjord, connection, "connect"), criteria(""), headers=IN_DIALOG).text
    assert erp.searched == []
    assert 'id="criterion-1-error"' in found
    assert "Nothing has been searched for yet." in found


def test_criteria_work_without_a_script(as_user: Client, connection: Connection, fjord: RecordView) -> None:
    url = address(fjord, connection, "connect")
    assert 'name="criterion-1-field"' in as_user.get(url, {"advanced": "1"}).text
    edited = as_user.get(url, criteria("x") | {"criteria": "add"}).text
    assert 'name="criterion-2-field"' in edited
    assert "Fjord Fisk" in as_user.get(url, criteria("Fjord")).text


def test_a_contact_is_searched_within_its_company_by_criteria_too(
    as_user: Client, erp: SearchedErp, connection: Connection, fjord: RecordView
) -> None:
    eva = create_record(RecordType.CONTACT, {"FIRSTNAME": "Eva", "LASTNAME": "Berg"}, "test", fjord.id)
    connection.links.create(actor_type="Customer", erp_key="1", record_type="company", record_id=fjord.id)
    FieldMapping.objects.filter(actor__actor_type="Person").update(searchable=True)
    sent = {name: text.replace("NAME", "LASTNAME") for name, text in criteria("Be").items()}
    found = as_user.get(address(eva, connection, "connect", "Person"), sent, headers=IN_DIALOG).text
    assert erp.searched == [("LASTNAME begins Be", "ParentActorType = Customer", "ParentErpKey = 1")]
    assert "Berg" in found


def test_an_actor_type_without_searchable_fields_has_no_criteria(
    as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    FieldMapping.objects.update(searchable=False)
    assert "Advanced search" not in as_user.get(address(fjord, connection, "connect"), headers=HX).text


def test_the_remembered_criteria_are_the_users_own(as_user: Client, connection: Connection, fjord: RecordView) -> None:
    as_user.get(address(fjord, connection, "connect"), criteria("Fjord"), headers=IN_DIALOG)
    actor = ActorMapping.objects.get(actor_type="Customer")
    assert advanced_search.remembered(User.objects.get(username="anna"), actor)
    assert advanced_search.remembered(create_user("bo", "hemligt"), actor) is None


class ReadingConnector(Connector):
    """An ERP that can be read and not written."""

    name = "reading"


def test_creating_is_dimmed_where_the_connector_cannot(
    as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    with connectors.use("Harbour", ReadingConnector()):
        frame = as_user.get(address(fjord, connection, "connect"), {"q": "x"}, headers=IN_DIALOG).text
        assert "can&#x27;t create records" in frame
        assert address(fjord, connection, "create") not in frame
        refused = as_user.post(address(fjord, connection, "create"), headers=HX).text
        assert "can&#x27;t create records" in refused
        assert "disabled" in refused


def test_creating_is_dimmed_where_every_field_is_read_only(
    as_user: Client, connection: Connection, fjord: RecordView
) -> None:
    FieldMapping.objects.filter(actor__actor_type="Customer").update(access=2)
    found = as_user.get(address(fjord, connection, "connect"), {"q": "x"}, headers=IN_DIALOG).text
    assert "All fields are read-only" in found
