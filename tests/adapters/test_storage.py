"""Remote storage, against a server that speaks S3: sent whole, read in parts, proved, and nothing lost while it is away."""

import asyncio
import os
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from loopback import free_port
from rows import StillClock
from s3_server import Bucket, S3Server
from vaults import can_be_heard, new_vault

from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import ContactId, RecordingId
from callcenter.doctor import State, run_checks
from callcenter.sections import Recordings
from callcenter.settings import Settings
from callcenter.vault.keeper import VaultKeeper
from recordings import wav
from recordings.core.manifest import Entry
from recordings.roots import Roots
from recordings.storage import S3, Remote, open_remote
from recordings.upkeep import state_of, upload_all
from recordings.vault import Vault, open_vault, set_up_vault
from recordings.verify import Kind, verify

pytestmark = pytest.mark.adapters

CALL = ContactId("cell1-1795305600.3")
RECORDING = RecordingId(CALL)
KEY = f"city/a/sealed/20261122/{CALL}.wav.enc"
NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
SOUND = os.urandom(4 * wav.RATE * 9)


@pytest.fixture(scope="module")
def server() -> Iterator[S3Server]:
    """A running server."""
    server = S3Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def bucket(server: S3Server) -> Iterator[Bucket]:
    """An empty bucket."""
    bucket = server.bucket()
    yield bucket
    bucket.close()


@pytest.fixture
def vault(bucket: Bucket, tmp_path: Path) -> Vault:
    """A vault whose one recording waits to be sent."""
    vault = new_vault(tmp_path / "v", bucket.remote(tmp_path))
    keep(vault)
    return vault


def keep(vault: Vault, contact_id: ContactId = CALL) -> Entry:
    """Seal nine seconds."""
    raw = vault.root / "x.raw"
    raw.write_bytes(SOUND)
    entry = vault.keep(contact_id, wav.of_raw(raw), NOW)
    raw.unlink()
    return entry


def elsewhere(vault: Vault, remote: Remote) -> Vault:
    """The same vault with another storage."""
    return new_vault(vault.root, remote)


def found(vault: Vault) -> set[tuple[Kind, str]]:
    """What is wrong with it."""
    report = verify(vault, Roots(vault.root / "roots", vault.root / "sign.pem"), date(2026, 11, 22), UTC)
    return {(finding.kind, finding.name) for finding in report.findings}


def test_a_recording_goes_and_is_still_heard(vault: Vault, bucket: Bucket) -> None:
    """What was sent is the encrypted file; it leaves this disk and is read from there, any part of it."""
    stored = vault.sealed_path(RECORDING).read_bytes()
    assert upload_all(vault).done == [RECORDING]
    assert bucket.get(KEY) == stored
    assert not vault.sealed_path(RECORDING).exists()
    with vault.opened(RECORDING) as sound:
        assert sound.read(44 + 100_000, 50_000) == SOUND[100_000:150_000]
        assert sound.read(0, sound.size) == wav.header(len(SOUND)) + SOUND
    with vault.plain_copy(RECORDING) as path:
        assert wav.inspect(path).seconds == 9.0
    assert found(vault) == set()
    assert upload_all(vault).done == []


def test_what_waits_can_be_heard(vault: Vault, bucket: Bucket) -> None:
    """Before it is sent it is read from here."""
    assert can_be_heard(vault, RECORDING)
    assert bucket.keys() == []


def test_while_the_storage_is_away_nothing_is_lost(vault: Vault, bucket: Bucket, tmp_path: Path) -> None:
    """New recordings wait here and can be heard; old ones say why not; when it is back all are sent."""
    upload_all(vault)
    away = elsewhere(vault, bucket.remote(tmp_path, endpoint=f"http://127.0.0.1:{free_port()}"))
    waiting = [RecordingId(f"cell1-1795305600.{number}") for number in (7, 8)]
    for recording_id in waiting:
        keep(away, ContactId(recording_id))
    caught = upload_all(away)
    assert (caught.done, list(caught.failed.values())) == ([], ["storage_away"]), "one try is enough to know"
    assert all(can_be_heard(away, recording_id) for recording_id in waiting)
    with pytest.raises(PeerError) as error:
        away.open(RECORDING)
    assert error.value.code == "storage_away"
    kept_at = datetime.fromtimestamp(away.sealed_path(waiting[0]).stat().st_mtime, UTC)
    state = state_of(away, kept_at + timedelta(hours=1))
    assert (state.waiting_for_storage, "storage is away" in state.told()) == (2, True)
    assert state_of(away, kept_at).told() == "", "a short wait is as usual"
    keep(away, ContactId("cell1-1795995600.9"))
    assert state_of(away, kept_at, newest_days=1).waiting_for_storage == 1
    assert sorted(upload_all(vault).done)[:2] == waiting
    assert len(bucket.keys()) == 4


def test_a_storage_that_refuses_is_told_apart(vault: Vault, bucket: Bucket, tmp_path: Path) -> None:
    """A bucket that there is not: it will not help to wait."""
    refusing = elsewhere(vault, bucket.remote(tmp_path, bucket="no-such-bucket"))
    assert list(upload_all(refusing).failed.values()) == ["storage_refused"]
    assert can_be_heard(vault, RECORDING)


def test_a_crash_after_the_sending_is_made_good(
    vault: Vault, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both files are there; the next look ends it."""
    with monkeypatch.context() as patch:
        patch.setattr("recordings.vault._remove", _crash)
        assert list(upload_all(vault).failed.values()) == ["peer"]
    assert vault.sealed_path(RECORDING).exists()
    assert bucket.keys() == [KEY]
    assert found(vault) == set()
    assert upload_all(vault).done == [RECORDING]
    assert not vault.sealed_path(RECORDING).exists()


def _crash(*_: object) -> None:
    raise PeerError("crash")


def test_what_did_not_arrive_whole_stays_here(
    vault: Vault, bucket: Bucket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The local file goes only when the storage tells its length."""
    monkeypatch.setattr(S3, "put", lambda self, name, path: bucket.put(KEY, b"half"))
    assert list(upload_all(vault).failed.values()) == ["storage_away"]
    assert vault.sealed_path(RECORDING).exists()


def test_a_file_that_was_changed_here_is_not_sent(vault: Vault, bucket: Bucket) -> None:
    """It stays as evidence; the others go."""
    other = RecordingId("cell1-1795305600.7")
    keep(vault, ContactId(other))
    os.truncate(vault.sealed_path(RECORDING), 1000)
    caught = upload_all(vault)
    assert (caught.done, caught.failed) == ([other], {RECORDING: "recording_changed"})
    assert vault.sealed_path(RECORDING).exists()
    assert found(vault) == {(Kind.CHANGED, vault.relative(vault.sealed_path(RECORDING)))}


def test_plain_recordings_are_never_sent(bucket: Bucket, tmp_path: Path) -> None:
    """What waits for a key stays here."""
    vault = Vault(tmp_path, None, bucket.remote(tmp_path))
    keep(vault)
    assert upload_all(vault).done == []
    assert bucket.keys() == []


def test_tampering_there_is_found(vault: Vault, bucket: Bucket) -> None:
    """A flipped bit, a deleted object, an added one."""
    upload_all(vault)
    name, stored = KEY.removeprefix("city/a/"), bucket.get(KEY)
    bucket.put(KEY, stored[:-1] + bytes([stored[-1] ^ 1]))
    assert found(vault) == {(Kind.CHANGED, name)}
    with vault.opened(RECORDING) as sound, pytest.raises(PeerError):
        sound.read(sound.size - 1, 1)
    bucket.drop(KEY)
    assert found(vault) == {(Kind.MISSING, name)}
    bucket.put(KEY, stored)
    bucket.put(KEY.replace(".3.", ".4."), stored)
    bucket.put("city/b/elsewhere", b"not ours")
    assert found(vault) == {(Kind.ADDED, name.replace(".3.", ".4."))}


def test_a_deletion_reaches_the_storage(vault: Vault, bucket: Bucket, tmp_path: Path) -> None:
    """And is not called done while the storage is away."""
    upload_all(vault)
    newest = vault.manifest.find(RECORDING)
    away = elsewhere(vault, bucket.remote(tmp_path, endpoint=f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(PeerError):
        away.delete(RECORDING, newest, "call: 180 days", NOW)
    assert bucket.keys() == [KEY]
    vault.delete(RECORDING, vault.manifest.find(RECORDING), "call: 180 days", NOW)
    assert bucket.keys() == []
    assert found(vault) == set()


def test_objects_are_known_by_what_they_are(bucket: Bucket, tmp_path: Path) -> None:
    """Absent is not an error; deleting twice is none; all are listed, however many."""
    remote, path = bucket.remote(tmp_path), tmp_path / "file"
    path.write_bytes(b"0123456789")
    assert remote.size("sealed/x") is None
    remote.delete("sealed/x")
    for number in range(3):
        remote.put(f"sealed/{number}", path)
    assert sorted(remote.names()) == ["sealed/0", "sealed/1", "sealed/2"]
    assert (remote.size("sealed/0"), remote.read("sealed/0", 8, 100)) == (10, b"89")
    remote.check()


@pytest.mark.parametrize(
    "storage",
    [
        "bucket",
        "s3://",
        "s3://B/x",
        "s3://ab/../x",
        "s3://bucket/a b",
        "http://x/y",
        "s3://bucket/x?y=1",
        "s3://-x-/a",
    ],
)
def test_what_is_no_storage_is_refused(storage: str, tmp_path: Path) -> None:
    """At start, with one line that says what is needed."""
    with pytest.raises(UsageError, match="s3://BUCKET/PREFIX"):
        open_remote(Recordings(storage=storage), tmp_path)


def test_where_recordings_may_lie(tmp_path: Path) -> None:
    """This disk by default; a bucket, with or without a prefix and an endpoint of one's own."""
    assert open_remote(Recordings(), tmp_path) is None
    for storage in ("s3://calls", "s3://calls/city/a/"):
        assert isinstance(open_remote(Recordings(storage=storage), tmp_path), S3)
    with pytest.raises(UsageError, match="s3_endpoint"):
        open_remote(Recordings(storage="s3://calls", s3_endpoint="minio:9000"), tmp_path)


def test_without_the_library_it_is_said(
    bucket: Bucket, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which extra is to be installed."""
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(UsageError, match=r"callcenter-12345\[s3\]"):
        bucket.remote(tmp_path).check()


@pytest.mark.parametrize("text", ["", "[]", '{"access_key": 1}'])
def test_a_bad_access_key_file_is_said(bucket: Bucket, tmp_path: Path, text: str) -> None:
    """With what must stand in it."""
    remote = bucket.remote(tmp_path)
    (tmp_path / "s3.json").write_text(text)
    with pytest.raises(UsageError, match="access_key"):
        remote.check()


async def test_the_keeper_sends_what_waits(bucket: Bucket, tmp_path: Path) -> None:
    """As the operator set it: bucket, prefix and endpoint from the settings, the access key from the secrets."""
    chosen = {"storage": f"s3://{bucket.name}/city/a", "s3_endpoint": bucket.endpoint}
    settings = Settings.model_validate({"home": str(tmp_path), "recordings": chosen})
    bucket.remote(settings.secrets_path)
    set_up_vault(settings, StillClock())
    settings.recordings_path.mkdir(exist_ok=True)
    keeper = VaultKeeper.of(settings, StillClock())
    try:
        await asyncio.to_thread(keep, open_vault(settings, StillClock()))
        work = await keeper.catch_up()
    finally:
        await keeper.close()
    assert (work.uploaded, work.troubles, bucket.keys()) == (1, {}, [KEY])


def test_the_doctor_says_how_the_storage_is(bucket: Bucket, tmp_path: Path) -> None:
    """Well, away, or this disk; and whether the key opens the vault."""
    home = tmp_path / "home"

    def checks(**recordings: str) -> dict[str, State]:
        settings = Settings.model_validate({"home": str(home), "recordings": recordings})
        return {check.name: check.state for check in run_checks(settings)}

    assert (checks()["vault"], checks()["storage"]) == (State.WARN, State.OK)
    bucket.remote(home / "secrets")
    settings = Settings(home=str(home))
    set_up_vault(settings, StillClock())
    assert checks(storage=f"s3://{bucket.name}", s3_endpoint=bucket.endpoint)["storage"] is State.OK
    away = checks(storage=f"s3://{bucket.name}", s3_endpoint=f"http://127.0.0.1:{free_port()}")
    assert (away["storage"], away["vault"]) == (State.WARN, State.OK)
    (settings.secrets_path / "vault.key").write_text("nonsense")
    assert checks()["vault"] is State.FAIL
