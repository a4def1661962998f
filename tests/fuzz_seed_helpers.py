"""One small cohort in every format that is read: valid files to start from."""

from __future__ import annotations

import base64
import datetime
import io
import json
import tempfile
import zipfile
import zlib
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pyreadstat

ROWS = [
    (patient, lesion, day, round(size * (1 + 0.01 * day / (lesion_at + 7)), 1), site)
    for patient, size in (("P1", 30.0), ("Müller", 21.5), ("007", 44.0))
    for lesion_at, (lesion, site) in enumerate((("L1", "liver"), ("L2", "lung"), ("L3", None)))
    for day in (-3, 40, 82)
]
HEADINGS = ("patient_id", "lesion_id", "day", "diameter_mm", "site")
LABELS = ("Patient", "Lesion", "Day from the start", "Longest diameter (mm)", "Site")

SAS7BDAT = (
    "c-rmTO-"
    "lkn7zgmjGFq#HLP0^0b+SunNz^42Gzc~b?9d^wCAV5|*T@a(RNXsu?ps8+0;xmYqJz*O=-vmYpcfl=#?+zh%`VaZC-"
    "OM|otYIunUP(hs*~HDg@ew(#qpj(zO%?~cb`8nLNq`giqMBT>sqOJDmXc%CKK`5cq%y?bVHvgkLUfi56|tJc(qE(Gx"
    ">>{q<DNN90^CJ!>mSG9aRl$eS-"
    "i10000000000000000RE#k_8_|I;H^+|{n3KRyQNX8$n8qt;YAU7Ldy5sdCf}syvSqH{Jk#ub=&*-"
    "zDqvuk^=w$0KoUXJeC|^?Y~0ahQ@O<)YZ`VM$i9y<DdBO(wvmHIt%G0UP)Z{%Gy5BR@l?a7SMs3HYpzJk=nJysY>DM"
    "3Y+-SI3(tc5?}g{QM*{d`=s~vEaq6K$>eK&S2f$vEjw*w*jiuD8#&8)Nf~XEGKOaAw!W4&P0BB7Ryw2EdU-FAvzGO|"
    "9jqJ=hD>vioa=*=cT9QS7U{j*Ghg|P`$hG-9B=t-0{{DQNrGPk_>(;Rn=!-"
    "h08qt^07`+^sIzY_EEQu?hlJQr5Au5Xur+;pl+EgE>Tu<s170S0hg>mM-(frPHqz<6S;Q6{00000007{JUICbqv~>"
)
"""A SAS7BDAT file of 4 rows, written by haven 2.5.1 (R) with its function write_sas, packed by zlib."""


def frame() -> pd.DataFrame:
    """Give the cohort that every seed holds."""
    return pd.DataFrame(ROWS, columns=list(HEADINGS))


def sas7bdat() -> bytes:
    """Give the bytes of the SAS7BDAT file."""
    return zlib.decompress(base64.b85decode(SAS7BDAT))


SHORT = {"patient_id": "PATIENT", "lesion_id": "LESION", "diameter_mm": "DIAM"}
"""Version 5 of transport files has names of 8 letters."""


def xport(version: int, table: pd.DataFrame | None = None, **settings: Any) -> bytes:
    """Write a SAS transport file with pyreadstat."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "t.xpt")
        table = frame() if table is None else table
        table = table.rename(columns=SHORT) if version == 5 else table
        settings = {"table_name": "TR", **settings}
        pyreadstat.write_xport(table, path, file_format_version=version, **settings)
        return path.read_bytes()


def workbook() -> bytes:
    book = openpyxl.Workbook()
    book.active.title = "lesions"
    book.active.append([*HEADINGS, "scan_date", "known"])
    for row in ROWS:
        book.active.append([*row, datetime.date(2021, 3, 4), True])
    book.create_sheet("notes").append(["read me"])
    content = io.BytesIO()
    book.save(content)
    return content.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def shared_workbook() -> bytes:
    """Give a workbook as Excel writes it: each text once, apart from its cells; formulas and results."""
    texts = sorted(
        {str(cell) for row in (HEADINGS, *ROWS) for cell in row if isinstance(cell, str)}
    )

    def cell(value: Any) -> str:
        if value is None:
            return "<c/>"
        if isinstance(value, str):
            return f'<c t="s"><v>{texts.index(value)}</v></c>'
        return f"<c><f>1*{value}</f><v>{value}</v></c>" if value == 82 else f"<c><v>{value}</v></c>"

    rows = "".join(f"<row>{''.join(map(cell, row))}</row>" for row in (HEADINGS, *ROWS))
    kinds = {
        "workbook": "sheet.main",
        "worksheets/sheet1": "worksheet",
        "sharedStrings": "sharedStrings",
    }
    overrides = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{TYPE}.{kind}+xml"/>'
        for name, kind in kinds.items()
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types">{overrides}</Types>',
        "_rels/.rels": _relations("officeDocument", "xl/workbook.xml"),
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets>'
        '<sheet name="lesions" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": _relations("worksheet", "worksheets/sheet1.xml"),
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData>'
        '<mergeCells count="1"><mergeCell ref="A2:A10"/></mergeCells></worksheet>',
        "xl/sharedStrings.xml": f'<sst xmlns="{MAIN}">'
        + "".join(f"<si><t>{text}</t></si>" for text in texts)
        + "</sst>",
    }
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, part in parts.items():
            archive.writestr(name, part)
    return content.getvalue()


def _relations(kind: str, target: str) -> str:
    relation = f'<Relationship Id="rId1" Type="{OFFICE}/{kind}" Target="{target}"/>'
    return f'<Relationships xmlns="{PACKAGE}/relationships">{relation}</Relationships>'


def parquet(compression: str) -> bytes:
    content = io.BytesIO()
    table = frame()
    table["when"] = pd.to_datetime("2021-03-04")
    table["scan"] = table["day"].astype("Int64").where(table["day"] != 82)
    table.to_parquet(content, compression=compression)
    return content.getvalue()


def json_object(records: bool = True) -> dict[str, Any]:
    kinds = ("string", "string", "integer", "decimal", "string")
    columns = [
        {"itemOID": f"IT.{name}", "name": name, "label": label, "dataType": kind, "length": 8}
        for name, label, kind in zip(HEADINGS, LABELS, kinds, strict=True)
    ]
    rows = [[p, lesion, day, str(size), site] for p, lesion, day, size, site in ROWS]
    found: dict[str, Any] = {
        "datasetJSONCreationDateTime": "2024-07-30T09:38:42",
        "datasetJSONVersion": "1.1.0",
        "itemGroupOID": "IG.TR",
        "records": len(rows),
        "name": "TR",
        "label": "Tumor Results",
        "columns": columns,
    }
    return found | {"rows": rows} if records else found


def old_json_object() -> dict[str, Any]:
    """Give the same as version 1.0 lays it out."""
    new = json_object()
    items = [
        {"OID": "ITEMGROUPDATASEQ", "name": "ITEMGROUPDATASEQ", "label": "", "type": "integer"}
    ]
    items += [
        {"OID": c["itemOID"], "name": c["name"], "label": c["label"], "type": c["dataType"]}
        for c in new["columns"]
    ]
    rows = [[number, *row] for number, row in enumerate(new["rows"], start=1)]
    group = {"records": len(rows), "name": "TR", "label": "", "items": items, "itemData": rows}
    return {
        "creationDateTime": "2023-03-22T11:53:27",
        "datasetJSONVersion": "1.0.0",
        "clinicalData": {"studyOID": "S", "itemGroupData": {"IG.TR": group}},
    }


def ndjson() -> bytes:
    new = json_object()
    lines = [json_object(records=False), *new["rows"]]
    return "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()


def delimited(separator: str) -> bytes:
    rows = [separator.join(HEADINGS)]
    rows += [separator.join("" if cell is None else str(cell) for cell in row) for row in ROWS]
    return ("\n".join(rows) + "\n").encode()
