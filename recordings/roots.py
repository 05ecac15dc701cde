"""Daily signed roots: what the manifest was at the end of each day, signed with Ed25519.

Invariants: a root is written once and never again; the signing key lies in the secrets, away from what it proves, and is
made only while there are no roots yet. Who keeps a copy of the public key can prove the manifest without this house.
"""

import base64
import json
from datetime import date, tzinfo
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from callcenter.core.errors import OurError, PeerError
from callcenter.private_files import write_private
from recordings.core.manifest import Root, root_from_json, root_to_json, roots_of
from recordings.manifest import Manifest
from recordings.wav import disk_errors, flush_folder, write_whole


class Roots:
    """The folder ``roots/`` of a vault. ``key_path``: the private signing key, in the secrets."""

    def __init__(self, folder: Path, key_path: Path):
        self._folder = folder
        self._key_path = key_path

    def set_up(self) -> bool:
        """Make the signing key of a new vault, and lay its public half beside the roots; whether one was made."""
        with disk_errors():
            if self._key_path.exists() or any(self.days()):
                return False
            self._key_path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            key = Ed25519PrivateKey.generate()
            pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            write_private(self._key_path, pem.decode("ascii"))
            flush_folder(self._key_path.parent)
        write_whole(self.public_path, _public_pem(key.public_key()))
        return True

    @property
    def public_path(self) -> Path:
        """The public key, for whoever wants to prove roots elsewhere."""
        return self._folder / "public.pem"

    def days(self) -> list[str]:
        """The days that have a root file, oldest first."""
        with disk_errors():
            return sorted(path.stem for path in self._folder.glob("*.json")) if self._folder.exists() else []

    def read(self, day: str) -> Root:
        """The root of a day, whether it is genuine or not.

        Raises:
            OurError: ``bad_root``: the file is none, or is another day's.
            PeerError: ``recording_io``.
        """
        try:
            with disk_errors():
                root = root_from_json(json.loads((self._folder / f"{day}.json").read_text("utf-8")))
        except ValueError:
            raise OurError("damaged root", code="bad_root") from None
        if root.day != day:
            raise OurError("another day's root", code="bad_root")
        return root

    def sign_days(self, manifest: Manifest, today: date, zone: tzinfo) -> list[str]:
        """Sign every day before ``today`` that has lines and no root yet; the days signed now. ``zone``: whose days.

        Raises:
            PeerError: ``vault_sign_key``, ``disk_full`` or ``recording_io``.
        """
        known = set(self.days())
        due = [
            root
            for root in roots_of(manifest.lines(), zone)
            if root.day < f"{today:%Y%m%d}" and root.day not in known
        ]
        if due:
            key = self._private()
            for root in due:
                self._write(key, root)
        return [root.day for root in due]

    def public(self) -> Ed25519PublicKey | None:
        """The key that roots are proved with: the secret's own half; without the secret, the one that lies beside.

        Raises:
            PeerError: ``vault_sign_key``: there is one and it cannot be read.
        """
        if self._key_path.exists():
            return self._private().public_key()
        try:
            with disk_errors():
                pem = self.public_path.read_bytes() if self.public_path.exists() else None
            found = load_pem_public_key(pem) if pem else None
        except ValueError:
            raise _bad_key(self.public_path) from None
        if found is not None and not isinstance(found, Ed25519PublicKey):
            raise _bad_key(self.public_path)
        return found

    def is_key_unchanged(self) -> bool:
        """Whether the public key beside the roots is that of the secret one."""
        with disk_errors():
            if not self._key_path.exists() or not self.public_path.exists():
                return not self._key_path.exists()
            return self.public_path.read_bytes() == _public_pem(self._private().public_key())

    def _write(self, key: Ed25519PrivateKey, root: Root) -> None:
        signature = base64.b64encode(key.sign(root.signed_bytes())).decode("ascii")
        signed = Root(root.day, root.count, root.last, signature)
        write_whole(self._folder / f"{root.day}.json", (json.dumps(root_to_json(signed)) + "\n").encode())

    def _private(self) -> Ed25519PrivateKey:
        try:
            key = load_pem_private_key(self._key_path.read_bytes(), None)
        except (OSError, ValueError, TypeError):
            raise _bad_key(self._key_path) from None
        if not isinstance(key, Ed25519PrivateKey):
            raise _bad_key(self._key_path)
        return key


def is_genuine(root: Root, public: Ed25519PublicKey) -> bool:
    """Whether the root was signed by the owner of this key."""
    try:
        public.verify(base64.b64decode(root.signature, validate=True), root.signed_bytes())
    except (ValueError, InvalidSignature):
        return False
    return True


def _public_pem(key: Ed25519PublicKey) -> bytes:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _bad_key(path: Path) -> PeerError:
    return PeerError(
        f"the vault's signing key {path} is missing or damaged: restore it from your backup",
        code="vault_sign_key",
    )
