"""CDISC data sets (SDTM, ADaM) -> the two tables, with every rule named and every exception counted."""
