"""Proof of the vault (``callcenter vault verify``): manifest, signed roots, files and rows must tell the same story.

Invariant: it changes nothing; every contradiction has a name and says what to do. Four witnesses are compared: the chain
of lines, the signed roots of days, the files themselves, and (where the database is asked) the rows.
"""

import hashlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from enum import StrEnum
from pathlib import Path
from typing import Any

from callcenter.core.errors import CallcenterError, OurError
from callcenter.core.ids import RecordingId
from recordings.core.manifest import BEGINNING, Entry, Root, line_hash, parse, roots_of
from recordings.core.names import day_of, is_contact_id
from recordings.places import ENCRYPTED_SUFFIX, PLAIN_SUFFIX
from recordings.roots import Roots, is_genuine
from recordings.vault import Vault
from recordings.wav import DRAFT_PREFIX, disk_errors

FOLDERS = ("sealed", "waiting")
_BLOCK = 1 << 20


class Kind(StrEnum):
    """What is wrong."""

    CHANGED = "changed"
    MISSING = "missing"
    ADDED = "added"
    LINE = "line"
    CUT = "cut"
    ROOT = "root"
    NO_ROOT = "no_root"
    ROW = "row"
    UNREADABLE = "unreadable"


ADVICE: Mapping[Kind, str] = {
    Kind.CHANGED: "录音被改动，请从备份恢复 / the file is not what was sealed: restore it from a backup",
    Kind.MISSING: "录音文件不见了，请从备份恢复 / the file is gone: restore it from a backup",
    Kind.ADDED: "不明文件，请查明来源后移走 / nobody entered this file: find out who put it there, move it away",
    Kind.LINE: "清单此行被改动，请从备份恢复清单 / the manifest was changed here: restore manifest.jsonl",
    Kind.CUT: "清单被截短，请从备份恢复清单 / the manifest lacks its end: restore manifest.jsonl",
    Kind.ROOT: "日签名不符，请从备份恢复 / root or manifest was forged: restore roots/ and manifest.jsonl",
    Kind.NO_ROOT: "缺日签名，请运行 callcenter vault tidy / not signed: run 'callcenter vault tidy', or restore roots/",
    Kind.ROW: "数据库与清单不符，请从备份恢复 / database and manifest differ: restore the older of the two",
    Kind.UNREADABLE: "读不出，请检查磁盘或存储 / cannot be read: look at the disk or the storage, then verify again",
}
"""What to do about it."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A contradiction. ``name``: file, line number, day or recording; ``detail``: what was found."""

    kind: Kind
    name: str
    detail: str = ""

    def as_json(self) -> dict[str, str]:
        """For machines."""
        return {"kind": self.kind, "name": self.name, "detail": self.detail, "advice": ADVICE[self.kind]}


@dataclass
class Report:
    """What was looked at and what was found."""

    lines: int = 0
    roots: int = 0
    files: int = 0
    findings: list[Finding] = field(default_factory=list)

    def found(self, kind: Kind, name: str, detail: str = "") -> None:
        """Note a contradiction."""
        self.findings.append(Finding(kind, name, detail))

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {
            "clean": not self.findings,
            "lines": self.lines,
            "roots": self.roots,
            "files": self.files,
            "findings": [finding.as_json() for finding in self.findings],
        }


def verify(
    vault: Vault,
    roots: Roots,
    today: date,
    zone: tzinfo,
    *,
    day: str | None = None,
    rows: Mapping[RecordingId, str] | None = None,
    progress: Callable[[float], None] = lambda share: None,
) -> Report:
    """Compare all witnesses.

    ``day`` (``20261122``, the folder's): only its files; lines and roots are proved in any case. ``rows``: recording ->
    SHA-256 of its sound, of all rows that the database calls sealed. ``progress`` is told the share done, 0 to 1.

    Raises:
        PeerError: ``recording_io``: not even the manifest can be read.
    """
    report = Report()
    newest = _check_lines(vault, roots, report)
    _check_days(vault, roots, report, today, zone)
    wanted = {name: entry for name, entry in newest.items() if day is None or _day(name) == day}
    _check_files(vault, wanted, report, progress)
    _check_strangers(vault, newest, report, day)
    if rows is not None:
        _check_rows(
            newest, {name: sha for name, sha in rows.items() if day is None or _day(name) == day}, report
        )
    return report


def _check_lines(vault: Vault, roots: Roots, report: Report) -> dict[RecordingId, Entry]:
    """The chain, and what the roots say of it; what holds now about each recording."""
    signed = _genuine_roots(roots, report)
    newest: dict[RecordingId, Entry] = {}
    expected = BEGINNING
    for number, line in enumerate(vault.manifest.lines(), start=1):
        entry = _parsed(line)
        if entry is None or entry.previous != expected:
            report.found(
                Kind.LINE, f"manifest.jsonl:{number}", "damaged" if entry is None else "does not follow"
            )
        if entry is not None and entry.recording_id:
            newest[entry.recording_id] = entry
        expected = line_hash(line)
        for root in signed.pop(number, []):
            if root.last != expected:
                report.found(Kind.ROOT, f"roots/{root.day}.json", f"line {number} is another one")
        report.lines = number
    for root in (root for left in signed.values() for root in left):
        report.found(
            Kind.CUT, "manifest.jsonl", f"{report.lines} lines, {root.count} were signed on {root.day}"
        )
    return newest


def _genuine_roots(roots: Roots, report: Report) -> dict[int, list[Root]]:
    """Roots by the number of lines that they are about; forged ones are found."""
    signed: dict[int, list[Root]] = {}
    try:
        public = roots.public()
        if not roots.is_key_unchanged():
            report.found(Kind.ROOT, "roots/public.pem", "is not the public key of the secret one")
    except CallcenterError as error:
        public = None
        report.found(Kind.UNREADABLE, "roots", str(error))
    for day in roots.days():
        report.roots += 1
        try:
            root = roots.read(day)
        except OurError as error:
            report.found(Kind.ROOT, f"roots/{day}.json", str(error))
            continue
        if public is None or not is_genuine(root, public):
            report.found(Kind.ROOT, f"roots/{day}.json", "the signature is wrong")
        else:
            signed.setdefault(root.count, []).append(root)
    return signed


def _check_days(vault: Vault, roots: Roots, report: Report, today: date, zone: tzinfo) -> None:
    """Every day with lines is signed in the night after it; the newest one may still wait for that."""
    known, last = set(roots.days()), f"{today - timedelta(days=1):%Y%m%d}"
    for root in roots_of(vault.manifest.lines(), zone):
        if root.day < last and root.day not in known:
            report.found(Kind.NO_ROOT, f"roots/{root.day}.json", f"{root.count} lines at the end of that day")


def _check_files(
    vault: Vault, wanted: Mapping[RecordingId, Entry], report: Report, progress: Callable[[float], None]
) -> None:
    for number, entry in enumerate(wanted.values(), start=1):
        if not entry.is_deleted:
            report.files += 1
            _check_file(vault, entry, report)
        progress(number / len(wanted))
    progress(1.0)


def _check_file(vault: Vault, entry: Entry, report: Report) -> None:
    if not is_contact_id(entry.recording_id) or entry.path not in _paths(vault, entry.recording_id):
        report.found(Kind.LINE, entry.path, "no place of a recording")
        return
    digest = hashlib.sha256()
    try:
        blocks = _stored(vault, entry.path)
        if blocks is None:
            report.found(Kind.MISSING, entry.path)
            return
        for block in blocks:
            digest.update(block)
    except CallcenterError as error:
        report.found(Kind.UNREADABLE, entry.path, error.code)
        return
    if digest.hexdigest() != entry.sha256:
        report.found(Kind.CHANGED, entry.path)


def _stored(vault: Vault, name: str) -> Iterator[bytes] | None:
    """The bytes of a stored file, here or remote; ``None`` when there is none."""
    path = vault.root / name
    if path.exists():
        return _local_blocks(path)
    remote = vault.remote
    size = remote.size(name) if remote is not None else None
    if remote is None or size is None:
        return None
    return (remote.read(name, offset, _BLOCK) for offset in range(0, size, _BLOCK))


def _local_blocks(path: Path) -> Iterator[bytes]:
    with disk_errors(), path.open("rb") as file:
        while block := file.read(_BLOCK):
            yield block


def _check_strangers(
    vault: Vault, newest: Mapping[RecordingId, Entry], report: Report, day: str | None
) -> None:
    """Files that no line names: sound in any place but the entered one, and whatever belongs to no recording."""
    files = (name for name in _all_files(vault) if day is None or Path(name).parent.name == day)
    suspects = [name for name in files if _is_strange(Path(name), newest)]
    if suspects and vault.manifest.path.exists():
        with vault.manifest.turn():  # what came in meanwhile is entered by now
            newest = vault.manifest.newest()
            suspects = [name for name in suspects if _is_strange(Path(name), newest)]
    for name in suspects:
        report.found(Kind.ADDED, name)


def _is_strange(path: Path, newest: Mapping[RecordingId, Entry]) -> bool:
    if path.name.startswith(DRAFT_PREFIX):
        return False
    for suffix in (ENCRYPTED_SUFFIX, PLAIN_SUFFIX):
        if path.name.endswith(f".{suffix}"):
            entry = newest.get(RecordingId(path.name.removesuffix(f".{suffix}")))
            return entry is None or entry.is_deleted or entry.path != path.as_posix()
    return not any(RecordingId(name) in newest for name in _stems(path.name))


def _stems(name: str) -> Iterator[str]:
    """A name without its last suffix, without its last two, ...: what lies beside a recording begins with its id."""
    while "." in name:
        name = name.rpartition(".")[0]
        yield name


def _all_files(vault: Vault) -> Iterator[str]:
    with disk_errors():
        for folder in FOLDERS:
            yield from (
                vault.relative(path) for path in sorted((vault.root / folder).rglob("*")) if path.is_file()
            )
    if vault.remote is not None:
        yield from vault.remote.names()


def _check_rows(newest: Mapping[RecordingId, Entry], rows: Mapping[RecordingId, str], report: Report) -> None:
    for name, sha256 in rows.items():
        entry = newest.get(name)
        if entry is None or entry.is_deleted:
            report.found(
                Kind.ROW, name, "the manifest has no such recording" if entry is None else "it is deleted"
            )
        elif entry.sound_sha256 != sha256:
            report.found(Kind.ROW, name, "another sound")


def _paths(vault: Vault, recording_id: RecordingId) -> set[str]:
    places = (vault.sealed_path, vault.waiting_path, vault.wav_path)
    return {vault.relative(place(recording_id)) for place in places}


def _day(recording_id: RecordingId) -> str:
    return day_of(recording_id) if is_contact_id(recording_id) else ""


def _parsed(line: str) -> Entry | None:
    try:
        return parse(line)
    except OurError:
        return None
