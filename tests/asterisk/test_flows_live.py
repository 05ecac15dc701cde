"""Every shipped flow walked by a real caller: what he hears is recognized by its sound, his keys are real tones."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import pytest
from ivr_house import SHIPPED, House
from pbx import LIMIT_S, Pbx, Witness
from raw_caller import RawCaller
from real_asterisk import TRUNK
from signatures import best_of, heard_in, write_prompts
from tones import Samples

from callcenter.asterisk.agi import AgiServer
from callcenter.core.ids import ContactId, QueueName
from callcenter.core.messages import calls, flows, offers
from callcenter.core.messages.base import Message
from callcenter.core.messages.flows import Exit
from callcenter.core.messages.offers import Question
from callcenter.phones import Call, PhoneBox, PhoneError
from callcenter.settings import Settings
from callcenter.speech import audio
from ivr.agi import QUESTIONS
from ivr.core.flow import Figure, Flow, Play, words_of
from ivr.prompt_maker import ensure_prompts
from ivr.prompts import prompt_path, prompts_folder, prompts_of

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

MAIN, NOBODY = QueueName("main"), ContactId("")
PROMPT_S = 0.5
LISTEN_S = 0.3
"""How long a caller listens before he presses: it cuts the prompt."""
THINK_S = 0.6
"""How long he thinks in addition (``>>``): short prompts are over then, and Asterisk waits for his key in silence."""
WAIT = ["wait_expected", "number_3", "word_to", "number_5", "word_minutes"]
FACTS = {"level": "0", "occasion": "normal", "today": "2026-11-22"}
FOUND = {
    "ticket": {"ticket_state": "ticket_state_handling", "ticket_no": "20261122-000001"},
    "knowledge": {"article": "article_social_card", "article_id": "social_card"},
}


@dataclass(frozen=True)
class Story:
    """A caller: prompts that he hears, ``>`` keys that he then presses; the last step and how he left it."""

    flow: str
    says: list[str]
    step: str
    exit: Exit

    @property
    def prompts(self) -> list[str]:
        """What must be heard, in order."""
        return [said for said in self.says if not said.startswith(">")]


def story(flow: str, says: str, step: str, way: Exit) -> Story:
    """``says``: words between spaces; ``{wait}``: the expected wait."""
    words = [word for said in says.split() for word in (WAIT if said == "{wait}" else [said])]
    return Story(flow, words, step, way)


ARTICLE = "self_service_menu >2 knowledge_menu >1 article_social_card article_enough"
TICKET = "self_service_menu >1 ticket_ask_number >>20261122000001# ticket_ask_pin >4711#"
STORIES = [
    story("intake", "greeting", "person", Exit.LINE),
    story("intake", "greeting >0", "person", Exit.LINE),
    story("intake", "greeting >9", "urgent", Exit.LINE),
    story("surge_watch", "greeting", "person", Exit.LINE),
    story("surge_high", "greeting >9", "urgent", Exit.LINE),
    story("surge_overload", "greeting overload_keys >2", "message", Exit.MESSAGE),
    story("enterprise", "greeting_enterprise", "desk", Exit.LINE),
    story("dialect", "dialect_menu >>2", "local", Exit.LINE),
    story("emergency", "emergency_menu >2", "fire", Exit.TRANSFER),
    story("emergency", "emergency_menu >8 wrong_key emergency_menu >3", "ambulance", Exit.TRANSFER),
    story("emergency", "emergency_menu >AD", "person", Exit.LINE),
    story("night", "greeting_night >1", "message", Exit.MESSAGE),
    story("holiday", "greeting_holiday >9 emergency_menu >4", "traffic", Exit.TRANSFER),
    story("self_service", f"{TICKET} ticket_state_handling self_service_enough", "person", Exit.LINE),
    story("self_service", f"{ARTICLE} >1 goodbye", "goodbye", Exit.RESOLVED),
    story("missed_call", "status_open >>1", "keep", Exit.REPLY),
    story("missed_call", "status_open >2", "message", Exit.MESSAGE),
    story("offer_callback", "{wait} offer_callback >>1", "yes", Exit.REPLY),
    story("offer_callback_waiting", "{wait} offer_callback_waiting >0", "no", Exit.REPLY),
    story("offer_message", "{wait} offer_message", "no", Exit.REPLY),
    story("notice", "surge_notice", "heard", Exit.REPLY),
    story("precollect", "{wait} precollect_offer >1", "yes", Exit.REPLY),
    story("rating", "rating_ask >5 rating_thanks", "thanks", Exit.GOODBYE),
    story("rating", "rating_ask goodbye", "goodbye", Exit.GOODBYE),
]
ODD = [
    story("emergency", "emergency_menu >#*#", "person", Exit.LINE),
    story("emergency", "emergency_menu >ABCDABCD", "person", Exit.LINE),
    story("self_service", f"self_service_menu >1 ticket_ask_number >{'7' * 30}", "person", Exit.LINE),
]
GONE = [
    story("intake", "greeting >hang_up", "greeting", Exit.LEFT),
    story("emergency", "emergency_menu >hang_up", "menu", Exit.LEFT),
    story("self_service", "self_service_menu >1 ticket_ask_number >hang_up", "ticket_number", Exit.LEFT),
    story("offer_callback", "{wait} offer_callback >hang_up", "offer", Exit.LEFT),
    story("rating", "rating_ask >5 rating_thanks >hang_up", "thanks", Exit.LEFT),
]


def spoken(flow: Flow) -> set[str]:
    """Prompts that the flow itself names."""
    return {word for step in flow.steps.values() for word in words_of(step) if not isinstance(word, Figure)}


LONG = {"greeting", "overload_keys", "emergency_menu", "rating_ask"} | {
    word
    for flow in SHIPPED.values()
    for step in flow.steps.values()
    if isinstance(step, Play) and step.keys
    for word in words_of(step)
    if isinstance(word, str)
}
"""Prompts that keys cut short, in greetings always and in some menus."""


CALLER: ContextVar[str] = ContextVar("caller")
"""Whose session this is; each runs in a task of its own."""


class Crowd(House):
    """Sessions whose engine leads each caller through the flow that he is to walk, by his number."""

    def __init__(self, prompts: Path) -> None:
        super().__init__(prompts)
        self.flow_of: dict[str, str] = {}
        self.greetings: dict[str, str] = {}
        """Of flows that are greeted otherwise than usual."""
        self.contacts: dict[str, ContactId] = {}
        self.left: dict[ContactId, flows.WalkEnded] = {}
        self.played: dict[str, list[str]] = {}
        """Prompts whose file was looked for, by number."""

    @asynccontextmanager
    async def at(self, pbx: Pbx) -> AsyncIterator[Self]:
        """Answer Asterisk's sessions."""
        server = AgiServer("127.0.0.1", pbx.server.ports.agi, self.sessions.handle)
        await server.start()
        try:
            yield self
        finally:
            await server.stop()

    async def _commit(self, arrived: calls.CallArrived) -> None:
        self.contacts[arrived.caller] = arrived.contact_id
        self.played[arrived.caller] = []
        CALLER.set(arrived.caller)

    def _path(self, prompt: str) -> Path:
        self.played[CALLER.get()].append(prompt)
        return super()._path(prompt)

    async def _find(self, kind: str, facts: Mapping[str, str]) -> Mapping[str, str] | None:
        return FOUND.get(kind)

    def _post(self, message: Message) -> None:
        match message:
            case calls.CallArrived():
                self.sessions.perform(self._first(message))
            case calls.PromptEnded() | offers.Replied():
                self.sessions.perform(calls.Enqueue(message.contact_id, MAIN, priority=0))
            case flows.WalkEnded():
                self.left[message.contact_id] = message
            case _:
                pass

    def _first(self, arrived: calls.CallArrived) -> calls.Play | offers.Ask:
        flow = self.flow_of[arrived.caller]
        asked: dict[str, Question] = {name: question for question, name in QUESTIONS.items()}
        if flow in asked:
            return offers.Ask(arrived.contact_id, asked[flow], 180, 300)
        greeting = self.greetings.get(flow, "greeting")
        facts = {**FACTS, "greeting": greeting, "low_s": "180", "high_s": "300"}
        return calls.Play(arrived.contact_id, flow, tuple(facts.items()))


@dataclass
class Walked:
    """What became of a caller."""

    heard: list[str]
    step: str
    exit: Exit


async def walk(house: Crowd, box: PhoneBox, number: str, told: Story) -> Walked:
    """Call, listen, press, and see where it ends."""
    house.flow_of[number] = told.flow
    call = await (await box.citizen(number)).dial("12345", TRUNK)
    awaited: list[str] = []
    for said in told.says:
        if not said.startswith(">"):
            awaited.append(said)
            continue
        await plays(house, number, awaited)
        await listens(call, told)
        await asyncio.sleep(THINK_S if said.startswith(">>") else 0)
        await (call.hangup() if said == ">hang_up" else call.dtmf(said.lstrip(">")))
    end = await walked(house, number)
    sounds = call.heard()
    await call.hangup()
    return Walked(heard_in(sounds, spoken(SHIPPED[told.flow]) | set(told.prompts)), end.step, end.exit)


async def listens(call: Call, told: Story) -> None:
    """Hear a little.

    Raises:
        AssertionError: the call ends meanwhile.
    """
    try:
        await call.listen(LISTEN_S)
    except PhoneError as error:
        raise AssertionError(f"{error} in {told}") from None


async def plays(house: Crowd, number: str, prompts: list[str]) -> None:
    """Wait until the last of these is played to him.

    Raises:
        AssertionError: it is not.
    """
    newest = prompts[-1]
    try:
        async with asyncio.timeout(LIMIT_S):
            while house.played.get(number, []).count(newest) < prompts.count(newest):
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{number} never heard {newest}, but {house.played.get(number)}") from None


async def walked(house: Crowd, number: str) -> flows.WalkEnded:
    """The end of his walk."""
    async with asyncio.timeout(LIMIT_S):
        while (end := house.left.get(house.contacts.get(number, NOBODY))) is None:
            await asyncio.sleep(0.05)
    return end


@pytest.fixture(scope="module")
def prompts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A sound of its own for each prompt."""
    folder = tmp_path_factory.mktemp("prompts")
    write_prompts(folder, prompts_of(Settings()), PROMPT_S, longer=LONG)
    return folder


async def test_every_shipped_flow_is_walked_by_a_real_caller(
    pbx: Pbx, phones: PhoneBox, prompts: Path
) -> None:
    """All at once: each hears the prompts of his way in their order and no other, and leaves as the flow says."""
    assert {told.flow for told in STORIES} == set(SHIPPED)
    async with Crowd(prompts).at(pbx) as house:
        numbers = [f"1380000{n:04}" for n in range(len(STORIES))]
        ends = await asyncio.gather(*map(lambda n, told: walk(house, phones, n, told), numbers, STORIES))
    for told, end in zip(STORIES, ends, strict=True):
        assert end == Walked(told.prompts, told.step, told.exit), told


async def test_who_presses_anything_or_hangs_up_ends_as_well(
    pbx: Pbx, phones: PhoneBox, prompts: Path
) -> None:
    """Odd keys and floods of digits lead to a person; who hangs up leaves his exact last step."""
    stories = [*ODD, *GONE]
    async with Crowd(prompts).at(pbx) as house:
        numbers = [f"1390000{n:04}" for n in range(len(stories))]
        ends = await asyncio.gather(*map(lambda n, told: walk(house, phones, n, told), numbers, stories))
    assert [(end.step, end.exit) for end in ends] == [(told.step, told.exit) for told in stories]


ABSURD = [
    ("dtmf-relay", "Signal=5\r\nDuration=99999999999\r\n"),
    ("dtmf-relay", "Signal=5\r\nDuration=-7\r\n"),
    ("dtmf-relay", "Signal=5\r\nDuration=for ever\r\n"),
    ("dtmf-relay", "Signal=\r\nDuration=\r\n"),
    ("dtmf-relay", "Signal=77777777777777777\r\nDuration=160\r\n"),
    ("dtmf-relay", "Duration=160\r\n" + "x" * 3000),
    ("dtmf", "\0"),
    ("dtmf", ""),
]


async def test_absurd_keys_by_sip_info_are_harmless(
    pbx: Pbx, events: Witness, phones: PhoneBox, prompts: Path
) -> None:
    """Each is answered, none holds the caller up: silence leads him on to a person."""
    async with Crowd(prompts).at(pbx) as house:
        house.flow_of["13600000001"] = "emergency"
        with RawCaller(pbx.address, "13600000001").open() as caller:
            await caller.call()
            for kind, body in ABSURD:
                assert await caller.info(kind, body)
            for _ in range(2000):
                await caller.info("dtmf-relay", "Signal=7\r\nDuration=1\r\n")
            end = await walked(house, "13600000001")
            await events.seen("QueueCallerJoin")
            assert (await caller.ask("BYE")).startswith("SIP/2.0 200")
    assert (end.step, end.exit) == ("person", Exit.LINE)


async def test_the_recorded_intake_is_what_the_catalogue_says(
    pbx: Pbx, phones: PhoneBox, tmp_path: Path
) -> None:
    """The house's real prompts, at normal load and in a surge: recorded at the caller's ear, and told as text."""
    ensure_prompts(pbx.settings)
    known = prompts_of(pbx.settings)
    greetings = [name for name in known if name.startswith("greeting")]
    sounds = {name: audio.read_wav(prompt_path(pbx.settings, name)) for name in greetings}

    async def recorded(house: Crowd, number: str, flow: str) -> Samples:
        house.flow_of[number] = flow
        call = await (await phones.citizen(number)).dial("12345", TRUNK)
        await walked(house, number)
        heard = call.heard()
        await call.hangup()
        audio.write_wav(tmp_path / f"{flow}.wav", heard)
        return heard

    async with Crowd(prompts_folder(pbx.settings)).at(pbx) as house:
        house.greetings = {"surge_high": "greeting_surge"}
        normal, surge = await asyncio.gather(
            recorded(house, "13700000002", "intake"), recorded(house, "13700000003", "surge_high")
        )
    told = [best_of(heard, sounds) for heard in (normal, surge)]
    for name, prompt in zip(("intake", "surge_high"), told, strict=True):
        print(f"{tmp_path / name}.wav: {known[prompt].zh.format(city=pbx.settings.city)}")
    assert told == ["greeting", "greeting_surge"]


@pytest.mark.parametrize("content", [None, b"", b"RIFF this is no sound" * 50])
async def test_a_prompt_that_is_gone_or_broken_is_a_person(
    pbx: Pbx, phones: PhoneBox, prompts: Path, tmp_path: Path, content: bytes | None
) -> None:
    """Asterisk itself says that nothing was played: nobody waits in silence, and nobody is hung up."""
    if content is not None:
        tmp_path.joinpath("greeting_night.wav").write_bytes(content)
    async with Crowd(tmp_path).at(pbx) as house:
        house.flow_of["13700000001"] = "night"
        call = await (await phones.citizen("13700000001")).dial("12345", TRUNK)
        end = await walked(house, "13700000001")
        assert (end.step, end.exit) == ("greeting", Exit.FAILED)
        await call.hangup()
