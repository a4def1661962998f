"""Which colour a thing has in every figure of one study: its place in a palette."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Final, TypeVar

from lesionhet.charts import Chart, Palette
from lesionhet.groups import LOW_MEDIUM_HIGH
from lesionhet.study import Study

ChartT = TypeVar("ChartT", bound=Chart)

SEPARATORS: Final = ("\n", ", ", ": ", " / ", " · ")
"""What may stand between the two names of a label such as "liver, treated"."""
STATES: Final = (7, 5)
"""Places of the two states of a marker: dark, far apart, and not those of low, medium and high."""


def with_study_colors(chart: ChartT, study: Study) -> ChartT:
    """Give a chart the colours that its categories have in every figure of a study.

    Sites go by their place among the sites of the study, treatments by that among its arms, then the
    names of the plan's contrasts; low, medium, high and the two states of the plan's marker have
    places of their own. A label of two names, such as "liver, treated", has the colour of its site. A
    chart of the palette ``"group"`` whose labels are all treatments or all sites gets their palette.

    Parameters
    ----------
    chart
        Any chart; those without a palette or with places of their own come back as they are.
    study
        Whose sites, arms and plan decide.
    """
    palette: Palette | None = getattr(chart, "palette", None)
    labels: tuple[str, ...] = getattr(chart, "levels", ()) or getattr(chart, "order", ())
    if palette not in ("group", "site", "arm") or chart.colors or not labels:
        return chart
    if palette == "group" and set(labels) <= set(treatments(study)):
        palette = "arm"
    by_site = site_places(labels, sites(study))
    if palette == "group" and set(by_site) == set(labels):
        palette = "site"
    known = _group_places(study) if palette == "group" else _numbered(treatments(study))
    own = {label: known[label] for label in labels if label in known}
    found = by_site if palette == "site" else own
    return replace(chart, colors=found, palette=palette)  # type: ignore[call-arg]


def sites(study: Study) -> tuple[str, ...]:
    """Give every site of a study: its site groups first, then those that are pooled."""
    if "site" not in study.lesions:
        return ()
    return _once(study.sites, sorted(study.lesions["site"].dropna().unique()))


def treatments(study: Study) -> tuple[str, ...]:
    """Give every name of a treatment: the arms of a study first, then the plan's names of sides."""
    plan = study.plan
    contrasts = [*plan.contrasts, *([plan.targeted] if plan.targeted else [])]
    return _once(study.arms, (c.name for c in contrasts), (c.control_name for c in contrasts))


def site_places(labels: Sequence[str], order: Sequence[str]) -> dict[str, int]:
    """Give the places of labels that are a site, or a site and another name.

    Parameters
    ----------
    labels
        Labels of a chart.
    order
        Sites.

    Returns
    -------
    dict
        Label -> place of its site; without the labels that name none. Where several labels are all of
        one site the site tells nothing apart, and there are none.

    Examples
    --------
    >>> site_places(("lung", "liver, treated", "liver >30%"), ("liver", "lung"))
    {'lung': 1, 'liver, treated': 0}
    >>> site_places(("liver, treated", "liver, control"), ("liver", "lung"))
    {}
    """
    found = {}
    for label in labels:
        parts = chain([label], *(label.split(separator) for separator in SEPARATORS))
        site = next((part.strip() for part in parts if part.strip() in order), None)
        if site is not None:
            found[label] = order.index(site)
    return found if len(labels) < 2 or len(set(found.values())) > 1 else {}


def _group_places(study: Study) -> dict[str, int]:
    marker = study.plan.marker
    states = zip((marker.negative, marker.positive), STATES, strict=True) if marker else ()
    return {**_numbered(LOW_MEDIUM_HIGH), **dict(states)}


def _numbered(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(names)}


def _once(*names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(chain(*names)))
