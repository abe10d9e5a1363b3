"""The zip container of an Excel workbook: safe opening, finding parts, and replacing some while copying the rest."""

from __future__ import annotations

import io
import posixpath
import zipfile
from collections.abc import Mapping

from lxml import etree

from brygga.connectors.errors import SourceError
from brygga.connectors.texts import text

MAX_PART_BYTES = 200 * 1024 * 1024
"""Largest part that is unpacked, in bytes."""

_OLE_HEADER = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_RELATION_ID = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"


class Package:
    """A workbook in memory. Raises SourceError on opening for what is not an intact, unprotected workbook."""

    def __init__(self, content: bytes, name: str) -> None:
        self.content = content
        self.name = name
        if content.startswith(_OLE_HEADER):
            raise SourceError(text("protected", name=name))
        try:
            self.archive = zipfile.ZipFile(io.BytesIO(content))
            self._check()
            self.workbook_part = self._find_workbook()
            self.sheet_parts = self._find_sheets()
        except SourceError:
            raise
        except Exception as error:
            # zipfile, zlib and lxml raise many kinds of errors on damaged input; all mean the same to the user.
            raise damaged(name, error) from error

    def _check(self) -> None:
        for info in self.archive.infolist():
            if info.file_size > MAX_PART_BYTES:
                user = text("unpacks", name=self.name, limit=MAX_PART_BYTES >> 20)
                raise SourceError(user, f"{info.filename}: {info.file_size} bytes unpacked")
        broken = self.archive.testzip()
        if broken is not None:
            raise zipfile.BadZipFile(f"bad checksum in {broken}")

    def read(self, part: str) -> bytes:
        """The unpacked content of a part."""
        return self.archive.read(part)

    def has(self, part: str) -> bool:
        """Whether the part exists."""
        return part in self.archive.NameToInfo

    def relations(self, part: str) -> dict[str, tuple[str, str]]:
        """The relations of a part: id to (last word of the type, target part)."""
        folder, name = posixpath.split(part)
        path = posixpath.join(folder, "_rels", f"{name}.rels")
        if not self.has(path):
            return {}
        return {
            str(item.get("Id")): (
                str(item.get("Type", "")).rpartition("/")[2],
                posixpath.normpath(posixpath.join("/", folder, item.get("Target", ""))).lstrip("/"),
            )
            for item in parse(self.read(path))
            if isinstance(item.tag, str) and item.get("TargetMode") != "External"
        }

    def _find_workbook(self) -> str:
        return next(target for kind, target in self.relations("").values() if kind == "officeDocument")

    def _find_sheets(self) -> dict[str, str]:
        relations = self.relations(self.workbook_part)
        found = {}
        for sheet in parse(self.read(self.workbook_part)).iter("{*}sheet"):
            kind, target = relations.get(_relation_id(sheet), ("", ""))
            if kind == "worksheet" and self.has(target):
                found[str(sheet.get("name"))] = target
        return found

    def replaced(self, parts: Mapping[str, bytes]) -> bytes:
        """The workbook with some parts replaced; the packed bytes of all others, and their order, stay the same."""
        output = io.BytesIO()
        starts = sorted(info.header_offset for info in self.archive.infolist())
        ends = dict(zip(starts, [*starts[1:], self.archive.start_dir], strict=True))
        with zipfile.ZipFile(output, "w", zipfile.ZIP_DEFLATED) as target:
            target.comment = self.archive.comment
            for info in self.archive.infolist():
                if info.filename in parts:
                    target.writestr(_like(info), parts[info.filename])
                else:
                    _copy(target, info, self.content[info.header_offset : ends[info.header_offset]])
        return output.getvalue()


def parse(content: bytes) -> etree._Element:
    """Parse XML without entities, DTDs, network or oversized trees."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
    return etree.fromstring(content, parser)


def damaged(name: str, error: BaseException) -> SourceError:
    """What to say of a workbook that can't be read."""
    return SourceError(text("damaged", name=name), f"{name}: {error!r}")


def _relation_id(sheet: etree._Element) -> str:
    # Workbooks of the "strict" kind use another namespace for the same attribute.
    strict = next((value for key, value in sheet.attrib.items() if str(key).endswith("/relationships}id")), "")
    return str(sheet.get(_RELATION_ID) or strict)


def _like(info: zipfile.ZipInfo) -> zipfile.ZipInfo:
    fresh = zipfile.ZipInfo(info.filename, info.date_time)
    fresh.compress_type = info.compress_type
    fresh.external_attr = info.external_attr
    fresh.create_system = info.create_system
    return fresh


def _copy(target: zipfile.ZipFile, info: zipfile.ZipInfo, record: bytes) -> None:
    """Append a member as it is packed. The standard library has no public call for this."""
    moved = zipfile.ZipInfo(info.filename)
    for attribute in zipfile.ZipInfo.__slots__:
        if hasattr(info, attribute):
            setattr(moved, attribute, getattr(info, attribute))
    assert target.fp is not None
    target.fp.seek(target.start_dir)
    moved.header_offset = target.start_dir
    target.fp.write(record)
    target.start_dir = target.fp.tell()
    target.filelist.append(moved)
    target.NameToInfo[moved.filename] = moved
    target._didModify = True  # type: ignore[attr-defined]
