"""Vaults with keys of their own, for tests."""

from pathlib import Path

from callcenter.core.ids import RecordingId
from recordings.keys import Keyring, MasterFile
from recordings.storage import Remote
from recordings.vault import Vault

AT = "2026-11-22T08:00:00+00:00"


def new_vault(root: Path, remote: Remote | None = None) -> Vault:
    """An encrypting vault; its master key is made at the first call for ``root``."""
    vault = Vault(root, keyring(root), remote)
    assert vault.keys is not None
    vault.keys.set_up()
    return vault


def keyring(root: Path) -> Keyring:
    """The keys of the vault at ``root``, as a newly started program has them."""
    return Keyring(root / "keys.json", MasterFile(master_key(root)), lambda: AT)


def master_key(root: Path) -> Path:
    """Where its master key lies."""
    return root / "secrets" / "vault.key"


def can_be_heard(vault: Vault, recording_id: RecordingId) -> bool:
    """Whether there is a sound."""
    sound = vault.open(recording_id)
    if sound is not None:
        sound.close()
    return sound is not None
