"""The rules that input tables must keep, one family a file; each gives every breach that it finds."""
