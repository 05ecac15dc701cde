"""The pages: read once into memory, served under a hash of their content.

Invariants: no path of a request reaches the file system; the pages load nothing from elsewhere.
"""

import gzip
import hashlib
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from aiohttp import web

STATIC = Path(__file__).with_name("static")
TYPES: Mapping[str, str] = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
CONTENT_SECURITY_POLICY = (
    "default-src 'self'; base-uri 'none'; object-src 'none'; form-action 'self'; frame-ancestors 'none'"
)
PERMISSIONS_POLICY = "camera=(), geolocation=(), microphone=()"
_PLACEHOLDER = b"{{assets}}"


@dataclass(frozen=True)
class Asset:
    """A file in memory."""

    body: bytes
    content_type: str

    @property
    def etag(self) -> str:
        """Hash of the content."""
        return hashlib.sha256(self.body).hexdigest()[:16]

    @cached_property
    def gzipped(self) -> bytes:
        """The content as it travels."""
        return gzip.compress(self.body, mtime=0)


class Pages:
    """The status page, the API page and what they load."""

    def __init__(self, folder: Path = STATIC) -> None:
        files = {path.name: path for path in sorted(folder.iterdir()) if path.suffix in TYPES}
        raw = {name: path.read_bytes() for name, path in files.items()}
        self.version = _hash_of_all(raw)
        base = f"/static/{self.version}".encode()
        self._assets = {
            name: Asset(body.replace(_PLACEHOLDER, base), TYPES[Path(name).suffix])
            for name, body in raw.items()
        }

    def add_routes(self, router: web.UrlDispatcher) -> None:
        """Serve ``/``, ``/api/docs`` and ``/static/HASH/NAME``."""
        router.add_get("/", self._page("status.html"))
        router.add_get("/api/docs", self._page("docs.html"))
        router.add_get(f"/static/{self.version}/{{name:[a-z]+[.](?:css|js|svg)}}", self._static)

    def answer(self, name: str, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
        """A page as an answer that nobody keeps."""
        asset = self._assets[name]
        return web.Response(
            status=status, body=asset.body, content_type=asset.content_type, charset="utf-8", headers=headers
        )

    def _page(self, name: str) -> Callable[[web.Request], Awaitable[web.Response]]:
        asset = self._assets[name]

        async def serve(request: web.Request) -> web.Response:
            return answer(request, asset, "no-cache")

        return serve

    async def _static(self, request: web.Request) -> web.Response:
        asset = self._assets.get(request.match_info["name"])
        if asset is None:
            raise web.HTTPNotFound
        return answer(request, asset, "public, max-age=31536000, immutable")


def _hash_of_all(raw: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for name, body in raw.items():
        digest.update(name.encode() + b"\0" + body + b"\0")
    return digest.hexdigest()[:16]


def answer(request: web.Request, asset: Asset, caching: str) -> web.Response:
    """The file, or that the browser's own copy is still right. ``caching``: for how long it may keep it."""
    headers = {"ETag": f'"{asset.etag}"', "Cache-Control": caching, "Vary": "Accept-Encoding"}
    known = request.if_none_match or ()
    if any(tag.value == asset.etag for tag in known):
        return web.Response(status=304, headers=headers)
    body = asset.body
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        body, headers["Content-Encoding"] = asset.gzipped, "gzip"
    return web.Response(body=body, content_type=asset.content_type, charset="utf-8", headers=headers)
