"""Simulated trials in which the truth is known: how often each method errs."""
