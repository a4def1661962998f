"""The commands, one a file: ``add`` says what a user may type, ``run`` does it.

Nothing heavy is imported before a command runs, so that ``--help`` answers at once.
"""
