"""SAS transport files and SAS7BDAT: numbers, dates, text, and files that were cut or damaged."""

from __future__ import annotations

import datetime
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from fuzz_seed_helpers import (
    frame,
    sas7bdat,
    xport,
)
from hypothesis import given
from hypothesis import strategies as st
from reader_helpers import refused, texts

from lesionhet.cohort import build_cohort
from lesionhet.errors import InputError
from lesionhet.readers import ReadOptions, read_bytes
from lesionhet.readers.formats.sas_dates import EPOCH, dated, kind_of


@pytest.mark.parametrize("version", [5, 8])
def test_a_transport_file_gives_numbers_dates_text_and_labels(version: int) -> None:
    table = pd.DataFrame(
        {
            "ID": ["P1", "", "Åse"],
            "SIZE": [0.0, None, 12.5],
            "ADT": [datetime.date(2020, 2, 29), None, datetime.date(1950, 1, 1)],
            "ADTM": [datetime.datetime(2020, 2, 29, 10, 30), None, datetime.datetime(1900, 1, 1)],
            "TIM": [datetime.time(23, 59, 59), None, datetime.time(0)],
        }
    )
    data = xport(version, table, column_labels={"SIZE": "Longest diameter (mm)"})

    read = read_bytes("tr.xpt", data)

    assert read.frame.values.tolist() == [
        [
            *("P1", 0.0, datetime.date(2020, 2, 29)),
            *(datetime.datetime(2020, 2, 29, 10, 30), datetime.time(23, 59, 59)),
        ],
        [
            *("Åse", 12.5, datetime.date(1950, 1, 1)),
            *(datetime.datetime(1900, 1, 1), datetime.time(0)),
        ],
    ]
    assert read.rows.tolist() == [2, 4]
    assert read.labels == {"SIZE": "Longest diameter (mm)"}
    assert texts(read) == ["tr.xpt: 1 empty row passed over."]


def test_a_zero_is_zero() -> None:
    """`pandas.read_sas` gives 5.4e-79 for it."""
    cells = read_bytes("tr.xpt", xport(5, pd.DataFrame({"N": [0.0, 1.0]}))).frame["N"]
    assert cells.tolist() == [0.0, 1.0]


@pytest.mark.parametrize("letter", [b".", b"_", b"A", b"Z"])
def test_missing_values_of_sas_are_empty_cells(letter: bytes) -> None:
    data = xport(5, pd.DataFrame({"ID": ["P1", "P2"], "N": [None, 2.0]}))
    assert data.count(b"." + bytes(7)) == 1
    data = data.replace(b"." + bytes(7), letter + bytes(7))
    assert read_bytes("tr.xpt", data).frame["N"].tolist() == [None, 2.0]


def test_a_patient_number_that_is_stored_as_a_number_has_no_decimals() -> None:
    table = frame().head(9).assign(patient_id=1015.0)
    cohort = build_cohort(read_bytes("tr.xpt", xport(8, table)))
    assert cohort.patients["patient_id"].tolist() == ["1015"]


def test_dates_beyond_the_years_of_pandas_and_numbers_that_are_no_dates() -> None:
    end = (datetime.date(9999, 12, 31) - EPOCH.date()).days
    numbers = pd.DataFrame({"ADT": [float(end), end + 1.0, 0.5, None], "N": [1.0] * 4})
    read = read_bytes("tr.xpt", xport(8, numbers, variable_format={"ADT": "DATE9."}))
    assert read.frame["ADT"].tolist() == [datetime.date(9999, 12, 31), end + 1.0, 0.5, None]
    assert texts(read) == ["tr.xpt, column 'ADT': 2 values that no date can have, kept as numbers."]


@given(
    st.datetimes(datetime.datetime(1583, 1, 1), datetime.datetime(9999, 12, 31)).map(
        lambda moment: moment.replace(microsecond=0)
    )
)
def test_dates_come_back_from_the_numbers_of_sas(moment: datetime.datetime) -> None:
    seconds = (moment - EPOCH).total_seconds()
    assert dated([seconds], "datetime") == ([moment], 0)
    assert dated([float((moment - EPOCH).days)], "date") == ([moment.date()], 0)
    assert dated([seconds % 86_400], "time") == ([moment.time()], 0)


@pytest.mark.parametrize(
    ("sas_format", "kind"),
    [
        *(("DATE9.", "date"), ("YYMMDD10", "date"), ("E8601DA", "date"), ("MONYY7.", "date")),
        *(("DATETIME20.", "datetime"), ("DTDATE9", "datetime"), ("E8601DT19.0", "datetime")),
        *(("TIME8.", "time"), ("HHMM5", "time"), ("8.2", None), ("$20.", None), ("", None)),
        *(("YEAR4.", None), ("BEST12.", None), ("DATEX", None), (None, None)),
    ],
)
def test_what_a_sas_format_says(sas_format: str | None, kind: str | None) -> None:
    assert kind_of(sas_format) == kind


def test_text_in_windows_encoding_is_read_and_said() -> None:
    data = xport(5, pd.DataFrame({"ID": ["Muller", "x"], "N": [1.0, 2.0]}))
    data = data.replace(b"Muller", "Mül“r”"[:5].encode("cp1252") + b"r")
    read = read_bytes("tr.xpt", data)
    assert read.frame["ID"].tolist() == ["Mül“rr", "x"]
    assert texts(read) == [
        "tr.xpt: text that is not UTF-8 is read as Windows-1252; --encoding chooses another."
    ]
    chosen = read_bytes("tr.xpt", data, ReadOptions(encoding="cp1252"))
    assert chosen.notices == ()
    assert chosen.frame["ID"].tolist() == read.frame["ID"].tolist()


def test_text_of_a_chosen_encoding() -> None:
    data = xport(8, pd.DataFrame({"ID": ["abcd"]})).replace(b"abcd", "患者".encode("shift-jis"))
    assert read_bytes("tr.xpt", data, ReadOptions(encoding="shift-jis")).frame.iloc[0, 0] == "患者"
    said = refused("tr.xpt", data, ReadOptions(encoding="ascii"))
    assert said == (
        "tr.xpt: the SAS file holds text that is not ascii. Name the encoding of its text with "
        "--encoding, such as latin-1, or export it as UTF-8."
    )


def test_text_of_no_usual_encoding() -> None:
    data = xport(8, pd.DataFrame({"ID": ["abcd"]})).replace(b"abcd", b"ab\x81\x8d")
    assert "text that is not UTF-8 or Windows-1252. Name the encoding" in refused("tr.xpt", data)


def two_members() -> bytes:
    first, second = xport(5, table_name="TR"), xport(5, frame().head(2), table_name="TU")
    return first + second[240:]


def test_a_file_of_several_data_sets_names_them_and_reads_the_chosen_one() -> None:
    assert refused("lib.xpt", two_members()) == (
        "lib.xpt: the file holds 2 data sets: 'TR', 'TU'; one is read. Name one of them with --sheet."
    )
    assert len(read_bytes("lib.xpt", two_members(), ReadOptions(sheet="tu")).frame) == 2
    assert len(read_bytes("lib.xpt", two_members(), ReadOptions(sheet="TR")).frame) == len(frame())
    said = refused("lib.xpt", two_members(), ReadOptions(sheet="DM"))
    assert said.startswith(
        "lib.xpt: the file holds no data set of the name 'DM'; found: 'TR', 'TU'."
    )


@pytest.mark.parametrize("version", [5, 8])
def test_a_cut_transport_file_is_never_read_as_a_whole_one(version: int) -> None:
    data = xport(version)
    start = data.index(b"HEADER RECORD*******OBS") + 80
    read = []
    for size in range(len(data)):
        try:
            read.append((size - start, len(read_bytes("tr.xpt", data[:size]).frame)))
        except InputError:
            continue
    # A row has 30 bytes and a record 80. Version 5 states no number of rows: after 8, 16 and 24 rows both
    # end at the same byte, and a file that was cut there looks whole.
    assert read == ([(240, 8), (480, 16), (720, 24)] if version == 5 else [])


def test_a_cut_within_a_row_is_named() -> None:
    data = xport(5)
    start = data.index(b"HEADER RECORD*******OBS") + 80
    assert refused("tr.xpt", data[: start + 160]) == (
        "tr.xpt: the SAS transport file was cut: it ends within row 6. Copy or export it anew, and "
        "compare the sizes."
    )
    assert "was cut: it ends before its rows." in refused("tr.xpt", data[: start - 80])
    assert "was cut: it ends within its variables." in refused("tr.xpt", data[:800])
    assert "has no data set" in refused("tr.xpt", data[:240])


def test_a_cut_between_rows_is_found_where_the_number_of_rows_is_stated() -> None:
    data = xport(8, pd.DataFrame({"A": ["x" * 80] * 3, "N": [1.0] * 3}))
    start = data.index(b"HEADER RECORD*******OBS") + 80
    cut = data[: start + 88].ljust(start + 160)
    assert "was cut: it states 3 rows and has 1." in refused("tr.xpt", cut)


def test_a_transport_file_without_rows() -> None:
    said = refused("tr.xpt", xport(5, frame().head(0)))
    assert (
        said == "tr.xpt: there is a heading but no row below it. Give a file with at least one row."
    )


@pytest.mark.parametrize(
    ("at", "piece", "expected"),
    [
        (8, (3).to_bytes(2, "big"), "a variable in the SAS transport file has an impossible type"),
        (12, bytes(2), "a variable in the SAS transport file has an impossible type or length."),
    ],
)
def test_a_damaged_description_of_a_variable(at: int, piece: bytes, expected: str) -> None:
    data = xport(5)
    begin = data.index(b"HEADER RECORD*******NAMESTR") + 80 - 8
    assert expected in refused("tr.xpt", data[: begin + at] + piece + data[begin + at + 2 :])


def test_a_damaged_header_of_the_variables() -> None:
    data = xport(5).replace(b"NAMESTR HEADER", b"NAMESTR HEBDER")
    assert "the header of the variables in the SAS transport file is damaged." in refused(
        "t.xpt", data
    )


def test_variables_without_end() -> None:
    data = xport(5)
    at = data.index(b"HEADER RECORD*******NAMESTR") + 53
    said = refused("tr.xpt", data[:at] + b"99999" + data[at + 5 :])
    assert "the table has 99,999 columns; 16,384 or fewer are expected." in said
    said = refused("tr.xpt", data[:at] + b"00000" + data[at + 5 :])
    assert "the SAS transport file has no variables." in said


@pytest.mark.filterwarnings("ignore:column 'PATIENT' is duplicated")
def test_columns_of_one_name_in_a_transport_file() -> None:
    data = xport(5).replace(b"LESION  ", b"PATIENT ")
    assert "column 'PATIENT': the heading stands 2 times." in refused("tr.xpt", data)


# SAS7BDAT.


def test_a_sas_data_set_is_read() -> None:
    read = read_bytes("tr.sas7bdat", sas7bdat())
    assert read.frame.values.tolist() == [
        ["P1", "L1", -3.0, 20.0, datetime.date(2020, 1, 1)],
        ["P1", "L1", 40.0, 12.5, None],
        ["Müller", "L2", -2.0, 30.0, datetime.date(2020, 2, 3)],
        ["Müller", "L2", 41.0, None, datetime.date(2020, 3, 17)],
    ]
    assert read.labels == {"diameter_mm": "Longest diameter (mm)"}
    assert repr(build_cohort(read)) == "Cohort(1 patient, 1 lesion, 2 measurements)"


def test_a_cut_sas_data_set_is_refused() -> None:
    data = sas7bdat()
    for size in range(32, len(data), 97):
        assert refused("tr.sas7bdat", data[:size]).startswith(
            "tr.sas7bdat: the SAS file cannot be read ("
        )


def test_a_sas_data_set_of_another_encoding_than_it_states() -> None:
    data = sas7bdat().replace("Müller".encode(), b"M\xfcller\0")
    said = refused("tr.sas7bdat", data)
    assert "Name the encoding of its text with --encoding, such as latin-1" in said
    read = read_bytes("tr.sas7bdat", data, ReadOptions(encoding="latin-1"))
    assert read.frame["patient_id"].tolist() == ["P1", "P1", "Müller", "Müller"]


def test_text_with_the_format_of_a_date_stays_text() -> None:
    """Found by the fuzzer (sas7bdat 2001854): a flipped bit gave a column of text the format DATE9."""
    data = xport(8, pd.DataFrame({"A": ["x", ""], "N": [1.0, 2.0]}))
    # The format stands 56 bytes into the description of a variable.
    at = data.index(b"HEADER RECORD*******NAMSTV8") + 80 + 56
    read = read_bytes("tr.xpt", data[:at] + b"DATE    " + data[at + 8 :])
    assert read.frame.values.tolist() == [["x", 1.0], [None, 2.0]]


R_FILES = """
d <- data.frame(ID = c("P1", "P2", NA), N = c(0, 1.25, NA), stringsAsFactors = FALSE)
d$D <- as.Date(c("2020-02-29", NA, "1959-12-31"))
attr(d$N, "label") <- "A number"
words <- commandArgs(TRUE)
haven::write_xpt(d, file.path(words[1], "v5.xpt"), version = 5, name = "TR")
haven::write_xpt(d, file.path(words[1], "v8.xpt"), version = 8, name = "TR")
suppressWarnings(haven::write_sas(d, file.path(words[1], "s.sas7bdat")))
"""


@pytest.mark.r
def test_files_that_r_wrote(tmp_path: Path) -> None:
    script = tmp_path / "write.R"
    script.write_text(R_FILES)
    asked = 'quit(status = !requireNamespace("haven", quietly = TRUE))'
    if subprocess.run(["Rscript", "-e", asked], check=False).returncode:
        pytest.skip("R has no package haven")
    subprocess.run(["Rscript", str(script), str(tmp_path)], check=True, capture_output=True)
    expected = [
        ["P1", 0.0, datetime.date(2020, 2, 29)],
        ["P2", 1.25, None],
        [None, None, datetime.date(1959, 12, 31)],
    ]
    for name in ("v5.xpt", "v8.xpt", "s.sas7bdat"):
        read = read_bytes(name, (tmp_path / name).read_bytes())
        assert read.frame.values.tolist() == expected, name
        assert read.labels == {"N": "A number"}
