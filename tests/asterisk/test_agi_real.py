"""The FastAGI server with a real Asterisk on the other side."""

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from fake_ami import until
from pbx import LIMIT_S, Pbx, Witness

from callcenter.asterisk.agi import AgiRefused, AgiServer, AgiSession, CallerGone
from callcenter.core.errors import UsageError
from callcenter.phones import Call, PhoneBox

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]

TRUNK = {"X-Trunk": "demo"}
SESSION_S = "150"
"""The first command sets the session's limit, else the dialplan takes the caller back after two seconds."""


class Desk:
    """A FastAGI server on the port that Asterisk asks; the test is the handler."""

    def __init__(self) -> None:
        self.session: AgiSession | None = None
        self.finished = asyncio.Event()

    async def handle(self, session: AgiSession) -> None:
        """Hold the session until the test is done with it."""
        self.session = session
        await self.finished.wait()


@contextlib.asynccontextmanager
async def serving(pbx: Pbx, handler: Callable[[AgiSession], Awaitable[None]]) -> AsyncIterator[AgiServer]:
    """A started server; no session is left when it stops."""
    server = AgiServer("127.0.0.1", pbx.server.ports.agi, handler)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


@contextlib.asynccontextmanager
async def session_of_a_call(pbx: Pbx, phones: PhoneBox) -> AsyncIterator[tuple[AgiSession, Call]]:
    """A citizen's call that is in our hands."""
    desk = Desk()
    async with serving(pbx, desk.handle):
        call = await (await phones.citizen("13900000001")).dial("12345", TRUNK)
        await until(lambda: desk.session)
        assert desk.session is not None
        await desk.session.set_variable("TIMEOUT(absolute)", SESSION_S)
        yield desk.session, call
        desk.finished.set()
        await call.hangup()


async def test_the_opening_names_the_call(pbx: Pbx, phones: PhoneBox) -> None:
    """Script, channel, contact and the caller's checked number arrive."""
    async with session_of_a_call(pbx, phones) as (session, _):
        assert session.script == "intake"
        assert session.env["agi_channel"].startswith("PJSIP/trunk-")
        assert session.env["agi_arg_1"] == "13900000001"
        assert session.env["agi_arg_2"] == "12345"
        assert await session.get_variable("UNIQUEID") == session.env["agi_uniqueid"]


TRICKY = [
    'a"b',
    "a\\b",
    '\\"',
    "\\\\",
    " a  b ",
    "",
    "市民 12345",
    "${EXTEN}",
    "a,b|c;d",
    "$[1+1]",
    "(x) (y",
    "'",
]


async def test_values_survive_asterisks_own_parser(pbx: Pbx, phones: PhoneBox) -> None:
    """Every value that the encoder lets through is read back from the channel as it was."""
    async with session_of_a_call(pbx, phones) as (session, _):
        for value in [*TRICKY, *random_values()]:
            with contextlib.suppress(UsageError):
                await session.set_variable("CC_TEST", value)
                assert (await session.get_variable("CC_TEST") or "") == value


def random_values() -> list[str]:
    """Seeded texts made of what parsers stumble over."""
    chance = random.Random(12345)
    alphabet = "ab\"\\ ,;|()[]{}$#'市\t\n\r"
    return ["".join(chance.choices(alphabet, k=chance.randrange(1, 12))) for _ in range(300)]


async def test_refusals_leave_the_dialogue_in_step(pbx: Pbx, phones: PhoneBox) -> None:
    """An unknown command and a wrong usage are refused, and the next answer is the next command's."""
    async with session_of_a_call(pbx, phones) as (session, _):
        with pytest.raises(AgiRefused):
            await session.command("FLY AWAY")
        with pytest.raises(AgiRefused):
            await session.command("SET VARIABLE", "ONLYNAME")
        await session.set_variable("CC_TEST", "1")
        assert await session.get_variable("CC_TEST") == "1"
        assert await session.get_variable("CC_NEVER_SET") is None


async def test_keys_are_heard(pbx: Pbx, phones: PhoneBox) -> None:
    """A key of the caller is the answer; without one the wait ends by itself."""
    async with session_of_a_call(pbx, phones) as (session, call):
        assert await session.wait_for_digit(0.1) == ""
        waiting = asyncio.create_task(session.wait_for_digit(LIMIT_S))
        while not waiting.done():  # a key that comes before the command is nobody's
            await call.dtmf("7")
            await asyncio.wait([waiting], timeout=1)
        assert await waiting == "7"


async def test_a_hang_up_in_mid_command_is_a_caller_gone(pbx: Pbx, phones: PhoneBox) -> None:
    """The caller hangs up while a key is awaited: the command ends as caller gone, at once."""
    async with session_of_a_call(pbx, phones) as (session, call):
        waiting = asyncio.create_task(session.wait_for_digit(30))
        await call.hangup()
        with pytest.raises(CallerGone):
            async with asyncio.timeout(LIMIT_S):
                await waiting


async def test_a_broken_session_falls_back_into_the_line(pbx: Pbx, phones: PhoneBox, events: Witness) -> None:
    """A handler that dies never sets the completion variable: the dialplan takes the caller into the line."""

    async def die(session: AgiSession) -> None:
        await session.set_variable("CC_GREETED", "1")
        raise ValueError("a bug of ours")

    async with serving(pbx, die):
        call = await (await phones.citizen("13900000001")).dial("12345", TRUNK)
        await events.seen("QueueCallerJoin")
        await call.hangup()


async def test_a_good_session_ends_in_the_line(pbx: Pbx, phones: PhoneBox, events: Witness) -> None:
    """Queue and priority first, the completion variable last: the dialplan follows."""
    queue = pbx.settings.line.queues[-1]

    async def enqueue(session: AgiSession) -> None:
        await session.set_variable("CC_QUEUE", queue)
        await session.set_variable("CC_PRIORITY", "3")
        await session.set_variable("CC_DONE", "1")

    async with serving(pbx, enqueue):
        call = await (await phones.citizen("13900000001")).dial("12345", TRUNK)
        await events.seen("QueueCallerJoin", Queue=queue)
        await call.hangup()
