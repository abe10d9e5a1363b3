"""Links as CSV: exported and imported again (behaviour G5)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.erp.matched import CUSTOMER, add_company, add_contact, unlinked_sides
from tests.erp.memory_erp import MemoryErp
from tests.erp.scenes import company

from brygga.contract import ActorType
from brygga.erp.errors import ConnectorFailed, Refused
from brygga.erp.models import Connection, Link, Run
from brygga.erp.services import link_files
from brygga.erp.services.importing import Selection, import_actors
from brygga.erp.services.link_files import COLUMNS, exported, import_links

HEAD = ",".join(COLUMNS) + "\n"


@pytest.fixture
def sides(db: None) -> Iterator[tuple[MemoryErp, Connection]]:
    with unlinked_sides() as made:
        yield made


@pytest.fixture
def erp(sides: tuple[MemoryErp, Connection]) -> MemoryErp:
    return sides[0]


@pytest.fixture
def connection(sides: tuple[MemoryErp, Connection]) -> Connection:
    return sides[1]


def test_what_is_exported_comes_back(erp: MemoryErp, connection: Connection) -> None:
    erp.put(CUSTOMER, "=1+1", NAME="Odd")
    odd = add_company("Odd", NUMBER2="@7")
    place = {"connection": connection, "actor_type": "Customer", "record_type": "company"}
    Link.objects.create(**place, erp_key="1", record_id=company("Fjord Fisk").id)
    Link.objects.create(**place, erp_key="=1+1", record_id=odd.id)
    text = "".join(exported(connection))
    assert "'=1+1" in text
    assert "'@7" in text
    assert import_links(connection, text).known == 2
    Link.objects.all().delete()
    done = import_links(connection, text)
    assert (done.made, done.known, done.refused) == (2, 0, [])
    assert Link.objects.get(erp_key="=1+1").record_id == odd.id
    assert erp.count("save_actors") == 0


def test_a_record_may_be_named_by_its_number_and_semicolons_may_part(connection: Connection) -> None:
    made = add_company("Numbered", NUMBER2="77")
    text = (HEAD + "memory,company,,77,Customer,1\n").replace(",", ";")
    assert import_links(connection, "\ufeff" + text).made == 1
    assert Link.objects.get().record_id == made.id


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("other,company,{id},,Customer,1", "another connection"),
        ("memory,contact,{id},,Customer,1", "not mapped"),
        ("memory,company,{id},,Vessel,1", "not mapped"),
        ("memory,company,{id},,Customer,", "ERP key is missing"),
        ("memory,company,,,Customer,1", "record is missing"),
        ("memory,company,99999,,Customer,1", "99999 does not exist"),
        ("memory,company,abc,,Customer,1", "abc does not exist"),
        ("memory,company,{id},12,Customer,1", "does not have the number 12"),
        ("memory,company,,12,Customer,1", "No record has the number 12"),
        ("memory,company,,8,Customer,1", "Several records have the number 8"),
        ("memory,company,{id},,Customer,none", "Customer none was not found"),
        ("memory,company,{id},,Customer,2", "linked already"),
    ],
)
def test_a_line_that_cannot_be_linked_is_refused_with_the_reason(
    connection: Connection, line: str, reason: str
) -> None:
    add_company("Eight", NUMBER2="8")
    add_company("Eight too", NUMBER2="8")
    place = {"connection": connection, "actor_type": "Customer", "record_type": "company"}
    Link.objects.create(**place, erp_key="2", record_id=company("Havn Handel").id)
    good = f"memory,company,{company('Skog og Tre').id},,Customer,5\n"
    done = import_links(connection, HEAD + line.format(id=company("Fjord Fisk").id) + "\n\n" + good)
    assert done.made == 1
    ((number, told),) = done.refused
    assert number == 2
    assert reason in told


def test_a_contact_is_linked_after_its_company_and_within_it_only(erp: MemoryErp, connection: Connection) -> None:
    fjord, skog = company("Fjord Fisk"), company("Skog og Tre")
    eva, other = add_contact(fjord, "Eva", "Berg"), add_contact(skog, "Eva", "Berg")
    erp.put(ActorType.PERSON, "10", parent="1", FIRSTNAME="Eva", LASTNAME="Berg")
    wrong = f"memory,contact,{other.id},,Person,10\n"
    assert "not linked" in import_links(connection, HEAD + wrong).refused[0][1]
    right = f"memory,contact,{eva.id},,Person,10\nmemory,company,{fjord.id},,Customer,1\n"
    assert import_links(connection, HEAD + right).made == 2


def test_a_person_that_waited_for_its_company_comes_with_the_companys_line(
    erp: MemoryErp, connection: Connection
) -> None:
    erp.put(ActorType.PERSON, "10", parent="1", FIRSTNAME="Eva", LASTNAME="Berg")
    import_actors(connection, "Person", Selection(keys=["10"]), by="test")
    line = f"memory,company,{company('Fjord Fisk').id},,Customer,1\n"
    assert import_links(connection, HEAD + line, "anna").made == 1
    assert Link.objects.get(actor_type="Person").erp_key == "10"
    assert Run.objects.get(by="anna").kind == "import"


def test_a_file_without_the_heads_is_refused(connection: Connection) -> None:
    for text in ("", "a,b\n1,2\n", "connection,record_type,actor_type,erp_key\n"):
        with pytest.raises(Refused, match="no column"):
            import_links(connection, text)
    with pytest.raises(Refused, match="Line 2"):
        import_links(connection, HEAD + "memory,company,1,," + "x" * 140_000 + ",1\n")


def test_while_the_erp_is_down_nothing_is_linked(erp: MemoryErp, connection: Connection) -> None:
    erp.down = "Closed for the night."
    with pytest.raises(ConnectorFailed):
        import_links(connection, HEAD + f"memory,company,{company('Fjord Fisk').id},,Customer,1\n")
    assert not Link.objects.exists()


@given(st.text(st.sampled_from("'=+-@a1"), max_size=8))
def test_a_text_is_harmless_to_a_spreadsheet_and_comes_back_as_it_was(text: str) -> None:
    safe = link_files._harmless(text)
    assert not safe.startswith(("=", "+", "-", "@"))
    assert link_files._plain(safe) == text
