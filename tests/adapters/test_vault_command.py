"""``callcenter vault`` as the operator uses it, and the keeper's nights: what is said, the exit code, the audit."""

import asyncio
import json
import os
import shutil
import sqlite3
import stat
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rows import StillClock, answered
from sqlalchemy import update
from structlog.testing import capture_logs
from typer.testing import CliRunner
from vaults import can_be_heard

from callcenter.cli import app
from callcenter.commands.vault import vault_app
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.core.ids import ContactId, RecordingId
from callcenter.settings import Settings
from callcenter.store import contacts, schema
from callcenter.store.database import Database
from callcenter.vault.keeper import VaultKeeper, open_roots
from recordings import store as recordings
from recordings import wav
from recordings.capture import Capture, Sealed
from recordings.core.names import recording_of
from recordings.store import Recording, RecordingState
from recordings.vault import Vault, open_vault, set_up_vault

pytestmark = pytest.mark.adapters

SOUND = b"\1\0\2\0" * wav.RATE * 60


@dataclass
class Instance:
    """A home with database and vault, and a shell in it."""

    settings: Settings

    def __post_init__(self) -> None:
        self.clock = StillClock(datetime.now(UTC))
        self.vault = open_vault(self.settings, self.clock)
        set_up_vault(self.settings, self.clock)
        open_roots(self.settings).set_up()
        self.vault.incoming.mkdir(parents=True)
        asyncio.run(self._upgrade())

    @property
    def key(self) -> Path:
        """The master key."""
        return self.settings.secrets_path / "vault.key"

    def record(self, number: int, age_days: float = 0.0) -> RecordingId:
        """An answered contact of a minute, sealed."""
        at = self.clock.at() - timedelta(days=age_days)
        contact_id = ContactId(f"cc-{int(at.timestamp())}.{number}")
        self.vault.raw_path(contact_id).write_bytes(SOUND)
        return asyncio.run(self._seal(contact_id, at))

    def run(self, *arguments: str) -> tuple[int, str]:
        """``callcenter vault`` with these arguments: exit code, what was printed or complained."""
        environment = {"CALLCENTER_HOME": self.settings.home, "COLUMNS": "200"}
        with capture_logs():
            result = CliRunner(env=environment).invoke(app, ["vault", *arguments])
        if isinstance(result.exception, CallcenterError):
            return 2 if isinstance(result.exception, UsageError) else 1, str(result.exception)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result.exit_code, result.output

    def told(self, *arguments: str) -> Any:
        """What ``--json`` printed."""
        code, text = self.run(*arguments, "--json")
        return json.loads(text) | {"exit": code} if text.startswith("{") else json.loads(text)

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Look into the database."""
        path = self.settings.home_path / "data" / "callcenter.db"
        with closing(sqlite3.connect(path)) as connection:
            return connection.execute(sql).fetchall()

    def keep(self, hour: int) -> dict[str, Any]:
        """One look of the keeper at this hour of the house's day."""
        return asyncio.run(self._keep(hour))

    async def _keep(self, hour: int) -> dict[str, Any]:
        today = datetime.now(UTC) + timedelta(days=1)
        clock = StillClock(today.replace(hour=hour - 8 if hour >= 8 else hour + 16, minute=0))
        keeper = VaultKeeper.of(self.settings, clock)
        try:
            return (await keeper.look()).as_json()
        finally:
            await keeper.close()

    async def _upgrade(self) -> None:
        database = Database(self.settings.effective_database_url)
        await database.upgrade()
        await database.close()

    async def _seal(self, contact_id: ContactId, at: datetime) -> RecordingId:
        sealed = await Capture(self.vault, StillClock(at)).seal(contact_id, 60.0)
        assert isinstance(sealed, Sealed)
        database = Database(self.settings.effective_database_url)
        async with database.unit() as unit:
            await contacts.save(unit, answered(contact_id, at))
            await recordings.save(
                unit,
                Recording(
                    recording_of(contact_id),
                    contact_id,
                    RecordingState.SEALED,
                    path=sealed.path,
                    sha256=sealed.sha256,
                    seconds=sealed.seconds,
                    sealed_at=at,
                ),
            )
            mine = schema.contacts.c.contact_id == contact_id
            await unit.connection.execute(update(schema.contacts).where(mine).values(talk_s=60.0))
        await database.close()
        return sealed.recording_id


@pytest.fixture
def instance(tmp_path: Path) -> Instance:
    """A new home."""
    return Instance(Settings(home=str(tmp_path / "home")))


def test_every_command_explains_itself_with_an_example() -> None:
    """``--help`` of each says in Chinese and English what it does, and shows how it is called."""
    for command in vault_app.registered_commands:
        result = CliRunner(env={"COLUMNS": "200"}).invoke(app, ["vault", command.name or "", "--help"])
        assert f"Example: callcenter vault {command.name}" in result.output
        assert " / " in result.output


def test_a_house_proves_its_vault(instance: Instance) -> None:
    """Clean: exit 0 and what was looked at. Tampered: exit 1, the file's name and what to do."""
    recording = instance.record(1)
    assert instance.told("verify") == {
        "clean": True,
        "lines": 1,
        "roots": 0,
        "files": 1,
        "findings": [],
        "database": "compared",
        "exit": 0,
    }
    path = instance.vault.sealed_path(recording)
    os.truncate(path, 1000)
    code, text = instance.run("verify")
    assert code == 1
    assert path.name in text
    assert "从备份恢复" in text
    assert instance.told("verify", "--day", "2020-01-01")["exit"] == 0


def test_without_a_database_the_other_witnesses_are_compared(instance: Instance) -> None:
    """And it is said that one was not asked."""
    instance.record(1)
    (instance.settings.home_path / "data" / "callcenter.db").unlink()
    told = instance.told("verify")
    assert (told["clean"], told["database"] != "compared") == (True, True)


def test_a_row_without_its_line_is_found(instance: Instance) -> None:
    """Manifest and files gone together are still known to the database."""
    recording = instance.record(1)
    instance.vault.manifest.path.unlink()
    instance.vault.sealed_path(recording).unlink()
    told = instance.told("verify")
    assert [(finding["kind"], finding["name"]) for finding in told["findings"]] == [("row", recording)]


def test_a_new_master_key_touches_no_recording(instance: Instance) -> None:
    """Audited with its reason; everything can still be heard."""
    recording = instance.record(1)
    before, stored = instance.key.read_text(), instance.vault.sealed_path(recording).read_bytes()
    code, text = instance.run("rotate", "--why", "季度更换")
    assert (code, "1 data keys" in text) == (0, True)
    assert instance.key.read_text() != before
    assert instance.vault.sealed_path(recording).read_bytes() == stored
    assert can_be_heard(instance.vault, recording)
    assert instance.rows("SELECT action, resource, why FROM audit") == [
        ("vault.rotated", "vault/master_key", "季度更换")
    ]
    assert instance.run("rotate", "--why", "")[0] == 2


def test_a_missing_key_is_one_clear_line_and_costs_no_recording(instance: Instance) -> None:
    """Calls are recorded on; status says what waits; with the key back everything is encrypted."""
    instance.record(1)
    aside = instance.key.rename(instance.key.with_suffix(".aside"))
    waiting = instance.record(2)
    code, text = instance.run("rotate", "--why", "季度更换")
    assert (code, len(text.splitlines()), "restore it from your backup" in text) == (1, 1, True)
    assert instance.run("encrypt")[0] == 1
    told = instance.told("status")
    assert (told["exit"], told["waiting_for_key"], "is missing" in told["trouble"]) == (1, 1, True)
    assert can_be_heard(instance.vault, waiting)
    aside.rename(instance.key)
    assert instance.told("encrypt") == {"done": 1, "failed": {}, "exit": 0}
    assert instance.told("status")["waiting_for_key"] == 0
    assert instance.told("verify")["clean"]


def test_old_recordings_are_converted_and_a_changed_one_is_named(instance: Instance) -> None:
    """What was sealed before encryption; what is not what was sealed stays and is said."""
    key = instance.key.read_text()
    instance.key.unlink()
    good, bad = instance.record(1), instance.record(2)
    for recording in (good, bad):
        old = instance.vault.wav_path(recording)
        old.parent.mkdir(parents=True, exist_ok=True)
        instance.vault.waiting_path(recording).rename(old)
    instance.vault.wav_path(bad).write_bytes(wav.header(0))
    instance.key.write_text(key)
    assert instance.told("encrypt") == {"done": 1, "failed": {bad: "recording_changed"}, "exit": 1}
    assert instance.vault.sealed_path(good).exists()
    assert instance.vault.wav_path(bad).exists()


def test_holds_are_placed_listed_and_released(instance: Instance) -> None:
    """By whoever sits at the machine, with reasons, in the audit."""
    recording = instance.record(1)
    assert instance.run("hold", recording, "--why", "行政复议")[0] == 0
    assert instance.run("hold", recording, "--why", "again")[0] == 2
    [held] = instance.told("holds")
    assert (held["contact_id"], held["why"], held["by"].startswith("cli:")) == (recording, "行政复议", True)
    assert "行政复议" in instance.run("holds")[1]
    assert instance.run("release", recording, "--why", "已结案")[0] == 0
    assert instance.told("holds") == []
    assert instance.run("hold", "nobody", "--why", "行政复议")[0] == 2
    actions = [action for (action,) in instance.rows("SELECT action FROM audit")]
    assert actions == ["hold.placed", "hold.released"]


def test_gaps_are_named(instance: Instance) -> None:
    """A recording shorter than its talk makes exit code 1; other days are quiet."""
    recording = instance.record(1)
    day = f"{instance.clock.at() + timedelta(hours=8):%Y-%m-%d}"
    assert instance.told("gaps", "--day", day)["exit"] == 0
    path = instance.settings.home_path / "data" / "callcenter.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE recordings SET seconds = 20")
        connection.commit()
    told = instance.told("gaps", "--day", day)
    assert [(gap["contact_id"], gap["short_by_s"]) for gap in told["gaps"]] == [(recording, 40.0)]
    assert told["exit"] == 1
    code, text = instance.run("gaps", "--day", day)
    assert (code, recording in text) == (1, True)
    assert instance.told("gaps", "--day", "20200101")["exit"] == 0
    assert instance.run("gaps", "--day", "yesterday")[0] == 2


def test_one_recording_is_exported_with_a_reason(instance: Instance, tmp_path: Path) -> None:
    """The file is the owner's alone, nothing is overwritten, the audit knows before."""
    recording, to = instance.record(1), tmp_path / "x.wav"
    assert instance.run("export", recording, "--to", str(to), "--why", "")[0] == 2
    assert not to.exists()
    assert instance.run("export", recording, "--to", str(to), "--why", "转办")[0] == 0
    assert wav.inspect(to).seconds == 60.0
    assert to.read_bytes() != wav.header(len(SOUND)) + SOUND
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert instance.rows("SELECT action, resource, why FROM audit") == [
        ("recording.exported", f"recording/{recording}", "转办")
    ]
    with pytest.raises(AssertionError, match="exists"):
        instance.run("export", recording, "--to", str(to), "--why", "转办")
    evidence = tmp_path / "evidence.wav"
    assert instance.run("export", recording, "--to", str(evidence), "--why", "取证", "--as-sealed")[0] == 0
    assert evidence.read_bytes() == wav.header(len(SOUND)) + SOUND
    for other in ("cc-1763784000.9", "../../etc/passwd"):
        assert instance.run("export", other, "--to", str(tmp_path / "y"), "--why", "转办")[0] == 2


def test_a_copy_that_got_out_is_traced(instance: Instance, tmp_path: Path) -> None:
    """Who exported it, when, and which recording; a sound without a mark and what is no sound are told apart."""
    recording, out, other = instance.record(1), tmp_path / "out.wav", tmp_path / "other.wav"
    instance.run("export", recording, "--to", str(out), "--why", "转办")
    instance.run("export", recording, "--to", str(other), "--why", "取证", "--as-sealed")
    told = instance.told("whose", str(out))
    assert (told["resources"], told["reasons"]) == ([f"recording/{recording}"], ["转办"])
    assert [name.partition(":")[0] for name in told["accounts"]] == ["cli"]
    assert instance.run("whose", str(other)) == (
        2,
        "no mark that can be read: it is no copy of ours, too short, or was changed too much",
    )
    (tmp_path / "page.wav").write_text("<html>")
    code, complaint = instance.run("whose", str(tmp_path / "page.wav"))
    assert (code, "8 kHz" in complaint) == (2, True)


def test_a_month_is_erased_only_when_nothing_of_it_is_wanted(instance: Instance) -> None:
    """Refused with what to look at while something is; afterwards its key is gone, and status says so."""
    recording = instance.record(1, age_days=400)
    month = f"{instance.clock.at() - timedelta(days=400):%Y-%m}"
    instance.run("hold", recording, "--why", "行政复议")
    code, text = instance.run("erase", "--month", month, "--why", "保存期满")
    assert (code, "1 recordings are held" in text) == (2, True)
    instance.run("release", recording, "--why", "已结案")
    instance.told("tidy")
    later = instance.record(2, age_days=400)
    assert instance.run("erase", "--month", month, "--why", "保存期满")[0] == 0
    [key] = [key for key in instance.told("status")["keys"] if key["month"] == month]
    assert key["erased_at"]
    assert instance.rows("SELECT state FROM recordings") == [("deleted",)] * 2
    assert not can_be_heard(instance.vault, later)


def test_the_keepers_night(instance: Instance) -> None:
    """At three the days are signed, what is over goes, gaps are listed; before three only what waits is done."""
    old, young = instance.record(1, age_days=200), instance.record(2)
    by_day = instance.keep(hour=2)
    assert (by_day["signed"], by_day["deleted"], by_day["troubles"]) == ([], 0, {})
    assert can_be_heard(instance.vault, old)
    night = instance.keep(hour=3)
    assert (len(night["signed"]), night["deleted"], night["gaps"], night["troubles"]) == (2, 1, 0, {})
    assert not can_be_heard(instance.vault, old)
    assert can_be_heard(instance.vault, young)
    assert len(list((instance.vault.root / "gaps").glob("*.json"))) == 1
    assert instance.told("verify")["clean"]


def test_a_night_in_trouble_does_what_it_can(instance: Instance) -> None:
    """Without signing key and master key the rest is done, and each trouble is named; a call's sound waits."""
    (instance.settings.secrets_path / "vault-sign.pem").unlink()
    aside = instance.key.rename(instance.key.with_suffix(".aside"))
    waiting = instance.record(1)
    night = instance.keep(hour=3)
    assert night["troubles"] == {"encrypt": "vault_key_missing", "sign": "vault_sign_key"}
    assert night["gaps"] == 0
    aside.rename(instance.key)
    assert instance.keep(hour=3)["encrypted"] == 1
    assert can_be_heard(instance.vault, waiting)


def test_drafts_of_a_crash_go(instance: Instance) -> None:
    """Old ones only: a young one may be somebody's work."""
    folder = instance.vault.sealed_path(instance.record(1)).parent
    old, young = folder / ".part-old", folder / ".part-young"
    for path in (old, young):
        path.write_bytes(b"x")
    os.utime(old, (1e9, 1e9))
    os.utime(young, (2e9, 2e9))
    assert instance.keep(hour=2)["drafts"] == 1
    assert (old.exists(), young.exists()) == (False, True)


def test_words_do_not_lie_beside_the_sound(instance: Instance) -> None:
    """A plain transcript of a new recording goes at the next look, of an old one at night; the sound stays."""
    new, _, old = instance.record(1), instance.record(2, age_days=1), instance.record(3, age_days=5)
    words = [instance.vault.sealed_path(name).with_name(f"{name}.json") for name in (new, old)]
    for path in words:
        path.write_text("{}")
    instance.keep(hour=2)
    assert [path.exists() for path in words] == [False, True]
    instance.keep(hour=3)
    assert not any(path.exists() for path in words)
    assert can_be_heard(instance.vault, new)
    assert can_be_heard(instance.vault, old)


def test_tidy_does_the_nights_work_on_demand(instance: Instance) -> None:
    """Exit code 1 names what it could not do."""
    instance.record(1, age_days=200)
    told = instance.told("tidy")
    assert (told["deleted"], told["troubles"], told["exit"]) == (1, {}, 0)
    instance.key.unlink()
    instance.record(2)
    told = instance.told("tidy")
    assert (told["troubles"], told["exit"]) == ({"encrypt": "vault_key_missing"}, 1)


def test_a_restored_backup_is_proved_and_heard(instance: Instance, tmp_path: Path) -> None:
    """The drill of docs/operations.md: copied in its order, proved, exported; without a key it says which one is missing."""
    recording_id = instance.record(1)
    home, drill = instance.settings.home_path, tmp_path / "drill"
    (drill / "data").mkdir(parents=True)
    ours, its = (folder / "data" / "callcenter.db" for folder in (home, drill))
    with closing(sqlite3.connect(ours)) as source, closing(sqlite3.connect(its)) as copy:
        source.backup(copy)
    (drill / "recordings").mkdir()
    for name in ("sealed", "roots"):
        shutil.copytree(home / "recordings" / name, drill / "recordings" / name)
    for name in ("manifest.jsonl", "keys.json"):
        shutil.copy(home / "recordings" / name, drill / "recordings" / name)
    (drill / "secrets").mkdir(mode=0o700)
    for name in ("vault.key", "vault-sign.pem"):
        shutil.copy(home / "secrets" / name, drill / "secrets" / name)
    restored = replace(instance, settings=Settings(home=str(drill)))
    assert restored.told("verify")["clean"]
    export = ("export", recording_id, "--why", "演练", "--to")
    assert restored.run(*export, str(tmp_path / "heard.wav"))[0] == 0
    assert wav.inspect(tmp_path / "heard.wav").seconds == 60.0
    for lost in (drill / "secrets" / "vault.key", drill / "recordings" / "keys.json"):
        lost.unlink()
        code, complaint = restored.run(*export, str(tmp_path / "mute.wav"))
        assert (code, lost.name in complaint, "backup" in complaint) == (1, True, True)
    assert not (tmp_path / "mute.wav").exists()


def test_a_vault_that_was_set_up_is_left_alone(instance: Instance) -> None:
    """Set-up runs at every start."""
    before = instance.key.read_text()
    set_up_vault(instance.settings, instance.clock)
    open_roots(instance.settings).set_up()
    assert instance.key.read_text() == before
    assert stat.S_IMODE(instance.key.stat().st_mode) == 0o600
    assert isinstance(instance.vault, Vault)
