"""A caller says what he wants to know on a real telephone; what was recognized is asked back, and counts after key 1."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from pbx import LIMIT_S, Pbx
from real_asterisk import TRUNK
from recognizer import demo_model, voice
from signatures import heard_in, write_prompts

from callcenter.asterisk.agi import AgiServer
from callcenter.clocks import SystemClock
from callcenter.core.messages import calls, flows
from callcenter.core.messages.base import Message
from callcenter.core.messages.flows import Exit
from callcenter.knowledge.articles import load
from callcenter.phones import PhoneBox
from callcenter.settings import Settings
from callcenter.spoken import CallerEars
from ivr import flows as shelf
from ivr.agi import Sessions
from ivr.prompts import prompts_of
from ivr.walks import Walker
from recordings.listener import Listener
from recordings.models import ModelChoice
from recordings.process import Limits

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

SHIPPED = shelf.load(Settings())
QUESTION = "我家暖气不热"
MENU = ["self_service_menu"]
UNDERSTOOD = [*MENU, "say_question", "article_heating_asked", "say_confirm", "article_heating"]
PROMPT_S = 1.5
LISTEN_S = 0.5
"""How long a caller listens before he presses: the prompt goes on."""
HEADER_BYTES = 44


@dataclass
class House:
    """Sessions of one caller in self-service. ``spoken``: where his sound is while it is heard."""

    prompts: Path
    spoken: Path
    played: list[str] = field(default_factory=list)
    asked: list[Mapping[str, str]] = field(default_factory=list)
    ends: list[flows.WalkEnded] = field(default_factory=list)

    @asynccontextmanager
    async def serving(self, pbx: Pbx) -> AsyncIterator["House"]:
        """Answer Asterisk's sessions, with a recognizer."""
        clock, model = SystemClock(), ModelChoice(demo_model().path, is_demo=True)
        ears = CallerEars(
            load(), Listener(model, (), Limits(), clock), self.spoken, clock, ZoneInfo("Asia/Shanghai")
        )
        walker = Walker(self._post, self._path, clock, lambda: SHIPPED, self._find, 110.0, ears)
        self._sessions = Sessions(
            self._commit,
            self._post,
            walker,
            ("main",),
            clock,
            120.0,
            self._nothing,
            lambda: True,
            lambda contact_id: self.spoken / f"{contact_id}.wav",
        )
        server = AgiServer("127.0.0.1", pbx.server.ports.agi, self._sessions.handle)
        await server.start()
        try:
            yield self
        finally:
            await server.stop()
            await ears.close()

    async def until_played(self, prompt: str) -> None:
        """Wait until it is played to him.

        Raises:
            AssertionError: it is not.
        """
        try:
            async with asyncio.timeout(LIMIT_S):
                while prompt not in self.played:
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{prompt} was never played, but {self.played}") from None

    async def until_recorded(self) -> None:
        """Wait until what he says is recorded: Asterisk has begun a file."""
        async with asyncio.timeout(LIMIT_S):
            while not any(sound.stat().st_size >= HEADER_BYTES for sound in self.spoken.iterdir()):
                await asyncio.sleep(0.05)

    async def until_left(self) -> flows.WalkEnded:
        """Wait for the end of his walk."""
        async with asyncio.timeout(LIMIT_S):
            while not self.ends:
                await asyncio.sleep(0.05)
        return self.ends[0]

    def _path(self, prompt: str) -> Path:
        self.played.append(prompt)
        return self.prompts / f"{prompt}.wav"

    async def _commit(self, arrived: calls.CallArrived) -> None:
        pass

    async def _nothing(self) -> None:
        pass

    async def _find(self, kind: str, facts: Mapping[str, str]) -> Mapping[str, str] | None:
        self.asked.append(facts)
        return {"article": f"article_{facts['topic']}", "article_id": facts["topic"]}

    def _post(self, message: Message) -> None:
        match message:
            case calls.CallArrived():
                self._sessions.perform(calls.Play(message.contact_id, "self_service", ()))
            case flows.WalkEnded():
                self.ends.append(message)
            case _:
                pass


@pytest.mark.parametrize(
    ("says", "answer", "hears", "looked_up"),
    [
        (QUESTION, "1", [*UNDERSTOOD, "article_enough"], ["heating"]),
        ("", "", [*MENU, "say_question", "knowledge_menu"], []),
    ],
)
async def test_what_a_caller_says_counts_when_he_confirms_it(
    pbx: Pbx, phones: PhoneBox, tmp_path: Path, says: str, answer: str, hears: list[str], looked_up: list[str]
) -> None:
    """He speaks, his question is asked back, and key 1 brings the answer; who says nothing hears the list of keys."""
    spoken = tmp_path / "spoken"
    spoken.mkdir()
    speech = voice().speak(says or "你好")  # before the call: two seconds of silence end what he says
    write_prompts(tmp_path, prompts_of(Settings()), PROMPT_S)
    async with House(tmp_path, spoken).serving(pbx) as house:
        call = await (await phones.citizen("13800000001")).dial("12345", TRUNK)
        await house.until_played("self_service_menu")
        await call.listen(LISTEN_S)
        await call.dtmf("2")
        await house.until_recorded()
        if says:
            await call.play(speech)
            await house.until_played("say_confirm")
            await call.listen(LISTEN_S)
            await call.dtmf(answer)
        await house.until_played(hears[-1])
        await call.listen(LISTEN_S)
        assert list(spoken.iterdir()) == [], "his voice is kept nowhere"
        sounds = call.heard()
        await call.hangup()
        assert (await house.until_left()).exit is Exit.LEFT
    assert heard_in(sounds, {*hears, "article_enough", "knowledge_menu", "article_heating"}) == hears
    assert [facts["topic"] for facts in house.asked] == looked_up
