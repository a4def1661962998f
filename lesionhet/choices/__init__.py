"""All combinations of the choices that the published text leaves open, and what each one moves."""
