"""What the performers of the line ask of Asterisk, and what they tell when it does not do it."""

import asyncio
from datetime import UTC, datetime

import pytest
from fake_ami import until

from callcenter.core.clock import Clock, Instant
from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages import callbacks, calls, offers, seats
from callcenter.core.messages.base import Message
from queues.caller import Callers
from queues.dialer import Dialer
from queues.members import Members

pytestmark = pytest.mark.adapters

AT = datetime(2026, 11, 22, 9, 0, tzinfo=UTC)
MAIN, OTHER = QueueName("main"), QueueName("enterprise")
SEAT = SeatId("8001")
WAITING = ChannelName("PJSIP/trunk-00000001")
ORIGIN = ContactId("cc-1.1")
FIRST_TRY = callbacks.callback_id(ORIGIN, 1)
DIAL = callbacks.DialBack(FIRST_TRY, "13800138000", SEAT, ORIGIN)
BEGUN = callbacks.CallbackBegun(FIRST_TRY, "13800138000", SEAT, ORIGIN, AT)
ENDED = calls.CallEnded(FIRST_TRY, 0, AT)

Actions = list[dict[str, str | list[str]]]


class Actor:
    """Writes down what it is asked; refuses with ``refusal``, or never answers."""

    def __init__(self, refusal: str = "", *, is_silent: bool = False) -> None:
        self.actions: Actions = []
        self._refusal = refusal
        self._is_silent = is_silent

    async def ask(self, action: dict[str, str | list[str]]) -> object:
        """Take in one action."""
        self.actions.append(action)
        if self._is_silent:
            await asyncio.Event().wait()
        if self._refusal:
            raise PeerError(f"Asterisk refused {action['Action']}: {self._refusal}", code="ami_refused")
        return None


class StoppedClock(Clock):
    """Always ``AT``."""

    def instant(self) -> Instant:
        """Zero."""
        return Instant(0.0)

    def at(self) -> datetime:
        """Nine."""
        return AT


class Calls:
    """A dialer with its books: what was committed and what was told, in one list."""

    def __init__(self, actor: Actor, refusal: Exception | None = None) -> None:
        self.told: list[object] = []
        self._refusal = refusal
        self.dialer = Dialer(actor, self._commit, self.told.append, StoppedClock(), 20, "12345")

    async def _commit(self, begun: callbacks.CallbackBegun) -> None:
        if self._refusal:
            raise self._refusal
        self.told.append("committed")


async def test_a_call_back_is_committed_told_and_then_rung() -> None:
    """The agent's phone rings for so long, shows what it is, and the number travels as a variable."""
    actor = Actor()
    them = Calls(actor)
    await them.dialer.dial(DIAL)
    assert them.told == ["committed", BEGUN]
    assert actor.actions == [
        {
            "Action": "Originate",
            "Channel": "PJSIP/8001",
            "ChannelId": FIRST_TRY,
            "Context": "callback",
            "Exten": "s",
            "Priority": "1",
            "Variable": ["CC_CITIZEN=13800138000"],
            "CallerID": '"市民回呼" <12345>',
            "Timeout": "20000",
            "Async": "true",
        }
    ]


@pytest.mark.parametrize(("caller", "dialed"), [("+8613800138000", "13800138000"), ("0911212345", None)])
async def test_what_is_dialed_is_a_domestic_number(caller: str, dialed: str | None) -> None:
    """The country is taken off; what is no such number is never dialed and has ended."""
    actor = Actor()
    them = Calls(actor)
    await them.dialer.dial(callbacks.DialBack(FIRST_TRY, caller, SEAT, ORIGIN))
    assert [action["Variable"] for action in actor.actions] == ([[f"CC_CITIZEN={dialed}"]] if dialed else [])
    assert (ENDED in them.told) is (dialed is None)


@pytest.mark.parametrize(
    "refusal",
    [
        UsageError("dialed before", code="already_dialed"),
        PeerError("the database is away", code="database"),
    ],
)
async def test_without_a_new_row_nothing_is_dialed(refusal: Exception) -> None:
    """A try that has a row already, or can have none, rings nobody: it has ended."""
    actor = Actor()
    them = Calls(actor, refusal)
    await them.dialer.dial(DIAL)
    assert (them.told, actor.actions) == ([ENDED], [])


async def test_a_refused_call_back_has_ended() -> None:
    """Asterisk is asked once and no more."""
    actor = Actor("Extension does not exist.")
    them = Calls(actor)
    await them.dialer.dial(DIAL)
    assert them.told == ["committed", BEGUN, ENDED]
    assert len(actor.actions) == 1


async def test_a_call_back_that_is_given_up_has_ended() -> None:
    """Whoever limits the time of the work cancels it; the engine hears of it all the same."""
    them = Calls(Actor(is_silent=True))
    dialing = asyncio.create_task(them.dialer.dial(DIAL))
    await until(lambda: BEGUN in them.told)
    dialing.cancel()
    await asyncio.wait([dialing])
    assert dialing.cancelled()
    assert them.told[-1] == ENDED


async def test_a_caller_is_withdrawn_by_his_channel() -> None:
    """A refusal is told."""
    told: list[Message] = []
    effect = offers.Withdraw(ORIGIN, WAITING, MAIN)
    asked = {"Action": "QueueWithdrawCaller", "Queue": "main", "Caller": WAITING}
    for actor, news in ((Actor(), []), (Actor("Already requested"), [offers.WithdrawalFailed(ORIGIN)])):
        await Callers(actor, told.append).withdraw(effect)
        assert (actor.actions, told) == ([asked], news)


async def test_a_priority_moves_the_caller_at_once() -> None:
    """One who is gone is no error."""
    told: list[Message] = []
    for actor in (Actor(), Actor("Caller not found")):
        await Callers(actor, told.append).reprioritize(offers.Reprioritize(ORIGIN, WAITING, MAIN, 50))
        (action,) = actor.actions
        assert (action["Priority"], action["Immediate"]) == ("50", "yes")
    assert told == []


async def test_a_caller_is_woken_by_a_key_that_nobody_has() -> None:
    """As if received from his channel, never sent to him; one who is gone is no error."""
    told: list[Message] = []
    for actor in (Actor(), Actor("Channel not found")):
        await Callers(actor, told.append).wake(offers.Wake(ORIGIN, WAITING))
        assert actor.actions == [{"Action": "PlayDTMF", "Channel": WAITING, "Digit": "D", "Receive": "true"}]
    assert told == []


@pytest.mark.parametrize(
    ("skills", "penalties"), [((), ["0", "0"]), ((OTHER,), ["1", "0"]), ((MAIN, OTHER), ["0", "0"])]
)
async def test_skills_are_penalties(skills: tuple[QueueName, ...], penalties: list[str]) -> None:
    """A seat is first where it is skilled, and second, never out, elsewhere; without skills first everywhere."""
    actor = Actor()
    members = Members(actor, (MAIN, OTHER))
    await members.add(seats.AddSeat(SEAT, skills))
    await members.prefer(seats.PreferSeat(SEAT, skills))
    assert [action["Penalty"] for action in actor.actions] == penalties * 2
    assert [action["Action"] for action in actor.actions] == ["QueueAdd"] * 2 + ["QueuePenalty"] * 2


async def test_refusals_that_change_nothing_are_none() -> None:
    """Adding, removing or preferring a seat that is so already, or away; others are raised."""
    for refusal in ("Unable to add interface: Already there", "Unable to remove interface: Not there"):
        await Members(Actor(refusal), (MAIN,)).add(seats.AddSeat(SEAT))
    await Members(Actor("Invalid interface, queuename or penalty"), (MAIN,)).prefer(
        seats.PreferSeat(SEAT, ())
    )
    for refusal in ("Permission denied", "Invalid interface, queuename or penalty"):
        with pytest.raises(PeerError):
            await Members(Actor(refusal), (MAIN,)).add(seats.AddSeat(SEAT))
