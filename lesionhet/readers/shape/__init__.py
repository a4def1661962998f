"""Where a table stands and which way it runs: headings, sheets, visits as columns, dates."""
