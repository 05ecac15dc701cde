"""By what name a page reached this server."""

import re
from urllib.parse import urlsplit

from aiohttp import web

_HOST = re.compile(r"[a-z0-9][a-z0-9.-]{0,252}|[0-9a-f:.]{2,45}", re.ASCII)


def host_of(request: web.Request) -> str:
    """By what name the page reached this server; empty: it said none that is one."""
    try:
        host = urlsplit(f"//{request.host}").hostname or ""
    except ValueError:
        return ""
    return host if _HOST.fullmatch(host) else ""
