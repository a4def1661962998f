"""The statistics in Python, one file a family; `engine.PythonEngine` finds them by name."""
