"""Configuration as code: applied whole or not at all, exported, compared (behaviour G14)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase
from tests.erp.sample_connector import SampleConnector

from brygga.contract import Response
from brygga.crm.models import CrmListItem, User, UserGroup
from brygga.erp import connectors
from brygga.erp.configuration import apply, diff, export
from brygga.erp.errors import InvalidConfiguration
from brygga.erp.models import ActorMapping, Connection, Connector, FieldMapping, SyncSettings
from brygga.erp.services import access, connections
from brygga.erp.services.connections import find_connection

FILE = """\
sync: {automatic: false, interval: 30, crm_priority: 2}
connectors:
  - {name: Sample, url: "plugin://sample"}
connections:
  - name: {en: ERP, sv: Affären}
    connector: Sample
    description: The shop
    active: true
    scope: {users: [anna], groups: [Shop], may_create: false}
    config: {Server: erp.local, Port: 8000, Password: {env: SHOP_PASSWORD}}
    priority: 1
    conflict: erp
    actors:
      Customer:
        sync: true
        fields:
          Name: {crm: NAME, direction: both, search: true, rank: 9}
          CUSTGR: {crm: category, direction: to_crm, list: {"1": Hermits, "2": Crowds}}
          Blocked: {tab: true, conflict: ask}
        defaults:
          PAYTERM: {value: 30, ask: true, mandatory: true}
"""
SMALL = """\
connectors:
  - {name: Sample, url: "plugin://sample"}
connections:
  - name: ERP
    connector: Sample
    config: {Server: erp.local}
"""


@pytest.fixture
def sample(monkeypatch) -> Iterator[SampleConnector]:
    monkeypatch.setenv("SHOP_PASSWORD", "hemlig")
    with connectors.use("sample", SampleConnector()) as connector:
        yield connector


@pytest.fixture
def people(db) -> None:
    User.objects.create(username="anna", licences=["erp-sync"])
    UserGroup.objects.create(name="Shop")


@pytest.fixture
def applied(sample, people) -> Connection:
    apply(FILE)
    return find_connection("ERP")


def problems(text: str) -> list[tuple[int, str]]:
    with pytest.raises(InvalidConfiguration) as caught:
        apply(text)
    return [(problem.line, problem.key) for problem in caught.value.problems]


def field(key: str) -> FieldMapping:
    return FieldMapping.objects.get(actor__actor_type="Customer", key=key)


def test_a_file_sets_up_connections_and_mappings(applied, sample):
    assert applied.active
    assert (applied.names, applied.policy, applied.priority) == ({"en": "ERP", "sv": "Affären"}, "erp", 1)
    assert sample.saved[str(applied.guid)] == {"Server": "erp.local", "Port": "[I:8000]", "Password": "hemlig"}
    assert SyncSettings.load().interval == 30
    name = field("Name")
    assert (name.crm_key, name.to_crm, name.to_erp, name.show_in_search, name.rank) == ("NAME", True, True, True, 9)
    assert dict(field("CUSTGR").items.values_list("erp_item", "crm_item__text")) == {"1": "Hermits", "2": "Crowds"}
    assert (field("Blocked").show_in_tab, field("Blocked").policy, field("Blocked").crm_key) == (True, "ask", "")
    assert field("PAYTERM").default_value == "[I:30]"
    anna = User.objects.get(username="anna")
    assert access.may_connect(anna, applied)
    assert not access.may_create(anna, applied)


def test_the_report_tells_what_changed_and_never_a_secret(sample, people):
    report = apply(FILE)
    changes = {change.key: change.new for change in report.changes}
    assert changes["connectors.Sample"] == "plugin://sample"
    assert changes["lists.category.Hermits"] == "Hermits"
    assert changes["connections.ERP.actors.Customer.fields.Name.direction"] == "both"
    assert changes["connections.ERP.config.Password"] == "•••"
    assert "hemlig" not in str(report.as_json()) + repr(report)


def test_applying_again_changes_nothing(applied, sample):
    calls = len(sample.calls)
    ActorMapping.objects.update(position="77")
    assert not apply(FILE).changed
    assert sample.calls[calls:] == []
    assert set(ActorMapping.objects.values_list("position", flat=True)) == {"77"}
    assert CrmListItem.objects.filter(text="Hermits").count() == 1


def test_what_was_exported_changes_nothing(applied, monkeypatch):
    monkeypatch.delenv("SHOP_PASSWORD")
    assert apply(export()).changes == []
    assert diff(export()) == []


def test_an_export_sets_up_the_same_anew(applied, monkeypatch):
    text = export()
    connections.delete_connections([applied])
    Connector.objects.update(deleted=True)
    monkeypatch.setenv("ERP_ERP_PASSWORD", "hemlig")
    apply(text)
    assert export() == text
    assert find_connection("ERP").pk != applied.pk


def test_an_export_refers_to_secrets(applied):
    assert "hemlig" not in export()
    assert yaml.safe_load(export())["connections"][0]["config"]["Password"] == {"env": "ERP_ERP_PASSWORD"}


def test_a_difference_is_shown_and_nothing_is_changed(applied, sample):
    before, saved = export(), dict(sample.saved)
    changed = FILE.replace("direction: both", "direction: to_crm").replace("erp.local", "new.local")
    found = {d.key: (d.old, d.new) for d in diff(changed.replace("Crowds", "Multitudes"))}
    assert found == {
        "connections.ERP.config.Server": ("erp.local", "new.local"),
        "connections.ERP.actors.Customer.fields.Name.direction": ("both", "to_crm"),
        "connections.ERP.actors.Customer.fields.CUSTGR.list.2": ("Crowds", "Multitudes"),
        "lists.category.Multitudes": (None, "Multitudes"),
    }
    assert export() == before
    assert sample.saved == saved


def test_a_changed_secret_is_a_difference_without_its_text(applied, monkeypatch):
    monkeypatch.setenv("SHOP_PASSWORD", "nyhemlig")
    assert [str(found) for found in diff(FILE)] == ["connections.ERP.config.Password: ••• → •••"]


def test_a_difference_to_a_new_connection_leaves_the_connector_as_it_was(sample, people):
    assert {found.key.split(".")[0] for found in diff(FILE)} == {"sync", "connectors", "connections", "lists"}
    assert sample.saved == {}
    assert not Connection.objects.exists()


def test_new_values_of_an_active_connection_are_taken_and_it_stays_active(applied, sample):
    assert [change.key for change in apply(FILE.replace("erp.local", "new.local")).changes] == [
        "connections.ERP.config.Server"
    ]
    assert find_connection("ERP").active
    assert sample.saved[str(applied.guid)]["Server"] == "new.local"


def test_what_a_file_leaves_out_stays(applied):
    apply("connections:\n  - {name: ERP, priority: 7}\n")
    connection = find_connection("ERP")
    assert (connection.priority, connection.active, connection.policy) == (7, True, "erp")
    assert field("Name").to_erp


def test_fields_that_a_mapping_does_not_name_are_as_new_ones(applied):
    apply(
        "connections:\n  - name: ERP\n    actors:\n      Customer: {fields: {Name: {crm: NAME, direction: to_erp}}}\n"
    )
    assert (field("CUSTGR").crm_key, field("CUSTGR").items.count(), field("Blocked").show_in_tab) == ("", 0, False)
    assert field("VATNO").crm_key == "VATNO"
    assert field("PAYTERM").default_set


def test_deactivating(applied):
    assert [c.key for c in apply(FILE.replace("active: true", "active: false")).changes] == ["connections.ERP.active"]
    assert not find_connection("ERP").active


def test_everything_that_is_wrong_is_found_at_once_with_line_and_key(sample, people):
    text = FILE.replace("interval: 30", "interval: often").replace("conflict: erp", "conflict: dice")
    text = text.replace("sync: true", "sink: true").replace("search: true", "search: maybe")
    assert problems(text) == [
        (1, "sync.interval"),
        (12, "connections.ERP.conflict"),
        (15, "connections.ERP.actors.Customer.sink"),
        (17, "connections.ERP.actors.Customer.fields.Name.search"),
    ]
    assert not Connector.objects.exists()


def test_what_the_erp_or_the_crm_does_not_have_is_found_at_once(sample, people):
    text = FILE.replace("Blocked:", "Blokked:").replace("crm: NAME", "crm: NAMES").replace("PAYTERM:", "PAYTIME:")
    text = text.replace('"2": Crowds', '"9": Crowds').replace("category, direction", "NAMES, direction")
    assert problems(text) == [
        (17, "connections.ERP.actors.Customer.fields.Name.crm"),
        (18, "connections.ERP.actors.Customer.fields.CUSTGR.crm"),
        (18, "connections.ERP.actors.Customer.fields.CUSTGR.list.9"),
        (19, "connections.ERP.actors.Customer.fields.Blokked"),
        (21, "connections.ERP.actors.Customer.defaults.PAYTIME"),
    ]
    assert sample.saved == {}
    assert not Connection.objects.exists()
    assert not CrmListItem.objects.filter(text="Hermits").exists()


@pytest.mark.parametrize(
    ("old", "new", "line", "key", "message"),
    [
        ("plugin://sample", "plugin://absent", 3, "connectors.Sample.url", "absent"),
        ("connector: Sample", "connector: Simple", 6, "connections.ERP.connector", "Sample"),
        ("users: [anna]", "users: [hanna]", 9, "connections.ERP.scope.users[1]", 'Did you mean "anna"'),
        ("SHOP_PASSWORD", "NOT_SET", 10, "connections.ERP.config.Password", "NOT_SET is not set"),
        ("Server: erp.local", "Server: nowhere", 5, "connections.ERP", "No such server"),
        ("Port: 8000", "Port: many", 10, "connections.ERP.config.Port", "integer"),
        ("Customer:\n", "Supplier:\n", 14, "connections.ERP.actors.Supplier", "Customer"),
        ("Customer:\n", "Customers:\n", 14, "connections.ERP.actors.Customers", 'Did you mean "Customer"'),
        ("Name: {crm: NAME, direction: both", "NUMBER2: {crm: NUMBER2, direction: both", 17, "direction", "read-only"),
        ("Blocked: {tab: true", "Blocked: {crm: PHONE, direction: to_erp", 19, "direction", "lose data"),
        ('"2": Crowds', '"9": Crowds', 18, "list.9", '"9" is unknown'),
        ('"2": Crowds', '"2": hermits', 18, "list.2", "used twice"),
        ("value: 30", "value: soon", 21, "PAYTERM", "doesn't fit"),
        ("value: 30, ask: true, ", "", 21, "PAYTERM", "needs a default"),
        ("direction: both, search", "direction: sideways, search", 17, "direction", "to_crm"),
        ("direction: both", "direction: none", 17, "Name", "mandatory in the ERP"),
        (', list: {"1": Hermits, "2": Crowds}', "", 18, "CUSTGR", "not mapped"),
        ("    priority: 1\n", "    priority: 1\n    priority: 2\n", 12, "connections.ERP.priority", "twice"),
        ("conflict: erp", "conflict: [erp]", 12, "connections.ERP.conflict", "one of"),
        ("active: true", "active: 1", 8, "connections.ERP.active", "true or false"),
        ("name: {en: ERP, sv: Affären}", "name: 17", 5, "connections[1].name", "text"),
        ("sv: Affären", "xx: Affären", 5, "connections.ERP.name.xx", "unknown"),
        ("connections:", "conections:", 4, "conections", 'Did you mean "connections"'),
    ],
)
def test_a_mistake_is_told_with_its_place(sample, people, old, new, line, key, message):
    refused_at(FILE.replace(old, new), line, key, message)


def refused_at(text: str, line: int, key: str, message: str) -> None:
    before = export()
    with pytest.raises(InvalidConfiguration) as caught:
        apply(text)
    problem = caught.value.problems[0]
    assert problem.line == line
    assert problem.key.endswith(key)
    assert message in problem.message
    assert export() == before


def test_all_mistakes_are_told_at_once_and_none_twice(applied, sample):
    """Form, names that the server does not know, and what activation finds; not what merely follows from them."""
    wrong = FILE
    for old, new in (
        ("interval: 30", "interval: often"),
        ("connectors:\n", 'connectors:\n  - {name: Other, url: "plugin://absent"}\n  - {name: Third}\n'),
        ("users: [anna]", "users: [hanna]"),
        ("Port: 8000", "Port: 8000, Prot: 1"),
        ("crm: NAME, direction: both", "crm: NAMES, direction: sideways"),
        ('"2": Crowds', '"9": Crowds'),
        ("value: 30", "value: [30]"),
    ):
        assert old in wrong
        wrong = wrong.replace(old, new)
    for number, connector in enumerate(("Other", "Third", "Fourth")):
        wrong += f"  - {{name: New {number}, connector: {connector}, config: {{}}, actors: {{}}, acitve: true}}\n"
    assert problems(wrong) == [
        (1, "sync.interval"),
        (3, "connectors.Other.url"),
        (4, "connectors[2]"),
        (11, "connections.ERP.scope.users[1]"),
        (12, "connections.ERP.config.Prot"),
        (19, "connections.ERP.actors.Customer.fields.Name.direction"),
        (19, "connections.ERP.actors.Customer.fields.Name.crm"),
        (20, "connections.ERP.actors.Customer.fields.CUSTGR.list.9"),
        (23, "connections.ERP.actors.Customer.defaults.PAYTERM.value"),
        (24, "connections.New 0.acitve"),
        (25, "connections.New 1.acitve"),
        (26, "connections.New 2.acitve"),
        (26, "connections.New 2.connector"),
    ]
    new = SMALL.replace("name: ERP", "name: New").replace(
        "erp.local}", "erp.local, Prot: 1}\n    actors: {Customer: {fields: {Nmae: {}}}}"
    )
    before = dict(sample.saved)
    assert problems(new) == [(6, "connections.New.config.Prot"), (7, "connections.New.actors.Customer.fields.Nmae")]
    assert sample.saved == before  # the connector was told of the new connection, and to forget it


def test_a_name_may_not_come_twice(sample, people):
    refused_at(FILE + SMALL.partition("connections:\n")[2], 22, "connections.ERP", "comes twice")
    refused_at(SMALL + "sync: {}\nsync: {}\n", 8, "sync", "comes twice")


@pytest.mark.parametrize(
    ("text", "line"), [("", 1), ("- a\n- b\n", 1), ("a: [1\nb: 2\n", 2), ("just words", 1), ("--- 1\n--- 2\n", 2)]
)
def test_what_is_no_configuration_is_refused(db, text, line):
    with pytest.raises(InvalidConfiguration) as caught:
        apply(text)
    assert caught.value.problems[0].line == line


def test_tags_do_not_run_code(sample, db):
    refused_at("connectors: !!python/object/apply:os.getcwd []\n", 1, "connectors", "")


def test_two_connections_do_not_feed_one_field_but_may_trade_it(applied):
    second = SMALL.replace("ERP", "Second").replace(
        "    config", "    actors: {Customer: {sync: true, fields: {Name: {crm: NAME, direction: both}}}}\n    config"
    )
    with pytest.raises(InvalidConfiguration, match="ERP feeds this CRM field already"):
        apply(second)
    first = "  - {name: ERP, actors: {Customer: {fields: {Name: {crm: NAME, direction: to_erp}}}}}\n"
    assert apply(second + first).changed
    assert find_connection("Second").actors.get(actor_type="Customer").fields.get(key="Name").to_crm


def test_a_refused_file_tells_the_connector_the_old_values_again(applied, sample):
    changed = FILE.replace("erp.local", "new.local").replace("direction: both", "direction: none")
    with pytest.raises(InvalidConfiguration, match="mandatory"):
        apply(changed)
    assert sample.saved[str(applied.guid)]["Server"] == "erp.local"
    assert find_connection("ERP").active


def test_a_connector_that_fails_is_a_problem_of_its_connection(sample, people, monkeypatch):
    monkeypatch.setattr(sample, "test_connection", lambda guid: Response.failure("Closed."))
    refused_at(SMALL, 4, "connections.ERP", "Closed.")
    assert sample.saved == {}


def test_different_rights_are_a_list(applied):
    anna, shop = User.objects.get(username="anna"), UserGroup.objects.get(name="Shop")
    grants = [access.Grant(user=anna), access.Grant(group=shop, may_connect=False)]
    access.set_scope(applied, False, grants)
    scope = yaml.safe_load(export())["connections"][0]["scope"]
    assert scope == [
        {"may_connect": False, "may_create": True, "groups": ["Shop"]},
        {"may_connect": True, "may_create": True, "users": ["anna"]},
    ]
    assert apply(export()).changes == []


WORDS = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=20
).filter(lambda word: word.strip() == word and word != "")
DIRECTIONS = st.sampled_from(["none", "to_crm", "to_erp", "both"])
FIELDS = st.fixed_dictionaries(
    {},
    optional={
        "Name": st.fixed_dictionaries({"crm": st.sampled_from(["NAME", "DEPARTMENT"]), "direction": DIRECTIONS}),
        "VATNO": st.fixed_dictionaries(
            {"crm": st.sampled_from(["VATNO", "PHONE"])},
            optional={"tab": st.booleans(), "rank": st.integers(-5, 500), "conflict": st.sampled_from(["ask", "crm"])},
        ),
        "CUSTGR": st.fixed_dictionaries(
            {"crm": st.just("category")},
            optional={"list": st.lists(WORDS, max_size=3, unique_by=str.casefold).map(
                lambda texts: {str(n): text for n, text in enumerate(texts, start=1)})},
        ),
    },
)  # fmt: skip
ACTOR = st.fixed_dictionaries(
    {"sync": st.booleans(), "fields": FIELDS},
    optional={"defaults": st.fixed_dictionaries({}, optional={"VATNO": st.fixed_dictionaries({"value": WORDS})})},
)
FILES = st.fixed_dictionaries(
    {"name": st.one_of(WORDS, st.dictionaries(st.sampled_from(["en", "sv", "da"]), WORDS, min_size=1)),
     "connector": st.just("Sample"), "config": st.fixed_dictionaries({"Server": WORDS})},
    optional={"description": WORDS, "priority": st.integers(-9, 9),
              "actors": st.fixed_dictionaries({"Customer": ACTOR})},
)  # fmt: skip


class RoundTrip(TestCase):
    """Whatever is applied comes out again: export and apply are each other's inverse."""

    @settings(max_examples=30)
    @given(FILES)
    def test_what_was_applied_is_exported_and_changes_nothing(self, connection: dict) -> None:
        file = {"connectors": [{"name": "Sample", "url": "plugin://sample"}], "connections": [connection]}
        with connectors.use("sample", SampleConnector()):
            text = yaml.safe_dump(file, allow_unicode=True)
            apply(text)
            assert apply(text).changes == []
            exported = export()
            assert apply(exported).changes == []
            connections.delete_connections(connections.list_connections())
            apply(exported)
            assert export() == exported
