"""The hot-topic notice (热点公告): one line of the shift manager's, spoken to callers within half a minute, until it ends.

Invariants: what is on air has been spoken and committed; the notice before stays on air until the new one is; a notice
that is over, or whose sound is gone, is never played: the standing prompt takes its place.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from pathlib import Path

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import CallcenterError, UsageError
from callcenter.core.ids import ContactId
from callcenter.settings import Settings
from callcenter.store import notices as rows
from callcenter.store.database import Database
from callcenter.store.notices import Hearing, Notice
from callcenter.store.writer import StoreWriter
from callcenter.web.views.notices import HOURS_MAX, TEXT_MAX, NoticeView
from ivr.core.aloud import aloud
from ivr.prompts import ALAW, is_playable, playable_prompt, prompts_folder

log = structlog.get_logger()

STANDING = "surge_notice"
"""The prompt whose place a notice takes."""

SECONDS_MAX = 40.0
"""Nobody listens longer."""

RIGHT_AFTER_S = 10.0
"""Who hangs up so soon after the last word was satisfied by it."""

Speak = Callable[[Path, str, Path], Awaitable[float]]
"""Cache, text, file: speaks it there; seconds. See :func:`ivr.speaker.speak`."""


class Notices:
    """The one notice on air, and all that were. ``announces``: whether the present surge level plays notices at all."""

    def __init__(
        self,
        settings: Settings,
        writer: StoreWriter,
        database: Database,
        clock: Clock,
        speak: Speak,
        announces: Callable[[], bool],
    ) -> None:
        self._settings = settings
        self._writer = writer
        self._database = database
        self._clock = clock
        self._speak = speak
        self._announces = announces
        self._newest: Notice | None = None
        self._changing = asyncio.Lock()

    async def take_up(self) -> None:
        """Know the notice that the last controller left on air."""
        async with self._database.reading() as connection:
            found = await rows.newest(connection, 1)
        self._newest = found[0] if found else None

    async def mend(self) -> None:
        """Speak the notice on air anew if its sound is gone."""
        notice = self._on_air()
        if notice is not None and not is_playable(self._sound(notice.id)):
            with contextlib.suppress(CallcenterError):
                await self._speak(self._settings.cache_path, notice.text, self._sound(notice.id))

    def prompt(self, prompt_id: str) -> Path:
        """The file to play; the notice on air in place of :data:`STANDING`.

        Raises:
            UsageError: ``unknown_prompt``.
            PeerError: ``prompt_missing``.
        """
        notice = self._on_air() if prompt_id == STANDING else None
        if notice is not None and is_playable(self._sound(notice.id)):
            return self._sound(notice.id)
        return playable_prompt(self._settings, prompt_id)

    def note_heard(self, contact_id: ContactId) -> None:
        """A caller is about to hear the notice on air, if there is one."""
        notice = self._on_air()
        if notice is None:
            return
        at = self._clock.at()
        until = at + timedelta(seconds=notice.seconds + RIGHT_AFTER_S)
        note = partial(
            rows.note_heard, notice_id=notice.id, contact_id=contact_id, at=at, content_until=until
        )
        self._writer.submit(note, "note notice heard")

    async def put(self, text: str, hours: float, by: str) -> NoticeView:
        """Speak ``text`` and put it on air for so many hours, in place of the notice before.

        Raises:
            UsageError: ``bad_notice`` (empty, several lines, too long, hours out of range) or ``unspeakable``.
            PeerError: ``voice_failed``; the notice before stays.
        """
        text = text.strip()
        _check(text, hours)
        async with self._changing:
            number = self._newest.id + 1 if self._newest else 1
            seconds = await self._spoken(text, number)
            at = self._clock.at()
            until = at + timedelta(hours=hours)
            notice = Notice(number, text, aloud(text), seconds, by, at, until)
            await self._writer.do(partial(rows.put, notice=notice), "put notice")
            self._newest = notice
        self._forget_sound(number - 2)
        log.info("notice on air", notice=notice.id, seconds=round(seconds, 1))
        return self._view(notice, Hearing())

    async def withdraw(self, notice_id: int, by: str) -> NoticeView:
        """Take a notice off the air.

        Raises:
            UsageError: ``unknown_notice``, or ``wrong_notice_state``: it is not on air any more.
        """
        async with self._changing:
            notice = self._on_air()
            if notice is None or notice.id != notice_id:
                known = self._newest is not None and 1 <= notice_id <= self._newest.id
                raise UsageError(
                    f"公告 {notice_id} 不在播放 / notice {notice_id} is not on air: see `callcenter notice list`",
                    code="wrong_notice_state" if known else "unknown_notice",
                )
            at = self._clock.at()
            await self._writer.do(
                partial(rows.withdraw, notice_id=notice_id, at=at, by=by), "withdraw notice"
            )
            self._newest = Notice(**asdict(notice) | {"withdrawn_at": at, "withdrawn_by": by})
        log.info("notice withdrawn", notice=notice_id)
        return (await self.list(1))[0]

    async def list(self, limit: int) -> list[NoticeView]:
        """The newest ``limit`` notices with what became of their callers, newest first."""
        async with self._database.reading() as connection:
            found = await rows.newest(connection, limit)
            heard = await rows.hearings(connection, [notice.id for notice in found])
        return [self._view(notice, heard.get(notice.id, Hearing())) for notice in found]

    async def _spoken(self, text: str, number: int) -> float:
        sound = self._sound(number)
        seconds = await self._speak(self._settings.cache_path, text, sound)
        if seconds > SECONDS_MAX:
            self._forget_sound(number)
            raise UsageError(
                f"公告长 {seconds:.0f} 秒，最长 {SECONDS_MAX:.0f} 秒，请写短些"
                f" / the notice lasts {seconds:.0f} s, at most {SECONDS_MAX:.0f} s: make it shorter",
                code="bad_notice",
            )
        return seconds

    def _on_air(self) -> Notice | None:
        notice = self._newest
        return notice if notice is not None and notice.is_on_air(self._clock.at()) else None

    def _sound(self, number: int) -> Path:
        return prompts_folder(self._settings) / f"notice_{number}.wav"

    def _forget_sound(self, number: int) -> None:
        """Not that of the notice just replaced: somebody may be about to hear it."""
        for path in (self._sound(number), self._sound(number).with_suffix(ALAW)):
            path.unlink(missing_ok=True)

    def _view(self, notice: Notice, hearing: Hearing) -> NoticeView:
        now = self._clock.at()
        is_on_air = notice.is_on_air(now)
        state = "on_air" if is_on_air else "expired" if notice.withdrawn_at is None else "withdrawn"
        return NoticeView.model_validate(
            asdict(notice) | asdict(hearing) | {"state": state, "is_played": is_on_air and self._announces()}
        )


def _check(text: str, hours: float) -> None:
    problem = ""
    if not text:
        problem = "公告是空的 / the notice is empty"
    elif not text.isprintable():
        problem = "公告只能写一行 / a notice is one line"
    elif len(text) > TEXT_MAX:
        problem = f"公告最多 {TEXT_MAX} 字 / a notice has at most {TEXT_MAX} characters"
    elif not 0 < hours <= HOURS_MAX:
        problem = f"播放时长须在 0 到 {HOURS_MAX} 小时之间 / it is on air for up to {HOURS_MAX} hours"
    if problem:
        raise UsageError(problem, code="bad_notice")
