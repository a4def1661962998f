"""SDTM data sets -> the two tables."""
