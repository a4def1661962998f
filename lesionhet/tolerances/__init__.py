"""How far two engines may part: the rule, the table, and what follows for each number."""

from lesionhet.tolerances.allowed import allowed_differences, tolerance
from lesionhet.tolerances.rule import EXACT, Tolerance, Tolerances
from lesionhet.tolerances.table import TOLERANCES

__all__ = ["EXACT", "TOLERANCES", "Tolerance", "Tolerances", "allowed_differences", "tolerance"]
