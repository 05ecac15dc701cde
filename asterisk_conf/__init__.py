"""Jinja templates of every Asterisk configuration file, and the stand-alone survival script."""
