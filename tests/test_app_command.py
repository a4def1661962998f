"""``lesionhet app``: where it listens, what it asks Streamlit for, and what it says without it."""

from __future__ import annotations

import argparse
import importlib.util
import os
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

from lesionhet.commands import app
from lesionhet.errors import UsageError

ROOT = Path(__file__).parents[1]
START = (
    "import argparse, sys; from lesionhet.commands import app; "
    "parser = argparse.ArgumentParser(); app.add(parser.add_subparsers()); "
    "options = parser.parse_args(sys.argv[1:]); sys.exit(options.run(options))"
)


def parsed(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    app.add(parser.add_subparsers())
    return parser.parse_args(["app", *words])


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def test_streamlit_is_told_to_stay_at_home():
    words = app.streamlit_options(parsed())
    assert Path(words[0]).is_file()
    for word in (
        "--server.address=127.0.0.1",
        "--browser.gatherUsageStats=false",
        "--server.fileWatcherType=none",
        "--server.enableCORS=true",
        "--server.enableXsrfProtection=true",
        "--server.maxUploadSize=200",
        "--client.showErrorDetails=none",
    ):
        assert word in words


def test_every_option_is_one_that_streamlit_knows():
    from streamlit import config

    for word in app.streamlit_options(parsed())[1:]:
        name = word.removeprefix("--").partition("=")[0]
        config.get_option(name)


def test_options_reach_streamlit():
    words = app.streamlit_options(parsed("--host", "0.0.0.0", "--port", "9", "--max-mb", "7"))
    assert {"--server.address=0.0.0.0", "--server.port=9", "--server.maxUploadSize=7"} <= set(words)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--max-mb", "0"), "--max-mb is 0; permitted: 1 to"),
        (("--max-mb", "99999"), "permitted: 1 to"),
        (("--port", "70000"), "--port is 70000; permitted: 1 to 65535"),
    ],
)
def test_bad_options_are_refused(words, said):
    with pytest.raises(UsageError, match=said):
        app.run(parsed(*words))


def test_without_streamlit_the_command_that_adds_it_is_said(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "streamlit" else find(name)
    )
    with pytest.raises(UsageError, match=r"pip install 'lesionhet\[app\]'") as error:
        app.run(parsed())
    assert error.value.exit_code == 2


def test_the_page_is_served_on_this_machine_only():
    port = free_port()
    command = [sys.executable, "-c", START, "app", "--no-browser", "--port", str(port)]
    with subprocess.Popen(
        command,
        cwd=ROOT,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as server:
        try:
            assert server.stdout is not None
            lines = []
            for line in server.stdout:
                lines.append(line)
                if "URL" in line:
                    break
            assert any(f"127.0.0.1:{port}" in line for line in lines), lines
            with urllib.request.urlopen(
                f"http://127.0.0.1:{port}/_stcore/health", timeout=30
            ) as reply:
                assert reply.read() == b"ok"
            with socket.socket() as other:
                other.bind(("127.0.0.2", port))  # would be taken if every address were
        finally:
            server.kill()
