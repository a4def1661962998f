"""Tables with one row a visit and a column a lesion: 'Lesion 1', 'Lesion 2'."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

import numpy as np
import pandas as pd

from lesionhet.readers.choosing.headings import heading_of, likely_heading, words
from lesionhet.readers.choosing.synonyms import DATES
from lesionhet.readers.options import ReadOptions
from lesionhet.readers.shape.units import multiplied
from lesionhet.readers.shape.visits import without_length
from lesionhet.readers.table import Notice, RawTable, counted, listed

LEAST: Final = 2
_NUMBERED: Final = re.compile(
    r"(?:(?:size|diameter|ld)[\s_]+(?:of[\s_]+)?)?"
    r"(?:target[\s_]*)?(?:lesion|tumou?r|les|target|metastasis|met|tl|t|l)[\s_.#-]*0*[0-9]+"
    r"(?:[\s_]*(?:size|diameter|ld))?(?:[\s_]*[(\[]?\s*(?:mm|cm)\s*[)\]]?)?",
    re.IGNORECASE,
)


def lesions_across(raw: RawTable, options: ReadOptions) -> RawTable | None:
    """Make a table with a column a lesion long.

    Parameters
    ----------
    raw
        The lesions table as read.
    options
        ``mapping`` and ``start_date`` are used.

    Returns
    -------
    One row a size, with the columns ``lesion_id`` (the heading without its unit) and ``diameter_mm``.
    None where the table has a column of lesions or of sizes, no days, or fewer than two columns that are
    numbered lesions.

    Examples
    --------
    >>> from lesionhet.readers import from_frame
    >>> frame = pd.DataFrame({"patient_id": ["P"], "day": [0], "Lesion 1": [9], "Lesion 2": [8]})
    >>> lesions_across(from_frame(frame, "t"), ReadOptions()).frame.values.tolist()
    [['P', 0, 'Lesion 1', 9], ['P', 0, 'Lesion 2', 8]]
    """
    names = [str(name) for name in raw.frame.columns]
    mapped = set(options.mapping.values()) | {options.start_date}
    across = [name for name in names if _NUMBERED.fullmatch(name.strip()) and name not in mapped]
    kept = [name for name in names if name not in across]
    own = [heading_of(name, kept, options.mapping) for name in ("lesion_id", "diameter_mm")]
    placed = [likely_heading(name, kept, options.mapping) for name in ("day", "visit")]
    placed += [name for name in kept if "".join(words(name)) in DATES]
    if len(across) < LEAST or any(own) or not any(placed):
        return None
    n, m = len(raw.frame), len(across)
    frame = raw.frame[kept].loc[np.repeat(raw.frame.index, m)].reset_index(drop=True)
    sizes = raw.frame[across].copy()
    notices = [*raw.notices]
    n_cm = 0
    for name in across:
        if without_length(name)[1] == "cm":
            sizes[name], changed = multiplied(sizes[name], "cm", options.decimal, options.missing)
            n_cm += changed
    frame["lesion_id"] = pd.Series([without_length(name)[0] for name in across] * n, dtype=object)
    frame["diameter_mm"] = pd.Series(sizes.to_numpy(dtype=object).ravel(), dtype=object)
    text = (
        f"{raw.file}: read as a wide table, one row a visit: {counted(m, 'column')} of sizes, one a"
    )
    text += f" lesion: {listed(across)}. --not-wide reads the table as it stands."
    notices.append(Notice("warning", text))
    if n_cm:
        text = f"{raw.file}: {counted(n_cm, 'size')} multiplied by 10: the headings say cm."
        notices.append(Notice("warning", text))
    return replace(
        raw,
        frame=frame,
        rows=np.repeat(raw.rows, m),
        notices=tuple(notices),
        sheets=None if raw.sheets is None else np.repeat(raw.sheets, m),
        size_columns=np.array(across * n, dtype=object),
    )
