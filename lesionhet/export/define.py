"""define.xml: what each data set, variable and parameter is, in the words of CDISC's Define-XML 2.1."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from lesionhet import __version__
from lesionhet.export.dataset import DERIVED, DataSet
from lesionhet.export.define_parts import (
    DEF,
    ODM,
    XLINK,
    add_code_lists,
    add_items,
    add_methods,
    cdisc,
    describe,
    fit_xml,
    odm,
    oid,
)

WRITTEN: Final = "1960-01-01T00:00:00"
"""The date in every file, as in the transport files: the same data give the same bytes."""
ORIGINATOR: Final = "lesionhet"
FILE: Final = "define.xml"
_STANDARD: Final = "STD.ADAM"


def write_define(datasets: Sequence[DataSet], folder: Path, study_name: str) -> Path:
    """Write define.xml.

    Parameters
    ----------
    datasets
        The data sets whose transport files stand beside it.
    folder
        Where it goes.
    study_name
        Name of the study.

    Returns
    -------
    pathlib.Path
        The file: UTF-8, no document type, no entities.

    Source: CDISC Define-XML 2.1.
    """
    for prefix, name in (("", ODM), ("def", DEF), ("xlink", XLINK)):
        ET.register_namespace(prefix, name)
    root = _root()
    study = ET.SubElement(root, odm("Study"), {"OID": "ST.1"})
    names = ET.SubElement(study, odm("GlobalVariables"))
    for tag, text in (
        ("StudyName", study_name),
        ("StudyDescription", "Heterogeneity of response of the lesions of a patient"),
        ("ProtocolName", study_name),
    ):
        ET.SubElement(names, odm(tag)).text = fit_xml(text)
    version = ET.SubElement(
        study,
        odm("MetaDataVersion"),
        {
            "OID": "MDV.1",
            "Name": "Data definitions",
            "Description": "Analysis data sets written by lesionhet convert",
            cdisc("DefineVersion"): "2.1.0",
        },
    )
    _fill(version, datasets)
    ET.indent(root, "  ")
    path = folder / FILE
    text = ET.tostring(root, encoding="unicode")
    path.write_text(
        f'<?xml version="1.0" encoding="UTF-8"?>\n{text}\n', encoding="utf-8", newline="\n"
    )
    return path


def _root() -> ET.Element:
    """Give the outermost element: what wrote the file."""
    return ET.Element(
        odm("ODM"),
        {
            "ODMVersion": "1.3.2",
            "FileType": "Snapshot",
            "FileOID": "LESIONHET.DEFINE",
            "CreationDateTime": WRITTEN,
            "Originator": ORIGINATOR,
            "SourceSystem": ORIGINATOR,
            "SourceSystemVersion": __version__,
            cdisc("Context"): "Other",
        },
    )


def _fill(version: ET.Element, datasets: Sequence[DataSet]) -> None:
    """Add every part, in the order that the standard asks for."""
    standards = ET.SubElement(version, cdisc("Standards"))
    about = {"OID": _STANDARD, "Name": "ADaMIG", "Type": "IG", "Version": "1.3", "Status": "Final"}
    ET.SubElement(standards, cdisc("Standard"), about)
    parts = (
        _value_list,
        _where_clauses,
        _item_group,
        add_items,
        add_code_lists,
        add_methods,
    )
    for add in parts:
        for data in datasets:
            add(version, data)


def _value_list(version: ET.Element, data: DataSet) -> None:
    if not data.parameters:
        return
    values = ET.SubElement(version, cdisc("ValueListDef"), {"OID": oid("VL", data, "AVAL")})
    for number, parameter in enumerate(data.parameters, start=1):
        item = ET.SubElement(
            values,
            odm("ItemRef"),
            {
                "ItemOID": oid("IT", data, "AVAL", parameter.code),
                "OrderNumber": str(number),
                "Mandatory": "No",
                "MethodOID": oid("MT", data, "AVAL", parameter.code),
            },
        )
        clause = {"WhereClauseOID": oid("WC", data, parameter.code)}
        ET.SubElement(item, cdisc("WhereClauseRef"), clause)


def _where_clauses(version: ET.Element, data: DataSet) -> None:
    for parameter in data.parameters:
        where = {"OID": oid("WC", data, parameter.code)}
        clause = ET.SubElement(version, cdisc("WhereClauseDef"), where)
        check = ET.SubElement(
            clause,
            odm("RangeCheck"),
            {
                "Comparator": "EQ",
                "SoftHard": "Soft",
                cdisc("ItemOID"): oid("IT", data, "PARAMCD"),
            },
        )
        ET.SubElement(check, odm("CheckValue")).text = parameter.code


def _item_group(version: ET.Element, data: DataSet) -> None:
    leaf = f"LF.{data.name}"
    group = ET.SubElement(
        version,
        odm("ItemGroupDef"),
        {
            "OID": f"IG.{data.name}",
            "Name": data.name,
            "SASDatasetName": data.name,
            "Repeating": "No" if data.of_subjects else "Yes",
            "IsReferenceData": "No",
            "Purpose": "Analysis",
            cdisc("Structure"): data.structure,
            cdisc("StandardOID"): _STANDARD,
            cdisc("ArchiveLocationID"): leaf,
        },
    )
    describe(group, data.label)
    for number, variable in enumerate(data.variables, start=1):
        about = {
            "ItemOID": oid("IT", data, variable.name),
            "OrderNumber": str(number),
            "Mandatory": "Yes" if variable.name in data.keys else "No",
        }
        if variable.name in data.keys:
            about["KeySequence"] = str(data.keys.index(variable.name) + 1)
        if variable.origin == DERIVED and variable.source:
            about["MethodOID"] = oid("MT", data, variable.name)
        ET.SubElement(group, odm("ItemRef"), about)
    kind = "SUBJECT LEVEL ANALYSIS DATASET" if data.of_subjects else "BASIC DATA STRUCTURE"
    ET.SubElement(group, cdisc("Class"), {"Name": kind})
    place = ET.SubElement(group, cdisc("leaf"), {"ID": leaf, f"{{{XLINK}}}href": data.file})
    ET.SubElement(place, cdisc("title")).text = data.file
