"""``lesionhet app``: the web page, on this machine only unless told otherwise."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from lesionhet.commands.options import DONE
from lesionhet.errors import UsageError

THIS_MACHINE: Final = "127.0.0.1"
PORT: Final = 8501
MOST_MB: Final = 200
LARGEST_MB: Final = 2000
"""Bounds the memory: an upload and the tables read from it are held at once."""
HEAVY: Final = (
    *("lesionhet.analyses", "lesionhet.simulate", "lesionhet.figures", "lesionhet.report.cells"),
    *("lesionhet.statistics.engine", "streamlit_app.interactive"),
)
"""Loaded before the page is served, so that the first click does not wait for them."""
INSTALL: Final = "pip install 'lesionhet[app]'"


def add(commands: Any) -> None:
    """Add the command."""
    app = commands.add_parser("app", help="open the web page")
    app.add_argument(
        "--host",
        default=THIS_MACHINE,
        metavar="ADDRESS",
        help=f"address to listen at; default {THIS_MACHINE}, which only this machine reaches",
    )
    app.add_argument("--port", type=int, default=PORT, metavar="N", help=f"default {PORT}")
    app.add_argument(
        "--max-mb",
        type=int,
        default=MOST_MB,
        metavar="N",
        help=f"largest file that is taken, in MB; default {MOST_MB}",
    )
    app.add_argument("--no-browser", action="store_true", help="do not open a browser")
    app.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve the page until the user stops it.

    Raises
    ------
    UsageError
        Streamlit is not installed, or an option is out of its bounds.
    """
    _check(options)
    if importlib.util.find_spec("streamlit") is None:
        raise UsageError(f"The web page needs Streamlit, which is not installed. Add it: {INSTALL}")
    from streamlit.web import cli

    if options.host != THIS_MACHINE:
        warning = "everybody who reaches this address can use the page; there is no password."
        print(f"lesionhet: {options.host}: {warning}", file=sys.stderr)
    for name in HEAVY:
        importlib.import_module(name)
    cli.main(["run", *streamlit_options(options)], prog_name="lesionhet", standalone_mode=False)
    return DONE


def streamlit_options(options: argparse.Namespace) -> list[str]:
    """Give the words for ``streamlit run``: the page and how it is served.

    Parameters
    ----------
    options
        ``host``, ``port``, ``max_mb``, ``no_browser``.

    Examples
    --------
    >>> given = argparse.Namespace(host="127.0.0.1", port=8501, max_mb=200, no_browser=True)
    >>> "--server.address=127.0.0.1" in streamlit_options(given)
    True
    """
    settings = {
        "server.address": options.host,
        "server.port": options.port,
        "server.headless": options.no_browser,
        "server.maxUploadSize": options.max_mb,
        "server.fileWatcherType": "none",
        "server.showEmailPrompt": False,
        "server.enableCORS": True,
        "server.enableXsrfProtection": True,
        "browser.gatherUsageStats": False,
        # A bare text in a page is no output.
        "runner.magicEnabled": False,
        "client.toolbarMode": "minimal",
        "client.showErrorDetails": "none",
        "theme.light.primaryColor": "#0072B2",
        "theme.dark.primaryColor": "#3D9BD9",
    }
    words = [f"--{name}={_word(value)}" for name, value in settings.items()]
    return [str(_page()), *words]


def _check(options: argparse.Namespace) -> None:
    if not 1 <= options.max_mb <= LARGEST_MB:
        raise UsageError(f"--max-mb is {options.max_mb}; permitted: 1 to {LARGEST_MB}.")
    if not 1 <= options.port <= 65535:
        raise UsageError(f"--port is {options.port}; permitted: 1 to 65535.")


def _page() -> Path:
    found = importlib.util.find_spec("streamlit_app")
    places: Sequence[str] = found.submodule_search_locations or () if found else ()
    if not places:
        raise UsageError(f"The web page is not installed with this program. Add it: {INSTALL}")
    return Path(places[0]) / "start" / "main.py"


def _word(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
