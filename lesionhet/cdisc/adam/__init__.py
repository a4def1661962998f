"""ADaM data sets -> the two tables."""
