"""RECIST 1.1 on what was read: sums, nadir, response at each assessment, best response."""
