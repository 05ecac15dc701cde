"""People are rung at their own numbers: what is asked of Asterisk, and what is told when nobody can be rung."""

import asyncio

import pytest
from fake_ami import until

from callcenter.core.errors import PeerError
from callcenter.core.ids import SeatId
from callcenter.core.messages import cloud
from callcenter.core.messages.base import Message
from callcenter.core.messages.cloud import Reply
from queues.inviter import Inviter

pytestmark = pytest.mark.adapters

INVITE = cloud.InviteByPhone("invite-8101-7", "1023", SeatId("8101"))
UNANSWERED = cloud.InvitationReplied("invite-8101-7", Reply.UNANSWERED)


class Actor:
    """Writes down what it is asked; refuses if it is to, or never answers."""

    def __init__(self, *, refuses: bool = False, is_silent: bool = False) -> None:
        self.actions: list[dict[str, str | list[str]]] = []
        self._refuses, self._is_silent = refuses, is_silent

    async def ask(self, action: dict[str, str | list[str]]) -> object:
        """Take in one action."""
        self.actions.append(action)
        if self._is_silent:
            await asyncio.Event().wait()
        if self._refuses:
            raise PeerError("Asterisk refused Originate", code="ami_refused")
        return None


def inviter(actor: Actor, number: str, told: list[Message]) -> Inviter:
    """Who rings a person with this number."""

    async def phone_of(staff_no: str) -> str:
        assert staff_no == "1023"
        return number

    return Inviter(actor, phone_of, told.append, ring_s=30)


async def test_he_is_rung_by_the_dialplan() -> None:
    """The number and the id travel as variables into our own room; nothing is told before he replies."""
    actor, told = Actor(), list[Message]()
    await inviter(actor, "+8613800138000", told).invite(INVITE)
    (action,) = actor.actions
    assert (action["Channel"], action["Context"]) == ("Local/s@cloud-ring/n", "cloud-invitation")
    assert action["ChannelId"] == "invite-8101-7"
    assert action["Variable"] == ["CC_PERSON=13800138000", "CC_INVITATION=invite-8101-7"]
    assert told == []


@pytest.mark.parametrize("number", ["", "110", "16812345678", "+12025550100", "1380013800x"])
async def test_who_has_no_ordinary_number_is_not_rung(number: str) -> None:
    """Nothing is asked of Asterisk; it counts as no answer."""
    actor, told = Actor(), list[Message]()
    await inviter(actor, number, told).invite(INVITE)
    assert (actor.actions, told) == ([], [UNANSWERED])


async def test_a_refusal_is_no_answer() -> None:
    """At once, without waiting for the invitation's end."""
    told = list[Message]()
    await inviter(Actor(refuses=True), "13800138000", told).invite(INVITE)
    assert told == [UNANSWERED]


async def test_an_asterisk_that_never_answers_is_no_answer() -> None:
    """The bench that carries it out ends it."""
    actor, told = Actor(is_silent=True), list[Message]()
    inviting = asyncio.create_task(inviter(actor, "13800138000", told).invite(INVITE))
    await until(lambda: actor.actions)
    inviting.cancel()
    await asyncio.wait([inviting])
    assert inviting.cancelled()
    assert told == [UNANSWERED]
