"""A server that speaks S3, in a thread of the test, and buckets of a test's own."""

import itertools
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from moto.server import ThreadedMotoServer

from recordings.storage import S3

_numbers = itertools.count(1)


class S3Server:
    """Start it, make buckets, stop it."""

    def __init__(self) -> None:
        self._server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)

    def start(self) -> None:
        """Serve until ``stop``."""
        self._server.start()

    def stop(self) -> None:
        """End it."""
        self._server.stop()

    @property
    def endpoint(self) -> str:
        """Its URL."""
        host, port = self._server.get_host_and_port()
        return f"http://{host}:{port}"

    def bucket(self) -> "Bucket":
        """A new one."""
        name = f"calls-{next(_numbers)}"
        client = boto3.session.Session().client(
            "s3",
            endpoint_url=self.endpoint,
            aws_access_key_id="test",
            aws_secret_access_key="test",
            region_name="us-east-1",
            config=Config(s3={"addressing_style": "path"}, request_checksum_calculation="when_required"),
        )
        client.create_bucket(Bucket=name)
        return Bucket(client, name, self.endpoint)


class Bucket:
    """A bucket, as somebody else sees it."""

    def __init__(self, client: Any, name: str, endpoint: str):
        self._client = client
        self.name = name
        self.endpoint = endpoint

    def keys(self) -> list[str]:
        """What is in it."""
        found = self._client.list_objects_v2(Bucket=self.name).get("Contents", ())
        return sorted(entry["Key"] for entry in found)

    def get(self, key: str) -> bytes:
        """One object."""
        content: bytes = self._client.get_object(Bucket=self.name, Key=key)["Body"].read()
        return content

    def put(self, key: str, content: bytes) -> None:
        """Write one, whoever wrote it before."""
        self._client.put_object(Bucket=self.name, Key=key, Body=content)

    def drop(self, key: str) -> None:
        """Delete one."""
        self._client.delete_object(Bucket=self.name, Key=key)

    def remote(self, secrets: Path, *, endpoint: str = "", bucket: str = "") -> S3:
        """It, as the vault has it; at another address or under another name if told."""
        path = secrets / "s3.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text('{"access_key": "test", "secret_key": "test"}')
        return S3(bucket or self.name, "city/a", endpoint or self.endpoint, path)

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()
