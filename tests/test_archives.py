"""Workbooks that are bombs, that lie about themselves, or whose XML asks for more than its own text."""

from __future__ import annotations

import gzip
import io
import re
import zipfile
from collections.abc import Callable

import pytest
from fuzz_seed_helpers import shared_workbook, workbook
from reader_helpers import refused

from lesionhet.errors import InputError
from lesionhet.readers.formats import limits
from lesionhet.readers.formats.limits import check_archive


def archive(parts: dict[str, bytes], packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", packing) as written:
        for name, part in parts.items():
            written.writestr(name, part)
    return content.getvalue()


def parts_of(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as read:
        return {name: read.read(name) for name in read.namelist()}


def with_part(name: str, part: bytes, packing: int = zipfile.ZIP_DEFLATED) -> bytes:
    return archive(parts_of(workbook()) | {name: part}, packing)


SHEET = "xl/worksheets/sheet1.xml"
BIG = with_part("xl/media/image1.png", bytes(range(256)) * (4 << 12))


def test_a_file_too_large_once_unpacked_is_refused_by_what_it_states(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(limits, "MAX_ENTRY_BYTES", 3 << 20)
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("it was unpacked"))
    data = BIG
    said = refused("t.xlsx", data)
    assert (
        "'xl/media/image1.png' in the workbook's archive has 4.0 MiB or more once unpacked" in said
    )


def test_a_file_that_packs_better_than_any_sheet_is_refused() -> None:
    said = refused("t.xlsx", with_part(SHEET, b"<row/>" * (2 << 20)))
    assert f"'{SHEET}' in the workbook's archive grows more than 200 times when unpacked." in said


def test_the_sum_of_all_files_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ARCHIVE_BYTES", 4 << 20)
    parts = {f"xl/media/{at}.png": bytes(range(256)) * 4096 for at in range(5)}
    said = refused("t.xlsx", archive(parts_of(workbook()) | parts, zipfile.ZIP_STORED))
    assert "the workbook has 5.0 MiB or more once unpacked; 4.0 MiB or less is expected." in said


def lying(data: bytes, name: str, size: int) -> bytes:
    """State another unpacked size for one file of an archive, in both of its headers."""
    changed = bytearray(data)
    for magic, name_at, size_at in ((b"PK\3\4", 30, 22), (b"PK\1\2", 46, 24)):
        at = -1
        while (at := data.find(magic, at + 1)) >= 0:
            if data[at + name_at : at + name_at + len(name)] == name.encode():
                changed[at + size_at : at + size_at + 4] = size.to_bytes(4, "little")
    return bytes(changed)


@pytest.mark.parametrize("size", [10, 1 << 30])
def test_a_size_that_is_not_true_is_found(size: int) -> None:
    said = refused("t.xlsx", lying(with_part(SHEET, b"<row/>" * 100_000), SHEET, size))
    assert said.startswith("t.xlsx: ")
    assert "cannot be read" in said or "once unpacked" in said


def test_what_is_unpacked_is_counted_and_not_only_what_is_stated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An archive library that gave more than is stated would be stopped as well."""
    data = with_part("xl/big.xml", bytes(range(256)) * 40_000)

    class Trusting(zipfile.ZipFile):
        def infolist(self) -> list[zipfile.ZipInfo]:
            return [*map(self._stated_small, super().infolist())]

        def _stated_small(self, entry: zipfile.ZipInfo) -> zipfile.ZipInfo:
            return SmallInfo(entry)

    class SmallInfo(zipfile.ZipInfo):
        def __init__(self, entry: zipfile.ZipInfo) -> None:
            super().__init__(entry.filename)
            self.real, self.file_size = entry, 1
            self.compress_size, self.compress_type = entry.compress_size, entry.compress_type

    real_open = zipfile.ZipFile.open
    monkeypatch.setattr(
        Trusting,
        "open",
        lambda self, entry: real_open(self, entry.real),
        raising=False,
    )
    monkeypatch.setattr(limits.zipfile, "ZipFile", Trusting)
    monkeypatch.setattr(limits, "MAX_ENTRY_BYTES", 1 << 20)
    with pytest.raises(InputError, match=re.escape("has 1.1 MiB or more once unpacked")):
        check_archive("t.xlsx", data)


@pytest.mark.parametrize(
    "name", ["../evil.xml", "/etc/evil.xml", "xl/../../evil.xml", "C:/evil.xml", "xl\\..\\evil.xml"]
)
def test_names_that_leave_the_folder_are_refused(name: str) -> None:
    said = refused("t.xlsx", with_part(name, b"<a/>"))
    assert said.startswith("t.xlsx: the workbook's archive has names outside its folder: '")


def test_a_file_that_stands_twice_is_refused() -> None:
    content = io.BytesIO(workbook())
    with zipfile.ZipFile(content, "a") as written, pytest.warns(UserWarning, match="Duplicate"):
        written.writestr(SHEET, b"<worksheet/>")
    assert f"holds a file twice: '{SHEET}'." in refused("t.xlsx", content.getvalue())


@pytest.mark.parametrize(
    "nested", [archive({"a": b"b"}), gzip.compress(b"a", mtime=0), b"7z\xbc\xaf\x27\x1c rest"]
)
def test_an_archive_within_the_archive_is_refused(nested: bytes) -> None:
    said = refused("t.xlsx", with_part("xl/media/image1.png", nested))
    assert "the workbook's archive holds another archive: 'xl/media/image1.png'." in said


def test_a_workbook_that_a_person_embedded_is_no_reason_to_refuse() -> None:
    check_archive("t.xlsx", with_part("xl/embeddings/Microsoft_Excel_Sheet.xlsx", workbook()))


def test_too_many_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ENTRIES", 5)
    assert "files; 5 or fewer are expected." in refused("t.xlsx", workbook())


def test_a_password_is_named() -> None:
    data = bytearray(workbook())
    for magic, at in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(magic) + at] |= 1
    said = refused("t.xlsx", bytes(data))
    assert said == "t.xlsx: the workbook has a password. Save it as .xlsx without a password."


def test_a_packing_that_excel_does_not_use() -> None:
    said = refused("t.xlsx", with_part("docProps/x.xml", b"x" * 100, zipfile.ZIP_BZIP2))
    assert "packed in a way that Excel does not use" in said


def test_files_that_overlap_in_the_archive_are_refused() -> None:
    """Zip bombs without recursion let many entries share the same packed bytes."""
    parts = {f"xl/{at}.xml": bytes(range(256)) * 64 for at in range(4)}
    data = bytearray(archive(parts, zipfile.ZIP_STORED))
    entries = [m.start() for m in re.finditer(b"PK\1\2", bytes(data))]
    for entry in entries[1:]:
        data[entry + 42 : entry + 46] = data[entries[0] + 42 : entries[0] + 46]
        data[entry + 20 : entry + 24] = (len(data)).to_bytes(4, "little")
    with pytest.raises(InputError):
        check_archive("t.xlsx", bytes(data))


# XML.


def entity_bomb(root: str, body: str) -> bytes:
    entities = ['<!ENTITY a0 "ha">']
    entities += [f'<!ENTITY a{n} "{f"&a{n - 1};" * 10}">' for n in range(1, 10)]
    return f'<?xml version="1.0"?><!DOCTYPE {root} [{"".join(entities)}]>{body}'.encode()


def with_external(root: str, body: str) -> bytes:
    return f'<?xml version="1.0"?><!DOCTYPE {root} [<!ENTITY a9 SYSTEM "file:///etc/passwd">]>{body}'.encode()


NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
SHARED = f'<sst {NS} count="1" uniqueCount="1"><si><t>&a9;</t></si></sst>'
CELL = '<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>'
SHEET_XML = f"<worksheet {NS}><sheetData>{CELL}</sheetData></worksheet>"
BOOK = f"<workbook {NS}><sheets>&a9;</sheets></workbook>"


@pytest.mark.parametrize("make", [entity_bomb, with_external])
@pytest.mark.parametrize(
    ("name", "root", "body"),
    [
        ("xl/sharedStrings.xml", "sst", SHARED),
        (SHEET, "worksheet", SHEET_XML),
        ("xl/workbook.xml", "workbook", BOOK),
        ("xl/styles.xml", "styleSheet", f"<styleSheet {NS}>&a9;</styleSheet>"),
        ("[Content_Types].xml", "Types", "<Types>&a9;</Types>"),
        ("docProps/core.xml", "coreProperties", "<coreProperties>&a9;</coreProperties>"),
    ],
)
def test_xml_is_read_without_entities(
    make: Callable[[str, str], bytes], name: str, root: str, body: str
) -> None:
    data = archive(parts_of(shared_workbook()) | {name: make(root, body)})
    if name in ("xl/styles.xml", "docProps/core.xml"):
        # What is not in the small workbook is in the one that openpyxl writes.
        data = with_part(name, make(root, body))
    said = refused("t.xlsx", data)
    assert said.startswith("t.xlsx: the Excel workbook cannot be read: its XML declares")
    assert "root:" not in said
    assert "haha" not in said
