"""Everything that one run found, written into a folder: page, tables, figures, numbers, R script."""

from lesionhet.report.folder import check_target, write_report

__all__ = ["check_target", "write_report"]
