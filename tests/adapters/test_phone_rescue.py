"""The line check and the rescue as Asterisk sees them: what is asked, and what is told when it does not answer."""

import asyncio
from zoneinfo import ZoneInfo

import pytest

from callcenter.clocks import SystemClock
from callcenter.core.errors import PeerError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import callbacks, cloud, seats
from callcenter.core.messages.base import Message
from queues import phone_check, rescue
from queues.phone_check import Answer, PhoneCheck
from queues.rescue import Rescue

pytestmark = pytest.mark.adapters

SEAT = SeatId("8101")
CONTACT = ContactId("cc-1.1")
FIGURES = "lp=30;rxcount=270;txcount=300;rlp=0;txjitter=0.004;rxjitter=0.0;rtt={rtt}"


class Says:
    """One answer of one value."""

    def __init__(self, value: str) -> None:
        self._value = value

    def get(self, key: str, default: str = "") -> str:
        """The value, whatever it is called."""
        return self._value


class Asterisk:
    """Answers ``Getvar`` from ``variables``; what is missing there is refused. ``broken``: the link is down from now on."""

    def __init__(self, **variables: str) -> None:
        self.variables = variables
        self.actions: list[dict[str, str | list[str]]] = []
        self.broken = False

    async def ask(self, action: dict[str, str | list[str]]) -> Answer:
        """Take in one action."""
        self.actions.append(action)
        if self.broken:
            raise PeerError("the AMI link is down", code="ami_down")
        name = str(action.get("Variable", ""))
        if action["Action"] == "Getvar" and name not in self.variables:
            raise PeerError("no such channel", code="ami_refused")
        return Says(self.variables.get(name, ""))


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """No test waits as long as a phone call."""
    monkeypatch.setattr(phone_check, "POLL_S", 0.001)
    monkeypatch.setattr(phone_check, "BORN_WITHIN_S", 0.01)
    monkeypatch.setattr(phone_check, "CHECK_S_MAX", 0.2)
    monkeypatch.setattr(rescue, "LISTEN_S", 0.0)
    monkeypatch.setattr(rescue, "RINGS_ON_S", 0.0)


async def checked(asterisk: Asterisk) -> list[Message]:
    """What one check tells."""
    told: list[Message] = []
    check = PhoneCheck(asterisk, told.append, SystemClock(ZoneInfo("UTC")), 20, "12345")
    await check.check(cloud.CheckPhone(SEAT))
    return told


def measured(rtt: str = "0.05", heard: str = "NOISE") -> dict[str, str]:
    """A phone that was measured."""
    return {
        "CHANNEL(state)": "Up",
        "CHANNEL(rtcp,all)": FIGURES.format(rtt=rtt),
        "CC_MEASURED": "1",
        "CC_HEARD": heard,
    }


async def test_figures_are_told_and_the_phone_is_hung_up() -> None:
    """Loss, jitter and delay in the units of the message."""
    asterisk = Asterisk(**measured())
    (told,) = await checked(asterisk)
    assert isinstance(told, cloud.PhoneChecked)
    assert (told.failed, told.loss_in, told.jitter_ms, told.rtt_ms, told.heard) == ("", 0.1, 4.0, 50.0, True)
    assert [action["Action"] for action in asterisk.actions][-1] == "Hangup"


async def test_a_delay_below_zero_is_none() -> None:
    """The phone's clock is not exact: the 32 bits wrap around."""
    (told,) = await checked(Asterisk(**measured(rtt="65535.9997", heard="TIMEOUT")))
    assert isinstance(told, cloud.PhoneChecked)
    assert (told.rtt_ms, told.heard) == (0.0, False)


@pytest.mark.parametrize(
    ("variables", "failed"),
    [
        ({}, "unreachable"),
        ({"CHANNEL(state)": "Ringing"}, "no_answer"),
        ({"CHANNEL(state)": "Up"}, "hung_up"),
    ],
)
async def test_a_phone_that_never_comes_so_far_is_told_in_bounded_time(
    variables: dict[str, str], failed: str
) -> None:
    """Whatever Asterisk goes on saying, or refuses to say."""
    assert await checked(Asterisk(**variables)) == [cloud.PhoneChecked(SEAT, failed)]


async def test_a_link_that_breaks_in_the_middle_is_told_once() -> None:
    """The check ends by its own limit."""
    asterisk = Asterisk(**{**measured(), "CC_MEASURED": ""})
    check = asyncio.create_task(checked(asterisk))
    while len(asterisk.actions) < 4:
        await asyncio.sleep(0.001)
    asterisk.broken = True
    assert await check == [cloud.PhoneChecked(SEAT, "hung_up")]


async def test_a_check_that_cannot_begin_is_told() -> None:
    """The link is down."""
    asterisk = Asterisk()
    asterisk.broken = True
    assert await checked(asterisk) == [cloud.PhoneChecked(SEAT, "unreachable")]


def phone_in_talk(status: str = "Unreachable") -> dict[str, str]:
    """A seat joined with the contact."""
    return {
        "BRIDGEPEER": f"PJSIP/trunk-0000001,PJSIP/{SEAT}-00000002",
        "CHANNEL(rtcp,rxcount)": "150",
        f"PJSIP_AOR({SEAT},contact)": "8101;@abc",
        "PJSIP_CONTACT(8101;@abc,status)": status,
    }


@pytest.mark.parametrize(("status", "reachable"), [("Unreachable", False), ("Reachable", True)])
async def test_a_seats_phone_is_listened_to(status: str, reachable: bool) -> None:
    """How much came from it meanwhile, and whether it answers."""
    told: list[Message] = []
    await Rescue(Asterisk(**phone_in_talk(status)), told.append).listen(seats.ListenToSeat(SEAT, CONTACT))
    assert told == [seats.SeatListened(SEAT, CONTACT, 0, reachable)]


@pytest.mark.parametrize(
    "variables", [{}, {"BRIDGEPEER": "PJSIP/8102-00000002"}, phone_in_talk() | {"CHANNEL(rtcp,rxcount)": ""}]
)
async def test_what_cannot_be_found_out_is_not_told(variables: dict[str, str]) -> None:
    """No talk is ended on a guess."""
    told: list[Message] = []
    await Rescue(Asterisk(**variables), told.append).listen(seats.ListenToSeat(SEAT, CONTACT))
    assert told == []


@pytest.mark.parametrize(
    ("contact_id", "is_told"), [(CONTACT, True), (None, False), (callbacks.callback_id(CONTACT, 1), False)]
)
async def test_a_dead_phone_is_hung_up_whole(contact_id: ContactId | None, is_told: bool) -> None:
    """All its legs, and nobody else's; a citizen of the line is told to the dialplan before."""
    asterisk, told = Asterisk(**phone_in_talk()), list[Message]()
    await Rescue(asterisk, told.append).hang_up(seats.HangUpSeat(SEAT, contact_id))
    deeds = [str(action["Action"]) for action in asterisk.actions if action["Action"] != "Getvar"]
    assert deeds == ["Setvar"] * is_told + ["Hangup"]
    assert asterisk.actions[-1] == {"Action": "Hangup", "Channel": "/^PJSIP/8101-/", "Cause": "44"}


async def test_a_ringing_phone_that_answers_again_rings_on() -> None:
    """One answer was late, as on a busy machine."""
    asterisk, told = Asterisk(**phone_in_talk("Reachable")), list[Message]()
    await Rescue(asterisk, told.append).hang_up(seats.HangUpSeat(SEAT, None))
    assert "Hangup" not in [action["Action"] for action in asterisk.actions]
