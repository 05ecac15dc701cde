"""Where recordings lie. Invariant: every path is made of a checked id."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from callcenter.core.ids import ContactId, RecordingId
from recordings.core.names import checked, day_of, is_contact_id
from recordings.wav import disk_errors

ENCRYPTED_SUFFIX: Final = "wav.enc"
PLAIN_SUFFIX: Final = "wav"


class Places:
    """The recordings folder.

    ``incoming/`` raw from Asterisk; ``sealed/DAY/`` encrypted recordings (and, from times before encryption, plain ones);
    ``waiting/DAY/`` what waits for a key.
    """

    def __init__(self, root: Path):
        self.root = root
        self.incoming = root / "incoming"

    def raw_path(self, contact_id: ContactId) -> Path:
        """What Asterisk writes during the call."""
        return self.incoming / f"{checked(contact_id)}.raw"

    def sealed_path(self, recording_id: RecordingId) -> Path:
        """The encrypted recording."""
        return self._path("sealed", recording_id, ENCRYPTED_SUFFIX)

    def waiting_path(self, recording_id: RecordingId) -> Path:
        """The recording while it waits for a key."""
        return self._path("waiting", recording_id, PLAIN_SUFFIX)

    def wav_path(self, recording_id: RecordingId) -> Path:
        """A recording that was sealed before there was encryption."""
        return self._path("sealed", recording_id, PLAIN_SUFFIX)

    def relative(self, path: Path) -> str:
        """A path as the manifest, the database and the remote storage name it."""
        return path.relative_to(self.root).as_posix()

    def waiting(self) -> list[ContactId]:
        """Contacts with a raw file, oldest first; files of other names are left alone."""
        with disk_errors():
            found = [path for path in self.incoming.glob("*.raw") if is_contact_id(path.stem)]
            return [ContactId(path.stem) for path in sorted(found, key=lambda path: path.stat().st_mtime)]

    def plain_path(self, recording_id: RecordingId) -> Path | None:
        """The unencrypted file of a recording, if it has one."""
        paths = (self.waiting_path(recording_id), self.wav_path(recording_id))
        return next((path for path in paths if path.exists()), None)

    def lying(self, folder: str, suffix: str, newest_days: int | None = None) -> list[RecordingId]:
        """The recordings that lie in ``sealed`` or ``waiting`` with a suffix, by day; a look at every file there.

        ``newest_days``: only in the newest so many folders.
        """
        with disk_errors():
            days = sorted(path for path in (self.root / folder).glob("*") if path.is_dir())
            files = (
                path for day in days[-newest_days if newest_days else 0 :] for path in day.glob(f"*.{suffix}")
            )
            names = (path.name.removesuffix(f".{suffix}") for path in files)
            return sorted((RecordingId(name) for name in names if is_contact_id(name)), key=day_of)

    def has_file(self, recording_id: RecordingId) -> bool:
        """Whether its sound lies here, encrypted or not."""
        return self.sealed_path(recording_id).exists() or self.plain_path(recording_id) is not None

    def beside(self, path: Path) -> list[Path]:
        """All files of the recording in the folder of ``path``: sounds, transcripts, what else begins with its id."""
        recording_id = path.name.removesuffix(f".{ENCRYPTED_SUFFIX}").removesuffix(f".{PLAIN_SUFFIX}")
        with disk_errors():
            return [
                found
                for found in path.parent.glob(f"{recording_id}.*")
                if not any(is_contact_id(stem) for stem in _stems(found.name, recording_id))
            ]

    def _path(self, folder: str, recording_id: RecordingId, suffix: str) -> Path:
        return self.root / folder / day_of(recording_id) / f"{checked(recording_id)}.{suffix}"


def _stems(name: str, recording_id: str) -> Iterator[str]:
    """The beginnings of a file's name that are longer than the id: one that is an id too is of another recording."""
    while len(name := name.rpartition(".")[0]) > len(recording_id):
        yield name
