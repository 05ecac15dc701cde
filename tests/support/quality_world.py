"""A house whose quality desk, search, tickets and sound are real: a database of assessed calls, tones as their sound.

For tests that look at all of it in a browser. Call 1 was rude and talked of a number; call 2 was good and has one channel, as messages have; call 3 took half an
hour; call 4 is full of markup. The sound of second ``s`` is a tone of ``tone_at(s)`` Hz on both channels, so a test can say
which second it heard.
"""

import io
import wave
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cache
from typing import Final

import numpy as np
from assessed_calls import ZONE, answer_call, recording_of
from rows import NOW
from spoken_calls import say
from sqlalchemy import update
from web_fakes import House

from callcenter.core.ids import RecordingId
from callcenter.quality.desk import SqlQuality, SqlReviews
from callcenter.store import schema
from callcenter.store.accounts import SqlAccounts
from callcenter.store.database import Database
from callcenter.web.readers.recordings import SqlRecordings
from callcenter.web.readers.search import SqlSearch
from callcenter.web.readers.tickets import SqlTickets
from callcenter.web.readers.transcripts import SqlTranscripts
from callcenter.web.roles import Role
from callcenter.web.views.recordings import RecordingView
from recordings import peaks, wav
from recordings.core.peaks import Peaks
from recordings.core.qa.assess import assess
from recordings.core.transcript import Word
from recordings.qa import assessments, gather
from recordings.qa.files import load_rules, load_scorecards
from recordings.sound import Sound

R1, R2, LONG, HOSTILE = (recording_of(number) for number in range(1, 5))
LONG_S: Final = 1800
MARKER: Final = '<img src=x onerror="window.ran=1"><script>window.ran=1</script>'
TOPICS: Final = {"heating": "供暖"}
_TONES: Final = 20


def tone_at(second: float) -> float:
    """What sounds then, in Hz."""
    return 300.0 + 50.0 * (int(second) % _TONES)


@cache
def sound_of(seconds: int, silent: tuple[tuple[int, int], ...] = (), channels: int = 2) -> bytes:
    """A WAV file; nothing sounds in the ``silent`` spans."""
    at = np.arange(wav.RATE) / wav.RATE
    tones = [(6000 * np.sin(2 * np.pi * tone_at(second) * at)).astype("<i2") for second in range(_TONES)]
    mono = np.concatenate([tones[second % _TONES] for second in range(seconds)])
    for begin, end in silent:
        mono[begin * wav.RATE : end * wav.RATE] = 0
    kept = io.BytesIO()
    with wave.open(kept, "wb") as file:
        file.setparams((channels, wav.SAMPLE_BYTES, wav.RATE, len(mono), "NONE", ""))
        file.writeframes(np.repeat(mono[:, None], channels, axis=1).tobytes())
    return kept.getvalue()


@dataclass
class ToneRecordings:
    """Rows from SQL, sound made when asked for; the waveform as the product measures it. ``silent``: no sound there."""

    database: Database
    silent: dict[RecordingId, tuple[tuple[int, int], ...]]

    async def get(self, recording_id: RecordingId) -> RecordingView | None:
        """One recording."""
        return await SqlRecordings(self.database, None).get(recording_id)  # type: ignore[arg-type]  # no sound asked

    async def media(self, recording_id: RecordingId) -> Sound | None:
        """A file of tones."""
        row = await self.get(recording_id)
        if row is None or row.seconds is None:
            return None
        channels = 1 if recording_id == R2 else 2
        content = sound_of(int(row.seconds), self.silent.get(recording_id, ()), channels)
        return Sound(lambda at, length: content[at : at + length], len(content), lambda: None)

    async def of(self, recording_id: RecordingId) -> Peaks | None:
        """Its waveform."""
        sound = await self.media(recording_id)
        return peaks.measure(sound) if sound else None


class QualityHouse(House):
    """The house. ``await open()`` before it is served, ``await close()`` behind it."""

    async def open(self) -> None:
        """Calls, assessments, accounts."""
        self.database = Database(f"sqlite:///{self.folder / 'calls.db'}")
        await self.database.upgrade()
        rules, cards = load_rules(), load_scorecards()
        sounds = ToneRecordings(self.database, {R1: ((46, 54),)})
        self.ports = replace(
            self.ports,
            quality=SqlQuality(self.database, rules, TOPICS),
            reviews=SqlReviews(self.database, cards, self.clock, ZONE),
            transcripts=SqlTranscripts(self.database, self.clock, ZONE),
            search=SqlSearch(self.database, TOPICS),
            tickets=SqlTickets(self.database, TOPICS),
            recordings=sounds,
            peaks=sounds,
        )
        await self._calls()
        for recording_id in (R1, R2, LONG, HOSTILE):
            async with self.database.reading() as connection:
                call = await gather.gather(connection, recording_id, ZONE)
            assert call is not None
            async with self.database.unit() as unit:
                await assessments.keep(unit, call, assess(call.facts, rules), NOW)
        for role in Role:
            self.add_account(role, seat_id="8001" if role is Role.AGENT else None)
            await SqlAccounts(self.database).save(self.accounts.by_name[role.value])

    async def close(self) -> None:
        """Let go of the database."""
        await self.database.close()

    async def _calls(self) -> None:
        bad = say(0.5, "喂 不归 我们 管") + say(20, "一三八 一二三四 五六七八") + say(40, "好")
        await self._call(1, bad, say(5, "东关街 暖气 不热 三 天 了") + say(30, "谁 来 管 呢"))
        good = say(0.5, "您好 请讲") + say(20, "好 的") + say(40, "记 下 了") + say(57, "再见")
        await self._call(2, good, say(5, "东关街 路灯 坏了"), seat="8002")
        long = tuple(word for minute in range(30) for word in say(60 * minute + 2, "第 几 次 说 暖气 了"))
        answers = tuple(word for minute in range(30) for word in say(60 * minute + 30, "请 您 慢慢 说"))
        await self._call(3, answers, long, seconds=LONG_S, seat="8002")
        hostile = (Word(MARKER, 1.0, 2.0, 0.9), Word("暖气", 2.0, 3.0, 0.9), Word("不归", 4.0, 4.5, 0.9))
        await self._call(4, (*hostile, Word("我们", 4.5, 5.0, 0.9), Word("管", 5.0, 5.2, 0.9)), hostile)

    async def _call(
        self,
        number: int,
        agent: Sequence[Word],
        citizen: Sequence[Word],
        *,
        seat: str = "8001",
        seconds: int = 60,
        at: datetime = NOW,
    ) -> None:
        await answer_call(
            self.database, number, agent, citizen, seat=seat, at=at - timedelta(minutes=number), model="demo"
        )
        recording_id = recording_of(number)
        values = schema.recordings.update().where(schema.recordings.c.recording_id == recording_id)
        async with self.database.unit() as unit:
            await unit.connection.execute(values.values(seconds=float(seconds), expected_s=float(seconds)))
            if number == 1:
                of_call = schema.tickets.c.contact_id == recording_id
                late = update(schema.tickets).where(of_call).values(topic="heating", deadline=NOW)
                await unit.connection.execute(late)
