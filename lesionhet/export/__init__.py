"""Out again: the two tables, ADaM-like data sets as SAS transport files, and their description."""
