"""A house of small fakes behind the web's ports, and somebody at a running server in front of it.

Invariant: a fake keeps what it is told and tells what it keeps; it decides nothing.

``scene``: who and when; ``house``: all fakes together; ``browsing``: the server and who is signed in there; every other module
holds the fakes of one topic and is imported from by its own name.
"""

from web_fakes.browsing import Browser, browsing, sign_in
from web_fakes.house import House
from web_fakes.scene import (
    CHEAP,
    MASKED,
    NUMBER,
    PASSWORD,
    RECORDING,
    SHANGHAI,
    SOUND,
    START,
    TICKET,
    FakeClock,
)

__all__ = [
    "CHEAP",
    "MASKED",
    "NUMBER",
    "PASSWORD",
    "RECORDING",
    "SHANGHAI",
    "SOUND",
    "START",
    "TICKET",
    "Browser",
    "FakeClock",
    "House",
    "browsing",
    "sign_in",
]
