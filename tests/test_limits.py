"""No file fills the memory: what is too large is refused early, with its reason."""

from __future__ import annotations

import io
import re
import zlib
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from fuzz_seed_helpers import sas7bdat, xport
from reader_helpers import refused

from lesionhet.errors import InputError
from lesionhet.readers import read_bytes, read_table
from lesionhet.readers.formats import dataset_json, limits
from lesionhet.readers.formats.limits import check_cells, in_words

# Text files.


def test_one_endless_line_of_separators_is_refused_before_it_is_parted() -> None:
    said = refused("t.csv", b"a,b\n" + b"," * (limits.MAX_LINE_CHARACTERS + 10))
    assert said == (
        "t.csv: the row that ends at line 2 or later has more than 16,777,216 characters. Check that the "
        "file is a table with line breaks, and that every quoted cell is closed."
    )


def test_a_row_that_goes_on_over_lines_is_refused_too() -> None:
    row = b'"\n",' * (limits.MAX_LINE_CHARACTERS // 4 + 1)
    assert "has more than 16,777,216 characters" in refused("t.csv", b"a,b\n" + row)


def test_a_quote_that_is_never_closed_is_refused_after_one_cell() -> None:
    said = refused("t.csv", b'a,b\n1,"' + b"x\n" * 200_000)
    assert said == (
        "t.csv: the cell that ends at line 65538 or later has more than 131,072 characters. Close every "
        "quoted cell; a quote that is never closed makes one cell of all that follows."
    )


def test_more_columns_than_a_spreadsheet_has() -> None:
    said = refused(
        "t.csv", b",".join(b"c%d" % at for at in range(limits.MAX_COLUMNS + 1)) + b"\n1\n"
    )
    assert said.startswith("t.csv: the table has 16,385 columns; 16,384 or fewer are expected.")


def test_empty_lines_below_the_table_cost_nothing_and_keep_the_row_numbers() -> None:
    table = read_bytes("t.csv", b"a,b\n1,2\n\n,\n3,4\n" + b"\r\n" * 6_000_000)
    assert table.rows.tolist() == [2, 5]
    assert table.frame["b"].tolist() == ["2", "4"]


def test_rows_of_separators_only_are_empty_rows() -> None:
    table = read_bytes("t.csv", b"a,b\n1,2\n" + b",\n" * 100_000)
    assert table.rows.tolist() == [2]


def test_a_table_of_separators_only_is_empty() -> None:
    assert "the file is empty" in refused("t.csv", b",,,\n" * 1000)


def test_endless_empty_rows_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_ROWS", 1000)
    said = refused("t.csv", b"a,b\n1,2\n" + b",\n" * 2000 + b"3,4\n")
    assert "the table has more than 1,000 rows, empty ones between them included" in said


def test_cells_are_counted_while_a_text_file_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_CELLS", 1000)
    said = refused("t.csv", b"a,b,c\n" + b"1,2,3\n" * 400)
    assert said.startswith("t.csv: the table has 334 rows of 3 cells or more; 1,000 cells or fewer")


def test_a_text_that_stands_in_many_cells_is_kept_once() -> None:
    table = read_bytes("t.csv", b"patient,site\n" + b"1,peritoneum\n" * 50)
    assert len({id(cell) for cell in table.frame["site"]}) == 1


# Any file.


def test_a_file_is_measured_before_it_is_read(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        file.truncate(limits.MAX_FILE_BYTES + (1 << 30))
    monkeypatch.setattr(Path, "read_bytes", lambda _: pytest.fail("the file was read"))
    with pytest.raises(InputError, match=re.escape("the file has 2.0 GiB; 1.0 GiB or less is")):
        read_table(path)


def test_the_size_of_an_upload_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_FILE_BYTES", 5)
    assert "the file has 8 bytes; 5 bytes or less is expected." in refused("t.csv", b"a,b\n1,2\n")


def test_sizes_in_words() -> None:
    assert [in_words(n) for n in (0, 1023, 1024, 1536 << 20)] == [
        "0 bytes",
        "1023 bytes",
        "1.0 KiB",
        "1.5 GiB",
    ]


def test_cells_that_fit_are_not_refused() -> None:
    check_cells("t.csv", limits.MAX_ROWS, 10)


# Parquet, SAS and JSON state their sizes.


def parquet(table: pa.Table) -> bytes:
    content = io.BytesIO()
    pq.write_table(table, content)
    return content.getvalue()


def test_a_small_parquet_file_of_very_many_rows_is_refused() -> None:
    data = parquet(pa.table({"a": pa.nulls(limits.MAX_ROWS + 1, pa.int8())}))
    assert len(data) < 100_000
    assert "t.parquet: the table has more than 5,000,000 rows" in refused("t.parquet", data)


def test_a_long_text_in_many_rows_of_a_parquet_file_is_kept_once() -> None:
    once = pa.DictionaryArray.from_arrays(pa.array([0] * 100_000, pa.int32()), ["x" * 1_000_000])
    cells = read_bytes("t.parquet", parquet(pa.table({"a": once}))).frame["a"]
    assert len({id(cell) for cell in cells}) == 1


def test_a_parquet_file_too_large_once_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_TABLE_BYTES", 100)
    data = parquet(pa.table({"a": list(range(1000))}))
    assert "once unpacked; 100 bytes or less is expected" in refused("t.parquet", data)


def test_a_transport_file_of_very_short_rows_is_refused_before_it_is_read() -> None:
    data = xport(5, pd.DataFrame({"A": ["x"]}))
    data += b"x" * 80 * (limits.MAX_ROWS // 80 + 1)
    assert "t.xpt: the table has more than 5,000,000 rows" in refused("t.xpt", data)


def test_a_sas_data_set_is_measured_by_what_it_states(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "MAX_CELLS", 19)
    assert "the table has 4 rows of 5 cells or more; 19 cells" in refused("t.sas7bdat", sas7bdat())
    monkeypatch.setattr(limits, "MAX_CELLS", 20)
    monkeypatch.setattr(limits, "MAX_TABLE_BYTES", 20)
    assert "once unpacked; 20 bytes or less is expected" in refused("t.sas7bdat", sas7bdat())


def test_a_packed_json_file_too_large_once_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dataset_json, "MAX_FILE_BYTES", 1 << 20)
    said = refused("t.dsjc", zlib.compress(bytes(2 << 20)))
    assert "t.dsjc: the file has more than 1.0 MiB once unpacked." in said


def test_json_of_very_many_brackets_is_refused_before_it_is_parsed() -> None:
    data = b'{"datasetJSONVersion": "1.1", "rows": [' + b"[]," * (2 * limits.MAX_ROWS) + b"[]]}"
    assert "t.json: the file has more than 5,000,000 rows or" in refused("t.json", data)


def test_brackets_without_end() -> None:
    said = refused("t.json", b'{"datasetJSONVersion": ' + b"[" * 100_000)
    assert said.startswith("t.json: the file has brackets within brackets without end.")


def test_nothing_is_unpickled(monkeypatch: pytest.MonkeyPatch) -> None:
    import pickle

    for name in ("loads", "load", "Unpickler"):
        monkeypatch.setattr(pickle, name, lambda *_, **__: pytest.fail("something was unpickled"))
    frame = pd.DataFrame({"a": ["x"], "b": pd.period_range("2020", periods=1, freq="D")})
    content = io.BytesIO()
    frame[["a"]].to_parquet(content)
    assert read_bytes("t.parquet", content.getvalue()).frame["a"].tolist() == ["x"]
    content = io.BytesIO()
    frame.to_parquet(content)
    said = refused("t.parquet", content.getvalue())
    assert "column 'b': the column holds values of a type of its own (pandas.period)." in said
