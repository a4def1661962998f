"""Anatomic terms of TULOC -> analysis sites."""

from __future__ import annotations

import csv
import random
from importlib import resources
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lesionhet.cdisc.site_words import one_error, words_of
from lesionhet.cdisc.sites import load_sites, map_sites
from lesionhet.errors import InputError
from lesionhet.plan import load_plan
from lesionhet.simulation.published import RARER_SITES

TABLE = load_sites()
ROWS = list(
    csv.DictReader(
        (resources.files("lesionhet.cdisc") / "sites.csv").read_text("utf-8").splitlines()
    )
)
WHOLE = [row for row in ROWS if not row["term"].endswith("*")]


def _one(term: str) -> tuple[str, str]:
    mapping = map_sites(pd.Series([term], dtype=object), TABLE)
    return mapping.sites.iloc[0], mapping.table["how"].iloc[0]


@pytest.mark.parametrize(
    ("term", "site"),
    [
        ("LIVER", "liver"),
        ("LIVER, RIGHT LOBE POSTEROSUPERIOR SEGMENT", "liver"),
        ("Segment IVa of the liver", "liver"),
        ("liver S7/8", "liver"),
        ("Liver metastasis, left lobe", "liver"),
        ("Couinaud Segment VII", "liver"),
        ("LUNG, LEFT, SUPERIOR LOBE, INFERIOR LINGULAR SEGMENT", "lung"),
        ("right upper lobe of lung", "lung"),
        ("RUL", "lung"),
        ("Lungs (bilateral)", "lung"),
        ("PLEURAL CAVITY", "pleura"),
        ("LYMPH NODE", "lymph node"),
        ("LYMPH NODES", "lymph node"),
        ("NODE, LYMPH", "lymph node"),
        ("MEDIASTINAL LYMPH NODE", "lymph node"),
        ("LYMPH NODE, LEFT SUPRACLAVICULAR", "lymph node"),
        ("Station 4R lymph-node", "lymph node"),
        ("hepatic lymph node", "lymph node"),
        ("BONE", "bone"),
        ("BONE, RIGHT ILIUM", "bone"),
        ("T12 vertebra", "bone"),
        ("vertebrae", "bone"),
        ("Rib 7 left", "bone"),
        ("Neck of femur", "bone"),
        ("BONE MARROW", "bone marrow"),
        ("BONE MARROW, FEMUR", "bone marrow"),
        ("BRAIN", "brain"),
        ("LEFT TEMPORAL LOBE", "brain"),
        ("TEMPORAL BONE", "bone"),
        ("PERITONEUM", "peritoneum"),
        ("OMENTUM", "peritoneum"),
        ("ADRENAL GLAND", "adrenal gland"),
        ("Adrenals", "adrenal gland"),
        ("Kidney, upper pole", "kidney"),
        ("SPLEEN.", "spleen"),
        ("SKIN OF THE BREAST", "skin"),
        ("PSOAS MUSCLE", "soft tissue"),
        ("SUBCUTANEOUS TISSUE", "soft tissue"),
        ("BREAST", "breast"),
        ("COLON, SIGMOID", "GI tract"),
        ("RECTUM", "GI tract"),
        ("ESOPHAGUS", "GI tract"),
        ("Oesophagus", "GI tract"),
        ("BLADDER", "genitourinary"),
        ("Ovaries", "genitourinary"),
        ("PELVIS", "pelvis"),
        ("ABDOMINAL CAVITY", "abdomen"),
        ("CHEST", "chest"),
        ("HEAD AND NECK", "head and neck"),
        ("BODY", "body"),
    ],
)
def test_terms_of_the_codelist_and_of_radiologists_have_a_site(term: str, site: str) -> None:
    assert _one(term) == (site, "table")


@pytest.mark.parametrize("term", [row["term"] for row in WHOLE[::25]])
def test_a_term_of_the_table_is_found_however_it_is_written(term: str) -> None:
    words = term.replace(",", "").split()
    random.Random(term).shuffle(words)

    assert _one("  " + " - ".join(words).title()) == _one(term)


def test_every_term_has_the_site_that_stands_beside_it() -> None:
    mapping = map_sites(pd.Series([row["term"] for row in WHOLE], dtype=object), TABLE)

    assert mapping.sites.tolist() == [row["site"] for row in WHOLE]
    assert set(mapping.table["how"]) == {"table"}
    assert mapping.notices == ()


def test_no_term_stands_in_the_table_with_two_sites() -> None:
    found: dict[object, set[str]] = {}
    for row in ROWS:
        found.setdefault((words_of(row["term"]), row["term"].endswith("*")), set()).add(row["site"])

    assert [sites for sites in found.values() if len(sites) > 1] == []
    assert all(words for words, _ in found)


def test_the_sites_of_plan_and_simulator_are_those_of_the_table() -> None:
    assert {*load_plan().organs, *RARER_SITES} <= set(TABLE.sites)


@pytest.mark.parametrize(
    ("term", "site"),
    [
        ("KIDNY", "kidney"),
        ("kindey, left", "kidney"),
        ("PERITONIUM", "peritoneum"),
        ("Right adrenal glnad", None),
        ("adrenel gland", "adrenal gland"),
        ("PANKREAS", "pancreas"),
        ("LIVERR", None),
        ("SKINN", None),
        ("PANKRES", None),
    ],
)
def test_one_error_in_a_long_word_is_forgiven_and_told(term: str, site: str | None) -> None:
    found = map_sites(pd.Series([term], dtype=object), TABLE)

    expected = (
        ("spelling", site) if site else ("unmapped", term.lower() if term.isupper() else term)
    )
    assert (found.table["how"].iloc[0], found.sites.iloc[0]) == expected
    if site:
        text = f"Anatomic terms read with one spelling error: '{term}' as {site}."
        assert [notice.text for notice in found.notices] == [text]


def test_a_word_as_near_to_two_sites_stays_unmapped(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    path.write_text("term,site\nBANDAGE,one\nBONDAGE,two\nBUNDAGES,one\n")

    mapping = map_sites(pd.Series(["BENDAGE", "BANDAGED"]), load_sites(path))

    assert mapping.sites.tolist() == ["bendage", "one"]
    assert mapping.table["how"].tolist() == ["unmapped", "spelling"]


def test_two_organs_in_one_term_are_not_decided() -> None:
    assert _one("Lung and liver") == ("Lung and liver", "unmapped")
    assert _one("LEFT LOBE") == ("left lobe", "unmapped")
    assert _one("LEFT") == ("left", "unmapped")
    assert _one("--") == ("--", "unmapped")


def test_unmapped_terms_come_in_one_warning_with_a_remedy() -> None:
    cells = pd.Series(
        ["Foo", "LIVER", None, "BAR  BAZ", "Foo", " "], dtype=object, index=range(3, 9)
    )

    mapping = map_sites(cells, TABLE)

    assert mapping.sites.tolist() == ["Foo", "liver", None, "bar baz", "Foo", None]
    assert mapping.sites.index.tolist() == list(range(3, 9))
    assert mapping.table.to_numpy().tolist() == [
        ["BAR  BAZ", "bar baz", 1, "unmapped"],
        ["Foo", "Foo", 2, "unmapped"],
        ["LIVER", "liver", 1, "table"],
    ]
    assert [(notice.level, notice.text) for notice in mapping.notices] == [
        (
            "warning",
            "2 anatomic terms in no table of sites, each kept as a site of its own: 'BAR  BAZ', 'Foo'. To "
            "change this, write a table with columns term and site and give it with --sites.",
        )
    ]


def test_the_users_table_wins_and_may_be_any_table(tmp_path: Path) -> None:
    path = tmp_path / "sites.tsv"
    path.write_text(
        "Site\tTerm\tcomment\nmediastinal node\tmediastinal lymph node *\tmine\nfoo\tBar\t\n"
    )
    cells = pd.Series(["LYMPH NODE, MEDIASTINAL, LEFT", "AXILLARY LYMPH NODE", "bars", "LIVER"])

    mapping = map_sites(cells, load_sites(path))

    assert mapping.sites.tolist() == ["mediastinal node", "lymph node", "foo", "liver"]


def test_faults_of_the_users_table_come_together_with_their_rows(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    path.write_text("term,site\nLIVER,liver\n,lung\n*,lung\nBONE,\nLivers,Leber\nBONES,\n")

    with pytest.raises(InputError) as error:
        load_sites(path)

    assert [str(problem).removeprefix(str(path)) for problem in error.value.problems] == [
        ", column 'term': empty where a term is expected. 2 rows: 3, 4. Fill in the cell or remove the row.",
        ", column 'site': empty where a site is expected. 2 rows: 5, 7. Fill in the cell or remove the row.",
        ", column 'term': several sites for one term: 'LIVER', 'Livers' (case, plurals and order do not "
        "count). 2 rows: 2, 6. Keep one row a term.",
    ]


def test_a_users_table_without_its_columns_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sites.csv"
    path.write_text("term,organ\nLIVER,liver\n")

    with pytest.raises(InputError, match=r"columns missing: 'site'; found: 'term', 'organ'\."):
        load_sites(path)


def test_no_cells_are_no_problem() -> None:
    mapping = map_sites(pd.Series([None, None], dtype=object), TABLE)

    assert mapping.sites.tolist() == [None, None]
    assert (len(mapping.table), mapping.notices) == (0, ())


@given(st.lists(st.text(max_size=25), max_size=5))
def test_any_text_has_a_site_or_stays_as_it_is(terms: list[str]) -> None:
    mapping = map_sites(pd.Series(terms, dtype=object), TABLE)

    empty = [not term.strip() for term in terms]
    assert mapping.sites.isna().tolist() == empty
    assert mapping.table["n"].sum() == len(terms) - sum(empty)
    unmapped = mapping.table[mapping.table["how"].eq("unmapped")]
    for term, site in zip(unmapped["term"], unmapped["site"], strict=True):
        assert site.casefold() == " ".join(term.split()).casefold()


@given(st.sampled_from([r for r in WHOLE if len(r["term"]) >= 6]), st.data())
def test_one_wrong_letter_never_finds_a_site_that_is_no_nearer(
    row: dict[str, str], data: st.DataObject
) -> None:
    place = data.draw(st.integers(0, len(row["term"]) - 1))
    wrong = row["term"][:place] + data.draw(st.sampled_from("QXZ")) + row["term"][place + 1 :]

    site, how = _one(wrong)

    # A word that no table has: its site is this term's, or that of a shorter term inside it.
    if how == "spelling":
        near = {
            r["site"] for r in WHOLE if _differ_by_one_word(words_of(wrong), words_of(r["term"]))
        }
        assert site == row["site"] or site in near


def _differ_by_one_word(a: frozenset[str], b: frozenset[str]) -> bool:
    other, own = b - a, a - b
    return len(other) == 1 and any(one_error(word, next(iter(other))) for word in own)


@given(st.text("ABCD", min_size=1, max_size=6), st.text("ABCD", min_size=1, max_size=6))
def test_one_error_is_one_edit(a: str, b: str) -> None:
    letters = "ABCD"
    edits = {a[:i] + a[i + 1 :] for i in range(len(a))}
    edits |= {a[:i] + c + a[i:] for i in range(len(a) + 1) for c in letters}
    edits |= {a[:i] + c + a[i + 1 :] for i in range(len(a)) for c in letters}
    edits |= {a[:i] + a[i + 1] + a[i] + a[i + 2 :] for i in range(len(a) - 1)}

    assert one_error(a, b) == (b in edits - {a})
    assert one_error(a, b) == one_error(b, a)
