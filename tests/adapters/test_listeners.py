"""What is asked of Asterisk for people beside a talk, and what is told when it does not do it."""

from collections.abc import Sequence

import pytest

from callcenter.core.errors import PeerError
from callcenter.core.ids import ChannelName, ContactId, SeatId
from callcenter.core.messages import beside
from callcenter.core.messages.base import Message
from callcenter.core.messages.beside import TELEPHONE, Mode
from callcenter.core.messages.guests import SitBeside
from queues.beside import Beside

pytestmark = pytest.mark.adapters

CONTACT, AGENT = ContactId("cc-1.1"), SeatId("8001")
SPIED = ChannelName("PJSIP/8001-0000002a")
GONE = beside.ListenerGone(CONTACT)


class House:
    """An edge, what it asked and told. ``refused``: actions that Asterisk refuses; ``spied``: the agent's channel."""

    def __init__(self, refused: Sequence[str] = (), spied: ChannelName | None = SPIED) -> None:
        self.asked: list[dict[str, str | list[str]]] = []
        self.told: list[Message] = []
        self._refused, self._spied = refused, spied
        self.edge = Beside(self, self, self.told.append, self._note, 20, "12345")

    async def ask(self, action: dict[str, str | list[str]]) -> object:
        """The link that acts."""
        self.asked.append(action)
        if action["Action"] in self._refused:
            raise PeerError("refused", code="ami_refused")
        return None

    async def of(self, seat_id: SeatId, contact_id: ContactId) -> ChannelName | None:
        """Which channel the agent talks on."""
        return self._spied

    async def _note(self, effect: SitBeside) -> None:
        pass

    def actions(self) -> list[tuple[object, object, object]]:
        """Action, context and extension of each."""
        return [(it["Action"], it.get("Context"), it.get("Exten")) for it in self.asked]


def ring(mode: Mode, phone: str = "8016", number: str = "") -> beside.RingListener:
    """A telephone is to ring."""
    return beside.RingListener(CONTACT, AGENT, phone, number, mode)


async def test_a_seat_rings_for_one_channel_and_a_telephone_by_its_number() -> None:
    """Which channel is heard is fixed before it rings; the channel bears the contact's id."""
    house = House()
    await house.edge.ring(ring(Mode.WHISPER))
    await house.edge.ring(ring(Mode.LISTEN, TELEPHONE, "13900001111"))
    assert house.actions() == [("Originate", "beside", "whisper"), ("Originate", "beside", "listen")]
    assert [it["Channel"] for it in house.asked] == ["PJSIP/8016", "PJSIP/13900001111@trunk"]
    for asked in house.asked:
        assert asked["Variable"] == [f"CC_SPIED={SPIED}", f"CC_CONFERENCE={CONTACT}"]
        assert asked["ChannelId"] == beside.listener_id(CONTACT)
    assert house.told == []


async def test_who_cannot_be_rung_is_told_as_gone() -> None:
    """The talk is over already, or Asterisk refuses."""
    over, refusing = House(spied=None), House(["Originate"])
    for house in (over, refusing):
        await house.edge.ring(ring(Mode.LISTEN))
        assert house.told == [GONE]
    assert over.asked == []


@pytest.mark.parametrize(
    ("mode", "context", "exten"),
    [
        (Mode.LISTEN, "beside", "listen"),
        (Mode.WHISPER, "beside", "whisper"),
        (Mode.JOIN, "conference", "third"),
    ],
)
async def test_a_mode_is_a_place_in_the_dialplan(mode: Mode, context: str, exten: str) -> None:
    """The listener's own channel is moved, and no other."""
    house = House()
    await house.edge.move(beside.MoveListener(CONTACT, mode))
    assert house.actions() == [("Redirect", context, exten)]
    assert house.asked[0]["Channel"] == beside.listener_id(CONTACT)


async def test_who_cannot_be_moved_is_hung_up() -> None:
    """He might be taken for silent, or for heard. One who is gone already is no error."""
    house = House(["Redirect", "Hangup"])
    await house.edge.move(beside.MoveListener(CONTACT, Mode.LISTEN))
    assert [action for action, _, _ in house.actions()] == ["Redirect", "Hangup"]
    assert house.told == [GONE]
