"""What Asterisk tells of a leg to the partner city and of its callers, and the truth about both after a gap."""

from datetime import UTC, datetime

import pytest

from callcenter.asterisk.frames import Frame, parse
from callcenter.asterisk.resync import assemble
from callcenter.asterisk.translate import messages
from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages import calls, partner
from callcenter.core.messages.base import Message
from callcenter.core.messages.link import LiveCall

pytestmark = pytest.mark.adapters

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
OURS, THEIRS = ContactId("cc1-1.6"), ContactId("cc1-1.9")


def channel(name: str, uniqueid: str, linkedid: str, prefix: str = "", bridge: str = "") -> str:
    """The headers of a channel under ``prefix``."""
    pairs = {"Channel": name, "ChannelState": "6", "Uniqueid": uniqueid, "Linkedid": linkedid}
    pairs |= {"Exten": "12345", "Duration": "00:00:30", "BridgeId": bridge}
    return "".join(f"{prefix}{key}: {value}\r\n" for key, value in pairs.items())


CITIZEN = channel("PJSIP/trunk-00000003", OURS, OURS)
LEG = channel("PJSIP/partner-00000004", "cc1-1.7", OURS)
WARD = channel("PJSIP/partner-00000009", THEIRS, THEIRS)


def frame(name: str, headers: str) -> Frame:
    """An event."""
    return parse(f"Event: {name}\r\n{headers}".removesuffix("\r\n"))


@pytest.mark.parametrize(
    ("name", "headers", "meaning"),
    [
        (
            "DialBegin",
            CITIZEN + channel("PJSIP/partner-00000004", "cc1-1.7", OURS, "Dest"),
            partner.CityRung(OURS),
        ),
        ("BridgeEnter", LEG, partner.CityAnswered(OURS)),
        ("BridgeEnter", WARD, None),
        ("BridgeEnter", CITIZEN, None),
        ("Hangup", LEG + "Cause: 44\r\n", partner.CityLeft(OURS, 44)),
        ("Hangup", WARD + "Cause: 16\r\n", calls.CallEnded(THEIRS, 16, NOW)),
        ("UserEvent", CITIZEN + "UserEvent: PartnerBack\r\nWhy: cut\r\n", partner.CameBack(OURS, "cut")),
        (
            "QueueCallerJoin",
            WARD + "Queue: main\r\nPosition: 1\r\n",
            calls.CallQueued(THEIRS, QueueName("main"), 1),
        ),
        (
            "AgentCalled",
            WARD + "Queue: main\r\nInterface: PJSIP/8001\r\n",
            calls.CallOffered(THEIRS, QueueName("main"), SeatId("8001")),
        ),
    ],
)
def test_what_an_event_means(name: str, headers: str, meaning: Message | None) -> None:
    """Our leg is told of by our caller's contact; the partner's caller is a contact of his own."""
    assert messages(frame(name, headers), NOW) == ([meaning] if meaning else [])


def test_the_truth_knows_who_is_helped_where() -> None:
    """Our caller talks with seat ``partner``; the partner's caller talks with a seat of ours."""
    channels = [
        frame("CoreShowChannel", channel("PJSIP/trunk-00000003", OURS, OURS, bridge="b1")),
        frame("CoreShowChannel", channel("PJSIP/partner-00000004", "cc1-1.7", OURS, bridge="b1")),
        frame("CoreShowChannel", channel("PJSIP/partner-00000009", THEIRS, THEIRS, bridge="b2")),
        frame("CoreShowChannel", channel("PJSIP/8001-0000000a", "cc1-1.10", THEIRS, bridge="b2")),
    ]
    truth = assemble("boot", [], channels, [])
    assert truth.calls == (
        LiveCall(OURS, ChannelName("PJSIP/trunk-00000003"), "12345", 30.0, partner.PARTNER_SEAT),
        LiveCall(THEIRS, ChannelName("PJSIP/partner-00000009"), "12345", 30.0, SeatId("8001")),
    )
