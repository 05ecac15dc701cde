"""Fetching a recognizer: downloaded, going on where an earlier try stopped, checked, unpacked.

Invariant: a model folder under its final name is whole: it was checked against its checksum and unpacked beside
its place before. Nothing is downloaded unless an operator asks for it by ``install``.
"""

import asyncio
import errno
import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import aiohttp

from callcenter.core.errors import PeerError, UsageError, is_disk_full
from callcenter.settings import Settings
from recordings.models import DEMO, MODEL_NAME, SMALL_CHINESE, Progress, is_model, models_path

SITE = "https://alphacephei.com/vosk/models"
"""Where Vosk's author publishes models; ``model-list.json`` there has their checksums."""

_BLOCK = 1 << 18
_LARGEST_BYTES = 16 * 1024**3
_ZIP_ENTRIES = 10_000
_TRIES = 5
_SILENCE_S = 30.0


async def install(
    name_or_url: str,
    settings: Settings,
    progress: Progress,
    *,
    site: str = SITE,
    sha256: str | None = None,
) -> Path:
    """Download and unpack a model, going on where an earlier try stopped; its folder.

    ``name_or_url``: a name such as ``vosk-model-small-cn-0.22``, or the address of a zip file.
    ``sha256``: checked if given; else the site's own list is asked for a checksum.

    Raises:
        UsageError: a bad name or address, or the archive is no Vosk model.
        PeerError: ``download_failed``, ``bad_checksum``, ``disk_full``, ``bad_archive``.
    """
    name, url = _source(name_or_url, site)
    target = models_path(settings) / name
    if is_model(target):
        return target
    part = models_path(settings) / f".{name}.zip.part"
    with _disk_errors():
        part.parent.mkdir(parents=True, exist_ok=True)
        async with aiohttp.ClientSession(timeout=_patience()) as session:
            checksum = await _checksum(session, site, name) if sha256 is None else f"sha256:{sha256.lower()}"
            await _download(session, url, part, progress)
        progress("校验 / checking")
        await asyncio.to_thread(_check, part, checksum)
        progress("解压 / unpacking")
        await asyncio.to_thread(_unpack, part, target)
        part.unlink()
    return target


def _source(name_or_url: str, site: str) -> tuple[str, str]:
    """(name of the model, address of its archive)."""
    if "://" in name_or_url:
        url = name_or_url
        name = PurePosixPath(urlsplit(url).path).name.removesuffix(".zip")
    else:
        url, name = f"{site}/{name_or_url}.zip", name_or_url
    if urlsplit(url).scheme not in ("http", "https") or not MODEL_NAME.fullmatch(name) or name == DEMO:
        raise UsageError(
            f"'{name_or_url}' is neither the name of a model, such as {SMALL_CHINESE}, nor the address of a zip file",
            code="bad_model_name",
        )
    return name, url


def _patience() -> aiohttp.ClientTimeout:
    return aiohttp.ClientTimeout(total=None, connect=_SILENCE_S, sock_read=_SILENCE_S)


async def _checksum(session: aiohttp.ClientSession, site: str, name: str) -> str | None:
    """``md5:...`` from the site's list; ``None`` if the list cannot be had or does not name the model."""
    try:
        async with session.get(f"{site}/model-list.json") as response:
            listed = await response.json(content_type=None) if response.status == 200 else []
    except (aiohttp.ClientError, TimeoutError, ValueError):
        return None
    rows = [row for row in listed if isinstance(row, dict) and row.get("name") == name] if listed else []
    md5 = rows[0].get("md5") if rows else None
    return f"md5:{md5}" if isinstance(md5, str) and md5 else None


async def _download(session: aiohttp.ClientSession, url: str, part: Path, progress: Progress) -> None:
    for attempt in range(1, _TRIES + 1):
        try:
            await _download_rest(session, url, part, progress)
        except (aiohttp.ClientError, TimeoutError):
            if attempt == _TRIES:
                raise PeerError(
                    f"the download of {url} broke off {_TRIES} times; the next try goes on from there",
                    code="download_failed",
                ) from None
        else:
            return


async def _download_rest(session: aiohttp.ClientSession, url: str, part: Path, progress: Progress) -> None:
    have = part.stat().st_size if part.exists() else 0
    headers = {"Range": f"bytes={have}-"} if have else {}
    async with session.get(url, headers=headers) as response:
        if response.status == 416 and have:  # nothing after what is there: the checksum decides
            return
        if response.status not in (200, 206):
            raise PeerError(f"{url} answers {response.status}", code="download_failed", retryable=False)
        have = have if response.status == 206 else 0
        meter = _Meter(have + (response.content_length or 0), progress)
        with part.open("ab" if have else "wb") as file:
            async for block in response.content.iter_chunked(_BLOCK):
                have += len(block)
                if have > _LARGEST_BYTES:
                    raise PeerError(
                        f"{url} is larger than any model", code="download_failed", retryable=False
                    )
                file.write(block)
                meter.tell(have)


class _Meter:
    """Tells of a download every ten percent."""

    def __init__(self, total: int, progress: Progress):
        self._total, self._progress = total, progress
        self._told = -1

    def tell(self, have: int) -> None:
        tenth = 10 * have // self._total if self._total else 0
        if tenth > self._told:
            self._told = tenth
            self._progress(f"下载 / downloading: {have / 1e6:.0f} / {self._total / 1e6:.0f} MB")


def _check(part: Path, checksum: str | None) -> None:
    if checksum is None:
        return
    kind, _, expected = checksum.partition(":")
    with part.open("rb") as file:
        actual = hashlib.file_digest(file, kind).hexdigest()
    if actual != expected.lower():
        part.unlink()
        raise PeerError(
            "the downloaded archive does not have its published checksum; it was deleted", code="bad_checksum"
        )


def _unpack(part: Path, target: Path) -> None:
    draft = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    try:
        with zipfile.ZipFile(part) as archive:
            _refuse_strange(archive, draft)
            archive.extractall(draft)
        draft.chmod(0o755)
        _find_model(draft).rename(target)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, EOFError, NotImplementedError, ValueError):
        part.unlink()
        raise PeerError("the archive is damaged; it was deleted", code="bad_archive") from None
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _refuse_strange(archive: zipfile.ZipFile, draft: Path) -> None:
    """No path out of the folder, no link, no bomb, and room for it all."""
    entries = archive.infolist()
    for entry in entries:
        path = PurePosixPath(entry.filename)
        is_link = (entry.external_attr >> 16) & 0o170000 == 0o120000
        if path.is_absolute() or ".." in path.parts or "\\" in entry.filename or is_link:
            raise ValueError("a path that leads out of the archive")
    total = sum(entry.file_size for entry in entries)
    if len(entries) > _ZIP_ENTRIES or total > _LARGEST_BYTES:
        raise ValueError("larger than any model")
    if total > shutil.disk_usage(draft).free:
        raise OSError(errno.ENOSPC, "no room to unpack")


def _find_model(draft: Path) -> Path:
    """The model in the archive: its one top folder, or the archive itself."""
    inside = [path for path in draft.iterdir() if path.is_dir()]
    for folder in [draft, *inside]:
        if is_model(folder):
            return folder
    raise UsageError("the archive holds no Vosk model", code="not_a_model")


@contextmanager
def _disk_errors() -> Iterator[None]:
    try:
        yield
    except aiohttp.ClientError:
        raise
    except OSError as error:
        if is_disk_full(error):
            raise PeerError("the disk is full; free some room and try again", code="disk_full") from None
        raise PeerError("the model could not be written to the disk", code="model_io") from None
