"""The second engine: every statistic again, computed by R in a process of its own.

Nothing here starts R at import; `r_bridge.session.probe` says whether it can be started.
"""

from __future__ import annotations

from importlib import resources

__all__ = ["sources"]


def sources() -> dict[str, str]:
    """Give the R files, in the order in which they are read.

    Returns
    -------
    dict
        File name -> text. Files whose name starts with ``_`` are shared by the others; each other
        file holds the statistic of its name. Works without rpy2 and without R.

    Examples
    --------
    >>> "wilcox.test" in sources()["mann_whitney.R"]
    True
    """
    folder = resources.files(__name__) / "r"
    files = {f.name: f.read_text(encoding="utf-8") for f in folder.iterdir() if f.is_file()}
    return {name: files[name] for name in sorted(files) if name.endswith(".R")}
