"""The demo's data: the same for the same seed, and what lies in the package is what the script writes."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from openpyxl import load_workbook

from brygga.demo import generate
from brygga.demo.people import Maker
from brygga.demo.words import DENMARK, GERMANY, NETHERLANDS, NORWAY, SWEDEN

COUNTRIES = (SWEDEN, NORWAY, DENMARK, GERMANY, NETHERLANDS)


def test_a_seed_gives_the_same_companies() -> None:
    first, second = Maker(3), Maker(3)
    assert [first.company(c) for c in COUNTRIES * 5] == [second.company(c) for c in COUNTRIES * 5]
    assert Maker(4).company(SWEDEN) != Maker(3).company(SWEDEN)


@pytest.mark.parametrize("country", COUNTRIES, ids=lambda country: country.code)
def test_no_company_comes_twice(country: object) -> None:
    maker = Maker(1)
    companies = [maker.company(country) for _ in range(90)]  # type: ignore[arg-type]
    assert len({company.name for company in companies}) == 90
    assert len({company.vat for company in companies}) == 90


def test_the_package_has_what_the_script_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    packaged = generate.DATA
    monkeypatch.setattr(generate, "DATA", tmp_path)
    generate.main()
    assert _sheets(tmp_path / "nordic.xlsx") == _sheets(packaged / "nordic.xlsx")
    assert _files(tmp_path / "continental") == _files(packaged / "continental")


def test_it_is_about_200_companies_and_250_people() -> None:
    sheets, files = _sheets(generate.DATA / "nordic.xlsx"), _files(generate.DATA / "continental")
    companies = sum(len(part[name]) - 1 for part in (sheets, files) for name in ("Customer", "Supplier"))
    people = sum(len(part["Person"]) - 1 for part in (sheets, files))
    assert 190 <= companies <= 230
    assert 220 <= people <= 280
    assert len(sheets["Project"]) - 1 == 20


def _sheets(path: Path) -> dict[str, list[tuple[object, ...]]]:
    book = load_workbook(path, read_only=True)
    try:
        return {sheet.title: list(sheet.iter_rows(values_only=True)) for sheet in book}
    finally:
        book.close()


def _files(folder: Path) -> dict[str, list[list[str]]]:
    return {path.stem: list(csv.reader(path.read_text("utf-8").splitlines())) for path in sorted(folder.glob("*.csv"))}
