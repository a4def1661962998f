"""From files of ADaM data sets to what a cohort is built from."""

from __future__ import annotations

import os
from collections.abc import Sequence

from lesionhet.cdisc.adam.intake import adam_intake
from lesionhet.cdisc.collection import ADAM, collect, collect_bytes
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.intake import Intake
from lesionhet.readers import ReadOptions


def read_adam(
    paths: Sequence[str | os.PathLike[str]] | str | os.PathLike[str],
    options: ReadOptions | None = None,
    cdisc: CdiscOptions | None = None,
) -> Intake:
    r"""Read ADaM data sets: ADTR, and ADTTE and ADSL where they are there.

    Parameters
    ----------
    paths
        A folder, or the files, in any format of `lesionhet.readers.read_table`.
    options
        ``missing``, ``encoding`` and ``separator`` are used.
    cdisc
        How they are read; default `CdiscOptions()`.

    Returns
    -------
    Intake
        For `lesionhet.cohort.cohort_from_intake`.

    Raises
    ------
    InputError
        Everything that is wrong with the data sets, together.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> rows = "USUBJID,PARAMCD,AVAL,AVALU,ADY\nP1,LDIAM1,20,mm,-3\nP1,LDIAM1,12,mm,41\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     _ = pathlib.Path(folder, "adtr.csv").write_text(rows)
    ...     read_adam(folder).lesions.frame["day"].tolist()
    [-3.0, 40.0]
    """
    return adam_intake(collect(paths, ADAM, options), cdisc)


def adam_from_bytes(
    files: Sequence[tuple[str, bytes]],
    options: ReadOptions | None = None,
    cdisc: CdiscOptions | None = None,
) -> Intake:
    """Read ADaM data sets from the bytes of files, such as ones that were uploaded.

    Parameters
    ----------
    files
        Name and content of each.
    options, cdisc
        As in `read_adam`.

    Raises
    ------
    InputError
        As `read_adam`.
    """
    return adam_intake(collect_bytes(files, ADAM, options), cdisc)
