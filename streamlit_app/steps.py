"""Long work in steps: a progress bar, a stop button, and what was done so far is kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import streamlit as st

from streamlit_app.text import escape

T = TypeVar("T")
Say = Callable[[str], None]


def going(name: str, default: bool = False) -> bool:
    """Say whether work of this name is under way."""
    return bool(st.session_state.setdefault(_key(name), default))


def start(name: str) -> None:
    """Let work of this name begin, or go on; for ``on_click``."""
    st.session_state[_key(name)] = True


def offer(name: str, text: str, *, key: str, **look: Any) -> None:
    """Show the button that starts work of this name, where `work` shows its bar.

    Parameters
    ----------
    name
        Of the work.
    text
        Of the button.
    key
        Of the button.
    look
        Further arguments of ``st.button``.
    """
    with st.empty().container():
        st.button(text, key=key, on_click=start, args=(name,), **look)


def stop(name: str) -> None:
    """Let work of this name rest; for ``on_click``."""
    st.session_state[_key(name)] = False


def work(
    name: str,
    todo: Sequence[T],
    do: Callable[[T, Say], None],
    *,
    done: int = 0,
    stop_label: str = "Stop",
) -> None:
    """Do what is left, then run the page anew.

    A click anywhere ends the run between two steps, and at each thing that a step says; the next run goes
    on with what is left, unless the click was on the stop button.

    Parameters
    ----------
    name
        Of the work; also the start of the keys of its widgets.
    todo
        What is left.
    do
        Does one thing and keeps its result in the session. It may say what it is doing.
    done
        How many were done before, for the bar.
    stop_label
        Text of the stop button.
    """
    # One place for all of it, so that nothing of the run before stays on the page meanwhile.
    with st.empty().container():
        bar = st.progress(0.0, text="Starting …")
        st.button(
            stop_label,
            key=f"{name}_stop",
            icon=":material/stop_circle:",
            on_click=stop,
            args=(name,),
        )
    total = done + len(todo)
    try:
        for number, thing in enumerate(todo, start=done):
            share = number / total

            def say(text: str, share: float = share) -> None:
                bar.progress(share, text=escape(text))

            say(f"{number:,} of {total:,} done")
            do(thing, say)
    except Exception:
        stop(name)
        raise
    stop(name)
    st.rerun()


def _key(name: str) -> str:
    return f"going_{name}"
