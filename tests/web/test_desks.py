"""The desks as they are served: whole, nothing from elsewhere, nothing that the strict policy forbids."""

import re
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from web_fakes import House, browsing

from callcenter.web.desks import BUILT, Desks

pytestmark = pytest.mark.web

NODE_MODULES = BUILT.parent / "node_modules"
ELSEWHERE = re.compile(
    r"https?://(?!www\.w3\.org/)[a-z0-9.-]+\.[a-z]{2,}(?:/[^\s\"'`]*\.(?:js|css|woff2?|png|svg))"
)
"""Addresses of things to load. Links in comments and names of XML dialects are none."""


@pytest.fixture
def built(tmp_path: Path) -> Path:
    """A small build."""
    (tmp_path / "dist" / "assets").mkdir(parents=True)
    (tmp_path / "dist" / "index.html").write_text("<!doctype html><p>desk", "utf-8")
    (tmp_path / "dist" / "assets" / "index-abc123.js").write_text("export {}", "utf-8")
    (tmp_path / "secret.js").write_text("let key", "utf-8")
    return tmp_path / "dist"


def serving(folder: Path) -> TestClient[web.Request, web.Application]:
    """A server with these desks alone."""
    app = web.Application()
    Desks(folder).add_routes(app.router)
    return TestClient(TestServer(app))


async def test_the_page_is_asked_anew_and_its_parts_never(built: Path) -> None:
    """A new build is seen at once; what is named by its content is kept."""
    async with serving(built) as client:
        page = await client.get("/desk/")
        part = await client.get("/desk/assets/index-abc123.js")
        again = await client.get("/desk/", headers={"If-None-Match": page.headers["ETag"]})
    assert (page.status, page.content_type, page.headers["Cache-Control"]) == (200, "text/html", "no-cache")
    assert (part.status, part.content_type) == (200, "text/javascript")
    assert "immutable" in part.headers["Cache-Control"]
    assert again.status == 304


async def test_it_travels_packed_to_who_can_unpack(built: Path) -> None:
    """A browser gets gzip; a program that does not ask for it, the file as it is."""
    async with serving(built) as client:
        packed = await client.get("/desk/", headers={"Accept-Encoding": "gzip"})
        plain = await client.get("/desk/", headers={"Accept-Encoding": "identity"})
        assert await packed.text() == await plain.text()
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    "path", ["../secret.js", "%2e%2e/secret.js", "assets/../../secret.js", "assets/none.js"]
)
async def test_no_path_reaches_a_file(built: Path, path: str) -> None:
    """Only what the build made has a name."""
    async with serving(built) as client:
        answer = await client.get(f"/desk/{path}")
        assert answer.status == 404
        assert "let key" not in await answer.text()


async def test_a_missing_build_says_what_to_do(tmp_path: Path) -> None:
    """One line in each language."""
    async with serving(tmp_path) as client:
        answer = await client.get("/desk/")
        assert answer.status == 503
        assert "make setup" in await answer.text()


async def test_the_application_serves_them_under_its_strict_policy(tmp_path: Path) -> None:
    """Built or not: no script but our own files."""
    async with (
        browsing(House(tmp_path)) as browser,
        browser.http.get(browser.server.make_url("/desk/")) as answer,
    ):
        assert "default-src 'self'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["X-Frame-Options"] == "DENY"


@pytest.mark.skipif(not NODE_MODULES.exists(), reason="the packages of the desks could not be fetched")
def test_what_was_built_needs_nobody_else() -> None:
    """No address to load from, no script or style inside the page, no code made of text."""
    page = (BUILT / "index.html").read_text("utf-8")
    assert not re.search(r"<script(?![^>]*src=)|<style|\son[a-z]+=|\sstyle=", page)
    for path in BUILT.rglob("*.js"):
        text = path.read_text("utf-8")
        assert not ELSEWHERE.search(text), path
        assert not re.search(r"\beval\(|new Function\(", text), path
