"""The calibration of the simulated cohort: published figures, their bands, and the fit.

``python -m lesionhet.calibration`` prints the published figures beside the simulated ones.
"""
