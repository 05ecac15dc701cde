"""The keys of the vault: a master key in the secrets, and under it one data key a month, wrapped.

Invariants: audio is encrypted under data keys only, so a new master key touches no audio; at every moment of a change
each wrapped key has its master key on the disk; a master key is made only for a vault that has no keys yet, so a lost
one is an error and never replaced silently; what was erased stays erased and is remembered.
"""

import base64
import fcntl
import json
import os
import re
import secrets as random_source
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from callcenter.core.errors import PeerError, UsageError
from callcenter.private_files import write_private
from recordings.cipher import KEY_BYTES
from recordings.wav import disk_errors, flush_folder

KEY_TROUBLES: Final = frozenset({"vault_key_missing", "vault_key_wrong", "vault_key_unreachable"})
"""Codes of what keeps new recordings from being encrypted, and none from being kept."""

FETCH_LIMIT_S: Final = 5.0
FETCH_BYTES_MAX: Final = 100_000

_NONCE_BYTES: Final = 12
_MONTH = re.compile(r"[0-9]{4}-(0[1-9]|1[0-2])")
_LOCAL: Final = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class MasterKeys:
    """Master keys by id; ``current`` wraps what is wrapped from now on, the others still open."""

    current: str
    keys: Mapping[str, bytes]

    def render(self) -> str:
        """As kept in the file, or served under the URL."""
        told = {name: base64.b64encode(key).decode() for name, key in self.keys.items()}
        return json.dumps({"current": self.current, "keys": told}, indent=1) + "\n"


class MasterSource(Protocol):
    """Where the master key comes from."""

    def load(self, *, anew: bool = False) -> MasterKeys:
        """All master keys. ``anew``: not those kept in memory.

        Raises:
            PeerError: one of ``KEY_TROUBLES``.
        """


class MasterFile:
    """The master key in a file of mode 600."""

    def __init__(self, path: Path):
        self.path = path

    def load(self, *, anew: bool = False) -> MasterKeys:
        """See :class:`MasterSource`."""
        try:
            text = self.path.read_text("ascii")
        except FileNotFoundError:
            raise PeerError(
                f"the vault's master key {self.path} is missing: restore it from your backup; "
                "new recordings wait unencrypted until then",
                code="vault_key_missing",
            ) from None
        except (OSError, UnicodeDecodeError):
            raise _wrong(str(self.path)) from None
        return parse_master(text, str(self.path))

    def save(self, keys: MasterKeys) -> None:
        """Replace the file in one step."""
        with disk_errors():
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            write_private(self.path, keys.render())
            flush_folder(self.path.parent)


class MasterUrl:
    """The master key from a secrets server, fetched when it is first needed and kept in memory only."""

    def __init__(self, url: str):
        self._url = url
        self._kept: MasterKeys | None = None

    def load(self, *, anew: bool = False) -> MasterKeys:
        """See :class:`MasterSource`."""
        if self._kept is None or anew:
            self._kept = parse_master(self._fetch(), self._url)
        return self._kept

    def _fetch(self) -> str:
        try:
            with urllib.request.urlopen(self._url, timeout=FETCH_LIMIT_S) as answer:  # noqa: S310  scheme checked
                text: str = answer.read(FETCH_BYTES_MAX).decode("ascii")
        except (OSError, ValueError, urllib.error.URLError):
            raise PeerError(
                "the server of the vault's master key (recordings.master_key) does not answer: "
                "new recordings wait unencrypted until it does",
                code="vault_key_unreachable",
            ) from None
        return text


def master_source(setting: str, secrets_path: Path) -> MasterSource:
    """Where ``recordings.master_key`` says: empty, a file, or an ``https`` URL (``http`` on this machine only).

    Raises:
        UsageError: ``bad_config``: none of these.
    """
    parts = urlsplit(setting)
    if not setting or parts.scheme in ("", "file"):
        return MasterFile(Path(parts.path).expanduser().absolute() if setting else secrets_path / "vault.key")
    if parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL):
        return MasterUrl(setting)
    raise UsageError("recordings.master_key: needs a file or an https URL", code="bad_config")


def parse_master(text: str, where: str) -> MasterKeys:
    """Read what :meth:`MasterKeys.render` gave.

    Raises:
        PeerError: ``vault_key_wrong``.
    """
    try:
        tree = json.loads(text)
        keys = {str(name): base64.b64decode(key, validate=True) for name, key in tree["keys"].items()}
        master = MasterKeys(str(tree["current"]), keys)
    except (ValueError, KeyError, TypeError, AttributeError):
        raise _wrong(where) from None
    if master.current not in keys or any(len(key) != KEY_BYTES for key in keys.values()):
        raise _wrong(where)
    return master


@dataclass(frozen=True, slots=True)
class WrappedKey:
    """A data key as kept. ``wrapped``: base64, ``""`` once erased; ``master``: the master key around it."""

    key_id: str
    month: str
    made_at: str
    master: str
    wrapped: str
    erased_at: str = ""
    why: str = ""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key that audio is encrypted under."""

    key_id: str
    secret: bytes


class Keyring:
    """The data keys of one vault. ``path``: the file of wrapped keys; ``now``: ISO 8601 time for its records.

    Opened keys are not kept: what another program erased is gone here too, and nothing is encrypted under a key whose
    master key is lost.
    """

    def __init__(self, path: Path, master: MasterSource, now: Callable[[], str]):
        self._path = path
        self._master = master
        self._now = now

    @property
    def is_new(self) -> bool:
        """Whether this vault has no keys yet, and a master key is to be made for it."""
        return isinstance(self._master, MasterFile) and not (
            self._master.path.exists() or self._path.exists()
        )

    def set_up(self) -> bool:
        """Make the master key of a new vault; whether one was made. An old vault's lost key is not replaced."""
        if not isinstance(self._master, MasterFile) or not self.is_new:
            return False
        self._master.save(_new_master({}))
        return True

    def check(self) -> None:
        """Prove that the master key is there and opens the newest data key.

        Raises:
            PeerError: one of ``KEY_TROUBLES``, ``disk_full`` or ``recording_io``.
        """
        self._master.load()
        living = [key for key in self._read().values() if key.wrapped]
        if living:
            self._unwrap(living[-1])

    def for_month(self, month: str) -> DataKey:
        """The key that new recordings of a month (``2026-11``) are encrypted under; made when there is none.

        Raises:
            PeerError: one of ``KEY_TROUBLES``, ``disk_full`` or ``recording_io``.
        """
        found = _newest(self._read(), month)
        if found is None or not found.wrapped:
            found = self._make(month)
        return DataKey(found.key_id, self._unwrap(found))

    def secret(self, key_id: str) -> bytes:
        """The data key of this name.

        Raises:
            PeerError: one of ``KEY_TROUBLES``; ``vault_key_erased``: nobody can read these recordings any more.
        """
        found = self._read().get(key_id)
        if found is None:
            raise PeerError(
                f"the data key '{key_id}' is not in {self._path}: restore that file from your backup",
                code="vault_key_missing",
            )
        if not found.wrapped:
            raise PeerError(f"the key of {found.month} was erased", code="vault_key_erased", retryable=False)
        return self._unwrap(found)

    def months(self) -> list[WrappedKey]:
        """All data keys, oldest month first; erased ones too."""
        return sorted(self._read().values(), key=lambda key: (key.month, key.made_at))

    def rotate(self) -> int:
        """Make a new master key and wrap every data key anew; how many. No audio is touched.

        With a URL the server makes the new key: this wraps under the one that it calls current.

        Raises:
            PeerError: one of ``KEY_TROUBLES``, ``disk_full`` or ``recording_io``; all stays readable.
        """
        with self._locked():
            master = self._master.load(anew=True)
            if isinstance(self._master, MasterFile):
                master = _new_master(master.keys)
                self._master.save(master)
            keys = {name: _rewrapped(key, master) for name, key in self._read().items()}
            self._write(keys)
            if isinstance(self._master, MasterFile):
                self._master.save(MasterKeys(master.current, {master.current: master.keys[master.current]}))
        return sum(1 for key in keys.values() if key.wrapped)

    def erase(self, month: str, why: str) -> list[str]:
        """Destroy the data keys of a month; the ids of those destroyed now.

        Raises:
            UsageError: ``bad_month``: not like ``2026-01``.
            PeerError: ``disk_full`` or ``recording_io``.
        """
        checked_month(month)
        with self._locked():
            keys = self._read()
            gone = [key for key in keys.values() if key.month == month and key.wrapped]
            for key in gone:
                keys[key.key_id] = replace(key, master="", wrapped="", erased_at=self._now(), why=why)
            if gone:
                self._write(keys)
        return [key.key_id for key in gone]

    def _make(self, month: str) -> WrappedKey:
        with self._locked():
            keys = self._read()
            found = _newest(keys, month)
            if found is None or not found.wrapped:
                master = self._master.load()
                number = sum(1 for key in keys.values() if key.month == month)
                key_id = (
                    f"{month}.{number}" if number else month
                )  # a month that comes again after its erasure
                found = _wrap(os.urandom(KEY_BYTES), key_id, month, self._now(), master)
                self._write({**keys, key_id: found})
        return found

    def _unwrap(self, key: WrappedKey) -> bytes:
        master = self._master.load()
        return _unwrap(key, master if key.master in master.keys else self._master.load(anew=True))

    def _read(self) -> dict[str, WrappedKey]:
        try:
            with disk_errors():
                rows: Any = json.loads(self._path.read_text("utf-8")) if self._path.exists() else []
            if isinstance(rows, list):
                return {row["key_id"]: WrappedKey(**row) for row in rows}
        except (ValueError, TypeError, KeyError):
            pass
        raise PeerError(f"{self._path} is damaged: restore it from your backup", code="vault_key_wrong")

    def _write(self, keys: Mapping[str, WrappedKey]) -> None:
        with disk_errors():
            write_private(self._path, json.dumps([asdict(key) for key in keys.values()], indent=1) + "\n")
            flush_folder(self._path.parent)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Programs change the keys one at a time."""
        with disk_errors():
            self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._path.with_suffix(".lock").open("w") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                yield


def checked_month(month: str) -> str:
    """A month such as ``2026-01``.

    Raises:
        UsageError: ``bad_month``.
    """
    if not _MONTH.fullmatch(month, 0) or not month.isascii():
        raise UsageError(f"'{month}' is not a month such as 2026-01", code="bad_month")
    return month


def _newest(keys: Mapping[str, WrappedKey], month: str) -> WrappedKey | None:
    found = [key for key in keys.values() if key.month == month]
    return found[-1] if found else None


def _new_master(known: Mapping[str, bytes]) -> MasterKeys:
    name = f"m{random_source.token_hex(4)}"
    return MasterKeys(name, {**known, name: os.urandom(KEY_BYTES)})


def _wrap(secret: bytes, key_id: str, month: str, made_at: str, master: MasterKeys) -> WrappedKey:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(master.keys[master.current]).encrypt(nonce, secret, _bound(key_id, month))
    return WrappedKey(key_id, month, made_at, master.current, base64.b64encode(nonce + sealed).decode())


def _unwrap(key: WrappedKey, master: MasterKeys) -> bytes:
    try:
        around = AESGCM(master.keys[key.master])
        sealed = base64.b64decode(key.wrapped, validate=True)
        return around.decrypt(sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:], _bound(key.key_id, key.month))
    except (KeyError, ValueError, InvalidTag):
        raise PeerError(
            f"the vault's master key does not open the data key of {key.month}: it is the wrong one, "
            "restore the right one from your backup; new recordings wait unencrypted until then",
            code="vault_key_wrong",
        ) from None


def _rewrapped(key: WrappedKey, master: MasterKeys) -> WrappedKey:
    if not key.wrapped or key.master == master.current:
        return key
    return _wrap(_unwrap(key, master), key.key_id, key.month, key.made_at, master)


def _bound(key_id: str, month: str) -> bytes:
    return json.dumps(["callcenter data key", key_id, month]).encode()


def _wrong(where: str) -> PeerError:
    return PeerError(
        f"the vault's master key {where} cannot be read or is none: restore it from your backup; "
        "new recordings wait unencrypted until then",
        code="vault_key_wrong",
    )
