"""The parts of define.xml: variables, values, code lists and methods of one data set."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Final

import pandas as pd

from lesionhet.export.dataset import DERIVED, PREDECESSOR, DataSet, Parameter, Variable
from lesionhet.export.xpt import width

ODM: Final = "http://www.cdisc.org/ns/odm/v1.3"
DEF: Final = "http://www.cdisc.org/ns/def/v2.1"
XLINK: Final = "http://www.w3.org/1999/xlink"
LANG: Final = "{http://www.w3.org/XML/1998/namespace}lang"
_UNFIT: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def add_items(version: ET.Element, data: DataSet) -> None:
    """Add the variables of a data set, and AVAL of each parameter."""
    for variable in data.variables:
        _item(version, data, variable)
    for parameter in data.parameters:
        _value_item(version, data, parameter)


def add_code_lists(version: ET.Element, data: DataSet) -> None:
    """Add the permitted values of a data set's variables."""
    for variable in data.variables:
        if variable.codes:
            _code_list(version, oid("CL", data, variable.name), variable)


def add_methods(version: ET.Element, data: DataSet) -> None:
    """Add how the variables and parameters of a data set are derived."""
    for variable in data.variables:
        if variable.origin == DERIVED and variable.source:
            name = f"{data.name}.{variable.name}"
            _method(version, oid("MT", data, variable.name), name, variable.source)
    for parameter in data.parameters:
        name = f"{data.name}.{parameter.code}"
        _method(version, oid("MT", data, "AVAL", parameter.code), name, parameter.method)


def fit_xml(text: str) -> str:
    r"""Show characters that XML cannot hold as their number.

    Examples
    --------
    >>> fit_xml("a\x01<b>")
    'a\\x01<b>'
    """
    return _UNFIT.sub(lambda found: repr(found[0])[1:-1], text)


def data_type(variable: Variable, cells: pd.Series) -> tuple[str, int, int | None]:
    """Give the data type of a variable, its length, and its digits after the point.

    Examples
    --------
    >>> from lesionhet.export.dataset import ASSIGNED
    >>> data_type(Variable("AVAL", "", "float", ASSIGNED), pd.Series([1.25, 100.0]))
    ('float', 6, 2)
    """
    if variable.kind == "text":
        return "text", width(cells), None
    texts = [_decimal(value) for value in cells.dropna()]
    digits = max((len(text.partition(".")[2]) for text in texts), default=0)
    whole = max((len(text.partition(".")[0]) for text in texts), default=1)
    if digits == 0:
        return "integer", whole, None
    return "float", whole + 1 + digits, digits


def _item(version: ET.Element, data: DataSet, variable: Variable) -> None:
    kind = data_type(variable, data.frame[variable.name])
    name = oid("IT", data, variable.name)
    item = _itemcdisc(version, name, variable.name, variable.label, kind)
    if variable.codes:
        codes = {"CodeListOID": oid("CL", data, variable.name)}
        ET.SubElement(item, odm("CodeListRef"), codes)
    _origin(item, variable)
    if variable.name == "AVAL" and data.parameters:
        ET.SubElement(item, cdisc("ValueListRef"), {"ValueListOID": oid("VL", data, "AVAL")})


def _value_item(version: ET.Element, data: DataSet, parameter: Parameter) -> None:
    """Describe AVAL of one parameter."""
    aval = next(variable for variable in data.variables if variable.name == "AVAL")
    cells = data.frame.loc[data.frame["PARAMCD"].eq(parameter.code), "AVAL"]
    kind = data_type(aval, cells)
    name = oid("IT", data, "AVAL", parameter.code)
    item = _itemcdisc(version, name, parameter.code, parameter.label, kind)
    _origin(item, aval)


def _itemcdisc(
    version: ET.Element, oid: str, name: str, label: str, kind: tuple[str, int, int | None]
) -> ET.Element:
    about = {"OID": oid, "Name": name, "DataType": kind[0], "Length": str(kind[1])}
    if kind[2] is not None:
        about["SignificantDigits"] = str(kind[2])
    if "AVAL." not in oid:
        about["SASFieldName"] = name
    item = ET.SubElement(version, odm("ItemDef"), about)
    describe(item, label)
    return item


def _origin(item: ET.Element, variable: Variable) -> None:
    about = {"Type": variable.origin}
    if variable.origin != PREDECESSOR:
        about["Source"] = "Sponsor"
    origin = ET.SubElement(item, cdisc("Origin"), about)
    if variable.source and variable.origin != DERIVED:
        describe(origin, variable.source)


def _code_list(version: ET.Element, oid: str, variable: Variable) -> None:
    kind = "integer" if variable.kind == "integer" else "text"
    about = {"OID": oid, "Name": variable.label, "DataType": kind, cdisc("IsNonStandard"): "Yes"}
    codes = ET.SubElement(version, odm("CodeList"), about)
    for value, meaning in variable.codes.items():
        item = ET.SubElement(codes, odm("CodeListItem"), {"CodedValue": value})
        decode = ET.SubElement(item, odm("Decode"))
        ET.SubElement(decode, odm("TranslatedText"), {LANG: "en"}).text = fit_xml(meaning)


def _method(version: ET.Element, oid: str, name: str, text: str) -> None:
    about = {"OID": oid, "Name": name, "Type": "Computation"}
    describe(ET.SubElement(version, odm("MethodDef"), about), text)


def describe(parent: ET.Element, text: str) -> None:
    """Add a description in English."""
    inner = ET.SubElement(parent, odm("Description"))
    ET.SubElement(inner, odm("TranslatedText"), {LANG: "en"}).text = fit_xml(text)


def oid(kind: str, data: DataSet, *names: str) -> str:
    """Name a part of the file."""
    return ".".join((kind, data.name, *names))


def odm(tag: str) -> str:
    """Name an element of ODM."""
    return f"{{{ODM}}}{tag}"


def cdisc(tag: str) -> str:
    """Name an element or attribute of Define-XML."""
    return f"{{{DEF}}}{tag}"


def _decimal(value: float) -> str:
    """Write a number without an exponent, as short as it reads back."""
    return f"{value:.0f}" if value == int(value) else f"{value:.15f}".rstrip("0")
