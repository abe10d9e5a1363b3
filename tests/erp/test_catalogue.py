"""The catalogue of the connectors installed on this server (behaviour A2)."""

from __future__ import annotations

import pytest
from django.utils import translation

from brygga import connectors
from brygga.erp.models import Connector
from brygga.erp.services.catalogue import addresses, catalogue

pytestmark = pytest.mark.django_db


def test_each_installed_connector_says_what_it_is_for_and_what_it_needs() -> None:
    Connector.objects.create(name="Excel", url="plugin://workbook")
    Connector.objects.create(name="Old Excel", url="plugin://workbook", deleted=True)
    found = {entry.name: entry for entry in catalogue()}
    assert set(found) >= {"csv", "workbook"}
    workbook = found["workbook"]
    assert (workbook.url, workbook.title, workbook.problem) == ("plugin://workbook", "Excel workbook", "")
    assert workbook.description
    assert [field.key for field in workbook.fields]
    assert workbook.used_by == ["Excel"]
    assert found["csv"].used_by == []


def test_the_catalogue_speaks_the_readers_language() -> None:
    english = {entry.name: entry.title for entry in catalogue()}
    with translation.override("sv"):
        swedish = {entry.name: entry.title for entry in catalogue()}
    assert english["workbook"] != swedish["workbook"]


def test_a_broken_connector_is_listed_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connectors, "names", lambda: ("broken", "csv"))
    broken, csv = catalogue()
    assert (broken.name, broken.title, broken.fields) == ("broken", "broken", [])
    assert 'No connector "broken" is installed' in broken.problem
    assert csv.problem == ""
    assert addresses() == [("plugin://broken", ""), ("plugin://csv", "CSV files")]
