"""The control socket: where the local operator's commands come in.

Invariant: it is never open to anybody but its owner (mode 600), not for a moment.
"""

import os
import socket
from pathlib import Path

from callcenter.asterisk.ports import run_dir
from callcenter.core.errors import UsageError
from callcenter.settings import Settings

SOCKET_PATH_MAX = 107
"""What Linux takes, in bytes."""


def control_path(settings: Settings) -> Path:
    """Where the socket of this instance is."""
    return run_dir(settings) / "control.sock"


def control_listener(path: Path) -> socket.socket:
    """The socket, bound with mode 600; what a dead instance left behind is replaced.

    Raises:
        UsageError: path too long, folder not writable, or a live instance listens there.
    """
    if len(os.fsencode(path)) > SOCKET_PATH_MAX:
        raise UsageError(f"{path} is too long for a socket; choose a shorter home", code="home_too_long")
    _refuse_live(path)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    mask = os.umask(0o177)
    try:
        path.unlink(missing_ok=True)
        listener.bind(os.fspath(path))
    except OSError as error:
        listener.close()
        raise UsageError(f"cannot make {path}: {error.strerror}", code="bad_home") from None
    finally:
        os.umask(mask)
    return listener


def _refuse_live(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        if probe.connect_ex(os.fspath(path)) == 0:
            raise UsageError(
                "already running in this home; stop it with `callcenter down`", code="already_running"
            )
