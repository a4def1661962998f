"""The bytes of a file -> its cells: one file a format, and what no file may pass."""
