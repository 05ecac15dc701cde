"""The notice desk: spoken, on air, in place of the one before; over when it is over; never silence in a call."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from recognizer import cache_path
from rows import NOW, StillClock, arrival
from sqlalchemy import select

from callcenter.core.errors import CallcenterError, PeerError, UsageError
from callcenter.core.ids import ContactId
from callcenter.notices import RIGHT_AFTER_S, STANDING, Notices
from callcenter.settings import Settings
from callcenter.speech import audio
from callcenter.store import contacts
from callcenter.store.database import Database
from callcenter.store.schema import notice_heard
from callcenter.store.writer import StoreWriter
from ivr.prompt_maker import put_sound
from ivr.prompts import is_playable, prompt_path, prompts_folder
from ivr.speaker import speak

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(180)]

TEXT = "东风路今天18:00到22:00停水。"
C1 = ContactId("cc-1763784000.1")


@dataclass
class Voice:
    """Speaks a tone of so many seconds; ``error``: what it raises instead."""

    seconds: float = 2.0
    error: CallcenterError | None = None
    said: list[str] = field(default_factory=list)

    async def __call__(self, cache: Path, text: str, target: Path) -> float:
        """See :func:`ivr.speaker.speak`."""
        if self.error is not None:
            raise self.error
        self.said.append(text)
        put_sound(target, audio.tone(700, self.seconds))
        return self.seconds


@dataclass
class Studio:
    """A desk on a real database and folder."""

    settings: Settings
    database: Database
    writer: StoreWriter
    clock: StillClock = field(default_factory=StillClock)
    voice: Voice = field(default_factory=Voice)
    announces: bool = True

    def __post_init__(self) -> None:
        self.desk = self.make_desk()

    def make_desk(self) -> Notices:
        """As a new controller makes it."""
        return Notices(
            self.settings, self.writer, self.database, self.clock, self.voice, lambda: self.announces
        )

    @property
    def played(self) -> str:
        """The file that a caller hears when he is told the notice of the hour."""
        return self.desk.prompt(STANDING).stem


@pytest.fixture
async def studio(tmp_path: Path) -> AsyncIterator[Studio]:
    """A studio whose prompts are made."""
    async with opened(tmp_path) as studio:
        yield studio


@asynccontextmanager
async def opened(folder: Path) -> AsyncIterator[Studio]:
    """The same, to be opened by hand."""
    settings = Settings(home=str(folder), cache=str(cache_path()))
    prompts_folder(settings).mkdir(parents=True)
    for prompt in (STANDING, "greeting"):
        put_sound(prompt_path(settings, prompt), audio.tone(1000, 0.5))
    database = Database(f"sqlite:///{folder / 'callcenter.db'}")
    await database.upgrade()
    writer = StoreWriter(database)
    running = asyncio.create_task(writer.run())
    yield Studio(settings, database, writer)
    await writer.flush()
    running.cancel()
    await database.close()


async def test_a_notice_takes_the_standing_prompts_place(studio: Studio) -> None:
    """From the moment it is put, until it expires; other prompts stay what they are."""
    assert studio.played == STANDING
    notice = await studio.desk.put(TEXT, 4, "anna")
    assert (notice.state, notice.is_played, notice.seconds) == ("on_air", True, 2.0)
    assert notice.spoken == "东风路今天下午六点到晚上十点停水。"
    assert studio.played == "notice_1"
    assert studio.desk.prompt("greeting").stem == "greeting"
    studio.clock.advance(4 * 3600 - 1)
    assert studio.played == "notice_1"
    studio.clock.advance(1)
    assert studio.played == STANDING
    assert [row.state for row in await studio.desk.list(5)] == ["expired"]


async def test_the_next_notice_replaces_it(studio: Studio) -> None:
    """Its row tells by whom; its sound stays for who is about to hear it, and goes with the next change."""
    sounds = [prompts_folder(studio.settings) / f"notice_{number}.wav" for number in (1, 2, 3)]
    await studio.desk.put(TEXT, 4, "anna")
    await studio.desk.put("已恢复供水。", 1, "bo")
    assert studio.played == "notice_2"
    new, old = await studio.desk.list(5)
    assert (new.state, old.state, old.withdrawn_by) == ("on_air", "withdrawn", "bo")
    assert [sound.exists() for sound in sounds] == [True, True, False]
    await studio.desk.put("请节约用水。", 1, "bo")
    assert [sound.exists() for sound in sounds] == [False, True, True]


async def test_a_notice_is_withdrawn_at_once(studio: Studio) -> None:
    """And only one that is on air."""
    await studio.desk.put(TEXT, 4, "anna")
    assert (await studio.desk.withdraw(1, "bo")).withdrawn_by == "bo"
    assert studio.played == STANDING
    for number, code in ((1, "wrong_notice_state"), (2, "unknown_notice")):
        with pytest.raises(UsageError) as refused:
            await studio.desk.withdraw(number, "bo")
        assert refused.value.code == code


async def test_it_is_on_air_after_a_restart(studio: Studio) -> None:
    """Also when its sound is gone: until it is spoken anew the standing prompt is heard."""
    await studio.desk.put(TEXT, 4, "anna")
    sound = studio.desk.prompt(STANDING)
    sound.unlink()
    studio.desk = studio.make_desk()
    await studio.desk.take_up()
    assert studio.played == STANDING
    await studio.desk.mend()
    assert studio.played == "notice_1"
    assert studio.voice.said == [TEXT, TEXT]
    await studio.desk.mend()
    assert len(studio.voice.said) == 2
    assert (await studio.desk.put("已恢复供水。", 1, "bo")).id == 2


async def test_a_failing_voice_leaves_the_notice_before_on_air(studio: Studio) -> None:
    """Nothing is committed that nobody can hear."""
    await studio.desk.put(TEXT, 4, "anna")
    studio.voice.error = PeerError("too slow", code="voice_failed")
    with pytest.raises(PeerError):
        await studio.desk.put("已恢复供水。", 4, "bo")
    assert studio.played == "notice_1"
    assert len(await studio.desk.list(5)) == 1


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("", 4),
        (" \t", 4),
        ("停水。\n停电。", 4),
        ("停" * 201, 4),
        (TEXT, 0),
        (TEXT, 73),
        (TEXT, float("nan")),
    ],
)
async def test_what_is_no_notice_is_refused(studio: Studio, text: str, hours: float) -> None:
    """Before the voice is troubled."""
    with pytest.raises(UsageError) as refused:
        await studio.desk.put(text, hours, "anna")
    assert refused.value.code == "bad_notice"
    assert studio.voice.said == []


async def test_a_notice_that_nobody_listens_to_is_refused(studio: Studio) -> None:
    """More than 40 s; the line says how long it would be."""
    studio.voice.seconds = 41.0
    with pytest.raises(UsageError, match="41 s, at most 40 s"):
        await studio.desk.put(TEXT, 4, "anna")
    assert studio.played == STANDING


async def test_who_hears_it_is_written_down(studio: Studio) -> None:
    """With the moment until which hanging up means that he was content; without a notice nothing is."""
    async with studio.database.unit() as unit:
        await contacts.arrive(unit, arrival(C1))
    studio.desk.note_heard(C1)
    await studio.desk.put(TEXT, 4, "anna")
    studio.desk.note_heard(C1)
    await studio.writer.flush()
    async with studio.database.reading() as connection:
        (row,) = (await connection.execute(select(notice_heard))).mappings()
    assert (row["notice_id"], row["heard_at"]) == (1, NOW)
    assert (row["content_until_at"] - NOW).total_seconds() == 2.0 + RIGHT_AFTER_S
    assert (await studio.desk.list(1))[0].heard == 1


async def test_a_level_without_notices_is_told(studio: Studio) -> None:
    """On air, but nobody hears it at this level."""
    studio.announces = False
    assert not (await studio.desk.put(TEXT, 4, "anna")).is_played


async def test_the_real_voice_speaks_apart(tmp_path: Path) -> None:
    """In its own process: a playable file, or a refusal that names what cannot be said."""
    target = tmp_path / "notice.wav"
    seconds = await speak(cache_path(), TEXT, target)
    assert 3 < seconds < 12
    assert is_playable(target)
    assert audio.rms_dbfs(audio.read_wav(target)) == pytest.approx(-20, abs=1.5)
    with pytest.raises(UsageError, match="WiF"):
        await speak(cache_path(), "东风路WiFi中断。", target)


async def test_a_prompt_that_was_cut_is_told_before_it_is_played(studio: Studio) -> None:
    """The caller then goes on to a person."""
    path = prompt_path(studio.settings, STANDING)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(PeerError) as broken:
        studio.desk.prompt(STANDING)
    assert broken.value.code == "prompt_missing"
