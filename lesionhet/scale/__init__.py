"""Cohorts beyond memory and machines beyond one: Parquet parts by patient, and Dask; docs/scale.md."""
