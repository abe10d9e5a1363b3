"""`brygga link export` and `brygga link import`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.erp.matched import unlinked_sides
from tests.erp.scenes import company

from brygga.cli import run
from brygga.cli.output import DONE, PARTLY, REFUSED
from brygga.erp.models import Connection, Link

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Iterator[Connection]:
    """A connection with one link."""
    with unlinked_sides() as (_erp, made):
        place = {"connection": made, "actor_type": "Customer", "record_type": "company"}
        Link.objects.create(**place, erp_key="1", record_id=company("Fjord Fisk").id)
        yield made


def test_links_go_to_a_file_and_come_back(
    connection: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "links.csv"
    assert run(["link", "export", "memory", str(file)]) == DONE
    Link.objects.all().delete()
    capsys.readouterr()
    assert run(["link", "import", "memory", str(file)]) == DONE
    assert capsys.readouterr().out == "1 made, 0 there already, 0 refused\n"
    assert Link.objects.get().erp_key == "1"
    assert run(["link", "export", "memory"]) == DONE
    assert capsys.readouterr().out == file.read_bytes().decode()


def test_a_refused_line_is_named_with_its_reason(
    connection: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "links.csv"
    run(["link", "export", "memory", str(file)])
    file.write_text(file.read_text(encoding="utf-8") + "memory,company,99999,,Customer,5\n", encoding="utf-8")
    capsys.readouterr()
    assert run(["link", "import", "memory", str(file), "--json"]) == PARTLY
    told = capsys.readouterr()
    assert json.loads(told.out)["refused"] == [{"line": 3, "reason": "Record 99999 does not exist."}]
    assert f"{file}:3: Record 99999 does not exist." in told.err


def test_a_file_that_cannot_be_read_or_written_is_named(
    connection: Connection, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["link", "import", "memory", str(tmp_path / "none.csv")]) == REFUSED
    assert "cannot be read" in capsys.readouterr().err
    assert run(["link", "export", "memory", str(tmp_path / "none" / "links.csv")]) == REFUSED
    assert "cannot be written" in capsys.readouterr().err
    (tmp_path / "odd.csv").write_bytes(b"\xff\xfe")
    assert run(["link", "import", "memory", str(tmp_path / "odd.csv")]) == REFUSED
    assert "not UTF-8" in capsys.readouterr().err
