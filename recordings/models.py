"""Recognizers on this machine: which there are, which one is used, and how another is installed.

Invariant: a model folder under its final name is whole: it was checked against its checksum and unpacked beside
its place before. Nothing is downloaded unless an operator asks for it by ``install``.
"""

import asyncio
import errno
import hashlib
import json
import re
import shutil
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

import aiohttp

from callcenter.core.errors import PeerError, UsageError
from callcenter.settings import Settings
from recordings.engines import is_whisper
from recordings.wav import write_whole

SITE = "https://alphacephei.com/vosk/models"
"""Where Vosk's author publishes models; ``model-list.json`` there has their checksums."""

SMALL_CHINESE = "vosk-model-small-cn-0.22"
DEMO = "demo-zh"
"""The demo model's folder (see ``callcenter.speech.demo_model``)."""

Progress = Callable[[str], None]
"""Called with one line that says what is being done."""

_NEEDED = ("am/final.mdl", "conf/mfcc.conf")
_GRAPHS = ("graph/HCLG.fst", "graph/Gr.fst")
_FLAT = "final.mdl"  # some small models keep everything in one folder
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_BLOCK = 1 << 18
_LARGEST_BYTES = 16 * 1024**3
_ZIP_ENTRIES = 10_000
_TRIES = 5
_SILENCE_S = 30.0
_FULL = frozenset([errno.ENOSPC, errno.EDQUOT, errno.EFBIG])


@dataclass(frozen=True, slots=True)
class ModelChoice:
    """A recognizer. ``is_demo``: made from a synthetic voice, recognizes no people."""

    path: Path
    is_demo: bool

    @property
    def name(self) -> str:
        """The folder's name; it stands in every transcript."""
        return self.path.name


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A row of ``callcenter models list``. ``in_use``: this is what transcription takes."""

    name: str
    path: Path
    is_demo: bool
    in_use: bool
    size_bytes: int


def resolve_model(settings: Settings) -> ModelChoice:
    """The model to use: the base model, with the city's words if ``words apply`` made it anew with them.

    Raises:
        UsageError: as :func:`base_model`.
    """
    base = base_model(settings)
    return with_words(settings, base) or base


def base_model(settings: Settings) -> ModelChoice:
    """The configured model, else an installed one, else the demo model; as it was installed.

    Raises:
        UsageError: ``no_model``: there is none, or the configured folder is not a model.
    """
    if settings.speech.vosk_model:
        return _configured(Path(settings.speech.vosk_model).expanduser().absolute())
    found = [_choice(path) for path in _model_folders(settings)]
    if not found:
        raise UsageError(
            "no recognizer is installed: run 'callcenter models install' or 'callcenter models build-demo'",
            code="no_model",
        )
    return min(found, key=lambda choice: (choice.is_demo, choice.name))


def with_words(settings: Settings, base: ModelChoice) -> ModelChoice | None:
    """The base model made anew with the city's words, if there is one in use."""
    try:
        name = _pointer(settings, base).read_text("utf-8").strip()
    except OSError:
        return None
    path = words_folder(settings) / name
    return _choice(path) if _NAME.fullmatch(name) and is_model(path) else None


def use_with_words(settings: Settings, base: ModelChoice, folder: Path) -> None:
    """From the next start on, take ``folder`` where ``base`` would be taken.

    Raises:
        PeerError: ``disk_full`` or ``recording_io``.
    """
    write_whole(_pointer(settings, base), f"{folder.name}\n".encode())


def words_folder(settings: Settings) -> Path:
    """Where models with the city's own words are kept: each city its own."""
    return settings.home_path / "models"


def vocabulary(model: Path) -> frozenset[str]:
    """All words that a model can hear.

    Raises:
        UsageError: ``free_words``: it has no list of words.
    """
    for part in ("graph/words.txt", "words.txt"):
        try:
            lines = (model / part).read_text("utf-8").splitlines()
        except (OSError, UnicodeDecodeError):
            continue
        words = (line.split()[0] for line in lines if line.strip())
        return frozenset(word for word in words if not word.startswith(("<", "#", "[")))
    raise UsageError(
        f"{model.name} has no list of words: it writes what it hears, letter by letter", code="free_words"
    )


def has_dynamic_graph(model: Path) -> bool:
    """Whether lexicon and language model are joined while it listens; else they were joined once and for all."""
    return (model / "graph/HCLr.fst").is_file() or (model / "HCLr.fst").is_file()


def named_model(settings: Settings, name: str) -> ModelChoice:
    """An installed model by its name; empty: the one in use.

    Raises:
        UsageError: ``no_model``: there is no such one; the error names those that there are.
    """
    if not name:
        return resolve_model(settings)
    models = list_models(settings)
    for model in models:
        if model.name == name:
            return ModelChoice(model.path, model.is_demo)
    known = ", ".join(model.name for model in models) or "none"
    raise UsageError(f"no model '{name}' is installed; installed: {known}", code="no_model")


def ensure_model(settings: Settings, progress: Progress) -> ModelChoice:
    """The model to use; without any, the demo model is built, which takes some two minutes.

    Raises:
        UsageError: ``no_model``: the configured folder is not a model.
    """
    try:
        return resolve_model(settings)
    except UsageError:
        if settings.speech.vosk_model:
            raise
    from callcenter.speech.demo_model.build import build  # slow, and seldom needed

    return _choice(build(settings.cache_path, progress))


def list_models(settings: Settings) -> list[ModelInfo]:
    """All models on this machine, the one in use first."""
    try:
        used: ModelChoice | None = resolve_model(settings)
    except UsageError:
        used = None
    choices = {choice.path: choice for choice in map(_choice, _model_folders(settings))}
    if used is not None:
        choices.setdefault(used.path, used)
    rows = [
        ModelInfo(choice.name, choice.path, choice.is_demo, choice == used, _size_bytes(choice.path))
        for choice in choices.values()
    ]
    return sorted(rows, key=lambda row: (not row.in_use, row.name))


def is_model(folder: Path) -> bool:
    """Whether this folder looks like a model of one of the engines."""
    if is_whisper(folder):
        return True
    if (folder / _FLAT).is_file():
        return (folder / "mfcc.conf").is_file()
    has_parts = all((folder / part).is_file() for part in _NEEDED)
    return has_parts and any((folder / graph).is_file() for graph in _GRAPHS)


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
    target = _models_path(settings) / name
    if is_model(target):
        return target
    part = _models_path(settings) / f".{name}.zip.part"
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
    if urlsplit(url).scheme not in ("http", "https") or not _NAME.fullmatch(name) or name == DEMO:
        raise UsageError(
            f"'{name_or_url}' is neither the name of a model, such as {SMALL_CHINESE}, nor the address of a zip file",
            code="bad_model_name",
        )
    return name, url


def _pointer(settings: Settings, base: ModelChoice) -> Path:
    return words_folder(settings) / f"{base.name}.in-use"


def _models_path(settings: Settings) -> Path:
    return settings.cache_path / "models"


def _model_folders(settings: Settings) -> list[Path]:
    folder = _models_path(settings)
    if not folder.is_dir():
        return []
    return sorted(path for path in folder.iterdir() if not path.name.startswith(".") and is_model(path))


def _configured(path: Path) -> ModelChoice:
    if not is_model(path):
        raise UsageError(f"speech.vosk_model: {path} is not the folder of a model", code="no_model")
    return _choice(path)


def _choice(path: Path) -> ModelChoice:
    return ModelChoice(path, _is_demo(path))


def _is_demo(path: Path) -> bool:
    try:
        label = json.loads((path / "demo.json").read_text("utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(label, dict) and label.get("is_demo") is True


def _size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


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
        if error.errno in _FULL:
            raise PeerError("the disk is full; free some room and try again", code="disk_full") from None
        raise PeerError("the model could not be written to the disk", code="model_io") from None
