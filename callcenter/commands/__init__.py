"""The groups of the ``callcenter`` command, one module each, and how their answers are printed."""
