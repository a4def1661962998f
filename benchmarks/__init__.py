"""How long things take, measured and printed; no test asks a clock."""
