"""The process in which R runs. The only file that imports rpy2.

Started as ``python -m r_bridge.worker`` by `r_bridge.session`; messages come in on standard input
and go out on what was standard output. R runs in the main thread, where it must; a second thread
reads the messages and ends the process at once when the other side is gone, even in the middle of a
call.
"""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import queue
import shutil
import signal
import sys
import threading
from array import array
from collections.abc import Mapping
from io import FileIO
from typing import Any

from r_bridge.wire import (
    ARRAY_CODES,
    Answer,
    Call,
    Failure,
    Frame,
    Kind,
    Refused,
    Start,
    Started,
    Vector,
    receive,
    send,
)

RPY2_PARTS = ("rpy2-rinterface", "rpy2-robjects")


class R:
    """The R of this process: vectors in, vectors out."""

    def __init__(self, start: Start) -> None:
        import rpy2.rinterface as rinterface
        import rpy2.rinterface_lib.callbacks as callbacks

        callbacks.consolewrite_print = callbacks.consolewrite_warnerror = _to_stderr
        rinterface.initr(interactive=False)
        self._r = rinterface
        self._vector_types = {
            "double": rinterface.FloatSexpVector,
            "integer": rinterface.IntSexpVector,
            "logical": rinterface.BoolSexpVector,
            "character": rinterface.StrSexpVector,
        }
        self.versions = {"R": self._text("paste(R.version$major, R.version$minor, sep = '.')")}
        self.versions |= {name: self._package(name) for name in start.packages}
        self.versions |= {name: _installed(name) for name in RPY2_PARTS}
        self.scratch = str(self._text("tempdir()"))
        if self.versions.get("survival"):
            rinterface.evalr("suppressPackageStartupMessages(library(survival))")
        for text in start.sources.values():
            rinterface.evalr(text)
        self._functions = {name.removesuffix(".R") for name in start.sources if name[0] != "_"}

    def call(self, call: Call) -> Answer | Failure:
        """Call one function of the R files through ``call_statistic``."""
        if call.function not in self._functions:
            return Failure(f"R has no function '{call.function}'.")
        options = self._r.ListSexpVector([self._to_r(v) for v in call.options.values()])
        options.names = self._r.StrSexpVector(list(call.options))
        found = self._r.globalenv["call_statistic"](
            self._r.StrSexpVector([call.function]), self._data_frame(call.data), options
        )
        parts = dict(zip(found.names, found, strict=True))
        if "error" in parts:
            return Failure(
                message=parts["error"][0],
                not_estimable=bool(parts["not_estimable"][0]),
                what=parts["what"][0],
                reason=parts["reason"][0],
                terms=tuple(parts["terms"]),
            )
        return Answer(
            tables=self._tables(parts["tables"]),
            method=parts["method"][0],
            warnings=tuple(parts["warnings"]),
        )

    def _to_r(self, vector: Vector) -> Any:
        values: Any = vector.values
        if vector.kind == "character":
            values = [self._r.NA_Character if text is None else text for text in vector.values]
        return self._vector_types[vector.kind](values)

    def _data_frame(self, frame: Frame) -> Any:
        data = self._r.ListSexpVector([self._to_r(vector) for vector in frame.values()])
        rows = len(next(iter(frame.values())).values) if frame else 0
        data.do_slot_assign("names", self._r.StrSexpVector(list(frame)))
        data.do_slot_assign("row.names", self._r.IntSexpVector(range(1, rows + 1)))
        data.rclass = self._r.StrSexpVector(["data.frame"])
        return data

    def _tables(self, tables: Any) -> Mapping[str, Frame]:
        return {
            name: {
                column: self._from_r(values)
                for column, values in zip(table.names, table, strict=True)
            }
            for name, table in zip(tables.names, tables, strict=True)
        }

    def _from_r(self, values: Any) -> Vector:
        kind = self._kind(values)
        if kind == "character":
            missing = self._r.NA_Character
            return Vector(kind, [None if text is missing else str(text) for text in values])
        # Value by value: rpy2's memoryview loses a reference to None at each use, and a process that
        # has lost them all aborts. NA keeps its bits this way too.
        numbers = values if kind == "double" else (int(value) for value in values)
        return Vector(kind, array(ARRAY_CODES[kind], numbers))

    def _kind(self, values: Any) -> Kind:
        for kind, vector_type in self._vector_types.items():
            if isinstance(values, vector_type) and "levels" not in values.list_attrs():
                return kind  # type: ignore[return-value]
        raise TypeError(f"R gave a column of class {tuple(values.rclass)}.")

    def _text(self, code: str) -> str | None:
        found = self._r.evalr(code)[0]
        return None if found is self._r.NA_Character else str(found)

    def _package(self, name: str) -> str | None:
        if not name.isalnum():
            raise ValueError(f"{name!r} is no name of an R package.")
        return self._text(
            f"if (nzchar(system.file(package = '{name}'))) "
            f"as.character(packageVersion('{name}')) else NA_character_"
        )


def main() -> None:
    """Serve calls until the other side is gone."""
    inbox, outbox = _private_streams()
    messages: queue.SimpleQueue[Any] = queue.SimpleQueue()
    scratch: list[str] = []
    threading.Thread(target=_listen, args=(inbox, messages, scratch), daemon=True).start()
    try:
        r = R(messages.get())
    except Exception as error:
        send(outbox, _refusal(error))
        return
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt is the caller's to act on
    scratch.append(r.scratch)
    send(outbox, Started(r.versions, r.scratch))
    while True:
        call = messages.get()
        try:
            answer: Answer | Failure = r.call(call)
        except Exception as error:
            answer = Failure(f"{type(error).__name__}: {error}")
        send(outbox, answer)


def _private_streams() -> tuple[FileIO, FileIO]:
    """Take the pipes away from file descriptors 0 and 1, so that nothing R prints can enter them."""
    inbox, outbox = FileIO(os.dup(0), "rb"), FileIO(os.dup(1), "wb")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    return inbox, outbox


def _listen(inbox: FileIO, messages: queue.SimpleQueue[Any], scratch: list[str]) -> None:
    try:
        while True:
            messages.put(receive(inbox))
    except (EOFError, OSError):
        for folder in scratch:  # R's own clean-up does not run any more
            shutil.rmtree(folder, ignore_errors=True)
        os._exit(0)


def _refusal(error: Exception) -> Refused:
    if importlib.util.find_spec("rpy2") is None or _installed(RPY2_PARTS[0]) is None:
        return Refused("rpy2", "rpy2 is not installed")
    if isinstance(error, ImportError):
        return Refused("rpy2", f"rpy2 cannot be loaded: {error}")
    import rpy2.situation

    if rpy2.situation.get_r_home() is None:
        return Refused("R", "R was not found")
    return Refused("R", f"R cannot be started: {type(error).__name__}: {error}")


def _installed(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def _to_stderr(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()


if __name__ == "__main__":
    main()
