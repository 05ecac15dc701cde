"""One certificate for web and browser phones: read for the web server, or made for a house that has none.

Invariant: a key is written and kept with mode 600; what cannot be served is refused at start, in one line.
"""

import ipaddress
import os
import ssl
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from callcenter.core.errors import UsageError
from callcenter.phones_section import Phones
from callcenter.private_files import write_private

VALID_DAYS: Final = 397
"""What browsers accept at most of a certificate (CA/Browser Forum, since 2020)."""

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pair:
    """Where certificate and key lie. ``sha256``: the certificate's fingerprint, to be compared by eye."""

    cert: Path
    key: Path
    sha256: str


def server_context(phones: Phones) -> ssl.SSLContext | None:
    """What the web server encrypts with; ``None``: plain.

    Raises:
        UsageError: a file cannot be read, or key and certificate do not belong together.
    """
    if not phones.has_tls:
        return None
    _tighten(Path(phones.tls_key))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    try:
        context.load_cert_chain(phones.tls_cert, phones.tls_key)
    except OSError as error:  # ssl.SSLError is one
        is_read = isinstance(error, ssl.SSLError) or not error.errno
        reason = "not a matching PEM pair" if is_read else os.strerror(error.errno or 0)
        raise UsageError(
            f"phones.tls_cert {phones.tls_cert} and phones.tls_key {phones.tls_key}: {reason}; "
            "'callcenter tls make' makes a pair",
            code="bad_tls",
        ) from None
    return context


def good_until(phones: Phones) -> datetime:
    """When the certificate ends.

    Raises:
        UsageError: as :func:`server_context`.
    """
    server_context(phones)
    return x509.load_pem_x509_certificate(Path(phones.tls_cert).read_bytes()).not_valid_after_utc


def make_pair(folder: Path, names: Sequence[str], now: datetime) -> Pair:
    """A new self-signed certificate for these host names and addresses, in ``folder`` (mode 700, files 600).

    Raises:
        UsageError: there is a pair already, or a name is none.
    """
    cert_path, key_path = folder / "cert.pem", folder / "key.pem"
    if cert_path.exists() or key_path.exists():
        raise UsageError(f"{folder} has a pair already: delete it for a new one", code="tls_exists")
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, names[0])])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(days=VALID_DAYS))
        .add_extension(x509.SubjectAlternativeName([_general_name(name) for name in names]), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    cert = builder.sign(key, hashes.SHA256())
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    secret = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(key_path, secret.decode())
    write_private(cert_path, cert.public_bytes(serialization.Encoding.PEM).decode())
    return Pair(cert_path, key_path, cert.fingerprint(hashes.SHA256()).hex(":"))


def _general_name(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        pass
    try:
        return x509.DNSName(name)
    except ValueError:
        raise UsageError(f"'{name}' is neither a host name nor an address", code="bad_name") from None


def _tighten(key: Path) -> None:
    """As with all secrets: nobody else may read it."""
    if not key.is_file():
        return
    found = stat.S_IMODE(key.stat().st_mode)
    if found & 0o077 and os.access(key, os.W_OK):
        key.chmod(found & 0o700)
        log.warning("the TLS key was readable by others, repaired", found=oct(found))
