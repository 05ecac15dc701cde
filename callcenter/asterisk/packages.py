"""A private apt: fetches and unpacks packages of Debian's forky without touching the system's package state.

Invariant: every byte unpacked was checked by apt against a signed index; all of apt's files stay below one root.
"""

import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from callcenter.core.errors import PeerError, UsageError

Progress = Callable[[str], None]
"""Told one short line at each step that takes time."""

SUITE = "forky"
"""The Debian release whose Asterisk is 22.10 or newer; Debian 12 has none."""

SYSTEM_SOURCES = Path("/etc/apt")
ARCHIVE_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")
COMMAND_LIMIT_S = 600
TOOLS = ("apt-get", "apt-cache", "dpkg", "dpkg-deb")

_PLANNED = re.compile(r"^'(?P<uri>[^']+)' (?P<file>\S+_\S+\.deb) (?P<size>\d+) (?P<digest>\S*)$")


@dataclass(frozen=True, slots=True)
class Source:
    """Where the system gets its Debian packages from."""

    uri: str
    signed_by: str


@dataclass(frozen=True, slots=True)
class Planned:
    """One package of an installation plan."""

    name: str
    version: str
    file: str
    size_bytes: int


def require_tools() -> None:
    """Check that apt and dpkg are there.

    Raises:
        UsageError: they are not; this machine is no Debian.
    """
    lacking = [tool for tool in TOOLS if shutil.which(tool) is None]
    if lacking:
        raise UsageError(
            f"no Asterisk 20 or 22 on PATH, and no {lacking[0]} to fetch one: "
            "install Asterisk 22, or name it in CALLCENTER_ASTERISK",
            code="no_apt",
        )


def debian_source(folder: Path = SYSTEM_SOURCES) -> Source:
    """The first package source of the system whose address ends in ``/debian``.

    Raises:
        UsageError: there is none.
    """
    for path in sorted((folder / "sources.list.d").glob("*.sources")):
        for stanza in re.split(r"\n\s*\n", path.read_text("utf-8", "replace")):
            source = _from_deb822(stanza)
            if source:
                return source
    for path in [folder / "sources.list", *sorted((folder / "sources.list.d").glob("*.list"))]:
        for line in path.read_text("utf-8", "replace").splitlines() if path.is_file() else ():
            source = _from_one_line(line)
            if source:
                return source
    raise UsageError(
        "no package source ending in /debian in /etc/apt: install Asterisk 22 yourself, "
        "or name it in CALLCENTER_ASTERISK",
        code="no_debian_source",
    )


def _from_deb822(stanza: str) -> Source | None:
    fields: dict[str, str] = {}
    for line in stanza.splitlines():
        if line.startswith(("#", " ", "\t")) or ":" not in line:
            continue
        name, _, value = line.partition(":")
        fields[name.strip().lower()] = value.strip()
    if "deb" not in fields.get("types", "").split() or fields.get("enabled", "yes").lower() == "no":
        return None
    signed_by = fields.get("signed-by") or str(ARCHIVE_KEYRING)
    for uri in fields.get("uris", "").split():
        if _is_debian(uri):
            return Source(uri, signed_by)
    return None


def _from_one_line(line: str) -> Source | None:
    match = re.match(r"^deb\s+(?:\[(?P<options>[^\]]*)\]\s+)?(?P<uri>\S+)\s", line.strip())
    if match is None or not _is_debian(match["uri"]):
        return None
    options = dict(word.split("=", 1) for word in (match["options"] or "").split() if "=" in word)
    return Source(match["uri"], options.get("signed-by", str(ARCHIVE_KEYRING)))


def _is_debian(uri: str) -> bool:
    return uri.rstrip("/").endswith("/debian")


class PrivateApt:
    """apt with every folder below ``root``; needs no privilege at any point."""

    def __init__(self, root: Path, source: Source):
        self._root = root
        self._source = source
        self.downloads = root / "archives"

    def update(self) -> None:
        """Fetch and verify the package index.

        Raises:
            PeerError: the archive cannot be reached or its signature does not verify.
        """
        self._configure()
        try:
            self._run("apt-get", "update", "-o", "APT::Update::Error-Mode=any")
        except PeerError as error:
            raise PeerError(
                f"no package index for Asterisk ({error}): check the network and apt's proxy and try again, "
                "or install Asterisk 22 yourself",
                code="no_archive",
            ) from None

    def plan(self, *names: str) -> dict[str, Planned]:
        """What an installation of ``names`` on an empty system would fetch, by package name.

        Raises:
            PeerError: apt cannot satisfy it.
        """
        printed = self._run("apt-get", "--yes", "--print-uris", "install", *names)
        planned = [_planned(line) for line in printed.splitlines()]
        return {package.name: package for package in planned if package}

    def fetch(self, packages: Iterable[Planned]) -> None:
        """Download what is not already here whole; apt checks each against the index.

        Raises:
            PeerError: a download failed.
        """
        wanted = [package for package in packages if not self._is_complete(package)]
        if wanted:
            self._run(
                "apt-get",
                "download",
                *(f"{package.name}={package.version}" for package in wanted),
                folder=self.downloads,
            )

    def _is_complete(self, package: Planned) -> bool:
        path = self.path(package)
        return path.is_file() and path.stat().st_size == package.size_bytes

    def path(self, package: Planned) -> Path:
        """Where :meth:`fetch` puts a package."""
        return self.downloads / package.file

    def _configure(self) -> None:
        for folder in ("lists/partial", "archives/partial", "log"):
            (self._root / folder).mkdir(parents=True, exist_ok=True)
        (self._root / "status").touch()
        (self._root / "forky.sources").write_text(
            f"Types: deb\nURIs: {self._source.uri}\nSuites: {SUITE}\nComponents: main\n"
            f"Signed-By: {self._source.signed_by}\n"
        )
        architecture = self._run("dpkg", "--print-architecture", environment={}).strip()
        options = {
            "Dir::Etc::sourcelist": str(self._root / "forky.sources"),
            "Dir::Etc::sourceparts": "-",
            "Dir::Etc::preferences": "-",
            "Dir::Etc::preferencesparts": "-",
            "Dir::State": str(self._root),
            "Dir::State::lists": str(self._root / "lists"),
            "Dir::State::status": str(self._root / "status"),
            "Dir::Cache": str(self._root),
            "Dir::Cache::archives": str(self.downloads),
            "Dir::Log": str(self._root / "log"),
            "Debug::NoLocking": "true",
            "APT::Sandbox::User": "",
            "APT::Install-Recommends": "false",
            "APT::Architecture": architecture,
            "APT::Architectures": architecture,
            "Acquire::Languages": "none",
            "Acquire::Retries": "3",
        }
        text = "".join(f'{key} "{value}";\n' for key, value in options.items())
        (self._root / "apt.conf").write_text(text)

    def _run(
        self, *command: str, folder: Path | None = None, environment: Mapping[str, str] | None = None
    ) -> str:
        extra = {"APT_CONFIG": str(self._root / "apt.conf")} if environment is None else environment
        return run_tool(*command, folder=folder or self._root, environment=extra)


def run_tool(*command: str, folder: Path, environment: Mapping[str, str] | None = None) -> str:
    """Run one program to its end and return what it printed.

    Raises:
        PeerError: it failed; the message carries its last error line.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env={**os.environ, "LC_ALL": "C", **(environment or {})},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=COMMAND_LIMIT_S,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise PeerError(f"{command[0]} did not end within {COMMAND_LIMIT_S} s", code="tool_timeout") from None
    if done.returncode != 0:
        cause = _last_complaint(done.stderr) or f"exit code {done.returncode}"
        raise PeerError(f"{' '.join(command[:2])}: {cause}", code="tool_failed")
    return done.stdout


def _last_complaint(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    errors = [line for line in lines if line.startswith("E:")]
    return (errors or lines or [""])[0][:300]


def _planned(line: str) -> Planned | None:
    match = _PLANNED.match(line)
    if match is None:
        return None
    name, version, _ = match["file"].rsplit("_", 2)
    return Planned(name, unquote(version), match["file"], int(match["size"]))


def unpack(archive: Path, folder: Path) -> None:
    """Unpack a package's files into ``folder``; none of its scripts run."""
    folder.mkdir(parents=True, exist_ok=True)
    run_tool("dpkg", "-x", str(archive), str(folder), folder=folder)


def dependencies(archive: Path) -> list[str]:
    """The package names in ``Depends`` and ``Pre-Depends``; of alternatives the first."""
    text = run_tool("dpkg-deb", "-f", str(archive), "Depends", "Pre-Depends", folder=archive.parent)
    names = (
        re.match(r"[a-z0-9][a-z0-9+.-]+", word.strip())
        for line in text.splitlines()
        for word in re.sub(r"^(Pre-)?Depends:", "", line).split(",")
    )
    return [name.group() for name in names if name]


def sha256(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
