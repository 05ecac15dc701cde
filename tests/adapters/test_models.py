"""Recognizers: which one is used, and how one is installed over a bad line."""

import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from aiohttp.test_utils import TestServer
from small_disk import room_for

from callcenter.core.errors import PeerError, UsageError
from callcenter.sections import Speech
from callcenter.settings import Settings
from recordings import model_install, models

pytestmark = pytest.mark.adapters

NAME = models.SMALL_CHINESE


def _zip(entries: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in entries.items():
            archive.writestr(name, data)
    return content.getvalue()


GOOD = _zip(
    {f"{NAME}/am/final.mdl": b"x" * 300_000, f"{NAME}/conf/mfcc.conf": b"y", f"{NAME}/graph/HCLG.fst": b"z"}
)


class Site:
    """The publisher's site: serves ranges, and may break off."""

    def __init__(self) -> None:
        self.content = GOOD
        self.md5 = hashlib.md5(GOOD, usedforsecurity=False).hexdigest()
        self.break_after: list[int] = []
        self.ranges: list[str] = []
        self.knows_ranges = True

    async def archive(self, request: web.Request) -> web.StreamResponse:
        """The zip file, or the rest of it."""
        asked = request.headers.get("Range", "")
        self.ranges.append(asked)
        start = int(asked.removeprefix("bytes=").rstrip("-")) if asked and self.knows_ranges else 0
        if start >= len(self.content):
            return web.Response(status=416)
        rest = self.content[start:]
        response = web.StreamResponse(status=206 if start else 200)
        response.content_length = len(rest)
        await response.prepare(request)
        if self.break_after:
            await response.write(rest[: self.break_after.pop(0)])
            if request.transport is not None:
                request.transport.abort()
            return response
        await response.write(rest)
        return response

    async def listing(self, _request: web.Request) -> web.Response:
        """The list with checksums."""
        return web.json_response([{"name": NAME, "md5": self.md5}])


@pytest_asyncio.fixture
async def site() -> AsyncIterator[tuple[Site, str]]:
    """A running site and its address."""
    served = Site()
    app = web.Application()
    app.router.add_get("/model-list.json", served.listing)
    app.router.add_get("/{name}.zip", served.archive)
    async with TestServer(app) as server:
        yield served, f"http://127.0.0.1:{server.port}"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A home without any model."""
    return Settings(home=str(tmp_path))


def _silent(_line: str) -> None:
    """Nobody listens."""


def _part(settings: Settings) -> Path:
    return settings.cache_path / "models" / f".{NAME}.zip.part"


def _model(settings: Settings, name: str, demo: str | None = None) -> Path:
    folder = settings.cache_path / "models" / name
    for part in ("am/final.mdl", "conf/mfcc.conf", "graph/Gr.fst"):
        (folder / part).parent.mkdir(parents=True, exist_ok=True)
        (folder / part).write_bytes(b"x")
    if demo is not None:
        (folder / "demo.json").write_text(demo)
    return folder


async def test_a_model_is_installed_by_name(settings: Settings, site: tuple[Site, str]) -> None:
    """Downloaded, checked, unpacked, in use; nothing else is left behind."""
    told: list[str] = []
    path = await model_install.install(NAME, settings, told.append, site=site[1])
    assert models.is_model(path)
    assert models.resolve_model(settings) == models.ModelChoice(path, is_demo=False)
    assert any("downloading" in line for line in told)
    assert [entry.name for entry in path.parent.iterdir()] == [NAME]
    site[0].content = b"never asked"
    assert await model_install.install(NAME, settings, _silent, site=site[1]) == path


async def test_a_download_goes_on_where_it_broke_off(settings: Settings, site: tuple[Site, str]) -> None:
    """The second request asks for the rest only."""
    site[0].break_after = [200_000]
    await model_install.install(NAME, settings, _silent, site=site[1])
    first, second = site[0].ranges
    assert first == ""
    assert 0 < int(second.removeprefix("bytes=").rstrip("-")) <= 200_000


async def test_an_earlier_part_is_used(settings: Settings, site: tuple[Site, str]) -> None:
    """Also after the program was stopped."""
    _part(settings).parent.mkdir(parents=True)
    _part(settings).write_bytes(GOOD[:1000])
    await model_install.install(NAME, settings, _silent, site=site[1])
    assert site[0].ranges == ["bytes=1000-"]


async def test_a_whole_part_is_not_fetched_again(settings: Settings, site: tuple[Site, str]) -> None:
    """The site has nothing after it."""
    _part(settings).parent.mkdir(parents=True)
    _part(settings).write_bytes(GOOD)
    assert models.is_model(await model_install.install(NAME, settings, _silent, site=site[1]))


async def test_a_site_without_ranges_starts_anew(settings: Settings, site: tuple[Site, str]) -> None:
    """Its answer takes the place of the part."""
    site[0].knows_ranges = False
    site[0].break_after = [5000]
    assert models.is_model(await model_install.install(NAME, settings, _silent, site=site[1]))


async def test_a_line_that_always_breaks_ends_in_one_error(
    settings: Settings, site: tuple[Site, str]
) -> None:
    """After a few tries; what came is kept for the next time."""
    site[0].break_after = [1000] * 10
    with pytest.raises(PeerError) as caught:
        await model_install.install(NAME, settings, _silent, site=site[1])
    assert caught.value.code == "download_failed"
    assert _part(settings).exists()


@pytest.mark.parametrize("how", ["published", "given"])
async def test_a_wrong_checksum_is_refused(settings: Settings, site: tuple[Site, str], how: str) -> None:
    """And the archive is deleted, so that the next try starts clean."""
    site[0].md5 = "0" * 32
    sha256 = "0" * 64 if how == "given" else None
    with pytest.raises(PeerError) as caught:
        await model_install.install(NAME, settings, _silent, site=site[1], sha256=sha256)
    assert caught.value.code == "bad_checksum"
    assert not _part(settings).exists()


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"no zip at all", "bad_archive"),
        (GOOD[:-30], "bad_archive"),
        (_zip({"../escaped": b"x"}), "bad_archive"),
        (_zip({"/absolute": b"x"}), "bad_archive"),
        (_zip({"a\\..\\b": b"x"}), "bad_archive"),
        (_zip({"something/else.txt": b"x"}), "not_a_model"),
    ],
)
async def test_a_strange_archive_is_refused(
    settings: Settings, site: tuple[Site, str], content: bytes, code: str, tmp_path: Path
) -> None:
    """Nothing is written outside, nothing half is installed."""
    site[0].content = content
    site[0].md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()
    with pytest.raises((PeerError, UsageError)) as caught:
        await model_install.install(NAME, settings, _silent, site=site[1])
    assert caught.value.code == code
    assert not list(tmp_path.rglob("escaped"))
    assert models.list_models(settings) == []


async def test_an_unknown_model_is_said(settings: Settings, site: tuple[Site, str]) -> None:
    """The site's answer is in the line."""
    with pytest.raises(PeerError, match="404"):
        await model_install.install(f"{site[1]}/deep/none.zip", settings, _silent, site=site[1])


async def test_a_full_disk_is_said(settings: Settings, site: tuple[Site, str]) -> None:
    """One line that says what to do."""
    with room_for(1000), pytest.raises(PeerError) as caught:
        await model_install.install(NAME, settings, _silent, site=site[1])
    assert caught.value.code == "disk_full"


@pytest.mark.parametrize("name", ["", "../x", "a/b", "file:///etc/passwd", "demo-zh", "a b", ".hidden"])
async def test_a_bad_name_is_refused(settings: Settings, name: str) -> None:
    """Before anything is asked of anybody."""
    with pytest.raises(UsageError) as caught:
        await model_install.install(name, settings, _silent)
    assert caught.value.code == "bad_model_name"


def test_an_installed_model_goes_before_the_demo(settings: Settings) -> None:
    """The configured one goes before both."""
    with pytest.raises(UsageError, match="models install"):
        models.resolve_model(settings)
    demo = _model(settings, models.DEMO, '{"is_demo": true}')
    assert models.resolve_model(settings) == models.ModelChoice(demo, is_demo=True)
    real = _model(settings, "vosk-real")
    assert models.resolve_model(settings).path == real
    assert [(row.name, row.in_use, row.is_demo) for row in models.list_models(settings)] == [
        ("vosk-real", True, False),
        (models.DEMO, False, True),
    ]
    chosen = settings.model_copy(update={"speech": Speech(vosk_model=str(demo))})
    assert models.resolve_model(chosen).path == demo
    assert models.ensure_model(chosen, _silent).path == demo


def test_a_configured_folder_must_be_a_model(settings: Settings, tmp_path: Path) -> None:
    """A typing error is not answered by another model."""
    chosen = settings.model_copy(update={"speech": Speech(vosk_model=str(tmp_path / "typo"))})
    with pytest.raises(UsageError, match="vosk_model"):
        models.resolve_model(chosen)
    with pytest.raises(UsageError, match="vosk_model"):
        models.ensure_model(chosen, _silent)


@pytest.mark.parametrize("label", ["", "[]", '{"is_demo": "yes"}', "{"])
def test_only_a_clear_label_makes_a_demo_model(settings: Settings, label: str) -> None:
    """A damaged label does not hide a real model."""
    _model(settings, "vosk-real", label)
    assert models.resolve_model(settings).is_demo is False
