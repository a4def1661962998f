"""SAS and Parquet files that are cut, or hold something else than cells."""

from __future__ import annotations

from pathlib import Path

import cdisc_helpers
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pyreadstat

from .case import files

FRAME = pd.DataFrame(
    {
        "patient_id": ["P1"] * 4,
        "lesion_id": ["L1", "L1", "L2", "L2"],
        "day": [0.0, 50.0, 0.0, 50.0],
        "diameter_mm": [30.0, 20.0, 10.0, 11.0],
    }
)
SHORT = {"patient_id": "PATID", "lesion_id": "LESID", "day": "DAY", "diameter_mm": "SIZE"}
MAP = "--map patient_id=PATID --map lesion_id=LESID --map day=DAY --map diameter_mm=SIZE"


def xpt(folder: Path, version: int = 5) -> bytes:
    path = folder / "lesions.xpt"
    frame = FRAME.rename(columns=SHORT)
    pyreadstat.write_xport(frame, str(path), table_name="LESIONS", file_format_version=version)
    return path.read_bytes()


def cut(folder: Path, keep: int, version: int = 5) -> None:
    data = xpt(folder, version)
    (folder / "lesions.xpt").write_bytes(data[:keep])


@files("XPT cut in its header", "lesions.xpt")
def xpt_cut_in_header(folder: Path) -> None:
    cut(folder, 700)


@files("XPT cut after the first 80 bytes", "lesions.xpt")
def xpt_cut_at_once(folder: Path) -> None:
    cut(folder, 80)


@files("XPT cut in its last record", f"lesions.xpt {MAP}")
def xpt_cut_in_last_record(folder: Path) -> None:
    cut(folder, len(xpt(folder)) - 60)


@files("XPT of two members", "lesions.xpt")
def xpt_of_two_members(folder: Path) -> None:
    data = xpt(folder)
    (folder / "lesions.xpt").write_bytes(data + data[240:].replace(b"LESIONS ", b"OTHERS  "))


@files("XPT of version 8 that states more records than it has", "lesions.xpt")
def xpt_wrong_record_count(folder: Path) -> None:
    data = xpt(folder, version=8)
    place = data.index(b"OBSV8")
    line = data[place : place + 80]
    assert line.count(b"4") == 1
    (folder / "lesions.xpt").write_bytes(data.replace(line, line.replace(b"4", b"9")))


@files("XPT with zeros in place of its observations' header", "lesions.xpt")
def xpt_without_observations(folder: Path) -> None:
    data = xpt(folder)
    place = data.index(b"HEADER RECORD*******OBS")
    (folder / "lesions.xpt").write_bytes(data[:place] + bytes(80) + data[place + 80 :])


@files("TR cut in the middle of its records", "--sdtm sdtm")
def sdtm_xpt_cut(folder: Path) -> None:
    cdisc_helpers.write(folder / "sdtm", cdisc_helpers.trial(), "xpt")
    path = folder / "sdtm" / "tr.xpt"
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 4 // 80 * 80 + 33])


@files("SAS7BDAT of which only the first half of the header arrived", "lesions.sas7bdat")
def sas7bdat_cut(folder: Path) -> None:
    magic = bytes(12) + bytes.fromhex("c2ea8160b31411cfbd92080009c7318c181f1011")
    (folder / "lesions.sas7bdat").write_bytes(magic + bytes(480))


@files("CSV under the name of a SAS7BDAT", "lesions.sas7bdat")
def sas7bdat_is_text(folder: Path) -> None:
    FRAME.to_csv(folder / "lesions.sas7bdat", index=False)


@files("Parquet without its last bytes", "lesions.parquet")
def parquet_footer_cut(folder: Path) -> None:
    FRAME.to_parquet(folder / "lesions.parquet")
    path = folder / "lesions.parquet"
    path.write_bytes(path.read_bytes()[:-9])


@files("Parquet with a nested column", "lesions.parquet")
def parquet_nested(folder: Path) -> None:
    table = pa.Table.from_pandas(FRAME).append_column("scans", pa.array([[1.0, 2.0]] * 4))
    pq.write_table(table, folder / "lesions.parquet")


@files("Parquet with days as a pandas interval", "lesions.parquet")
def parquet_extension_type(folder: Path) -> None:
    frame = FRAME.assign(day=pd.arrays.IntervalArray.from_breaks([0.0, 1.0, 2.0, 3.0, 4.0]))
    frame.to_parquet(folder / "lesions.parquet")


@files("Parquet with days as dates", "lesions.parquet")
def parquet_dates(folder: Path) -> None:
    frame = FRAME.assign(day=pd.to_datetime(["2020-01-08", "2020-02-26"] * 2))
    frame.to_parquet(folder / "lesions.parquet")


@files("Parquet whose sizes are categories of text", "lesions.parquet")
def parquet_categories(folder: Path) -> None:
    sizes = pd.Categorical(["30 mm", "20 mm", "10 mm", "11 mm"])
    FRAME.assign(diameter_mm=sizes).to_parquet(folder / "lesions.parquet")


@files("Parquet with sizes of which some are infinite or not a number", "lesions.parquet")
def parquet_not_finite(folder: Path) -> None:
    FRAME.assign(diameter_mm=[30.0, float("inf"), 10.0, float("nan")]).to_parquet(
        folder / "lesions.parquet"
    )


@files("Parquet without rows", "lesions.parquet")
def parquet_empty(folder: Path) -> None:
    FRAME.iloc[:0].to_parquet(folder / "lesions.parquet")
