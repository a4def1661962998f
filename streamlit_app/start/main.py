"""The script that Streamlit runs.

It stands in a folder of its own: beside a folder called ``pages`` Streamlit takes over the navigation, and
the first reader who comes with the address of a page would see it without its choices.
"""

from __future__ import annotations

from streamlit_app.app import main

if __name__ == "__main__":
    main()
