"""What an Excel workbook holds beside its values: sheets, merged cells, what is hidden, open formulas."""

from __future__ import annotations

import io
import posixpath
import zipfile
from dataclasses import dataclass, field
from typing import Any, Final
from xml.sax.handler import ContentHandler

import defusedxml.ElementTree
import defusedxml.sax
from openpyxl.utils import range_boundaries
from openpyxl.utils.cell import coordinate_from_string

from lesionhet.readers.shape.spans import Merged
from lesionhet.readers.table import fail

_WORKBOOK: Final = "xl/workbook.xml"
_STRICT: Final = "http://purl.oclc.org/ooxml/"


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook.

    Parameters
    ----------
    name
        Name on its tab.
    hidden
        Whether it is hidden.
    path
        File of the archive that holds it.
    """

    name: str
    hidden: bool
    path: str


@dataclass
class Facts:
    """What is known of one sheet beside its values; rows and columns count from 0.

    Parameters
    ----------
    merged
        Merged cells.
    hidden_rows
        Rows that are hidden, by hand or by a filter.
    hidden_columns
        First and last column of each hidden group.
    filtered
        Cells that a filter is set on, as a spreadsheet names them; empty where there is none.
    unfinished
        Rows with a formula whose result is not stored.
    """

    merged: list[Merged] = field(default_factory=list)
    hidden_rows: list[int] = field(default_factory=list)
    hidden_columns: list[tuple[int, int]] = field(default_factory=list)
    filtered: str = ""
    unfinished: list[int] = field(default_factory=list)


def sheets_of(file: str, data: bytes) -> tuple[Sheet, ...]:
    """Give the sheets of a workbook that hold cells, in the order of their tabs.

    Parameters
    ----------
    file
        Name for messages.
    data
        The workbook's bytes.

    Raises
    ------
    InputError
        A workbook of the "Strict Open XML" kind, which the reading library does not know.
    """
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        book = _xml(archive, _WORKBOOK)
        links = _xml(archive, "xl/_rels/workbook.xml.rels")
    if book.tag.startswith("{" + _STRICT):
        raise fail(
            file,
            "the workbook is of the kind 'Strict Open XML'; an ordinary one is expected.",
            "Save it as 'Excel Workbook (.xlsx)'.",
        )
    targets = {
        link.get("Id"): link.get("Target", "")
        for link in links
        if link.get("Type", "").endswith("/worksheet")
    }
    found = []
    for sheet in book.iter():
        link = next((value for key, value in sheet.attrib.items() if key.endswith("}id")), None)
        if _local(sheet.tag) == "sheet" and link in targets:
            path = posixpath.normpath(posixpath.join("/xl", targets[link])).lstrip("/")
            hidden = sheet.get("state", "visible") != "visible"
            found.append(Sheet(sheet.get("name", ""), hidden, path))
    return tuple(found)


def facts_of(data: bytes, sheet: Sheet) -> Facts:
    """Look at the XML of one sheet, once and piece by piece.

    Parameters
    ----------
    data
        The workbook's bytes.
    sheet
        One of its sheets.
    """
    look = _Look()
    with zipfile.ZipFile(io.BytesIO(data)) as archive, archive.open(sheet.path) as content:
        defusedxml.sax.parse(content, look, forbid_dtd=True)
    return look.facts


class _Look(ContentHandler):
    """Gathers the facts while the XML passes by."""

    def __init__(self) -> None:
        super().__init__()
        self.facts = Facts()
        self._row = 0
        self._cell: Any = {}
        self._formula = self._value = self._inside = False

    def startElement(self, name: str, attrs: Any) -> None:  # noqa: N802  the library's name
        """Take note of an element."""
        match _local(name):
            case "v":
                self._inside = True
            case "c":
                self._cell = attrs
                self._formula = False
                # A formula may give an empty text, which is a result.
                self._value = attrs.get("t") == "str"
            case "row":
                self._row = int(attrs.get("r", self._row + 1))
                if attrs.get("hidden") in ("1", "true"):
                    self.facts.hidden_rows.append(self._row - 1)
            case "f":
                self._formula = True
            case "col" if attrs.get("hidden") in ("1", "true"):
                self.facts.hidden_columns.append((int(attrs["min"]) - 1, int(attrs["max"]) - 1))
            case "mergeCell":
                left, top, right, bottom = range_boundaries(attrs["ref"])
                self.facts.merged.append(Merged(top - 1, left - 1, bottom - 1, right - 1))
            case "autoFilter":
                self.facts.filtered = attrs.get("ref", "")

    def characters(self, content: str) -> None:
        """Take note that a cell has a value."""
        self._value = self._value or self._inside

    def endElement(self, name: str) -> None:  # noqa: N802  the library's name
        """Take note of a formula without a result once its cell is over."""
        self._inside = False
        if self._formula and _local(name) == "c":
            self._formula = False
            if not self._value:
                place = self._cell.get("r")
                row = coordinate_from_string(place)[1] if place else self._row
                self.facts.unfinished.append(int(row) - 1)


def _xml(archive: zipfile.ZipFile, name: str) -> Any:
    return defusedxml.ElementTree.fromstring(archive.read(name), forbid_dtd=True)


def _local(name: str) -> str:
    """Give the name of an element without its namespace."""
    return name.rpartition("}")[2].rpartition(":")[2] if "}" in name or ":" in name else name
