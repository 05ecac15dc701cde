"""Generated passwords of seats and AMI users.

Invariant: each is made once from the system's random source, has at least :data:`LENGTH_MIN` characters, and lives
in a file of mode 600 in a folder of mode 700; looser modes are repaired and reported.
"""

import json
import secrets as random_source
import stat
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from callcenter.core.errors import UsageError
from callcenter.private_files import write_private
from callcenter.settings import Settings

LENGTH_MIN = 24
"""A 4-digit SIP secret fell in 0.27 s, and neither SIP nor AMI slows a guesser down enough."""

RANDOM_BYTES = 24  # 32 URL-safe characters
AMI_USERS = ("observer", "actor")

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Secrets:
    """What the rendered configuration needs; never printed."""

    seats: dict[str, str] = field(repr=False)
    ami: dict[str, str] = field(repr=False)


def load_secrets(settings: Settings) -> Secrets:
    """All secrets of one home, made at the first call.

    Raises:
        UsageError: a secrets file is unreadable or holds a weak secret.
    """
    folder = settings.secrets_path
    return Secrets(
        seats=load_or_create(folder / "seats.json", settings.seats.all()),
        ami=load_or_create(folder / "ami.json", AMI_USERS),
    )


def load_or_create(path: Path, names: Iterable[str]) -> dict[str, str]:
    """The secrets of ``names`` from ``path``; lacking ones are generated and saved, others in the file are kept.

    Raises:
        UsageError: the file is unreadable, no JSON object of strings, or holds a weak secret.
    """
    _private_folder(path.parent)
    known = _read(path) if path.exists() else {}
    wanted = list(names)
    lacking = [name for name in wanted if name not in known]
    if lacking:
        known |= {name: random_source.token_urlsafe(RANDOM_BYTES) for name in lacking}
        write_private(path, json.dumps(known, indent=1) + "\n")
    return {name: known[name] for name in wanted}


def renew_seat(settings: Settings, seat_id: str) -> None:
    """A new secret for one seat; the one before opens nothing once Asterisk has read it.

    Raises:
        UsageError: the secrets file is unreadable.
    """
    path = settings.secrets_path / "seats.json"
    known = load_or_create(path, settings.seats.all()) | _read(path)
    known[seat_id] = random_source.token_urlsafe(RANDOM_BYTES)
    write_private(path, json.dumps(known, indent=1) + "\n")


def _private_folder(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _tighten(folder, 0o700)


def _tighten(path: Path, mode: int) -> None:
    found = stat.S_IMODE(path.stat().st_mode)
    if found & ~mode:
        path.chmod(mode)
        log.warning("secrets were readable by others, repaired", name=path.name, found=oct(found))


def _read(path: Path) -> dict[str, str]:
    _tighten(path, 0o600)
    try:
        known = json.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"cannot read {path}: {error.strerror}", code="bad_secrets") from None
    except ValueError:
        raise UsageError(
            f"{path} is not valid JSON: restore it, or delete it for new secrets", code="bad_secrets"
        ) from None
    if not isinstance(known, dict) or not all(isinstance(value, str) for value in known.values()):
        raise UsageError(f"{path} must map names to secrets", code="bad_secrets")
    weak = sorted(name for name, value in known.items() if not _is_strong(value))
    if weak:
        raise UsageError(
            f"{path}: the secret of '{weak[0]}' needs {LENGTH_MIN} or more letters, digits, '-' or '_'; "
            "delete its line for a new one",
            code="weak_secret",
        )
    return known


def _is_strong(value: str) -> bool:
    plain = value.isascii() and value.replace("-", "").replace("_", "").isalnum()
    return plain and len(value) >= LENGTH_MIN and len(set(value)) >= 8
