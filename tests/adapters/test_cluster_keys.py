"""The keys of a transcription cluster, its address, and what is said where the library is not installed."""

import ssl
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from recognizer import demo_model
from rows import NOW, StillClock

from callcenter.commands.cluster import checked_address
from callcenter.core.errors import UsageError
from callcenter.settings import load
from recordings.cluster.house import Cluster, Machines, open_cluster
from recordings.cluster.keys import VALID_DAYS, ClusterKeys

pytestmark = pytest.mark.adapters

ADDRESS = "tls://127.0.0.1:9"


def test_keys_are_private_and_made_once(tmp_path: Path) -> None:
    """Mode 600 in a folder of mode 700, usable by the TLS library; a second call does not lock the machines out."""
    keys = ClusterKeys(tmp_path / "secrets" / "cluster")
    keys.make(NOW)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (keys.folder, keys.authority, keys.node)}
    assert modes == {"cluster": 0o700, "ca.pem": 0o600, "node.pem": 0o600}
    context = ssl.create_default_context(cafile=keys.authority)
    context.load_cert_chain(keys.node)
    assert b"PRIVATE KEY" not in keys.authority.read_bytes()
    assert keys.check(NOW) == NOW + timedelta(days=VALID_DAYS)
    before = keys.node.read_bytes()
    with pytest.raises(UsageError, match="has keys already"):
        keys.make(NOW)
    assert keys.node.read_bytes() == before


def test_keys_that_cannot_protect_are_refused(tmp_path: Path) -> None:
    """Absent, readable by others, over, or no keys at all: each has a code and a line that says what to do."""
    keys = ClusterKeys(tmp_path)
    assert _refused(keys) == "no_cluster_keys"
    keys.make(NOW)
    keys.node.chmod(0o640)
    assert _refused(keys) == "cluster_keys_open"
    keys.node.chmod(0o600)
    assert _refused(keys, VALID_DAYS) == "cluster_keys_expired"
    keys.authority.write_text("nothing")
    assert _refused(keys) == "no_cluster_keys"


@pytest.mark.parametrize("text", ["tcp://a:1", "tls://a", "tls://a:0", "tls://a:70000", "tls://a b:1", "a:1"])
def test_an_address_is_encrypted_and_whole(text: str) -> None:
    """Nothing but ``tls://HOST:PORT``."""
    with pytest.raises(UsageError, match="tls://HOST:PORT"):
        checked_address(text)
    with pytest.raises(UsageError, match=r"transcription\.cluster"):
        load({"CALLCENTER_CLUSTER": text})


def test_one_machine_is_the_default() -> None:
    """Without the setting there is no cluster."""
    assert open_cluster(load({}).settings, demo_model(), StillClock()) is None


async def test_without_the_library_one_line_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The extra's name."""
    monkeypatch.setitem(sys.modules, "distributed", None)
    cluster = Cluster(ADDRESS, ClusterKeys(tmp_path), demo_model(), 1, StillClock())
    with pytest.raises(UsageError, match=r"callcenter-12345\[cluster\]"):
        await cluster.look()


def test_the_machine_with_most_room_is_asked() -> None:
    """Places less what was sent there."""
    machines = Machines({"a": 2, "b": 4}, 0)
    assert machines.freest({}) == "b"
    assert machines.freest({"b": 3}) == "a"
    assert machines.freest({"a": 2, "b": 3}) == "b"


def _refused(keys: ClusterKeys, days: int = 0) -> str:
    with pytest.raises(UsageError) as caught:
        keys.check(NOW + timedelta(days=days))
    return caught.value.code
