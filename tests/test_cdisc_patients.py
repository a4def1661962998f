"""Arms, covariates and supplemental qualifiers out of SDTM data sets."""

from __future__ import annotations

import pytest
from cdisc_patients_helpers import Rows, domain, domains_of, patients_of, problems_of

from lesionhet.cdisc.sdtm.supplement import merge
from lesionhet.checks.patients import check_patients
from lesionhet.readers import ReadOptions


def test_screen_failures_keep_a_row_without_an_arm() -> None:
    dm = [
        {"USUBJID": "P1", "ARM": "A", "ARMCD": "A", "ACTARM": "B", "ACTARMCD": "B"},
        {"USUBJID": "P2", "ARM": "Screen Failure", "ARMCD": "Scrnfail", "ACTARM": "Screen Failure"},
        {"USUBJID": "P3", "ARMNRS": "NOT ASSIGNED"},
        {"USUBJID": "P4", "ARM": "A", "ARMCD": "A", "ARMNRS": "ASSIGNED, NOT TREATED"},
        {"USUBJID": "P5", "ARMCD": "B", "ACTARM": "B"},
    ]

    frame, table, tables = patients_of(domains_of(DM=dm), survival="none")

    assert frame["arm"].to_dict() == {"P1": "A", "P2": None, "P3": None, "P4": "A", "P5": "B"}
    assert table.rows.tolist() == [2, 3, 4, 5, 6]
    assert tables["arms"].frame.to_numpy().tolist() == [
        ["", "", "not assigned", 1],
        ["", "", "screen failure", 1],
        ["A", "", "assigned, not treated", 1],
        ["A", "B", "", 1],
        ["B", "B", "", 1],
    ]
    assert [notice.text for notice in table.notices] == [
        "dm.csv: 1 patient with an actual arm (ACTARM) other than the planned one (ARM), which is used.",
        "dm.csv: 1 patient marked as assigned, not treated.",
        "dm.csv: 1 patient marked as not assigned. They have no arm.",
        "dm.csv: 1 patient marked as screen failure. They have no arm.",
    ]


def test_covariates_come_from_dm_and_its_supplement() -> None:
    dm = [
        {
            "USUBJID": "P1",
            "STUDYID": "S1",
            "AGE": 63.0,
            "AGEU": "YEARS",
            "SEX": "F",
            "RACE": "WHITE",
        },
        {"USUBJID": "P2", "STUDYID": "S2", "AGE": "60", "AGEU": "MONTHS", "COUNTRY": "USA"},
        {"USUBJID": "P3", "STUDYID": "S2", "AGE": None, "ETHNIC": None},
    ]
    supp = [
        {"RDOMAIN": "DM", "USUBJID": "P1", "QNAM": "ECOG", "QVAL": "1"},
        {"RDOMAIN": "DM", "USUBJID": "P1", "QNAM": "SITE", "QVAL": "701"},
        {"RDOMAIN": "DM", "USUBJID": "P2", "QNAM": "KRAS", "QVAL": "Wild Type"},
        {"RDOMAIN": "DM", "USUBJID": "P9", "QNAM": "ECOG", "QVAL": "2"},
    ]

    frame, table, tables = patients_of(domains_of(DM=dm, SUPPDM=supp), survival="none")

    assert frame.to_dict("index") == {
        "P1": {
            "trial": "S1",
            "age": 63.0,
            "sex": "F",
            "race": "WHITE",
            "country": None,
            "ecog": "1",
            "suppdm_site": "701",
            "kras": None,
        },
        "P2": {
            "trial": "S2",
            "age": 5.0,
            "sex": None,
            "race": None,
            "country": "USA",
            "ecog": None,
            "suppdm_site": None,
            "kras": "wild-type",
        },
        "P3": dict.fromkeys(
            ("trial", "age", "sex", "race", "country", "ecog", "suppdm_site", "kras")
        )
        | {"trial": "S2"},
    }
    assert tables["kras"].frame.to_numpy().tolist() == [["SUPPDM", "Wild Type", "wild-type", 1]]
    assert [notice.text for notice in table.notices] == [
        "suppdm.csv: 1 row without a row of dm.csv, left out: row 5.",
        "dm.csv, column 'AGE': 1 age converted to years from 'MONTHS'.",
    ]
    checked = check_patients(table, ReadOptions())
    assert checked.problems == ()
    assert checked.frame["ecog"].iloc[0] == 1.0


def test_one_study_is_no_trial_column() -> None:
    frame, _, _ = patients_of(domains_of(DM=[{"USUBJID": "P1", "STUDYID": "S"}]), survival="none")

    assert frame.columns.tolist() == []


def test_faults_of_ages_and_qualifiers_come_together() -> None:
    dm = [{"USUBJID": "P1", "AGE": 5.0, "AGEU": "DECADES", "SEX": "F"}]
    supp = [
        {"USUBJID": "P1", "QNAM": "SEX", "QVAL": "M"},
        {"USUBJID": "P1", "QNAM": None, "QVAL": "M"},
    ]

    assert problems_of(patients_of, domains_of(DM=dm, SUPPDM=supp), survival="none") == [
        "suppdm.csv, column 'QNAM': empty where a name is expected. Row 3. Name the qualifier.",
        "suppdm.csv, column 'QNAM': 'SEX': a column of DM has this name already. Row 2. Rename the "
        "qualifier or leave its rows out.",
        "dm.csv, column 'AGEU': found 'DECADES'; permitted: YEARS, MONTHS, WEEKS, DAYS, HOURS. Row 2. "
        "Correct the unit.",
    ]


@pytest.mark.parametrize(
    ("results", "status"),
    [
        (["WILD TYPE"], "wild-type"),
        (["WT", "Negative"], "wild-type"),
        (["MUTATION DETECTED"], "mutant"),
        (["NOT DETECTED"], "wild-type"),
        (["p.G12D"], "p.G12D"),
        (["WT", "MUTANT"], None),
        ([None, "MUT"], "mutant"),
    ],
)
def test_kras_is_read_under_a_stated_rule(results: list[str | None], status: str | None) -> None:
    gf = [{"USUBJID": "P1", "GFTESTCD": "SNV", "GFSYM": "KRAS", "GFSTRESC": r} for r in results]
    gf.append({"USUBJID": "P1", "GFTESTCD": "SNV", "GFSYM": "BRAF", "GFSTRESC": "MUTANT"})
    lb = [{"USUBJID": "P2", "LBTESTCD": "KRAS", "LBSTRESC": "MUTANT"}]
    domains = domains_of(DM=[{"USUBJID": "P1"}, {"USUBJID": "P2"}], GF=gf, LB=lb)

    frame, table, _ = patients_of(domains, survival="none")

    found = frame["kras"].to_dict() if "kras" in frame else {"P1": None, "P2": None}
    # GF has results: LB, which comes later, is not asked.
    assert found == {"P1": status, "P2": None}
    text = "1 patient with KRAS results that differ: 'P1'. Their status is left empty."
    assert [notice.text for notice in table.notices] == ([] if status else [text])


def test_dates_before_birth_are_problems_with_rows() -> None:
    domains = domains_of(
        DM=[
            {"USUBJID": "P1", "BRTHDTC": "1950-06-01", "RFSTDTC": "2014-01-01"},
            {"USUBJID": "P2", "BRTHDTC": "1950", "RFSTDTC": "1905-01-01"},
            {"USUBJID": "P3", "RFSTDTC": "1905-01-01"},
        ],
        TR=[
            {"USUBJID": "P1", "TRDTC": "1914-01-01"},
            {"USUBJID": "P1", "TRDTC": "1950"},
            {"USUBJID": "P9", "TRDTC": "1914-01-01"},
            {"USUBJID": "P1", "TRDTC": None},
        ],
    )

    mend = "Correct this date or the date of birth."
    assert problems_of(patients_of, domains, survival="none") == [
        f"dm.csv, column 'RFSTDTC': before the patient's birth (BRTHDTC of DM): 'P2'. Row 3. {mend}",
        f"tr.csv, column 'TRDTC': before the patient's birth (BRTHDTC of DM): 'P1'. Row 2. {mend}",
    ]


# Supplemental qualifiers


def test_qualifiers_find_their_rows_by_sequence_number_key_or_patient() -> None:
    tu = [
        {"USUBJID": "P1", "TUSEQ": 1.0, "TULNKID": "T01"},
        {"USUBJID": "P1", "TUSEQ": 2.0, "TULNKID": "T02"},
        {"USUBJID": "P2", "TUSEQ": 1.0, "TULNKID": "T01"},
    ]
    names = ("RDOMAIN", "USUBJID", "IDVAR", "IDVARVAL", "QNAM", "QVAL")
    supp: Rows = [
        dict(zip(names, cells, strict=True))
        for cells in (
            ("TU", "P1", "TUSEQ", " 02", "A", "x"),
            ("TU", "P2", "TUSEQ", 1.0, "A", "y"),
            ("TU", "P1", "TULNKID", "T01", "B", "z"),
            ("TU", "P1", None, None, "C", "all"),
            ("TR", "P1", None, None, "D", "of another data set"),
            ("TU", "P1", "TUSEQ", "9", "A", "of no row"),
        )
    ]

    merged = merge(domain("TU", tu), domain("SUPPTU", supp))

    assert merged.domain.frame[["A", "B", "C"]].to_numpy().tolist() == [
        [None, "z", "all"],
        ["x", None, "all"],
        ["y", None, None],
    ]
    assert (merged.added, merged.problems) == (("A", "B", "C"), ())
    assert [notice.text for notice in merged.notices] == [
        "supptu.csv: 1 row without a row of tu.csv, left out: row 7."
    ]


def test_two_values_of_one_qualifier_are_a_problem() -> None:
    supp = [
        *({"USUBJID": "P1", "QNAM": "ECOG", "QVAL": value} for value in ("1", "1", "2")),
        {"USUBJID": "P2", "QNAM": "ECOG", "QVAL": "1"},
    ]
    dm = domain("DM", [{"USUBJID": "P1"}, {"USUBJID": "P2"}])

    merged = merge(dm, domain("SUPPDM", supp))

    assert [str(problem) for problem in merged.problems] == [
        "suppdm.csv, column 'QVAL': two values of one qualifier for one row: 'ECOG'. 3 rows: 2, 3, 4. Keep "
        "one of them."
    ]


def test_a_supplement_without_its_columns_is_a_problem() -> None:
    merged = merge(domain("DM", [{"USUBJID": "P1"}]), domain("SUPPDM", [{"USUBJID": "P1"}]))

    assert [problem.column for problem in merged.problems] == ["QNAM", "QVAL"]
