"""The desks: what the build made of ``ui/``, read once into memory.

Invariants: no path of a request reaches the file system; parts are named by the hash of their content, so that browsers keep
them for ever and the page itself never. The page alone may use the microphone, and connect to the phones' WebSocket
besides to this server.
"""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from aiohttp import web

from callcenter.web.hosts import host_of
from callcenter.web.pages import CONTENT_SECURITY_POLICY, PERMISSIONS_POLICY, Asset, answer

BUILT: Final = Path(__file__).with_name("ui") / "dist"
ROOT: Final = "/desk/"
NOT_BUILT: Final = """网页尚未生成：请在源码目录运行 make setup。
The desks are not built: run 'make setup' in the checkout.
"""
TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}


class Desks:
    """Serves the built desks, or says that they are not built. ``phones``: host of this server -> origin of the WebSocket."""

    def __init__(self, folder: Path = BUILT, phones: Callable[[str], str] = lambda host: "") -> None:
        self._phones = phones
        files = sorted(path for path in folder.rglob("*") if path.suffix in TYPES)
        self._assets = {
            path.relative_to(folder).as_posix(): Asset(path.read_bytes(), TYPES[path.suffix])
            for path in files
        }

    @property
    def are_built(self) -> bool:
        """Whether there is anything to serve."""
        return "index.html" in self._assets

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve ``/desk/`` and its parts; the page without its last slash leads there."""
        router.add_get(ROOT.rstrip("/"), self._lead)
        router.add_get(ROOT, self._page)
        router.add_get(ROOT + "{name:(?:assets/)?[A-Za-z0-9_.-]+}", self._part)

    async def _lead(self, request: web.Request) -> web.StreamResponse:
        raise web.HTTPFound(ROOT)

    async def _page(self, request: web.Request) -> web.StreamResponse:
        if not self.are_built:
            return web.Response(status=503, text=NOT_BUILT)
        response = answer(request, self._assets["index.html"], "no-cache")
        response.headers.update(self._allowances(host_of(request)))
        return response

    def _allowances(self, host: str) -> dict[str, str]:
        """What a page needs to be a phone, and nothing where no page is one."""
        origin = self._phones(host)
        if not origin:
            return {}
        return {
            "Content-Security-Policy": f"{CONTENT_SECURITY_POLICY}; connect-src 'self' {origin}",
            "Permissions-Policy": PERMISSIONS_POLICY.replace("microphone=()", "microphone=(self)"),
        }

    async def _part(self, request: web.Request) -> web.StreamResponse:
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        is_hashed = request.match_info["name"].startswith("assets/")
        return answer(request, asset, "public, max-age=31536000, immutable" if is_hashed else "no-cache")
