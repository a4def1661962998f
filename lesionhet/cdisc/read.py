"""From files to an intake: SDTM, and ADaM of `lesionhet.cdisc.read_adam`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence

from lesionhet.cdisc.collection import collect, collect_bytes
from lesionhet.cdisc.options import CdiscOptions
from lesionhet.cdisc.read_adam import adam_from_bytes as adam_from_bytes
from lesionhet.cdisc.read_adam import read_adam as read_adam
from lesionhet.cdisc.sdtm.intake import read_collection
from lesionhet.intake import Intake
from lesionhet.readers import ReadOptions


def read_sdtm(
    paths: Sequence[str | os.PathLike[str]] | str | os.PathLike[str],
    options: ReadOptions | None = None,
    cdisc: CdiscOptions | None = None,
) -> Intake:
    r"""Read SDTM data sets: TU, TR and DM, with RS, DS, EX and supplements where they are there.

    Parameters
    ----------
    paths
        A folder, or files and folders, in any format of `lesionhet.readers.read_table`.
    options
        How files are read; ``missing``, ``encoding`` and ``separator`` are used.
    cdisc
        The rules of reading; default `CdiscOptions()`.

    Returns
    -------
    Intake
        For `lesionhet.cohort.cohort_from_intake`.

    Raises
    ------
    InputError
        Every problem of the files, together.
    UsageError
        There is no such reader.

    Source: SDTM Implementation Guide 3.4, 6.3.12 (TU, TR, RS); Eisenhauer et al., Eur J Cancer 2009; 45:
    228-247 (RECIST 1.1).

    Examples
    --------
    >>> import pathlib, tempfile
    >>> tu = "USUBJID,TULNKID,TUSTRESC,TULOC\nP1,T01,TARGET,LIVER\n"
    >>> tr = ("USUBJID,TRLNKID,TRTESTCD,TRSTRESN,TRSTRESU,TRDTC\n"
    ...       "P1,T01,LDIAM,30,mm,2020-01-08\nP1,T01,LDIAM,18,mm,2020-02-26\n")
    >>> dm = "USUBJID,RFSTDTC\nP1,2020-01-15\n"
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     for name, text in {"tu": tu, "tr": tr, "dm": dm}.items():
    ...         _ = pathlib.Path(folder, f"{name}.csv").write_text(text)
    ...     intake = read_sdtm(folder)
    >>> intake.lesions.frame[["lesion_id", "day", "diameter_mm", "site"]].values.tolist()
    [['T01', -7.0, 30.0, 'liver'], ['T01', 42.0, 18.0, 'liver']]
    """
    return read_collection(collect(paths, options=options), cdisc)


def sdtm_from_bytes(
    files: Iterable[tuple[str, bytes]],
    options: ReadOptions | None = None,
    cdisc: CdiscOptions | None = None,
) -> Intake:
    """Read SDTM data sets from the bytes of files, such as ones that were uploaded.

    Parameters
    ----------
    files
        Name and content of each.
    options, cdisc
        As in `read_sdtm`.

    Raises
    ------
    InputError, UsageError
        As `read_sdtm`.
    """
    return read_collection(collect_bytes(files, options=options), cdisc)
