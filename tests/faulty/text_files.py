"""Text files that are no table, or not the one that they seem to be."""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import cdisc_helpers
from input_helpers import GOOD, GOOD_PATIENTS, HEADING

from .case import files

DATASET: dict[str, Any] = {
    "datasetJSONCreationDateTime": "2020-01-01T00:00:00",
    "datasetJSONVersion": "1.1.0",
    "itemGroupOID": "IG.LESIONS",
    "records": 2,
    "name": "LESIONS",
    "label": "lesions",
    "columns": [
        {"itemOID": name, "name": name, "label": name, "dataType": kind}
        for name, kind in zip(
            HEADING.split(","), ("string", "string", "integer", "double"), strict=True
        )
    ],
    "rows": [["P1", "L1", 0, 30.0], ["P1", "L1", 50, 20.0]],
}


def dataset(folder: Path, name: str = "lesions.json", **changes: Any) -> None:
    (folder / name).write_text(json.dumps({**DATASET, **changes}))


@files("gzip under the name of an XPT", "lesions.xpt")
def gzip_named_xpt(folder: Path) -> None:
    (folder / "lesions.xpt").write_bytes(gzip.compress(GOOD.encode(), mtime=0))


@files("HTML under the name .xls, as web pages export it", "lesions.xls")
def html_named_xls(folder: Path) -> None:
    (folder / "lesions.xls").write_text("<html><table><tr><td>P1</td></tr></table></html>")


@files("HTML under the name .xlsx", "lesions.xlsx")
def html_named_xlsx(folder: Path) -> None:
    (folder / "lesions.xlsx").write_text("<html><table><tr><td>P1</td></tr></table></html>")


@files("a folder called lesions.csv", "lesions.csv")
def folder_named_csv(folder: Path) -> None:
    (folder / "lesions.csv").mkdir()


@files("a folder called tr.csv beside TU and DM", "--sdtm sdtm")
def sdtm_folder_named_csv(folder: Path) -> None:
    domains = cdisc_helpers.trial()
    del domains["TR"]
    cdisc_helpers.write(folder / "sdtm", domains)
    (folder / "sdtm" / "tr.csv").mkdir()


@files("a symbolic link to itself", "lesions.csv")
def link_to_itself(folder: Path) -> None:
    (folder / "lesions.csv").symlink_to("lesions.csv")


@files("a symbolic link to itself among the data sets", "--sdtm sdtm")
def sdtm_link_to_itself(folder: Path) -> None:
    domains = cdisc_helpers.trial()
    del domains["TR"]
    cdisc_helpers.write(folder / "sdtm", domains)
    (folder / "sdtm" / "tr.csv").symlink_to("tr.csv")


@files("a named pipe, from which nothing ever comes", "lesions.csv")
def pipe(folder: Path) -> None:
    os.mkfifo(folder / "lesions.csv")


@files("a folder that is not there", "--sdtm trial")
def sdtm_no_such_folder(folder: Path) -> None:
    del folder


@files("a name with a line break", "'lesions\nof P1.csv'")
def name_with_line_break(folder: Path) -> None:
    (folder / "lesions\nof P1.csv").write_text(GOOD.replace("30", "thirty"))


@files("a name that is longer than a file system takes", "x" * 300 + ".csv")
def name_too_long(folder: Path) -> None:
    del folder


@files("UTF-32", "lesions.csv")
def utf32(folder: Path) -> None:
    (folder / "lesions.csv").write_bytes(GOOD.encode("utf-32"))


@files("Latin-1 bytes, read as such", "lesions.csv --encoding latin-1")
def latin1_declared(folder: Path) -> None:
    rows = "P3,Läsion,0,10\nP3,Läsion,40,9\n"
    (folder / "lesions.csv").write_bytes((GOOD + rows).encode("latin-1"))


@files("a quote that is never closed, at the end of the file", "lesions.csv")
def quote_never_closed(folder: Path) -> None:
    (folder / "lesions.csv").write_text(GOOD + 'P3,"L1,0,10\nP3,L1,40,9\n' * 3)


@files("decimal commas and semicolons, as Excel writes them in much of Europe", "lesions.csv")
def decimal_commas(folder: Path) -> None:
    (folder / "lesions.csv").write_text(GOOD.replace(",", ";").replace("30\n", "30,5\n"))


@files("sizes with thousands separators", "lesions.csv")
def thousands(folder: Path) -> None:
    (folder / "lesions.csv").write_text(GOOD + 'P3,L1,0,"1,030"\n')


@files("a second heading in the middle, where two exports were put together", "lesions.csv")
def heading_in_the_middle(folder: Path) -> None:
    (folder / "lesions.csv").write_text(GOOD + GOOD.replace("P1", "P3").replace("P2", "P4"))


@files("the two tables in the wrong order", "patients.csv lesions.csv")
def tables_swapped(folder: Path) -> None:
    (folder / "lesions.csv").write_text(GOOD)
    (folder / "patients.csv").write_text(GOOD_PATIENTS)


@files("a Git LFS pointer in place of the file", "lesions.csv")
def lfs_pointer(folder: Path) -> None:
    text = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n"
    (folder / "lesions.csv").write_text(text)


@files("JSON nested 200,000 deep", "lesions.json")
def json_too_deep(folder: Path) -> None:
    (folder / "lesions.json").write_text("[" * 200_000 + "]" * 200_000)


@files("JSON with a key twice", "lesions.json")
def json_key_twice(folder: Path) -> None:
    text = json.dumps(DATASET)
    (folder / "lesions.json").write_text(text[:-1] + ', "records": 3}')


@files("JSON with NaN", "lesions.json")
def json_nan(folder: Path) -> None:
    dataset(folder, rows=[["P1", "L1", 0, float("nan")], ["P1", "L1", 50, 20.0]])


@files("Dataset-JSON that states another number of records", "lesions.json")
def json_records_wrong(folder: Path) -> None:
    dataset(folder, records=7)


@files("Dataset-JSON with a row that is too short", "lesions.json")
def json_row_short(folder: Path) -> None:
    dataset(folder, rows=[["P1", "L1", 0], ["P1", "L1", 50, 20.0]])


@files("Dataset-JSON cut off", "lesions.json")
def json_cut(folder: Path) -> None:
    (folder / "lesions.json").write_text(json.dumps(DATASET)[:-40])


@files("JSON of another kind", "lesions.json")
def json_of_another_kind(folder: Path) -> None:
    (folder / "lesions.json").write_text('{"patients": [{"id": "P1"}]}')


@files("Dataset-JSON of AE called tr.json", "--sdtm sdtm")
def sdtm_json_of_another_domain(folder: Path) -> None:
    domains = cdisc_helpers.trial()
    domains["TR"]["DOMAIN"] = "AE"
    cdisc_helpers.write(folder / "sdtm", domains, "json")
