"""The editor of an advanced search: operators and controls by type, what it sends, what it remembers (behaviour S)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.http import QueryDict
from django.test import Client
from django.urls import reverse
from django.utils import translation
from tests.erp.memory_erp import MemoryErp

from brygga.contract import FieldType, ListResponse, SearchRestriction
from brygga.contract.search import OPERATORS
from brygga.crm.models import User
from brygga.erp import connectors
from brygga.erp.models import Access, ActorMapping, Connection, Connector, FieldMapping
from brygga.erp.services import advanced_search
from brygga.web.criteria import remembered, sent
from brygga.web.criteria_words import WORDS

pytestmark = pytest.mark.django_db

FIELDS = {
    "NAME": FieldType.TEXT,
    "CREDIT": FieldType.DOUBLE,
    "VISITS": FieldType.INTEGER,
    "STOP": FieldType.CHECKBOX,
    "GROUP": FieldType.LIST,
    "SINCE": FieldType.DATETIME,
}


class Listless(MemoryErp):
    """An ERP whose lists can't be read."""

    def get_list(self, guid: str, list_name: str) -> ListResponse:
        return ListResponse.failure("Closed.")


@pytest.fixture
def actor(db: None) -> Iterator[ActorMapping]:
    """Customers with a field of each type, all of them searchable but one."""
    with connectors.use("searched", MemoryErp()):
        row = Connector.objects.create(name="Searched", url="plugin://searched")
        connection = Connection.objects.create(names={"en": "Fjord"}, connector=row, active=True)
        made = ActorMapping.objects.create(connection=connection, actor_type="Customer", record_type="company")
        for rank, (key, kind) in enumerate([*FIELDS.items(), ("SECRET", FieldType.PASSWORD), ("NOTE", FieldType.TEXT)]):
            list_name = "groups" if kind is FieldType.LIST else ""
            FieldMapping.objects.create(
                actor=made, key=key, type=kind, rank=rank, list_name=list_name, searchable=key != "NOTE"
            )
        yield made


def query(*lines: tuple[str, str, list[str]], **more: str) -> str:
    """What a form with these lines sends."""
    data = QueryDict(mutable=True)
    data["criteria-sent"] = "1"
    for number, (key, operator, values) in enumerate(lines, start=1):
        data[f"criterion-{number}-field"] = data[f"criterion-{number}-before"] = key
        data[f"criterion-{number}-operator"] = operator
        data.setlist(f"criterion-{number}-value", values)
    data.update(more)
    return data.urlencode()


def test_every_operator_of_the_contract_has_words() -> None:
    for kind, operators in OPERATORS.items():
        assert list(WORDS[kind]) == list(operators)


@pytest.mark.parametrize(
    ("key", "operator", "typed", "wire"),
    [
        ("NAME", "begins", [" Nord "], ["Nord"]),
        ("NAME", "=", [""], [""]),
        ("NAME", "between", ["a", "b"], ["a", "b"]),
        ("CREDIT", ">=", ["1500.5"], ["[F:1500.5]"]),
        ("VISITS", "!=", ["7"], ["[I:7]"]),
        ("STOP", "=", ["0"], ["[I:0]"]),
        ("GROUP", "oneof", ["1", "3"], ["1", "3"]),
        ("SINCE", "after", ["2024-02-29"], ["[D:02/29/2024]"]),
        ("SINCE", "between", ["2024-01-01", "2024-12-31"], ["[D:01/01/2024]", "[D:12/31/2024]"]),
    ],
)
def test_a_line_becomes_a_restriction_and_comes_back_as_it_was(
    user: User, actor: ActorMapping, key: str, operator: str, typed: list[str], wire: list[str]
) -> None:
    criteria = sent(user, actor, QueryDict(query((key, operator, typed))))
    assert criteria.is_valid()
    assert criteria.restrictions() == [SearchRestriction(key, operator, wire)]
    advanced_search.remember(user, actor, criteria.restrictions())
    again = remembered(user, actor)
    assert again.restrictions() == criteria.restrictions()
    assert [(line.field.key, line.operator) for line in again.lines] == [(key, operator)]


def test_a_date_may_have_a_time_of_day(user: User, actor: ActorMapping) -> None:
    text = query(("SINCE", "before", ["2024-02-29"]), **{"criterion-1-time": "13:45"})
    criteria = sent(user, actor, QueryDict(text))
    assert criteria.restrictions()[0].values == ["[DT:02/29/2024 13:45:00.0000000]"]
    advanced_search.remember(user, actor, criteria.restrictions())
    (line,) = remembered(user, actor).lines
    assert (line.values, line.times) == (["2024-02-29"], ["13:45"])


@pytest.mark.parametrize(
    ("key", "operator", "typed"),
    [
        ("NAME", "contains", [" "]),
        ("NAME", "between", ["a", ""]),
        ("CREDIT", ">", ["a lot"]),
        ("VISITS", "=", ["1.5"]),
        ("GROUP", "oneof", []),
        ("SINCE", "after", ["yesterday"]),
    ],
)
def test_a_line_that_cannot_be_searched_for_says_why(
    user: User, actor: ActorMapping, key: str, operator: str, typed: list[str]
) -> None:
    criteria = sent(user, actor, QueryDict(query((key, operator, typed))))
    assert not criteria.is_valid()
    assert criteria.lines[0].error
    assert criteria.focus == "criterion-1-value-0"


def test_numbers_are_read_and_shown_as_the_reader_writes_them(user: User, actor: ActorMapping) -> None:
    with translation.override("sv"):
        criteria = sent(user, actor, QueryDict(query(("CREDIT", "=", ["1500,5"]))))
        assert criteria.restrictions()[0].values == ["[F:1500.5]"]
        advanced_search.remember(user, actor, criteria.restrictions())
        assert remembered(user, actor).lines[0].values == ["1500,5"]


def test_only_fields_that_the_erp_can_search_are_on_offer(user: User, actor: ActorMapping) -> None:
    assert [key for key, _label in remembered(user, actor).choices] == list(FIELDS)
    assert sent(user, actor, QueryDict(query(("NOTE", "contains", ["x"])))).lines == []


def test_the_first_search_begins_with_a_blank_line_and_a_search_without_criteria_is_remembered_as_such(
    user: User, actor: ActorMapping
) -> None:
    assert [line.operator for line in remembered(user, actor).lines] == ["contains"]
    advanced_search.remember(user, actor, [])
    assert remembered(user, actor).lines == []


def test_each_user_has_criteria_of_their_own(user: User, admin: User, actor: ActorMapping) -> None:
    advanced_search.remember(user, actor, [SearchRestriction("NAME", "begins", ["A"])])
    assert advanced_search.remembered(admin, actor) is None


def test_a_remembered_line_of_a_field_that_is_gone_falls_away(user: User, actor: ActorMapping) -> None:
    lines = [SearchRestriction("NAME", "begins", ["A"]), SearchRestriction("STOP", "=", ["[I:1]"])]
    advanced_search.remember(user, actor, lines)
    FieldMapping.objects.filter(key="NAME").update(missing=True)
    assert [line.field.key for line in remembered(user, actor).lines] == ["STOP"]


def test_lines_are_added_removed_cleared_and_reset(as_admin: Client, admin: User, actor: ActorMapping) -> None:
    url = reverse("web:criteria", args=[actor.pk])

    def fields(**more: str) -> list[str]:
        text = query(("NAME", "begins", ["A"]), ("STOP", "=", ["1"]), **more)
        response = as_admin.get(f"{url}?{text}")
        assert response.status_code == 200
        return [line.field.key for line in response.context["criteria"].lines]

    assert fields(criteria="add") == ["NAME", "STOP", "CREDIT"]
    assert fields(criteria="remove-1") == ["STOP"]
    assert fields(criteria="clear") == []
    advanced_search.remember(admin, actor, [SearchRestriction("GROUP", "oneof", ["1"])])
    assert fields(criteria="reset") == ["GROUP"]


def test_another_field_brings_its_operators_and_controls(as_admin: Client, actor: ActorMapping) -> None:
    text = query(("NAME", "begins", ["A"]), criteria="update") + "&criterion-1-field=GROUP"
    text = text.replace("criterion-1-field=NAME&", "")
    response = as_admin.get(f"{reverse('web:criteria', args=[actor.pk])}?{text}")
    body = response.content.decode()
    assert response.context["criteria"].lines[0].operator == "oneof"
    for words in ("Is one of", "Is not one of", "Retail", "Industry"):
        assert words in body
    assert "Starts with" not in body


def test_a_list_that_cannot_be_read_says_so(as_admin: Client, actor: ActorMapping) -> None:
    with connectors.use("searched", Listless()):
        response = as_admin.get(f"{reverse('web:criteria', args=[actor.pk])}?{query(('GROUP', 'oneof', ['1']))}")
    assert "Closed." in response.content.decode()


def test_users_edit_criteria_for_the_connections_that_they_see(
    as_user: Client, user: User, actor: ActorMapping
) -> None:
    url = reverse("web:criteria", args=[actor.pk])
    assert as_user.get(url).status_code == 200
    Connection.objects.update(all_access=False)
    assert as_user.get(url).status_code == 404
    Access.objects.create(connection=actor.connection, user=user)
    assert as_user.get(url).status_code == 200
    assert as_user.get(reverse("web:criteria", args=[0])).status_code == 404
