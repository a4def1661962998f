"""Measures of how differently the lesions of one patient respond, beside the Gower distance."""
