"""Which browser it is, in a few words, from what it says about itself. Never believed for more than a list of sessions."""

import re

NAME_MAX = 60
UNKNOWN = "?"
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Version", "Safari"),
)
"""Mark in the text and name; the first that is found names it."""
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def program_name(told: str) -> str:
    """``Chrome 126 / Windows`` of a ``User-Agent``; a program's own first word otherwise, :data:`UNKNOWN` without one."""
    system = next((name for mark, name in SYSTEMS if mark in told), "")
    for mark, name in BROWSERS:
        if found := re.search(rf"{mark}/([0-9]{{1,4}})", told, re.ASCII):
            return f"{name} {found[1]} / {system}".removesuffix(" / ")
    first = told.split(" ")[0][:NAME_MAX]
    return first if first and first.isascii() and first.isprintable() else UNKNOWN
