"""Lists, their items, and what records have when an item goes (behaviour C1, C4)."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from brygga.crm.errors import Refused
from brygga.crm.fields import RecordType
from brygga.crm.models import Company, CrmList, DirtyMark
from brygga.crm.services import lists, replacing
from brygga.crm.services.records import RecordView, create_record, delete_record, get_record, save_record
from brygga.crm.services.user_fields import define_field, delete_field
from brygga.merge.values import Kind

pytestmark = pytest.mark.django_db

COMPANY = RecordType.COMPANY


def list_of(key: str) -> CrmList:
    return CrmList.objects.get(key=key)


def test_lists_of_ones_own_have_keys_made_of_their_names() -> None:
    made = [lists.add_list(name) for name in ("Größe & Farbe", " Größe: Farbe", "日本", "2 sizes")]
    assert [one.key for one in made] == ["groe_farbe", "groe_farbe_2", "list", "list_2_sizes"]
    assert lists.rename_list(made[0].pk, "Size").label == "Size"
    assert [one.size for one in lists.lists_with_sizes() if one.pk == made[0].pk] == [0]
    lists.delete_list(made[0].pk)
    assert not CrmList.objects.filter(key="groe_farbe").exists()


@pytest.mark.parametrize(
    "call",
    [
        lambda: lists.add_list("category"),
        lambda: lists.add_list(" "),
        lambda: lists.add_list("x" * 101),
        lambda: lists.rename_list(list_of("category").pk, "Business"),
        lambda: lists.rename_list(99_999, "x"),
        lambda: lists.delete_list(list_of("category").pk),
        lambda: lists.add_item("category", " "),
        lambda: lists.add_item("category", "retail"),
        lambda: lists.add_item("nowhere", "x"),
    ],
)
def test_what_cannot_be_done_with_lists(call: Callable[[], object]) -> None:
    lists.add_item("category", "Retail")
    with pytest.raises(Refused):
        call()
    assert [item.text for item in lists.items("category")] == ["Retail"]


def test_a_list_that_a_field_chooses_from_stays() -> None:
    own = lists.add_list("Colour")
    define_field(COMPANY, "colour", "Colour", Kind.LIST, own.key)
    delete_field(COMPANY, "colour")  # its values are kept, so its list is as well
    with pytest.raises(Refused, match="Colour"):
        lists.delete_list(own.pk)


@pytest.fixture
def retail(make_company: Callable[..., RecordView]) -> tuple[int, int, list[RecordView]]:
    """Two items of a list that is used by a standard field and by a user-defined one, and three companies."""
    define_field(COMPANY, "second", "Second category", Kind.LIST, "category")
    old, new = (lists.add_item("category", text).pk for text in ("Retail", "Shops"))
    values: list[dict[str, object]] = [{"category": str(old)}, {"x:second": str(old)}, {"category": str(new)}]
    return old, new, [make_company(f"Firm {n}", **one) for n, one in enumerate(values)]


def test_an_item_is_replaced_in_every_record_that_has_it(retail: tuple[int, int, list[RecordView]]) -> None:
    old, new, (first, second, third) = retail
    gone = create_record(COMPANY, {"NAME": "Gone", "category": str(old)}, "bo")
    delete_record(COMPANY, gone.id, 1, "bo")
    DirtyMark.objects.all().delete()
    assert replacing.uses_of(lists.find_item(old)) == {COMPANY: 2}
    assert replacing.replace_item(old, new, "eva") == 2
    now = [get_record(COMPANY, one.id) for one in (first, second, third)]
    assert [(one.version, one.fields["category"], one.fields["x:second"]) for one in now] == [
        (2, str(new), None),
        (2, None, str(new)),
        (1, str(new), None),
    ]
    assert set(DirtyMark.objects.values_list("record_id", "version")) == {(first.id, 2), (second.id, 2)}
    assert Company.objects.get(pk=first.id).updated_by == "eva"
    assert [item.text for item in lists.items("category")] == ["Shops"]


def test_a_record_that_is_saved_at_the_same_moment_gets_the_new_item_too(
    retail: tuple[int, int, list[RecordView]], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, new, (first, *_others) = retail
    write, tries = replacing._crm.write, []

    def write_late(*args: object) -> set[int]:
        if not tries:
            save_record(COMPANY, first.id, 1, {"PHONE": "theirs"}, "bo")
        tries.append(args)
        return write(*args)

    monkeypatch.setattr(replacing, "_crm", type("Late", (), {"write": staticmethod(write_late)}))
    assert replacing.replace_item(old, new, "eva") == 2
    now = get_record(COMPANY, first.id)
    assert (now.fields["PHONE"], now.fields["category"], now.version) == ("theirs", str(new), 3)


def test_only_an_item_of_the_same_list_can_take_the_place(retail: tuple[int, int, list[RecordView]]) -> None:
    old, new, (first, *_others) = retail
    other = lists.add_item("business", "Mining").pk
    lists.delete_item(new)
    for replacement in (old, other, new, 99_999):
        with pytest.raises(Refused):
            replacing.replace_item(old, replacement, "eva")
    assert get_record(COMPANY, first.id).fields["category"] == str(old)


def test_replacing_takes_no_query_per_record(make_company: Callable[..., RecordView]) -> None:
    counts = []
    for number in (2, 6):
        old, new = (lists.add_item("category", f"{text} {number}").pk for text in ("Old", "New"))
        for n in range(number):
            make_company(f"Firm {n}", category=str(old))
        with CaptureQueriesContext(connection) as queries:
            assert replacing.replace_item(old, new, "eva") == number
        counts.append(len(queries))
    assert counts[0] == counts[1]
