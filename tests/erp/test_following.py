"""What the connections do when lists and groups of the CRM change, and who is told of links (behaviour C4, A5, A9)."""

from __future__ import annotations

import pytest
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company

from brygga.crm.fields import RecordType
from brygga.crm.models import Company
from brygga.crm.services import groups, lists, user_fields
from brygga.crm.services.replacing import replace_item
from brygga.erp.models import Access, Connection, FieldMapping, Link, LinkState
from brygga.erp.services import linked
from brygga.erp.services.following import follow_item
from brygga.erp.services.sync import sync_now
from brygga.merge.values import Kind

pytestmark = pytest.mark.django_db

COMPANY = RecordType.COMPANY


def item(text: str) -> int:
    return next(one.pk for one in lists.items("category") if one.text == text)


def mapping() -> dict[str, str]:
    field = FieldMapping.objects.get(actor__actor_type="Customer", key="GROUP")
    return dict(field.items.values_list("erp_item", "crm_item__text"))


def test_a_new_item_takes_the_place_and_the_erp_keeps_its_value(erp: MemoryErp, connection: Connection) -> None:
    shops = lists.add_item("category", "Shops").pk
    assert linked.connections_mapping_item(item("Retail")) == ["memory"]
    assert replace_item(item("Retail"), shops, "eva") == 1
    assert mapping() == {"1": "Shops", "2": "Industry"}
    (part,) = sync_now([connection], "eva").connections
    assert (part.conflicts, part.failed) == (0, 0)
    assert (erp.value("1", "GROUP"), company("Fjord").fields["category"]) == ("1", str(shops))


def test_an_item_that_is_mapped_already_goes_to_the_erp(erp: MemoryErp, connection: Connection) -> None:
    replace_item(item("Retail"), item("Industry"), "eva")
    assert mapping() == {"2": "Industry"}
    sync_now([connection], "eva")
    assert erp.value("1", "GROUP") == "2"


def test_a_mapping_to_a_deleted_field_is_no_obstacle(connection: Connection) -> None:
    user_fields.define_field(COMPANY, "group", "Group", Kind.LIST, "category")
    FieldMapping.objects.filter(key="GROUP").update(crm_key="x:group")
    assert linked.connections_mapping_field("x:group", COMPANY) == ["memory"]
    user_fields.delete_field(COMPANY, "group")
    follow_item(item_id=item("Retail"), replacement_id=item("Industry"))
    assert mapping() == {"2": "Industry"}


def test_a_deleted_group_is_in_no_scope(connection: Connection) -> None:
    sales, board = groups.add_group("Sales"), groups.add_group("Board")
    for group in (sales, board):
        Access.objects.create(connection=connection, group=group)
    assert linked.connections_granted_to(sales.pk) == ["memory"]
    groups.delete_group(sales.pk, None, "eva")
    assert [row.group for row in Access.objects.all()] == [board]


def test_links_are_told_unless_the_erp_has_lost_the_record(connection: Connection) -> None:
    fjord, skog = company("Fjord"), company("Skog")
    (told,) = linked.links_of(COMPANY, [fjord.id])
    assert (told.connection, told.actor_type, told.erp_key, told.record_id) == ("memory", "Customer", "1", fjord.id)
    assert [one.erp_key for one in linked.links_of(COMPANY, [skog.id, fjord.id])] == ["1", "2"]
    Link.objects.filter(erp_key="1").update(state=LinkState.GONE)
    assert linked.links_of(COMPANY, [fjord.id]) == []


def test_linked_records_by_connection(connection: Connection) -> None:
    ids = linked.linked_ids(COMPANY, [connection])
    assert set(Company.objects.filter(id__in=ids)) == set(Company.objects.all())
    assert list(linked.linked_ids(COMPANY, [])) == []
