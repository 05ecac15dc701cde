"""The load generator against a real Asterisk: before it judges the system, it is judged itself."""

import asyncio
import wave

import pytest
from pbx import Pbx, Witness
from sip_load import Callers, Seats

from callcenter.asterisk.render import layout
from callcenter.sections import Address

pytestmark = [pytest.mark.asterisk, pytest.mark.timeout(180)]


def greeting_s(pbx: Pbx) -> float:
    """How long the greeting holds a caller before he is in the line: 0 where no voice was installed."""
    path = layout(pbx.settings).prompts / "greeting.wav"
    if not path.exists():
        return 0.0
    with wave.open(str(path)) as sound:
        return float(sound.getnframes() / sound.getframerate())


async def test_callers_are_shared_among_seats(pbx: Pbx, events: Witness) -> None:
    """Ten callers, three seats logged in by feature code: each call reaches one seat, no seat gets two."""
    accounts = ("8001", "8002", "8003")
    chosen = {account: pbx.secrets.seats[account] for account in accounts}
    async with Seats(pbx.address, chosen, talk_s=0.3) as seats, Callers(pbx.address) as callers:
        await seats.register()
        assert all(await asyncio.gather(*(seats.dial_code(account, "*11") for account in accounts)))
        assert seats.counters.answered == len(accounts)
        counters = await callers.offer("12345", per_s=10, seconds=1, talk_s=30)
        assert (counters.invites, counters.answered, counters.lost) == (10, 10, 0)
        assert counters.hung_up_by_peer == 10
        assert not counters.refused
        assert seats.counters.double_booked == 0
        assert seats.counters.answered == len(accounts) + 10
        await seats.unregister()
    await pbx.settle(events)
    assert len(events.all("QueueCallerJoin")) == len(events.all("AgentConnect")) == 10


async def test_impatient_callers_leave_the_line(pbx: Pbx, events: Witness) -> None:
    """With no seat, callers hang up when their patience is over and count as abandoned."""
    async with Callers(pbx.address) as callers:
        counters = await callers.offer("12345", per_s=10, seconds=0.5, talk_s=greeting_s(pbx) + 5.0)
    assert (counters.answered, counters.hung_up_by_peer) == (5, 0)
    await events.seen("QueueCallerAbandon", count=5)


async def test_seat_calls_are_canceled_while_ringing(pbx: Pbx) -> None:
    """A caller that is not answered in time cancels, and the phone that rang is told."""
    chosen = {account: pbx.secrets.seats[account] for account in ("8001", "8002")}
    async with Seats(pbx.address, chosen, answer_after_s=20) as seats:
        await seats.register()
        assert not await seats.dial_code("8001", "8002", limit_s=3.0)
        assert await pbx.is_quiet()
        assert seats.counters.canceled == 2
        await seats.unregister()


async def test_refusals_are_counted_by_their_code(pbx: Pbx) -> None:
    """A number that the trunk may not dial is a refusal with its code, not a loss."""
    async with Callers(pbx.address) as callers:
        counters = await callers.offer("110", per_s=10, seconds=0.3)
    assert counters.refused == {404: 3}
    assert counters.lost == 0


async def test_wrong_secret_is_refused(pbx: Pbx) -> None:
    """Registration by digest really checks the secret."""
    async with Seats(pbx.address, {"8001": "wrong-" * 5}) as seats:
        with pytest.raises(ConnectionError, match="8001 cannot register: 401"):
            await seats.register()


async def test_load_never_leaves_the_machine() -> None:
    """An address that is not loopback is refused before anything is sent."""
    with pytest.raises(ValueError, match="loopback"):
        Callers(Address("192.0.2.1", 5060))
