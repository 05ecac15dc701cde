"""The line check on the real Asterisk: good and bad lines are measured, phones that fail are named."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from datetime import UTC

import pytest
from far_phone import BadLine, FarPhone
from pbx import Pbx, Witness
from tones import tone, tone_seconds

from callcenter.asterisk.registrations import Registrations
from callcenter.asterisk.translate import messages
from callcenter.clocks import SystemClock
from callcenter.core.ids import SeatId
from callcenter.core.messages import cloud
from callcenter.core.messages.base import Message
from callcenter.phones import Phone, PhoneBox, PhoneError
from queues.phone_check import HUNG_UP, NO_ANSWER, UNREACHABLE, PhoneCheck

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(120)]

RING_S = 3
GOOD, BAD, UNEVEN, MUTE, DEAF = "8101", "8102", "8103", "8104", "8105"
TOLERANCE = 0.06
LINES: Mapping[str, BadLine] = {
    BAD: BadLine(loss_from=0.3, loss_to=0.15),
    UNEVEN: BadLine(jitter_s=0.08, rtt_s=0.3),
    MUTE: BadLine(speaks=False),
    DEAF: BadLine(sends=False, loss_to=0.3),
}


@asynccontextmanager
async def far_phone(
    pbx: Pbx, seat_id: str, line: BadLine, answer_after_s: float = 0.2, talk_s: float = 120.0
) -> AsyncIterator[FarPhone]:
    """A registered phone on such a line."""
    async with FarPhone(
        pbx.address, {seat_id: pbx.secrets.seats[seat_id]}, line, answer_after_s, talk_s
    ) as phone:
        await phone.register()
        yield phone


async def checked(pbx: Pbx, *seat_ids: str) -> dict[str, cloud.PhoneChecked]:
    """Check these phones, all at the same time; what is told of each, once."""
    told: list[Message] = []
    async with pbx.acting() as link:
        edge = PhoneCheck(link, told.append, SystemClock(UTC), RING_S, "12345")
        await asyncio.gather(*(edge.check(cloud.CheckPhone(SeatId(seat))) for seat in seat_ids))
    results = {str(it.seat_id): it for it in told if isinstance(it, cloud.PhoneChecked)}
    assert len(told) == len(results) == len(seat_ids)
    return results


async def speak(phone: Phone) -> float:
    """Answer, say a tone until the check is over, and return for how many seconds it came back."""
    call = await (await phone.ringing()).answer()
    with suppress(PhoneError):
        await call.play(tone(700, 60))
    await call.ended()
    return tone_seconds(call.heard(), 700)


async def test_lines_are_measured(pbx: Pbx, phones: PhoneBox) -> None:
    """A good phone hears itself and passes; loss each way, jitter, delay and a missing voice are told as they are."""
    good = await phones.seat(GOOD, pbx.secrets.seats[GOOD])
    await good.register()
    async with AsyncExitStack() as stack:
        for seat_id, line in LINES.items():
            await stack.enter_async_context(far_phone(pbx, seat_id, line))
        came_back_s, told = await asyncio.gather(speak(good), checked(pbx, GOOD, *LINES))
    print(*told.values(), sep="\n")
    assert came_back_s > 2
    assert {it.failed for it in told.values()} == {""}
    assert (told[GOOD].heard, told[BAD].heard, told[MUTE].heard, told[DEAF].heard) == (
        True,
        True,
        False,
        False,
    )
    assert max(told[GOOD].loss_in, told[GOOD].loss_out) < 0.02
    assert abs(told[BAD].loss_in - 0.3) < TOLERANCE
    assert abs(told[BAD].loss_out - 0.15) < TOLERANCE
    assert told[DEAF].loss_in == 1.0
    assert told[UNEVEN].jitter_ms > 12 > told[GOOD].jitter_ms
    assert told[GOOD].rtt_ms < 100 < 250 < told[UNEVEN].rtt_ms < 350
    assert told[GOOD].seconds >= pbx.settings.seats.echo_s - 1


async def test_phones_that_cannot_be_measured(pbx: Pbx) -> None:
    """Not registered, not answered, hung up in the middle: each is told by its name, and nothing stays behind."""
    async with (
        far_phone(pbx, "8102", BadLine(), answer_after_s=60),
        far_phone(pbx, "8103", BadLine(), talk_s=1),
    ):
        told = await checked(pbx, "8101", "8102", "8103")
    assert {seat: it.failed for seat, it in told.items()} == {
        "8101": UNREACHABLE,
        "8102": NO_ANSWER,
        "8103": HUNG_UP,
    }


async def test_another_phone_and_a_wrong_password_are_told(pbx: Pbx, events: Witness) -> None:
    """From elsewhere: another phone. Its next port: the same one. A wrong password changes nothing, and is told."""
    secrets = {"8101": pbx.secrets.seats["8101"]}
    async with AsyncExitStack() as stack:
        for count, host in enumerate(("127.0.0.1", "127.0.0.1", "127.0.0.2"), start=1):
            phone = await stack.enter_async_context(FarPhone(pbx.address, secrets, host=host))
            await phone.register()
            await events.seen("ContactStatus", count=count, ContactStatus="Reachable", AOR="8101")
        thief = await stack.enter_async_context(FarPhone(pbx.address, {"8101": "guessed"}))
        with pytest.raises(ConnectionError):
            await thief.register()
        refused = await events.seen("ChallengeResponseFailed")
    memory = Registrations()
    told = [message for frame in events.frames for message in memory.see(frame)]
    assert told.count(cloud.PhoneChanged(SeatId("8101"))) == 1
    (meaning,) = messages(refused, SystemClock(UTC).at())
    assert isinstance(meaning, cloud.PhoneRefused)
    assert (meaning.seat_id, "127.0.0.1" in meaning.address) == ("8101", True)
