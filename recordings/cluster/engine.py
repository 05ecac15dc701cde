"""Dask's distributed engine as this project uses it: encrypted, silent, without spilling, retries or web pages.

Invariants: nothing is sent but under mutual TLS 1.3; what was said never reaches a disk or a log of the engine; a job is
tried once by the engine, because tries are counted in SQL.
"""

import hashlib
import ssl
from importlib import import_module
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from callcenter.core.errors import PeerError, UsageError
from recordings.cluster.keys import ClusterKeys
from recordings.models import ModelChoice

CONNECT_S: Final = 10
LOST_S: Final = 30
"""A machine that is silent for so long is taken for lost."""

_BLOCK = 1 << 20
_SETTINGS: Final[dict[str, Any]] = {
    # The engine's own log may quote what it carries.
    "logging": {"distributed": "critical", "distributed.client": "critical", "distributed.gc": "critical"},
    "distributed.comm.require-encryption": True,
    "distributed.comm.timeouts.connect": f"{CONNECT_S}s",
    "distributed.comm.timeouts.tcp": f"{LOST_S}s",
    "distributed.scheduler.allowed-failures": 0,
    "distributed.scheduler.worker-ttl": f"{LOST_S}s",
    "distributed.scheduler.http.routes": [],
    "distributed.worker.http.routes": [],
    "distributed.worker.memory.target": False,
    "distributed.worker.memory.spill": False,
    "distributed.worker.memory.pause": False,
    "distributed.worker.memory.terminate": False,
    "distributed.worker.profile.enabled": False,
    "distributed.diagnostics.nvml": False,
}


def engine() -> Any:
    """The library, set up.

    Raises:
        UsageError: ``no_cluster_library``: it is not installed.
    """
    try:
        import_module("dask").config.set(_SETTINGS)  # its log is set up by the next import
        return import_module("distributed")
    except ImportError:
        raise UsageError(
            "transcription.cluster needs Dask: pip install 'callcenter-12345[cluster]'",
            code="no_cluster_library",
        ) from None


def security(library: Any, keys: ClusterKeys) -> Any:
    """What every connection of ours is made with."""
    node, roles = str(keys.node), ("client", "scheduler", "worker")
    return library.Security(
        require_encryption=True,
        tls_ca_file=str(keys.authority),
        tls_min_version=ssl.TLSVersion.TLSv1_3,
        **{f"tls_{role}_cert": node for role in roles},
    )


def host_and_port(address: str) -> tuple[str, int]:
    """The parts of a checked ``tls://HOST:PORT``."""
    parts = urlsplit(address)
    return parts.hostname or "", parts.port or 0


def tag_of(model: ModelChoice) -> str:
    """By this a worker tells which model it has: the folder's name and a hash of every byte in it. Reads all of it.

    Raises:
        PeerError: ``bad_model``: it cannot be read.
    """
    digest = hashlib.sha256()
    try:
        for path in sorted(path for path in model.path.rglob("*") if path.is_file()):
            digest.update(f"{path.relative_to(model.path).as_posix()}\0{path.stat().st_size}\0".encode())
            _add(digest, path)
    except OSError:
        raise PeerError(f"the model {model.name} cannot be read", code="bad_model") from None
    return f"{model.name}:{digest.hexdigest()[:16]}"


def _add(digest: "hashlib._Hash", path: Path) -> None:
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
