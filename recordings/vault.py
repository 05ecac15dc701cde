"""How recordings come in and how they are read again. All sound is read through here.

Invariants: a recording counts from its manifest line on, which is on the disk before its source goes; what is kept is
encrypted, or waits under ``waiting/`` for a key that is missing: it is never lost for it.
"""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import PeerError
from callcenter.core.ids import ContactId, RecordingId
from callcenter.settings import Settings
from recordings import wav
from recordings.cipher import Header, Opened, encrypted
from recordings.core.manifest import Entry, Event
from recordings.core.names import month_of, recording_of
from recordings.keys import KEY_TROUBLES, DataKey, Keyring, master_source
from recordings.manifest import Manifest
from recordings.places import Places
from recordings.sound import PlainCopy, Sound
from recordings.storage import Remote, open_remote
from recordings.wav import Wave, disk_errors

log = structlog.get_logger()


class Vault(Places):
    """The recordings folder, with the way in and the way out.

    ``keys`` ``None``: nothing is encrypted here.
    ``remote``: where encrypted recordings go afterwards; until they have gone they lie here.
    """

    def __init__(self, root: Path, keys: Keyring | None = None, remote: Remote | None = None):
        super().__init__(root)
        self.manifest = Manifest(root / "manifest.jsonl")
        self.keys = keys
        self.remote = remote

    def keep(
        self, contact_id: ContactId, wave: Wave, at: datetime, recording_id: RecordingId | None = None
    ) -> Entry:
        """Take a sound in; the line that holds now. What was taken in before is not taken in twice.

        ``recording_id``: ``None``: of the contact's talk or message. Without a usable key it waits unencrypted (``key_id``
        is empty then).

        Raises:
            UsageError: not a contact id.
            PeerError: ``disk_full`` or ``recording_io``; nothing was taken in, try again later.
        """
        recording_id = recording_id or recording_of(contact_id)
        key = self._key_or_wait(recording_id)
        path = self.waiting_path(recording_id) if key is None else self.sealed_path(recording_id)
        entry = Entry(recording_id, contact_id, self.relative(path), "", wave.seconds, _text(at), "")
        return self._store(entry, path, wave, key)

    def kept(
        self, contact_id: ContactId, at: datetime, recording_id: RecordingId | None = None
    ) -> Entry | None:
        """What was taken in before; a file that a crash left without a line is entered now.

        Raises:
            PeerError: ``disk_full``, ``recording_io``, ``recording_damaged`` or a key's trouble.
        """
        recording_id = recording_id or recording_of(contact_id)
        before = self.manifest.find(recording_id)
        if before is not None:
            return None if before.is_deleted else before
        plain = self.plain_path(recording_id)
        if plain is not None:
            entry = self.keep(contact_id, wav.of_file(plain), at, recording_id)
            _remove(plain, but=self.root / entry.path)
            return entry
        if not self.sealed_path(recording_id).exists():
            return None
        with self.opened(recording_id) as sound:
            wave = Wave(sound.size, sound.layout().seconds, sound.blocks)
            return self.keep(contact_id, wave, at, recording_id)

    def encrypt(self, before: Entry, at: datetime) -> Entry | None:
        """Encrypt a recording that lies unencrypted; its new line, or ``None`` when there is nothing to do.

        ``before``: its newest line.

        Raises:
            PeerError: ``recording_changed``: it is not what was sealed, and stays as evidence; a key's trouble,
                ``disk_full`` or ``recording_io``: it stays readable as it is.
        """
        plain = self.plain_path(before.recording_id)
        if plain is None or self.keys is None or before.is_deleted:
            return None
        key = self.keys.for_month(month_of(before.recording_id))
        path = self.sealed_path(before.recording_id)
        entry = replace(before, path=self.relative(path), sealed_at=_text(at), event=Event.ENCRYPTED.value)
        stored = self._store(entry, path, wav.as_it_is(plain), key, before)
        _remove(plain)
        return stored

    def delete(self, recording_id: RecordingId, before: Entry | None, why: str, at: datetime) -> None:
        """Delete the sound for good, here and remotely, and leave a tombstone; again and again is harmless.

        ``before``: its newest line, if it has one.

        Raises:
            UsageError: not a recording id.
            PeerError: ``disk_full``, ``recording_io``, or the remote storage fails: try again.
        """
        if before is not None and not before.is_deleted:
            gone = replace(before, path="", sha256="", key_id="", event=Event.DELETED.value, why=why)
            self.manifest.append(replace(gone, plain_sha256=before.sound_sha256, sealed_at=_text(at)))
        path = self.sealed_path(recording_id)
        for local in (*self.beside(path), *self.beside(self.waiting_path(recording_id))):
            _remove(local)
        if self.remote is not None:
            self.remote.delete(self.relative(path))

    def upload(self, entry: Entry) -> bool:
        """Send an encrypted recording to the remote storage; the local file goes once it is there. Whether it went.

        ``entry``: its newest line. A file that is not what was sealed is not sent: it stays as evidence.

        Raises:
            PeerError: ``recording_changed``, ``recording_io``, or the remote storage fails: it stays here, try again.
        """
        path = self.sealed_path(entry.recording_id)
        name = self.relative(path)
        if self.remote is None or entry.path != name or not path.exists():
            return False
        if _sha256(path) != entry.sha256:
            raise _changed(entry.recording_id)
        self.remote.put(name, path)
        if self.remote.size(name) != path.stat().st_size:
            raise PeerError("the storage did not keep the recording whole", code="storage_away")
        _remove(path)
        return True

    def open(self, recording_id: RecordingId) -> Sound | None:
        """The sound of a recording, wherever it lies; ``None`` when there is none.

        Raises:
            UsageError: not a recording id.
            PeerError: ``recording_damaged``, ``recording_io``, a key's trouble, ``vault_key_erased``, or the remote
                storage fails.
        """
        paths = (self.waiting_path(recording_id), self.wav_path(recording_id))
        return (
            self._open_sealed(recording_id)
            or next(filter(None, map(_open_plain, paths)), None)
            or self._open_remote(recording_id)
        )

    def opened(self, recording_id: RecordingId) -> Sound:
        """The same where there must be one.

        Raises:
            PeerError: as ``open``; ``no_recording``: there is none.
        """
        sound = self.open(recording_id)
        if sound is None:
            raise PeerError(
                "the recording's file is missing: run 'callcenter vault verify'", code="no_recording"
            )
        return sound

    def plain_copy(self, recording_id: RecordingId) -> PlainCopy:
        """The sound as a file in memory, for programs that want a path.

        Raises:
            PeerError: as ``opened``.
        """
        with self.opened(recording_id) as sound, disk_errors():
            return PlainCopy(sound)

    def _key_or_wait(self, recording_id: RecordingId) -> DataKey | None:
        if self.keys is None:
            return None
        try:
            return self.keys.for_month(month_of(recording_id))
        except PeerError as error:
            if error.code not in KEY_TROUBLES:
                raise
            log.error("recording waits unencrypted", recording_id=recording_id, code=error.code)
            return None

    def _store(
        self, entry: Entry, path: Path, wave: Wave, key: DataKey | None, before: Entry | None = None
    ) -> Entry:
        """Write beside its place, then put it there and enter it, alone with the manifest.

        ``before``: a newest line whose sound it must be.
        """
        with disk_errors():
            path.parent.mkdir(parents=True, exist_ok=True)
            with wav.draft_beside(path) as draft:
                stored, plain = _write(draft, wave, key, entry.recording_id)
                if before is not None and plain != before.sound_sha256:
                    raise _changed(entry.recording_id)
                whole = replace(entry, sha256=stored, plain_sha256=plain, key_id=key.key_id if key else "")
                return self._enter(whole, draft, path, before)

    def _enter(self, entry: Entry, draft: Path, path: Path, before: Entry | None) -> Entry:
        with self.manifest.turn() as add:
            if before is None and self.has_file(entry.recording_id):
                before = self.manifest.find(entry.recording_id)
            if before is not None and self._is_kept_already(before, entry):
                return before
            draft.replace(path)
            wav.flush_folder(path.parent)
            return add(entry)

    def _is_kept_already(self, before: Entry, entry: Entry) -> bool:
        is_same_sound = before.sound_sha256 == entry.plain_sha256 and not before.is_deleted
        is_as_safe = bool(before.key_id) or not entry.key_id
        return is_same_sound and is_as_safe and (self.root / before.path).exists()

    def _open_sealed(self, recording_id: RecordingId) -> Sound | None:
        found = _open_file(self.sealed_path(recording_id))
        if found is None:
            return None
        handle, size = found
        close = _closer(handle)
        try:
            return self._decrypting(
                recording_id, lambda at, length: os.pread(handle, length, at), size, close
            )
        except BaseException:
            close()
            raise

    def _open_remote(self, recording_id: RecordingId) -> Sound | None:
        remote = self.remote
        if remote is None:
            return None
        name = self.relative(self.sealed_path(recording_id))
        size = remote.size(name)
        if size is None:
            return None
        return self._decrypting(
            recording_id, lambda at, length: remote.read(name, at, length), size, lambda: None
        )

    def _decrypting(
        self,
        recording_id: RecordingId,
        read_at: Callable[[int, int], bytes],
        size: int,
        close: Callable[[], None],
    ) -> Sound:
        if self.keys is None:
            raise PeerError("this program has no keys for encrypted recordings", code="vault_key_missing")
        opened = Opened(read_at, size, self.keys.secret, recording_id)
        return Sound(opened.read, opened.size, close)


def open_vault(settings: Settings, clock: Clock) -> Vault:
    """The vault of one instance, with its keys and its storage.

    Raises:
        UsageError: ``bad_config``, or a library is missing for the storage that is set.
    """
    root, chosen = settings.recordings_path, settings.recordings
    master = master_source(chosen.master_key, settings.secrets_path)
    keys = Keyring(root / "keys.json", master, lambda: _text(clock.at()))
    return Vault(root, keys, open_remote(chosen, settings.secrets_path))


def set_up_vault(settings: Settings, clock: Clock) -> None:
    """Make what a new vault needs; a vault that is there is left alone.

    Raises:
        UsageError: ``bad_config``.
        PeerError: ``disk_full`` or ``recording_io``.
    """
    keys = open_vault(settings, clock).keys
    if keys is not None:
        keys.set_up()


def _write(draft: Path, wave: Wave, key: DataKey | None, recording_id: RecordingId) -> tuple[str, str]:
    """SHA-256 of what is stored, and of the plain WAV file in it."""
    stored, plain = hashlib.sha256(), hashlib.sha256()
    blocks: Iterable[bytes] = _noted(wave.blocks(), plain)
    if key is not None:
        blocks = encrypted(blocks, Header.new(key.key_id, wave.size), key.secret, recording_id)
    with draft.open("r+b") as file:
        for block in _noted(blocks, stored):
            file.write(block)
        file.flush()
        os.fsync(file.fileno())
    return stored.hexdigest(), plain.hexdigest()


def _sha256(path: Path) -> str:
    with disk_errors(), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _noted(blocks: Iterable[bytes], digest: "hashlib._Hash") -> Iterator[bytes]:
    for block in blocks:
        digest.update(block)
        yield block


def _open_plain(path: Path) -> Sound | None:
    found = _open_file(path)
    if found is None:
        return None
    handle, size = found
    return Sound(lambda at, length: os.pread(handle, length, at), size, _closer(handle))


def _open_file(path: Path) -> tuple[int, int] | None:
    """(handle, size) of a file; ``None`` when there is none."""
    with disk_errors():
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        return handle, os.fstat(handle).st_size


def _closer(handle: int) -> Callable[[], None]:
    """Closes once, however often it is called."""
    file = os.fdopen(handle, "rb", buffering=0)
    return file.close


def _remove(path: Path, but: Path | None = None) -> None:
    if path != but:
        with disk_errors():
            path.unlink(missing_ok=True)


def _text(at: datetime) -> str:
    return at.isoformat(timespec="seconds")


def _changed(recording_id: RecordingId) -> PeerError:
    return PeerError(
        f"recording {recording_id} is not what was sealed: run 'callcenter vault verify'",
        code="recording_changed",
        retryable=False,
    )
