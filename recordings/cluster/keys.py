"""The certificates by which the machines of a transcription cluster know one another (mutual TLS).

Invariants: nobody without ``node.pem`` can join or listen; it is never readable by others; the key that signed it is
thrown away when it is made, so no further machine can be let in but with a copy of it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, Self

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from callcenter.core.errors import UsageError
from callcenter.private_files import write_private
from callcenter.settings import Settings
from recordings.wav import disk_errors

VALID_DAYS: Final = 1826
"""Five years; ``callcenter doctor`` warns before they are over."""

_CLOCKS_DIFFER: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class ClusterKeys:
    """The two files, in ``HOME/secrets/cluster`` of every machine of the cluster."""

    folder: Path

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Those of one instance."""
        return cls(settings.secrets_path / "cluster")

    @property
    def authority(self) -> Path:
        """The certificate that every peer's must be signed by."""
        return self.folder / "ca.pem"

    @property
    def node(self) -> Path:
        """Private key and certificate, the same on all machines."""
        return self.folder / "node.pem"

    def make(self, now: datetime) -> None:
        """Make both.

        Raises:
            UsageError: ``cluster_keys_exist``: they are there; a new pair would lock out every machine of the cluster.
            PeerError: ``disk_full`` or ``recording_io``.
        """
        if self.node.exists():
            raise UsageError(
                f"{self.folder} has keys already: delete the folder on every machine to begin anew",
                code="cluster_keys_exist",
            )
        signer, key = Ed25519PrivateKey.generate(), Ed25519PrivateKey.generate()
        authority = _certificate("callcenter cluster", signer, signer, now, is_authority=True)
        node = _certificate("callcenter node", key, signer, now, is_authority=False)
        with disk_errors():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.folder.chmod(0o700)
            write_private(self.authority, _pem(authority))
            secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
            write_private(self.node, secret.decode("ascii") + _pem(node))

    def check(self, now: datetime) -> datetime:
        """Make sure that they can be used; until when.

        Raises:
            UsageError: ``no_cluster_keys``, ``cluster_keys_open`` or ``cluster_keys_expired``.
        """
        try:
            mode = self.node.stat().st_mode
            until = x509.load_pem_x509_certificate(self.node.read_bytes()).not_valid_after_utc
            x509.load_pem_x509_certificate(self.authority.read_bytes())
        except (OSError, ValueError):
            raise UsageError(
                f"no usable keys in {self.folder}: run 'callcenter cluster keys' once, in the house, and copy the folder "
                "to every machine of the cluster",
                code="no_cluster_keys",
            ) from None
        if mode & 0o077:
            raise UsageError(f"others can read {self.node}: chmod 600 {self.node}", code="cluster_keys_open")
        if until <= now:
            raise UsageError(
                f"the keys in {self.folder} ended on {until.date()}: delete the folder, run 'callcenter cluster keys' and "
                "copy it anew",
                code="cluster_keys_expired",
            )
        return until


def _certificate(
    name: str, key: Ed25519PrivateKey, signer: Ed25519PrivateKey, now: datetime, *, is_authority: bool
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "callcenter cluster")])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _CLOCKS_DIFFER)
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.BasicConstraints(ca=is_authority, path_length=None), critical=True)
    )
    return builder.sign(signer, None)


def _pem(certificate: x509.Certificate) -> str:
    return certificate.public_bytes(Encoding.PEM).decode("ascii")
