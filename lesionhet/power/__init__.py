"""Planning: how many patients, lesions and scans a trial needs, by simulation."""

from lesionhet.power.plan import PowerPlan, plan
from lesionhet.power.question import Design, Difference, HazardRatio

__all__ = ["Design", "Difference", "HazardRatio", "PowerPlan", "plan"]
