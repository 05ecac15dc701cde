"""Remote storage of encrypted recordings (S3 and what speaks like it). Without it they stay on this disk.

Invariant: only whole encrypted files are ever sent, each with its checksum; this module is the only one that knows boto3,
which is an extra: ``callcenter-12345[s3]``.
"""

import base64
import hashlib
import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from callcenter.core.errors import PeerError, UsageError
from callcenter.sections import Recordings
from recordings.wav import disk_errors

CONNECT_S: Final = 5
READ_S: Final = 30
TRIES: Final = 2

_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]")
_PREFIX = re.compile(r"[A-Za-z0-9._/-]{0,200}")
_ABSENT = frozenset({"404", "NoSuchKey", "NotFound"})
_REFUSED = frozenset(
    {
        "403",
        "AccessDenied",
        "AllAccessDisabled",
        "InvalidAccessKeyId",
        "NoSuchBucket",
        "SignatureDoesNotMatch",
    }
)


class Remote(Protocol):
    """A store of files by name (``sealed/20261122/ID.wav.enc``). Called in threads.

    All raise PeerError: ``storage_away`` (try later) or ``storage_refused`` (settings or rights are wrong).
    """

    def put(self, name: str, path: Path) -> None:
        """Send a file, replacing what has its name."""

    def read(self, name: str, offset: int, length: int) -> bytes:
        """Bytes from ``offset``; fewer than ``length`` only at the end."""

    def size(self, name: str) -> int | None:
        """Length of a file, ``None`` when there is none."""

    def delete(self, name: str) -> None:
        """Remove a file; one that is gone already is no error."""

    def names(self) -> Iterator[str]:
        """All files."""

    def check(self) -> None:
        """Prove that the storage answers and lets us in."""


def open_remote(chosen: Recordings, secrets_path: Path) -> Remote | None:
    """The storage that the settings name; ``None``: this disk. Asks nobody yet.

    The access key is read from ``secrets/s3.json`` (``access_key``, ``secret_key``, perhaps ``region``); without that
    file boto3 looks where it always does: environment, ``~/.aws``, the machine's role.

    Raises:
        UsageError: ``bad_config``.
    """
    if not chosen.storage:
        return None
    parts = urlsplit(chosen.storage)
    prefix = parts.path.strip("/")
    is_plain = not (parts.query or parts.fragment or ".." in prefix)
    if parts.scheme != "s3" or not (
        _BUCKET.fullmatch(parts.netloc) and _PREFIX.fullmatch(prefix) and is_plain
    ):
        raise UsageError("recordings.storage: needs s3://BUCKET/PREFIX, or nothing", code="bad_config")
    if chosen.s3_endpoint and urlsplit(chosen.s3_endpoint).scheme not in ("http", "https"):
        raise UsageError("recordings.s3_endpoint: needs an http or https URL", code="bad_config")
    return S3(parts.netloc, prefix, chosen.s3_endpoint, secrets_path / "s3.json")


class S3:
    """A bucket, or a part of one (:class:`Remote`). Making one asks nobody."""

    def __init__(self, bucket: str, prefix: str, endpoint: str, secrets: Path):
        self._bucket = bucket
        self._prefix = f"{prefix}/" if prefix else ""
        self._endpoint = endpoint
        self._secrets = secrets
        self._lock = threading.Lock()
        self._made: Any = None

    def put(self, name: str, path: Path) -> None:
        """See :class:`Remote`."""
        with disk_errors(), path.open("rb") as file:
            digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).digest()
            file.seek(0)
            with self._troubles():
                checksum = base64.b64encode(digest).decode("ascii")
                self._client().put_object(**self._at(name), Body=file, ContentMD5=checksum)

    def read(self, name: str, offset: int, length: int) -> bytes:
        """See :class:`Remote`."""
        with self._troubles():
            answer = self._client().get_object(
                **self._at(name), Range=f"bytes={offset}-{offset + length - 1}"
            )
            content: bytes = answer["Body"].read()
        return content

    def size(self, name: str) -> int | None:
        """See :class:`Remote`."""
        with self._troubles():
            try:
                return int(self._client().head_object(**self._at(name))["ContentLength"])
            except self._errors().ClientError as error:
                if _code(error) in _ABSENT:
                    return None
                raise

    def delete(self, name: str) -> None:
        """See :class:`Remote`."""
        with self._troubles():
            self._client().delete_object(**self._at(name))

    def names(self) -> Iterator[str]:
        """See :class:`Remote`."""
        with self._troubles():
            pages = self._client().get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self._bucket, Prefix=self._prefix):
                for found in page.get("Contents", ()):
                    yield str(found["Key"]).removeprefix(self._prefix)

    def check(self) -> None:
        """See :class:`Remote`."""
        with self._troubles():
            self._client().list_objects_v2(Bucket=self._bucket, Prefix=self._prefix, MaxKeys=1)

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self._bucket, "Key": self._prefix + name}

    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                self._made = self._make()
            return self._made

    def _make(self) -> Any:
        boto3 = _boto3()
        from botocore.config import Config

        keys = _access(self._secrets)
        config = Config(
            connect_timeout=CONNECT_S,
            read_timeout=READ_S,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            request_checksum_calculation="when_required",  # the newer checksums are unknown to many servers
            response_checksum_validation="when_required",
            s3={"addressing_style": "path" if self._endpoint else "auto"},
        )
        session = boto3.session.Session()  # one of our own: boto3's default session is not made for threads
        return session.client(
            "s3",
            endpoint_url=self._endpoint or None,
            aws_access_key_id=keys.get("access_key"),
            aws_secret_access_key=keys.get("secret_key"),
            region_name=keys.get("region") or ("us-east-1" if self._endpoint else None),
            config=config,
        )

    @contextmanager
    def _troubles(self) -> Iterator[None]:
        """Foreign errors become ours, without their text: it may name keys."""
        errors = self._errors()
        try:
            yield
        except errors.ClientError as error:
            if _code(error) in _REFUSED:
                raise _refused(f"{self._bucket} ({_code(error)})") from None
            raise _away(_code(error)) from None
        except (errors.NoCredentialsError, errors.PartialCredentialsError):
            raise _refused(f"{self._bucket} (no access key)") from None
        except errors.BotoCoreError as error:
            raise _away(type(error).__name__) from None

    def _errors(self) -> Any:
        _boto3()
        from botocore import exceptions

        return exceptions


def _boto3() -> Any:
    try:
        import boto3
    except ImportError:
        raise UsageError(
            "recordings.storage needs the library boto3: install callcenter-12345[s3]", code="no_s3_library"
        ) from None
    return boto3


def _access(path: Path) -> dict[str, str]:
    """The access key of ``secrets/s3.json``; empty when there is no such file.

    Raises:
        UsageError: ``bad_secrets``.
    """
    try:
        tree = json.loads(path.read_text("utf-8")) if path.exists() else {}
    except (OSError, ValueError):
        tree = None
    if not isinstance(tree, dict) or not all(isinstance(value, str) for value in tree.values()):
        raise UsageError(f'{path} must hold {{"access_key": "...", "secret_key": "..."}}', code="bad_secrets")
    return tree


def _code(error: Any) -> str:
    """The storage's own code, or the HTTP status; never more than a word."""
    told = str(error.response.get("Error", {}).get("Code", ""))
    return told if re.fullmatch(r"[A-Za-z0-9]{1,40}", told) else "unknown"


def _away(why: str) -> PeerError:
    return PeerError(
        f"the storage of recordings does not answer ({why}): they wait here", code="storage_away"
    )


def _refused(what: str) -> PeerError:
    return PeerError(
        f"the storage of recordings refuses us, bucket {what}: look at recordings.storage and secrets/s3.json; "
        "recordings wait here",
        code="storage_refused",
        retryable=False,
    )
