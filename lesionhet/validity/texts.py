"""Texts of docs/validity.md; every number in them is filled in from the simulations."""

from typing import Final

HEAD: Final = """\
# Validity

Where the truth is known, does each method find it? This page is written by
`{command}`:
{minutes:.0f} minutes of processor time. The same seed gives the same numbers.

Each scenario has {simulations:,} simulated trials of {patients:,} patients (`lesionhet simulate`,
without the checks that files need), analysed with the definitions `paper2021` by the models of
[Methods, "Time"](methods.md#time). A model rejects where its two-sided P is below 0.05. Intervals of
rates are exact (Clopper-Pearson, 95%); they hold the chance of the simulation. *Limit*: mean of
{large:,} trials of {large_patients:,} patients, what the estimate converges to.

In short:

{short}
"""
NULL: Final = """\
## Where heterogeneity has nothing to do with survival

A naive analysis compares from day 0 what all scans together show. Who dies early has fewer scans, and
few scans show another distance than many: the distance is partly made by survival. The landmark model
looks at scans up to its day and at deaths after it, the time-dependent model at the scans before each
death.

In the first scenario the bias of the naive distance is small, since scans stop at progression, long
before most deaths. Which way it goes, and how far, depends on who is scanned for how long: see the
other two.
"""
ORGANS: Final = """\
### Organ response, the groups of ledger 6A

Patients with lesions in the liver, each group against the patients in whom nothing responds. Who dies
early had no time to respond: the guarantee-time bias.

The two groups in which one side responds and the other does not are small: of {smallest:.0f} to
{largest:.0f} deaths in a model they have few. There Wald tests reject too often, above all the
time-dependent ones: a robust standard error is too small where few patients carry it. A P just below
0.05 for such a group proves little. Landmarks of one scenario are of the same trials: what chance does
to one it does to the others.

{off}
"""
KNOWN: Final = """\
## A known effect

The hazard of death depends on true heterogeneity alone, log hazard ratio {effect:g} per unit. No scan
shows that truth; the distance is a proxy, measured with error, and its limit is what a model of it can
recover. *Coverage*: share of the 95% intervals that hold the limit; as the limit is the model's own,
it tells of standard errors, not of bias. *Power*: share of the trials that reject.
"""
ATTENUATION: Final = """\
### Why the distance shows less than the truth

{large:,} trials of {large_patients:,} patients; those at risk on day 112. Where the distance says
nothing about survival beyond what it says about the truth, its log hazard ratio is the effect times the
slope of the truth on the distance, given burden, number of lesions and arm (regression calibration,
Prentice 1982): *foretold*. What is left between the distance without measurement error and the truth
itself is that they are two things: the distance knows phases and ratios within the patient up to its
day, the truth is the spread of log size ratios on day 168.
"""
CONFOUNDED: Final = """\
## Confounding is another matter

{text} Burden and number of lesions are in the models, growth and response are not. Landmark and
time-dependent models compare the right patients at the right time; they do not know what else differs
between them. An association in a trial is therefore no proof of a cause.
"""
PFS: Final = """\
## PFS has no such null

Progression is read off the same diameters as the distance. Even where nothing acts on survival, what
the lesions have done foretells what their sum will do next, so that the models below do not err: there
is something to find. It says that the two are made of the same measurements, not that heterogeneity
shortens a life. First scenario, PFS:
"""
LESIONS: Final = """\
## Tests of lesions as if they were independent

{n:,} data sets of 100 patients with 4 lesions in the mean, for each intraclass correlation (share of
the variance that lies between patients) and kind of cluster size. No group differs from another.
Rejection rates at P < 0.05:
"""
AGAIN: Final = """\
## Again

```
python -m lesionhet.validity --simulations {simulations} --seed {seed} --write docs/validity.md
```

`--workers N` uses more processes and gives the same numbers; `--simulations 20` gives a first look. The
scenarios stand in `lesionhet/validity/scenarios.py`, the tests of lesions in
`lesionhet/validity/lesions.py`.
"""
