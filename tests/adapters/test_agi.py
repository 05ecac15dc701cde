"""The FastAGI server against peers that are slow, rude, mad or dead."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from fake_agi_peer import calling
from fake_ami import until

from callcenter.asterisk.agi import AgiGarbled, AgiRefused, AgiServer, AgiSession, CallerGone, PromptSilent
from callcenter.core.errors import PeerError, UsageError

pytestmark = pytest.mark.adapters


@contextlib.asynccontextmanager
async def serving(
    handler: Callable[[AgiSession], Awaitable[None]],
    *,
    limit: int = 10,
    header_deadline_s: float = 1.0,
    session_limit_s: float = 5.0,
) -> AsyncIterator[AgiServer]:
    """A started server on a free port."""
    server = AgiServer(
        "127.0.0.1",
        0,
        handler,
        limit=limit,
        header_deadline_s=header_deadline_s,
        session_limit_s=session_limit_s,
    )
    await server.start()
    try:
        yield server
    finally:
        await server.stop()
        assert server.session_count == 0


class Recorder:
    """A handler that runs one coroutine function and keeps its result or error."""

    def __init__(self, talk: Callable[[AgiSession], Awaitable[object]]):
        self.talk = talk
        self.results: list[object] = []

    async def __call__(self, session: AgiSession) -> None:
        """Serve one session."""
        try:
            self.results.append(await self.talk(session))
        except (PeerError, UsageError) as error:
            self.results.append(error)
            raise


async def noop(session: AgiSession) -> bytes:
    """Send one harmless command."""
    return (await session.command("NOOP")).text.encode()


async def still_serves(server: AgiServer, recorder: Recorder) -> bool:
    """Whether the server still serves an honest call."""
    before = len(recorder.results)
    async with calling(server.port) as peer:
        peer.send_headers()
        await peer.answer("NOOP", "200 result=0")
        assert await peer.is_closed_by_server()
    return recorder.results[before:] == [b"0"]


async def test_fault_2_connect_and_close_costs_nothing() -> None:
    """A port probe that closes before any header ends its session, and nothing spins."""
    recorder = Recorder(noop)
    async with serving(recorder) as server:
        for _ in range(20):
            async with calling(server.port):
                pass
        await until(lambda: server.session_count == 0)
        assert await still_serves(server, recorder)
    assert len(recorder.results) == 1


async def test_fault_3_a_peer_that_dies_is_a_caller_gone() -> None:
    """The end of the connection in mid-command is a typed result, not a number that cannot be read."""
    recorder = Recorder(noop)
    async with serving(recorder) as server:
        async with calling(server.port) as peer:
            peer.send_headers()
            await peer.expect("NOOP")
        await until(lambda: recorder.results)
        assert isinstance(recorder.results[0], CallerGone)
        assert await still_serves(server, recorder)


async def test_fault_4_hangup_in_the_dialogue_is_not_an_answer() -> None:
    """The HANGUP line is noted; the pending command and the next get their own answers."""

    async def talk(session: AgiSession) -> object:
        first = await session.get_variable("A")
        return first, session.hangup_seen, await session.get_variable("B")

    recorder = Recorder(talk)
    async with serving(recorder) as server, calling(server.port) as peer:
        peer.send_headers()
        await peer.answer('GET VARIABLE "A"', "HANGUP\n200 result=1 (a)")
        await peer.answer('GET VARIABLE "B"', "200 result=1 (b)")
        await peer.is_closed_by_server()
    assert recorder.results == [("a", True, "b")]


async def test_fault_4_a_usage_text_of_many_lines_is_one_refusal() -> None:
    """A multi-line 520 is one typed refusal, and the next answer is the next command's."""

    async def talk(session: AgiSession) -> object:
        with pytest.raises(AgiRefused):
            await session.command("SAY DIGITS")
        return await session.get_variable("B")

    recorder = Recorder(talk)
    usage = "520-Invalid command syntax.  Proper usage follows:\nUsage: SAY DIGITS\n\tSay it\n520 End of proper usage."
    async with serving(recorder) as server, calling(server.port) as peer:
        peer.send_headers()
        await peer.answer("SAY DIGITS", usage)
        await peer.answer('GET VARIABLE "B"', "200 result=1 (b (c) d)")
        await peer.is_closed_by_server()
    assert recorder.results == ["b (c) d"]


async def test_fault_5_a_failing_handler_ends_its_own_session_only() -> None:
    """A bug in a handler closes that call's connection; the next call is served."""

    async def talk(session: AgiSession) -> object:
        if session.env["agi_arg_1"] == "bug":
            raise ValueError
        return await noop(session)

    recorder = Recorder(talk)
    async with serving(recorder) as server:
        async with calling(server.port) as peer:
            peer.send_headers(agi_arg_1="bug")
            assert await peer.is_closed_by_server()
        assert await still_serves(server, recorder)


async def test_the_session_knows_its_call() -> None:
    """Script path, channel and arguments are read from the opening block."""

    async def talk(session: AgiSession) -> object:
        return session.script, session.env["agi_channel"], session.env["agi_arg_1"]

    recorder = Recorder(talk)
    async with serving(recorder) as server, calling(server.port) as peer:
        peer.send_headers(agi_arg_1="市民")
        await peer.is_closed_by_server()
    assert recorder.results == [("intake", "PJSIP/trunk-00000001", "市民")]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("200 result=53 endpos=8000", "5"),
        ("200 result=0 endpos=16000", ""),
        ("100 result=0 Trying...\n200 result=42 endpos=1", "*"),
    ],
)
async def test_keys_that_cut_a_prompt(answer: str, expected: str) -> None:
    """A prompt returns the key that cut it short, or nothing."""
    recorder = Recorder(lambda session: session.stream_file("zh/welcome", "05*"))
    async with serving(recorder) as server, calling(server.port) as peer:
        peer.send_headers()
        await peer.answer('STREAM FILE "zh/welcome" "05*"', answer)
        await peer.is_closed_by_server()
    assert recorder.results == [expected]


@pytest.mark.parametrize("answer", ["200 result=-1 endpos=0", "200 result=0 endpos=0"])
@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("200 result=6", PromptSilent),
        ("511 Command Not Permitted on a dead channel or intercept routine", CallerGone),
    ],
)
async def test_a_prompt_that_is_not_heard_is_told_from_a_hang_up(
    answer: str, status: str, error: type[PeerError]
) -> None:
    """Asterisk played not one sample: the file is missing or broken if the caller is still there."""
    recorder = Recorder(lambda session: session.stream_file("zh/gone"))
    async with serving(recorder) as server, calling(server.port) as peer:
        peer.send_headers()
        await peer.answer('STREAM FILE "zh/gone" ""', answer)
        await peer.answer("CHANNEL STATUS", status)
        await peer.is_closed_by_server()
    assert [type(result) for result in recorder.results] == [error]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ("200 result=-1 endpos=0", CallerGone),
        ("511 Command Not Permitted on a dead channel or intercept routine", CallerGone),
        ("510 Invalid or unknown command", AgiRefused),
        ("520 Invalid command syntax.  Proper usage not available.", AgiRefused),
        ("hello", AgiGarbled),
        ("200 result=", AgiGarbled),
        ("200 result=1 (open", AgiGarbled),
        ("x" * 40_000, AgiGarbled),
        ("520-\n" + "more\n" * 300, AgiGarbled),
    ],
)
async def test_bad_answers_are_typed(answer: str, error: type[PeerError]) -> None:
    """Every way a command can fail has its own error."""
    recorder = Recorder(lambda session: session.wait_for_digit(0.25))
    async with serving(recorder) as server, calling(server.port) as peer:
        peer.send_headers()
        await peer.answer('WAIT FOR DIGIT "250"', answer)
        await peer.is_closed_by_server()
    assert [type(result) for result in recorder.results] == [error]


@pytest.mark.parametrize(
    "opening",
    [
        "GET / HTTP/1.1\r\nHost: x\r\n\r\n\n\n",
        "agi_channel: x\nagi_uniqueid: 1\n\n",
        "agi_network_script: a\nagi_channel: x\nagi_uniqueid: 1\nagi_uniqueid: 2\n\n",
        "\n\n",
        "a" * 100_000,
    ],
    ids=["http", "incomplete", "doubled", "empty", "oversize"],
)
async def test_a_bad_opening_never_reaches_a_handler(opening: str) -> None:
    """Garbage, forged or endless headers end the session before any handler sees it."""
    recorder = Recorder(noop)
    async with serving(recorder) as server:
        async with calling(server.port) as peer:
            peer.send(opening)
            assert await peer.is_closed_by_server()
        assert recorder.results == []
        assert await still_serves(server, recorder)


async def test_a_creeping_opening_is_cut_off() -> None:
    """A peer that sends its headers too slowly is closed at the deadline."""
    recorder = Recorder(noop)
    async with serving(recorder, header_deadline_s=0.05) as server, calling(server.port) as peer:
        peer.send("agi_network: yes\n")
        assert await peer.is_closed_by_server()
    assert recorder.results == []


async def test_a_silent_peer_is_cut_at_the_session_limit() -> None:
    """A command that is never answered does not outlive the session's absolute limit."""
    recorder = Recorder(noop)
    async with serving(recorder, session_limit_s=0.1) as server, calling(server.port) as peer:
        peer.send_headers()
        await peer.expect("NOOP")
        assert await peer.is_closed_by_server()
        await until(lambda: server.session_count == 0)


async def test_beyond_the_limit_the_dialplan_falls_back() -> None:
    """With all places taken a new connection is closed at once; a free place is used again."""
    recorder = Recorder(noop)
    async with serving(recorder, limit=2) as server:
        async with calling(server.port) as one, calling(server.port) as two:
            for peer in (one, two):
                peer.send_headers()
                await peer.expect("NOOP")
            async with calling(server.port) as third:
                assert await third.is_closed_by_server()
        await until(lambda: server.session_count == 0)
        assert await still_serves(server, recorder)


async def test_an_abandoned_command_ends_the_dialogue() -> None:
    """After a command whose answer was not waited for, no later answer can be mistaken for another's."""

    async def talk(session: AgiSession) -> object:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                await session.get_variable("A")
        return await session.get_variable("B")

    recorder = Recorder(talk)
    async with serving(recorder) as server, calling(server.port) as peer:
        peer.send_headers()
        await peer.expect('GET VARIABLE "A"')
        assert await peer.is_closed_by_server()
    assert [type(result) for result in recorder.results] == [AgiGarbled]


async def test_a_line_break_in_an_argument_is_refused() -> None:
    """An argument that would be a second command is refused and nothing is sent."""
    recorder = Recorder(lambda session: session.set_variable("X", "1\nEXEC System true"))
    async with serving(recorder) as server, calling(server.port) as peer:
        peer.send_headers()
        assert await peer.is_closed_by_server()
    assert [type(result) for result in recorder.results] == [UsageError]


async def test_a_port_in_use_is_named() -> None:
    """A second server on the same port says so."""
    async with serving(noop_handler) as server:
        second = AgiServer("127.0.0.1", server.port, noop_handler)
        with pytest.raises(PeerError) as caught:
            await second.start()
    assert caught.value.code == "port_in_use"


async def noop_handler(session: AgiSession) -> None:
    """Do nothing."""


async def test_stopping_ends_every_session() -> None:
    """A stopped server leaves no session behind; its calls fall back."""
    recorder = Recorder(noop)
    async with serving(recorder) as server, calling(server.port) as peer:
        peer.send_headers()
        await peer.expect("NOOP")
        await server.stop()
        assert await peer.is_closed_by_server()
    assert server.session_count == 0
