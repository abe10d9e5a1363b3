"""The cell styles of a workbook: what a number format says about a field, and date formats where there was none."""

from __future__ import annotations

import copy
import re

from lxml import etree

from brygga.connectors.xlsx_package import Package, parse
from brygga.contract.actors import FieldType

_DECIMALS = re.compile(r"[0#?][.][0#?]")
_LITERALS = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_TEXT_FORMAT = 49
_DATE_TIME_FORMAT = 22
_BUILT_IN_DOUBLE = frozenset({2, 4, 7, 8, 10, 11, 39, 40, 43, 44})
_BUILT_IN_DATE = frozenset({*range(14, 23), *range(45, 48)})


class Styles:
    """The styles part. `part` is its name, empty if the workbook has none; `types` has, for each cell style by its
    number, the field type that its number format suggests, if any."""

    def __init__(self, package: Package) -> None:
        relations = package.relations(package.workbook_part).values()
        self.part = next((target for kind, target in relations if kind == "styles" and package.has(target)), "")
        self.grown = False
        self._root = parse(package.read(self.part)) if self.part else None
        self._cell_styles = self._root.find("{*}cellXfs") if self._root is not None else None
        self.types = self._read_types()

    def _read_types(self) -> list[FieldType | None]:
        if self._root is None or self._cell_styles is None:
            return []
        codes = {str(item.get("numFmtId")): str(item.get("formatCode")) for item in self._root.iter("{*}numFmt")}
        return [_format_type(int(style.get("numFmtId", "0")), codes) for style in self._cell_styles]

    def type_of(self, style: int) -> FieldType | None:
        """What the number format of a style suggests."""
        return self.types[style] if style < len(self.types) else None

    def as_date(self, style: int) -> int:
        """The number of a style that shows dates and is else as this one; made if need be."""
        if self._cell_styles is None or self.type_of(style) is FieldType.DATETIME or style >= len(self.types):
            return style
        dated = copy.deepcopy(self._cell_styles[style])
        dated.set("numFmtId", str(_DATE_TIME_FORMAT))
        dated.set("applyNumberFormat", "1")
        wanted = etree.tostring(dated)
        for number, known in enumerate(self._cell_styles):
            if etree.tostring(known) == wanted:
                return number
        self._cell_styles.append(dated)
        self._cell_styles.set("count", str(len(self._cell_styles)))
        self.types.append(FieldType.DATETIME)
        self.grown = True
        return len(self.types) - 1

    def content(self) -> bytes:
        """The styles part as it is now."""
        content: bytes = etree.tostring(self._root, xml_declaration=True, encoding="UTF-8", standalone=True)
        return content


def _format_type(number: int, codes: dict[str, str]) -> FieldType | None:
    code = _LITERALS.sub("", codes.get(str(number), "")).lower()
    if number == _TEXT_FORMAT or code == "@":
        return FieldType.TEXT
    if number in _BUILT_IN_DATE or ("general" not in code and any(letter in code for letter in "ymdhs")):
        return FieldType.DATETIME
    return FieldType.DOUBLE if number in _BUILT_IN_DOUBLE or _DECIMALS.search(code) else None
