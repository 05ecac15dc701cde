"""``callcenter replay`` on the journal of a real database: checked against itself, and compared with other settings."""

import asyncio
import json
import re
import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest
import tape
import typer
from tape import HOUSE, TapedTelephone
from typer.testing import CliRunner, Result

from callcenter import rehearsal
from callcenter.commands.replay import changed, replay
from callcenter.core.clock import Instant
from callcenter.core.errors import CallcenterError, OurError, UsageError
from callcenter.core.ids import ContactId, RecordingId, TicketNo
from callcenter.core.messages.quality import CallAssessed
from callcenter.core.messages.surge import DayPlanned
from callcenter.core.messages.work import TicketDrafted, TicketWorked
from callcenter.recorded import open_recording
from callcenter.rehearsal import Span, replanned
from callcenter.replay_views import KINDS
from callcenter.sim.replay import DECISIONS, SWITCHES
from callcenter.store import journal
from callcenter.store.database import Database

pytestmark = pytest.mark.sim

NUMBER = re.compile(r"1[3-9]\d{9}")


@pytest.fixture(scope="module")
def story() -> TapedTelephone:
    """A surge, a restart of the controller in the middle of it, and the rest of the day: call-backs, rests, levels."""
    house = TapedTelephone(now=9 * 3600.0)
    tape.surge_morning(house, calls=150)
    house.restart()
    tape.surge_morning(house, calls=50, seed=3)
    tape.finish_day(house, until=12 * 3600.0)
    return house


@pytest.fixture(scope="module")
def recorded(story: TapedTelephone, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The story in a SQLite file."""
    path = tmp_path_factory.mktemp("recorded") / "callcenter.db"
    asyncio.run(tape.keep(story, path))
    return path


@pytest.fixture
def database(recorded: Path, tmp_path: Path) -> Database:
    """A copy of the story's database."""
    return Database(f"sqlite:///{shutil.copy(recorded, tmp_path)}")


@pytest.fixture
def settings_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings of the story's house, as the command finds them."""
    path = tmp_path / "callcenter.toml"
    path.write_text(
        f'home = "{tmp_path}"\n[seats]\ncount = 4\ncloud_count = 2\n[line]\nqueues = ["main"]\nwrap_up_s = 60\n'
        '[trunk]\noutbound = "127.0.0.1:5080"\n[callback]\nretry_gap_s = 900\n'
        f"[day]\ncitizens = 240\nroster = {[4] * 24}\n[rest]\nwindow_s = 1800\noccupancy_limit = 0.95\n",
        "utf-8",
    )
    monkeypatch.setenv("CALLCENTER_CONFIG", str(path))
    return path


def run(database: Database, *arguments: str) -> Result:
    """The command; its errors as they reach the command line's one handler."""
    app = typer.Typer()
    app.command()(replay)
    return CliRunner().invoke(app, ["--database", str(database), *arguments])


def test_a_journal_is_repeated_by_the_engines_that_wrote_it(database: Database, settings_file: Path) -> None:
    """Every derived message again, in order, over the restart, deadlines included: exit code 0."""
    result = run(database, "--verify", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["verified"]
    assert found["lives"] == 2
    assert found["derived"] > 150
    assert found["mismatches"] == []


def test_other_engines_are_found_out(database: Database, settings_file: Path) -> None:
    """A journal that other settings wrote: the first deviation is named, exit code 1, no citizen's number."""
    settings_file.write_text(settings_file.read_text("utf-8").replace("0.95", "0.3"), "utf-8")
    result = run(database, "--verify")
    assert result.exit_code == 1
    assert "seat.state_changed" in result.stdout
    assert "differ" in result.stdout
    assert not NUMBER.search(result.stdout)


async def test_a_forged_entry_is_found(database: Database) -> None:
    """One derived entry more than the engines tell is a mismatch after the entry before it."""
    async with database.unit() as unit:
        await unit.connection.exec_driver_sql(
            "UPDATE journal SET derived = 0 WHERE seq = (SELECT max(seq) FROM journal WHERE type = 'call.replied')"
        )
        await unit.connection.exec_driver_sql(
            "UPDATE journal SET data = json_set(data, '$.new', 'off') WHERE seq = "
            "(SELECT max(seq) FROM journal WHERE type = 'seat.state_changed')"
        )
    found = await rehearsal.verify(await open_recording(database), HOUSE, Span(), lambda share: None)
    await database.close()
    assert len(found.mismatches) == 1
    assert found.mismatches[0].replayed != found.mismatches[0].journaled


def test_a_candidate_decides_otherwise(database: Database, settings_file: Path) -> None:
    """Offers above two minutes only: offers are missing, and everything is told by contact and time, never by number."""
    result = run(database, "--set", "surge.offer_ewt_s=120", "--json")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["candidate"] == {"surge.offer_ewt_s": "120"}
    assert found["lives"] == 2
    first = found["differences"][0]
    assert (first["kind"], first["verdict"]) == ("Ask", "only_recorded")
    assert first["whom"].startswith("cc-")
    assert first["at"].endswith("+08:00")
    assert found["counts"]["Ask"]["only_recorded"] > 0
    assert found["differing"] == len(found["differences"])
    assert "replies stay" in found["note"]
    assert not NUMBER.search(result.stdout)


def test_the_same_settings_differ_in_nothing(database: Database, settings_file: Path) -> None:
    """A candidate that is as the recorded engines were decides as they did."""
    found = json.loads(run(database, "--set", "surge.offer_ewt_s=30", "--json").stdout)
    assert found["differing"] == 0
    assert sum(counts["same"] for counts in found["counts"].values()) > 500


def test_people_read_the_first_differences_and_a_summary(database: Database, settings_file: Path) -> None:
    """In Chinese and English, bounded by --limit, and the note on what cannot be known."""
    result = run(database, "--set", "callback.from_hour=11", "--limit", "3")
    assert result.exit_code == 0, result.output
    assert "回拨 / dial back" in result.stdout
    assert "more: --limit" in result.stdout
    assert "消息 / messages" in result.stdout
    assert not NUMBER.search(result.stdout)


def test_every_decision_has_words() -> None:
    """What is compared can be shown."""
    assert {kind.__name__ for kind in (*DECISIONS, *SWITCHES)} == set(KINDS)


def test_every_setting_that_engines_read_can_be_tried(database: Database, settings_file: Path) -> None:
    """Seats, rosters, queues, rests: a candidate that hears of seats it does not have goes on all the same."""
    for change in (
        "seats.count=2",
        "day.roster=" + ",".join(["2"] * 24),
        'line.queues=["other"]',
        "rest.occupancy_limit=0.2",
        "line.wrap_up_s=10",
        "trunk.outbound=",
        "surge.automatic=false",
    ):
        result = run(database, "--set", change, "--json")
        assert result.exit_code == 0, result.output
        assert json.loads(result.stdout)["differing"] > 0, change


def test_a_part_of_the_day_is_judged_after_all_before_it_was_played(
    database: Database, settings_file: Path
) -> None:
    """--from and --until bound what is shown; without a zone they are local times."""
    change = ("--set", "surge.offer_ewt_s=120", "--json")
    everything = json.loads(run(database, *change).stdout)
    part = json.loads(
        run(database, *change, "--from", "2026-03-03T09:10", "--until", "2026-03-03T09:20").stdout
    )
    expected = [row for row in everything["differences"] if "T09:10" <= row["at"][10:16] < "T09:20"]
    assert part["differences"] == expected
    assert part["messages"] < everything["messages"]


def test_a_change_of_roster_changes_the_plan_and_nothing_learned(story: TapedTelephone) -> None:
    """The candidate's plan has its own roster and hours; what came from the house's past stays."""
    learned = story.day()
    candidate = changed(HOUSE, ["day.roster=" + ",".join(["9"] * 24), "callback.to_hour=20"])
    plan = replanned(learned, HOUSE, candidate)
    assert isinstance(plan, DayPlanned)
    assert plan.roster == (9,) * 24
    assert plan.callback_to_s == 20 * 3600.0
    assert plan.citizens == learned.citizens
    assert replanned(learned, HOUSE, HOUSE) == learned


@pytest.mark.parametrize(
    ("assignment", "word"),
    [
        ("surge.offer=60", "unknown key 'surge.offer' in --set; known here: automatic"),
        ("storm.offer_ewt_s=60", "unknown key 'storm.offer_ewt_s'"),
        ("surge=60", "unknown key 'surge'"),
        ("surge.offer_ewt_s.x=60", "unknown key"),
        ("surge.offer_ewt_s=soon", "'surge.offer_ewt_s' in --set"),
        ("surge.offer_ewt_s=1", "greater than or equal to 30"),
        ("day.roster=1,2,3", "at least 24"),
        ("surge.offer_ewt_s", "KEY=VALUE"),
    ],
)
def test_a_bad_setting_is_one_line(assignment: str, word: str) -> None:
    """What is no key or no value of it is refused before anything is read."""
    with pytest.raises(UsageError, match=re.escape(word)) as refused:
        changed(HOUSE, [assignment])
    assert "\n" not in str(refused.value)


def failure(result: Result) -> CallcenterError:
    """The one line that the command line prints, and its kind, which becomes the exit code."""
    assert isinstance(result.exception, CallcenterError), result.output
    assert "\n" not in str(result.exception)
    return result.exception


def test_bad_options_are_refused(database: Database, settings_file: Path) -> None:
    """Nothing to do, both at once, and a time that is none."""
    for arguments, word in (
        ([], "--set"),
        (["--verify", "--set", "surge.offer_ewt_s=60"], "--verify"),
        (["--verify", "--from", "yesterday"], "--from"),
        (["--verify", "--from", "2026-03-04", "--until", "2026-03-03"], "--until"),
        (["--verify", "--from", "2026-03-05"], "nothing is recorded"),
        (["--verify", "--until", "2026-03-01"], "nothing is recorded"),
    ):
        refused = failure(run(database, *arguments))
        assert isinstance(refused, UsageError)
        assert word in str(refused)


async def test_nothing_recorded_is_said(tmp_path: Path, settings_file: Path) -> None:
    """No file, an empty journal, and one whose begin is gone: one clear line each, and no file is made."""
    missing = Database(f"sqlite:///{tmp_path}/none.db")
    with pytest.raises(UsageError, match="no database"):
        await open_recording(missing)
    assert not (tmp_path / "none.db").exists()
    empty = Database(f"sqlite:///{tmp_path}/empty.db")
    await empty.upgrade()
    with pytest.raises(UsageError, match="it is empty"):
        await open_recording(empty)
    await empty.close()


async def test_a_journal_without_a_begin_is_said(database: Database) -> None:
    """Old entries are deleted some day: what is left cannot be replayed from the middle of a life."""
    async with database.unit() as unit:
        await unit.connection.exec_driver_sql("DELETE FROM journal WHERE seq < 500")
    recording = await open_recording(database)
    assert len(recording.begins) == 1
    found = await rehearsal.verify(recording, HOUSE, Span(), lambda share: None)
    assert found.lives == 1
    async with database.unit() as unit:
        await unit.connection.exec_driver_sql("DELETE FROM journal WHERE type = 'callback.owed_restored'")
    with pytest.raises(UsageError, match="no start of a controller"):
        await open_recording(database)
    await database.close()


@pytest.mark.parametrize(
    "damage",
    [
        "UPDATE journal SET data = json_remove(data, '$.key') WHERE type = 'call.prompt_ended'",
        "UPDATE journal SET data = '{\"key\": ' WHERE type = 'call.prompt_ended'",
        "UPDATE journal SET type = 'call.sung' WHERE seq = 40",
    ],
)
async def test_a_damaged_entry_is_named(database: Database, damage: str) -> None:
    """A field that is missing, text that is no JSON, a type that does not exist: one clear line with the place."""
    async with database.unit() as unit:
        await unit.connection.exec_driver_sql(damage)
    with pytest.raises(OurError, match=r"journal entry.* \d+ is damaged") as found:
        await rehearsal.verify(await open_recording(database), HOUSE, Span(), lambda share: None)
    await database.close()
    assert found.value.code == "bad_journal"


async def test_what_others_derive_is_not_the_engines(database: Database, settings_file: Path) -> None:
    """Tickets and quality marks stand in the journal too: a process of its own reads them, and judges nobody."""
    at = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
    news = (
        TicketDrafted(ContactId("cc-1.1"), TicketNo("20260303-0001"), "draft"),
        TicketWorked(ContactId("cc-1.1"), TicketNo("20260303-0001"), "answered", "li"),
        CallAssessed(ContactId("cc-1.1"), RecordingId("r-1"), 90.0, 0.9, 1),
    )
    async with database.unit() as unit:
        for message in news:
            unit.record(journal.draft(message, at, Instant(12 * 3600.0), derived=True))
    await database.close()
    command = [sys.executable, "-m", "callcenter", "replay", "--verify", "--database", str(database)]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()


async def test_progress_is_told_to_the_end(database: Database) -> None:
    """Shares that only grow, up to one."""
    shares: list[float] = []
    await rehearsal.verify(await open_recording(database), HOUSE, Span(), shares.append)
    await database.close()
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
