"""SDTM data sets made from scratch, and files of them in every format.

``trial()`` gives whole, sound data sets; a test changes the frames and writes them:

>>> from tests.cdisc_helpers import trial, write
>>> domains = trial(patients=2, targets=3)
>>> domains["TR"].loc[0, "TRSTRESU"] = "inches"
>>> paths = write(tmp_path, domains)               # doctest: +SKIP
"""

from __future__ import annotations

import datetime
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import pandas as pd
import pyreadstat

STUDY = "STUDY1"
START = datetime.date(2020, 1, 15)


class Visit(NamedTuple):
    number: float
    name: str
    day: int
    """Days from the start of treatment; 0 is the start itself."""


class Reader(NamedTuple):
    evaluator: str
    id: str = ""
    accepted: bool = False


VISITS = (
    Visit(1, "SCREENING", -7),
    Visit(3, "WEEK 6", 42),
    Visit(4, "WEEK 12", 84),
    Visit(5, "WEEK 18", 126),
)
INVESTIGATOR = Reader("INVESTIGATOR")
FIRST = Reader("INDEPENDENT ASSESSOR", "RADIOLOGIST 1", accepted=True)
SECOND = Reader("INDEPENDENT ASSESSOR", "RADIOLOGIST 2")
LOCATIONS = ("LIVER", "LUNG", "LYMPH NODE", "BONE", "ADRENAL GLAND")
RATIOS = (1.0, 0.8, 0.6, 0.9)
"""Size at each visit over baseline; the fourth visit is a relapse."""


def trial(
    patients: int = 2,
    targets: int = 3,
    nontargets: int = 1,
    readers: Sequence[Reader] = (INVESTIGATOR,),
    visits: Sequence[Visit] = VISITS,
    tests: Sequence[str] = ("LDIAM", "LPERP"),
    new_at: int | None = None,
    reader_links: bool = False,
) -> dict[str, pd.DataFrame]:
    """Make TU, TR, DM and RS of a small trial.

    Parameters
    ----------
    patients, targets, nontargets
        How many; lesions are those of each patient.
    readers
        Each measures every lesion at every visit; the second 1 mm more than the first, and so on.
    visits
        The first is the baseline.
    tests
        TRTESTCD of a target lesion: LDIAM is 20 mm, 30 mm ... at baseline, every other test 0.8 of it.
    new_at
        Number of the visit (0 is the baseline) at which each patient has a new lesion.
    reader_links
        Link ids such as R1-T01 for the first reader, instead of T01 for all.
    """
    tu, tr, rs = [], [], []
    for patient in range(patients):
        usubjid = f"{STUDY}-{patient + 1:03d}"
        for number, reader in enumerate(readers, start=1):
            prefix = f"R{number}-" if reader_links else ""
            kinds = [("TARGET", f"{prefix}T{i + 1:02d}") for i in range(targets)]
            kinds += [("NON-TARGET", f"{prefix}NT{i + 1:02d}") for i in range(nontargets)]
            tu += [
                tumour(usubjid, link, kind, LOCATIONS[i % 5], reader, visits[0])
                for i, (kind, link) in enumerate(kinds)
            ]
            for k, visit in enumerate(visits):
                for i, (kind, link) in enumerate(kinds):
                    if kind != "TARGET":
                        tr.append(state(usubjid, link, "PRESENT", reader, visit))
                        continue
                    size = (20.0 + 10 * i) * RATIOS[k % 4] + number - 1
                    tr += [
                        measurement(
                            usubjid, link, t, size * (1 if t == "LDIAM" else 0.8), reader, visit
                        )
                        for t in tests
                    ]
                if k == new_at:
                    link = f"{prefix}NEW01"
                    tu.append(tumour(usubjid, link, "NEW", "BRAIN", reader, visit))
                    tr.append(state(usubjid, link, "UNEQUIVOCAL", reader, visit, "NEW"))
                if k:
                    rs += responses(usubjid, ("SD", "PR", "PD")[(k - 1) % 3], reader, visit)
    return {
        "TU": numbered(tu, "TU"),
        "TR": numbered(tr, "TR"),
        "DM": demographics(patients),
        "RS": numbered(rs, "RS"),
    }


def _reader(reader: Reader, prefix: str) -> dict[str, str]:
    flag = "Y" if reader.accepted else ""
    return {
        f"{prefix}EVAL": reader.evaluator,
        f"{prefix}EVALID": reader.id,
        f"{prefix}ACPTFL": flag,
    }


def _visit(visit: Visit, prefix: str) -> dict[str, Any]:
    date = START + datetime.timedelta(days=visit.day)
    study_day = visit.day + 1 if visit.day >= 0 else visit.day
    return {
        "VISITNUM": float(visit.number),
        "VISIT": visit.name,
        f"{prefix}DTC": date.isoformat(),
        f"{prefix}DY": float(study_day),
    }


def tumour(
    usubjid: str, link: str, kind: str, location: str, reader: Reader, visit: Visit
) -> dict[str, Any]:
    """Give one row of TU."""
    return {
        **{"STUDYID": STUDY, "DOMAIN": "TU", "USUBJID": usubjid, "TULNKID": link},
        **{"TUTESTCD": "TUMIDENT", "TUTEST": "Tumor Identification"},
        **{"TUORRES": kind, "TUSTRESC": kind, "TULOC": location, "TUMETHOD": "CT SCAN"},
        **_reader(reader, "TU"),
        **_visit(visit, "TU"),
    }


def _result(usubjid: str, link: str, group: str, test: str) -> dict[str, Any]:
    return {
        **{"STUDYID": STUDY, "DOMAIN": "TR", "USUBJID": usubjid, "TRGRPID": group},
        **{"TRLNKID": link, "TRTESTCD": test, "TRTEST": test.title()},
    }


def measurement(
    usubjid: str, link: str, test: str, size: float, reader: Reader, visit: Visit
) -> dict[str, Any]:
    """Give one row of TR with a size in mm."""
    text = f"{size:.10g}"
    return {
        **_result(usubjid, link, "TARGET", test),
        **{"TRORRES": text, "TRORRESU": "mm", "TRSTRESC": text},
        **{"TRSTRESN": float(text), "TRSTRESU": "mm", "TRSTAT": "", "TRREASND": ""},
        **_reader(reader, "TR"),
        **_visit(visit, "TR"),
    }


def state(
    usubjid: str,
    link: str,
    text: str,
    reader: Reader,
    visit: Visit,
    group: str = "NON-TARGET",
) -> dict[str, Any]:
    """Give one row of TR with the state of a non-target or new lesion."""
    return {
        **_result(usubjid, link, group, "TUMSTATE"),
        **{"TRORRES": text, "TRORRESU": "", "TRSTRESC": text},
        **{"TRSTRESN": None, "TRSTRESU": "", "TRSTAT": "", "TRREASND": ""},
        **_reader(reader, "TR"),
        **_visit(visit, "TR"),
    }


def responses(usubjid: str, response: str, reader: Reader, visit: Visit) -> list[dict[str, Any]]:
    """Give the target, non-target and overall response of one visit."""
    texts = {"TRGRESP": response, "NTRGRESP": "NON-CR/NON-PD", "OVRLRESP": response}
    return [
        {
            **{"STUDYID": STUDY, "DOMAIN": "RS", "USUBJID": usubjid, "RSTESTCD": test},
            **{"RSCAT": "RECIST 1.1", "RSORRES": text, "RSSTRESC": text},
            **_reader(reader, "RS"),
            **_visit(visit, "RS"),
        }
        for test, text in texts.items()
    ]


def demographics(patients: int) -> pd.DataFrame:
    """Make DM: the start of treatment of all is `START`; every third patient died."""
    rows = []
    for i in range(patients):
        died = i % 3 == 2
        end = START + datetime.timedelta(days=200 + i)
        rows.append(
            {
                **{"STUDYID": STUDY, "DOMAIN": "DM", "USUBJID": f"{STUDY}-{i + 1:03d}"},
                **{"SUBJID": f"{i + 1:03d}", "RFSTDTC": START.isoformat()},
                **{"RFENDTC": end.isoformat(), "RFXSTDTC": START.isoformat()},
                **{"RFPENDTC": end.isoformat(), "DTHDTC": end.isoformat() if died else ""},
                **{"DTHFL": "Y" if died else "", "AGE": 60.0 + i, "AGEU": "YEARS"},
                **{"SEX": "FM"[i % 2], "RACE": "WHITE", "COUNTRY": "USA"},
                **{"ARMCD": "AB"[i % 2], "ARM": ("Arm A", "Arm B")[i % 2]},
                **{"ACTARMCD": "AB"[i % 2], "ACTARM": ("Arm A", "Arm B")[i % 2]},
            }
        )
    return pd.DataFrame(rows)


def numbered(rows: Sequence[Mapping[str, Any]], name: str) -> pd.DataFrame:
    """Give rows as a data set with --SEQ counted within each patient."""
    frame = pd.DataFrame(list(rows))
    if len(frame):
        frame.insert(3, f"{name}SEQ", frame.groupby("USUBJID").cumcount() + 1.0)
    return frame


def write(folder: Path, domains: Mapping[str, pd.DataFrame], form: str = "csv") -> list[Path]:
    """Write each data set to ``folder`` and give the paths.

    Parameters
    ----------
    form
        ``"csv"``, ``"xpt"`` (version 5), ``"xpt8"``, ``"parquet"``, ``"json"`` (Dataset-JSON 1.1) or
        ``"ndjson"``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    writers = {
        "csv": _csv,
        "xpt": _xpt,
        "xpt8": _xpt8,
        "parquet": _parquet,
        "json": _json,
        "ndjson": _ndjson,
    }
    ending = "xpt" if form == "xpt8" else form
    paths = []
    for name, frame in domains.items():
        path = folder / f"{name.lower()}.{ending}"
        writers[form](path, name, frame)
        paths.append(path)
    return paths


def _csv(path: Path, name: str, frame: pd.DataFrame) -> None:
    del name
    frame.to_csv(path, index=False)


def _for_sas(frame: pd.DataFrame) -> pd.DataFrame:
    """Give text as text without None and numbers as float: SAS has no other types."""
    return frame.apply(
        lambda column: (
            column.astype(float)
            if pd.api.types.is_numeric_dtype(column) or column.isna().all()
            else column.astype(object).where(column.notna(), "")
        )
    )


def _xpt(path: Path, name: str, frame: pd.DataFrame, version: int = 5) -> None:
    pyreadstat.write_xport(_for_sas(frame), str(path), table_name=name, file_format_version=version)


def _xpt8(path: Path, name: str, frame: pd.DataFrame) -> None:
    _xpt(path, name, frame, version=8)


def _parquet(path: Path, name: str, frame: pd.DataFrame) -> None:
    del name
    frame.to_parquet(path, index=False)


def _dataset(name: str, frame: pd.DataFrame) -> tuple[dict[str, Any], list[list[Any]]]:
    """Give the head and the rows of Dataset-JSON 1.1."""
    numeric = {c: pd.api.types.is_numeric_dtype(frame[c]) for c in frame.columns}
    columns = [
        {
            "itemOID": f"IT.{name}.{column}",
            "name": column,
            "label": column,
            "dataType": "double" if numeric[column] else "string",
        }
        for column in frame.columns
    ]
    head = {
        "datasetJSONCreationDateTime": "2020-01-01T00:00:00",
        "datasetJSONVersion": "1.1.0",
        "itemGroupOID": f"IG.{name}",
        "records": len(frame),
        "name": name,
        "label": name,
        "columns": columns,
    }
    values = frame.astype(object).where(frame.notna(), None)
    return head, values.to_numpy().tolist()


def _json(path: Path, name: str, frame: pd.DataFrame) -> None:
    head, rows = _dataset(name, frame)
    path.write_text(json.dumps({**head, "rows": rows}), encoding="utf-8")


def _ndjson(path: Path, name: str, frame: pd.DataFrame) -> None:
    head, rows = _dataset(name, frame)
    path.write_text("\n".join(map(json.dumps, [head, *rows])) + "\n", encoding="utf-8")
