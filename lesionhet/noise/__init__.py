"""Whether a distance is more than measurement noise: what noise alone would give, drawn anew many times."""
