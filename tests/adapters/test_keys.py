"""The vault's keys: made once, wrapped, rotated, erased; a lost or wrong one is said and never replaced."""

import base64
import json
import stat
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest
from small_disk import room_for
from vaults import AT, keyring, master_key, new_vault

from callcenter.core.errors import PeerError, UsageError
from recordings.keys import Keyring, MasterFile, MasterKeys, MasterUrl, master_source

pytestmark = pytest.mark.adapters


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A vault that has its master key."""
    new_vault(tmp_path)
    return tmp_path


def test_a_month_has_one_key_and_the_next_another(root: Path) -> None:
    """The same key for every program that asks, whenever it was started."""
    november = keyring(root).for_month("2026-11")
    assert keyring(root).for_month("2026-11") == november
    assert keyring(root).for_month("2026-12").secret != november.secret
    assert keyring(root).secret("2026-11") == november.secret
    assert len(november.secret) == 32


def test_no_key_lies_open(root: Path) -> None:
    """Modes are the owner's, and the data keys are wrapped."""
    secret = keyring(root).for_month("2026-11").secret
    for path in (master_key(root), root / "keys.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert base64.b64encode(secret).decode() not in path.read_text()
    assert "master" not in repr(keyring(root))


def test_rotation_touches_no_data_key_and_forgets_the_old_master(root: Path) -> None:
    """Recordings stay readable; the old master key opens nothing any more."""
    keys = keyring(root)
    before = {month: keys.for_month(month).secret for month in ("2026-10", "2026-11")}
    old = master_key(root).read_text()
    wrapped = (root / "keys.json").read_text()
    assert keys.rotate() == 2
    assert {month: keyring(root).secret(month) for month in before} == before
    assert json.loads(master_key(root).read_text())["current"] != json.loads(old)["current"]
    assert len(json.loads(master_key(root).read_text())["keys"]) == 1
    assert (root / "keys.json").read_text() != wrapped
    master_key(root).write_text(old)
    with pytest.raises(PeerError) as caught:
        keyring(root).secret("2026-11")
    assert caught.value.code == "vault_key_wrong"


@pytest.mark.parametrize("step", ["new master kept", "keys wrapped anew"])
def test_a_crash_in_a_rotation_loses_nothing(root: Path, step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """At every step each wrapped key has its master key on the disk, and the next rotation ends it."""
    secret = keyring(root).for_month("2026-11").secret
    with monkeypatch.context() as patch:
        if step == "new master kept":
            patch.setattr(Keyring, "_write", _crash)
        else:
            patch.setattr(MasterFile, "save", _crash_at_second(MasterFile.save))
        with pytest.raises(PeerError):
            keyring(root).rotate()
    assert keyring(root).secret("2026-11") == secret
    keyring(root).rotate()
    assert keyring(root).secret("2026-11") == secret
    assert len(json.loads(master_key(root).read_text())["keys"]) == 1


def _crash(*_: object) -> None:
    raise PeerError("crash")


def _crash_at_second(
    save: Callable[[MasterFile, MasterKeys], None],
) -> Callable[[MasterFile, MasterKeys], None]:
    calls: list[int] = []

    def crashing(file: MasterFile, keys: MasterKeys) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise PeerError("crash")
        save(file, keys)

    return crashing


def test_an_erased_month_is_gone_for_everybody(root: Path) -> None:
    """Also for a program that had the key; other months stay; what comes late for the month gets a new key."""
    keys, other = keyring(root), keyring(root)
    keys.for_month("2026-11")
    october = keys.for_month("2026-10")
    assert other.secret("2026-10") == october.secret
    assert keys.erase("2026-10", "over") == ["2026-10"]
    for ring in (keys, other):
        with pytest.raises(PeerError) as caught:
            ring.secret("2026-10")
        assert caught.value.code == "vault_key_erased"
    assert base64.b64encode(october.secret).decode() not in (root / "keys.json").read_text()
    erased = keys.months()[0]
    assert (erased.key_id, erased.erased_at, erased.why) == ("2026-10", AT, "over")
    late = keys.for_month("2026-10")
    assert (late.key_id, late.secret != october.secret) == ("2026-10.1", True)
    assert other.secret("2026-11")
    assert keys.erase("2026-09", "never used") == []


@pytest.mark.parametrize(
    "month", ["", "2026", "2026-13", "2026-1", "../x", "2026-01\n", "\uff12\uff10\uff12\uff16-01"]
)
def test_what_is_no_month_is_refused(root: Path, month: str) -> None:
    """Before any key is looked at."""
    with pytest.raises(UsageError):
        keyring(root).erase(month, "x")


def test_a_lost_master_key_is_said_and_not_replaced(root: Path) -> None:
    """Set-up makes one only for a vault that has no keys yet."""
    keyring(root).for_month("2026-11")
    master_key(root).unlink()
    assert keyring(root).set_up() is False
    for act in (keyring(root).check, lambda: keyring(root).for_month("2026-11"), keyring(root).rotate):
        with pytest.raises(PeerError, match="restore it from your backup") as caught:
            act()
        assert caught.value.code == "vault_key_missing"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[]",
        "null",
        '{"current": "a", "keys": {}}',
        '{"current": "a", "keys": {"a": "AAAA"}}',
        "\u00fc",
    ],
)
def test_a_damaged_master_key_is_said(root: Path, text: str) -> None:
    """One clear line, with a code of its own."""
    master_key(root).write_text(text)
    with pytest.raises(PeerError) as caught:
        keyring(root).for_month("2026-11")
    assert caught.value.code == "vault_key_wrong"
    assert "\n" not in str(caught.value)


def test_another_houses_master_key_is_noticed(root: Path, tmp_path: Path) -> None:
    """It opens nothing, and nothing is encrypted under it."""
    keyring(root).for_month("2026-11")
    new_vault(tmp_path / "other")
    master_key(root).write_text(master_key(tmp_path / "other").read_text())
    for act in (keyring(root).check, lambda: keyring(root).for_month("2026-11")):
        with pytest.raises(PeerError) as caught:
            act()
        assert caught.value.code == "vault_key_wrong"


@pytest.mark.parametrize("text", ["", "{}", '[{"key_id": 1}]', "[1]"])
def test_a_damaged_file_of_keys_is_said(root: Path, text: str) -> None:
    """No new keys are made over it."""
    (root / "keys.json").write_text(text)
    with pytest.raises(PeerError):
        keyring(root).for_month("2026-11")
    assert (root / "keys.json").read_text() == text


def test_a_full_disk_costs_no_key(root: Path) -> None:
    """What was there stays; nothing is encrypted under a key that is not on the disk."""
    secret = keyring(root).for_month("2026-11").secret
    for act in (lambda: keyring(root).for_month("2026-12"), keyring(root).rotate):
        with room_for(10), pytest.raises(PeerError) as caught:
            act()
        assert caught.value.code == "disk_full"
    assert keyring(root).secret("2026-11") == secret


class _SecretsServer(BaseHTTPRequestHandler):
    """Serves the master keys that the test puts there."""

    told = ""

    def do_GET(self) -> None:
        """One answer."""
        self.send_response(200)
        self.end_headers()
        self.wfile.write(self.told.encode())

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class says so
        """Nothing."""


def test_the_master_key_may_come_from_a_server(tmp_path: Path) -> None:
    """Fetched once and kept in memory; a newer one is fetched when it is needed; rotation wraps under it."""
    first, second = MasterKeys("a", {"a": bytes(32)}), MasterKeys("b", {"a": bytes(32), "b": b"b" * 32})
    with HTTPServer(("127.0.0.1", 0), _SecretsServer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        url = f"http://127.0.0.1:{server.server_port}/vault"
        try:
            _SecretsServer.told = first.render()
            keys = Keyring(tmp_path / "keys.json", MasterUrl(url), lambda: AT)
            assert keys.set_up() is False
            secret = keys.for_month("2026-11").secret
            _SecretsServer.told = second.render()
            changer = Keyring(tmp_path / "keys.json", MasterUrl(url), lambda: AT)
            assert changer.rotate() == 1
            assert json.loads((tmp_path / "keys.json").read_text())[0]["master"] == "b"
            assert keys.secret("2026-11") == secret
        finally:
            server.shutdown()
            thread.join()
    assert keys.secret("2026-11") == secret
    with pytest.raises(PeerError) as caught:
        Keyring(tmp_path / "keys.json", MasterUrl(url), lambda: AT).for_month("2026-11")
    assert caught.value.code == "vault_key_unreachable"


def test_where_the_master_key_may_come_from(tmp_path: Path) -> None:
    """A file by path or URL, a server by https; a secret is never fetched in the clear from elsewhere."""
    for setting, path in (
        ("", tmp_path / "vault.key"),
        ("/k/master", Path("/k/master")),
        ("file:///k/master", Path("/k/master")),
    ):
        source = master_source(setting, tmp_path)
        assert isinstance(source, MasterFile)
        assert source.path == path
    assert isinstance(master_source("https://secrets.example/vault", tmp_path), MasterUrl)
    for setting in ("http://secrets.example/vault", "ftp://x/y"):
        with pytest.raises(UsageError):
            master_source(setting, tmp_path)
