"""A second opinion in Python: the statistics that lifelines, SciPy and scikit-posthocs give as they are."""
