"""define.html: the description of the data sets for a person."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import resources
from pathlib import Path
from typing import Final

import jinja2
from markupsafe import Markup

from lesionhet import __version__
from lesionhet.definitions import Definitions
from lesionhet.export.dataset import DataSet
from lesionhet.export.define_parts import data_type
from lesionhet.report.methods import definition_rows

FILE: Final = "define.html"


def write_define_page(
    datasets: Sequence[DataSet],
    folder: Path,
    study_name: str,
    definitions: Definitions,
    xpt: int,
    remarks: Sequence[str] = (),
) -> Path:
    """Write define.html.

    Parameters
    ----------
    datasets
        The data sets whose transport files stand beside it.
    folder
        Where it goes.
    study_name
        Name of the study.
    definitions
        What the numbers were derived with.
    xpt
        Version of the transport files.
    remarks
        What a reader must know.

    Returns
    -------
    pathlib.Path
        One page, styles inside; everything from data is escaped.
    """
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("lesionhet.export"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    style = (resources.files("lesionhet.export") / "templates" / "define.css").read_text("utf-8")
    text = environment.get_template("define.html.j2").render(
        datasets=datasets,
        data_types={
            data.name: [(v, *data_type(v, data.frame[v.name])[:2]) for v in data.variables]
            for data in datasets
        },
        definitions=definition_rows(definitions),
        remarks=remarks,
        study_name=study_name,
        style=Markup(style),  # noqa: S704  a file of this package
        version=__version__,
        xpt=xpt,
    )
    path = folder / FILE
    path.write_text(text, encoding="utf-8", newline="\n")
    return path
