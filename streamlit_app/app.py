"""The navigation, and nothing else."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from streamlit_app import libraries, sidebar, state

PAGES = (
    ("data", "Data", ":material/table_chart:"),
    ("patients", "Patients", ":material/groups:"),
    ("lesions", "Lesions", ":material/show_chart:"),
    ("heterogeneity", "Heterogeneity", ":material/scatter_plot:"),
    ("survival", "Survival", ":material/stairs:"),
    ("organs", "Organs and treatment", ":material/medication:"),
    ("reviewer", "What a reviewer would ask", ":material/rate_review:"),
    ("agreement", "Python and R", ":material/balance:"),
    ("report", "Report", ":material/summarize:"),
)

PAGES_FOLDER = Path(__file__).with_name("pages")
ICON = Path(__file__).with_name("icon.png")

# The button of Streamlit's own CSV is hidden: its cells are not safe for a spreadsheet, ours are. On a phone
# the other buttons of a table are always there, and would lie over the heading.
STYLE = """<style>
.stMainBlockContainer { padding-top: 3.5rem; }
[data-testid="stElementToolbar"] button[aria-label="Download as CSV"] { display: none; }
@media (max-width: 640px) { [data-testid="stDataFrame"] { margin-top: 2rem; } }
</style>"""


def main() -> None:
    """Show the page that is asked for, with the choices beside it."""
    state.keep_widgets()
    # Streamlit's own list gives way to the page on a phone. The icons stand in the titles: those of
    # `st.Page` would also be fetched, as the icon of the tab, from a server of Google.
    pages = {
        title: st.Page(
            PAGES_FOLDER / f"{name}.py", title=f"{icon}\u2002{title}", default=name == "data"
        )
        for name, title, icon in PAGES
    }
    chosen = st.navigation(list(pages.values()), expanded=True)
    title = next(title for title, page in pages.items() if page is chosen)
    st.set_page_config(page_title=f"{title} · lesionhet", page_icon=ICON, layout="wide")
    st.html(STYLE)
    sidebar.show()
    chosen.run()
    # Last: the first reader sees the first page before the libraries that it does not need are there.
    libraries.settle()


if __name__ == "__main__":
    main()
