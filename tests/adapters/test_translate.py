"""Events recorded from a real Asterisk 22 (numbers replaced), and what they mean."""

from datetime import UTC, datetime

import pytest

from callcenter.asterisk.frames import parse
from callcenter.asterisk.translate import messages, seat_of
from callcenter.core.errors import PeerError
from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages import callbacks, calls, cloud, conference, recording, seats
from callcenter.core.messages.base import Message
from callcenter.core.messages.cloud import Reply

pytestmark = pytest.mark.adapters

NOW = datetime(2026, 11, 22, 8, 0, tzinfo=UTC)
STAMP = datetime(2026, 11, 22, 3, 57, 41, 500000, tzinfo=UTC)
C1 = ContactId("cc1-1795319861.6")
MAIN = QueueName("main")
S1 = SeatId("8001")


def snapshot(prefix: str, channel: str, uniqueid: str, linkedid: str = C1, state: str = "6") -> str:
    """The headers of a channel under ``prefix``."""
    pairs = {
        "Channel": channel,
        "ChannelState": state,
        "CallerIDNum": "0",
        "Uniqueid": uniqueid,
        "Linkedid": linkedid,
    }
    return "".join(f"{prefix}{key}: {value}\r\n" for key, value in pairs.items())


CITIZEN = snapshot("", "PJSIP/trunk-00000003", C1)
SEAT = snapshot("", "PJSIP/8001-00000005", "cc1-1795319866.8")
OFFER = snapshot("", "PJSIP/8001-00000005", "cc1-1795319866.8", state="5")
OUTBOUND = snapshot("", "PJSIP/trunk-00000009", "cc1-1795319870.9")
THIRD = snapshot("", "PJSIP/trunk-0000000c", f"conference-{C1}", f"conference-{C1}")
DEST = snapshot("Dest", "PJSIP/8001-00000005", "cc1-1795319866.8")
MEMBER = "Queue: main\r\nMemberName: 8001\r\nInterface: PJSIP/8001\r\n"

CB = ContactId("callback-cc1-1795319861.6-1")
AGENT_LEG = ("PJSIP/8001-0000000a", CB, CB)
CITIZEN_LEG = ("PJSIP/trunk-0000000b", "cc1-1795319871.11", CB)
AGENT, CALLED = snapshot("", *AGENT_LEG), snapshot("", *CITIZEN_LEG)


def event(name: str, headers: str) -> str:
    """A block with a time stamp."""
    return f"Event: {name}\r\nTimestamp: 1795319861.500000\r\n{headers}".removesuffix("\r\n")


TABLE: list[tuple[str, str, Message | None]] = [
    (
        "MixMonitorStart",
        CITIZEN,
        recording.RecorderStarted(C1, ChannelName("PJSIP/trunk-00000003")),
    ),
    ("MixMonitorStart", CALLED, recording.RecorderStarted(CB, ChannelName("PJSIP/trunk-0000000b"))),
    ("MixMonitorStart", SEAT, None),
    ("QueueCallerJoin", CITIZEN + "Queue: main\r\nPosition: 2\r\nCount: 2", calls.CallQueued(C1, MAIN, 2)),
    ("QueueCallerJoin", SEAT + "Queue: main\r\nPosition: 2\r\nCount: 2", None),
    ("AgentCalled", CITIZEN + DEST + MEMBER, calls.CallOffered(C1, MAIN, S1)),
    ("AgentRingNoAnswer", CITIZEN + DEST + MEMBER + "RingTime: 5000", calls.OfferTimedOut(C1, MAIN, S1, 5.0)),
    (
        "AgentConnect",
        CITIZEN + DEST + MEMBER + "HoldTime: 7\r\nRingTime: 3",
        calls.CallAnswered(C1, MAIN, S1, 7),
    ),
    ("QueueCallerAbandon", CITIZEN + "Queue: main\r\nHoldTime: 9", calls.CallAbandoned(C1, MAIN, 9)),
    ("QueueCallerLeave", CITIZEN + "Queue: main\r\nPosition: 1", calls.CallLeftQueue(C1, MAIN)),
    ("AgentComplete", CITIZEN + DEST + MEMBER + "TalkTime: 184", calls.TalkEnded(C1, MAIN, S1, 184)),
    ("Hold", SEAT + "MusicClass: waiting", calls.CallHeld(C1, S1, True)),
    ("Unhold", SEAT, calls.CallHeld(C1, S1, False)),
    ("Hold", CITIZEN, None),
    (
        "BlindTransfer",
        "Result: Success\r\n"
        + snapshot("Transferer", "PJSIP/8001-00000005", "cc1-1795319866.8")
        + snapshot("Transferee", "PJSIP/trunk-00000003", C1)
        + "Extension: 8002",
        calls.CallTransferred(C1, S1, "8002"),
    ),
    (
        "BlindTransfer",
        "Result: Fail\r\n"
        + snapshot("Transferer", "PJSIP/8001-00000005", "cc1-1795319866.8")
        + "Extension: 8002",
        None,
    ),
    (
        "AttendedTransfer",
        "Result: Success\r\n"
        + snapshot("OrigTransferer", "PJSIP/8001-00000005", "cc1-1795319866.8")
        + snapshot("TransferTarget", "PJSIP/8002-00000007", "cc1-1795319867.9"),
        calls.CallTransferred(C1, S1, "8002", joined=True),
    ),
    ("Hangup", CITIZEN + "Cause: 16", calls.CallEnded(C1, 16, STAMP)),
    ("Hangup", SEAT + "Cause: 16", None),
    ("Hangup", SEAT + "Context: seats\r\nExten: main\r\nCause: 16", None),
    ("Hangup", OFFER + "Context: seats\r\nExten: main\r\nCause: 17", calls.OfferRejected(C1, S1)),
    ("Hangup", OFFER + "Context: seats\r\nExten: main\r\nCause: 16", None),
    ("Hangup", SEAT + "Context: seats\r\nExten: \r\nCause: 16", calls.LegEnded(C1, S1)),
    ("ConfbridgeJoin", CITIZEN + f"Conference: {C1}", conference.ConferenceJoined(C1, "citizen")),
    ("ConfbridgeJoin", SEAT + f"Conference: {C1}", conference.ConferenceJoined(C1, "8001")),
    ("ConfbridgeJoin", THIRD + f"Conference: {C1}", conference.ConferenceJoined(C1, "department")),
    ("ConfbridgeLeave", THIRD + f"Conference: {C1}", conference.ConferenceLeft(C1, "department")),
    ("OriginateResponse", THIRD + "Response: Success", None),
    ("OriginateResponse", THIRD + "Response: Failure", conference.ThirdUnreached(C1)),
    ("Hangup", THIRD + "Cause: 16", None),
    ("Hangup", OUTBOUND + "Cause: 16", None),
    (
        "QueueMemberAdded",
        MEMBER + "Paused: 1\r\nPausedReason: break",
        seats.SeatJoined(S1, MAIN, True, "break"),
    ),
    ("QueueMemberRemoved", MEMBER + "Paused: 0", seats.SeatLeft(S1, MAIN)),
    ("QueueMemberPause", MEMBER + "Paused: 0\r\nPausedReason: ", seats.SeatPaused(S1, MAIN, False, "")),
    (
        "QueueMemberPause",
        MEMBER + "Paused: 1\r\nPausedReason: Auto-Pause",
        seats.SeatPaused(S1, MAIN, True, "rang_out"),
    ),
    ("QueueMemberPause", "Queue: main\r\nInterface: Local/1@x\r\nPaused: 0", None),
    (
        "ChallengeResponseFailed",
        "AccountID: 8001\r\nRemoteAddress: IPV4/UDP/192.0.2.7/5060",
        cloud.PhoneRefused(S1, "IPV4/UDP/192.0.2.7/5060"),
    ),
    ("ChallengeResponseFailed", "AccountID: <unknown>\r\nRemoteAddress: IPV4/UDP/192.0.2.7/5060", None),
    ("UserEvent", CITIZEN + "UserEvent: TalkBroken\r\nSeat: 8001", calls.TalkBroken(C1, S1)),
    (
        "UserEvent",
        CITIZEN + "UserEvent: SeatRung\r\nSeat: 8001\r\nQueue: general",
        calls.CallOffered(C1, QueueName("general"), S1),
    ),
    (
        "UserEvent",
        CITIZEN + "UserEvent: SeatAnswered\r\nSeat: 8001\r\nQueue: general",
        calls.CallAnswered(C1, QueueName("general"), S1, 0),
    ),
    (
        "UserEvent",
        CITIZEN + "UserEvent: SeatMissed\r\nSeat: 8001\r\nQueue: general",
        calls.OfferTimedOut(C1, QueueName("general"), S1, 0),
    ),
    ("ContactStatus", "ContactStatus: Removed\r\nAOR: 8001", None),
    ("Newchannel", CITIZEN, None),
]

CALLBACKS: list[tuple[str, str, Message | None]] = [
    ("DialBegin", snapshot("Dest", *AGENT_LEG, "0"), calls.CallOffered(CB, QueueName(""), S1)),
    ("DialBegin", AGENT + snapshot("Dest", *CITIZEN_LEG, "0"), callbacks.CallbackDialing(CB)),
    ("DialBegin", CITIZEN + DEST, None),
    ("BridgeEnter", CALLED, callbacks.CallbackAnswered(CB)),
    ("BridgeEnter", AGENT, None),
    ("BridgeEnter", CITIZEN, None),
    ("Hold", AGENT, calls.CallHeld(CB, S1, True)),
    (
        "UserEvent",
        CALLED + "UserEvent: CallbackHeard\r\nFromCitizen: 1520\r\nFromAgent: 0",
        callbacks.CallbackHeard(CB, 1520, 0),
    ),
    ("UserEvent", CALLED + "UserEvent: Something", None),
    *(
        (
            "UserEvent",
            f"UserEvent: CloudReply\r\nInvitation: invite-8101-7\r\nKey: {key}",
            cloud.InvitationReplied("invite-8101-7", reply),
        )
        for key, reply in (
            ("1", Reply.ACCEPTED),
            ("2", Reply.DECLINED),
            ("", Reply.UNANSWERED),
            ("9", Reply.UNANSWERED),
        )
    ),
    ("UserEvent", "UserEvent: CloudReply\r\nInvitation: cc1-1.1\r\nKey: 1", None),
    (
        "OriginateResponse",
        "Response: Failure\r\nUniqueid: invite-8101-7",
        cloud.InvitationReplied("invite-8101-7", Reply.UNANSWERED),
    ),
    ("OriginateResponse", "Response: Success\r\nUniqueid: invite-8101-7", None),
    ("UserEvent", CITIZEN + "UserEvent: CallbackHeard\r\nFromCitizen: 1\r\nFromAgent: 1", None),
    ("Hangup", CALLED + "Cause: 16", callbacks.CallbackTalkEnded(CB)),
    ("Hangup", snapshot("", *CITIZEN_LEG, "5") + "Cause: 17", callbacks.CallbackTalkEnded(CB)),
    ("Hangup", AGENT + "Cause: 16", calls.CallEnded(CB, 16, STAMP)),
    ("Hangup", snapshot("", *AGENT_LEG, "5") + "Cause: 19", None),
    (
        "OriginateResponse",
        f"Response: Failure\r\nChannel: PJSIP/8001\r\nReason: 3\r\nUniqueid: {CB}",
        calls.CallEnded(CB, 0, STAMP),
    ),
    (
        "OriginateResponse",
        f"Response: Success\r\nChannel: PJSIP/8001-0000000a\r\nReason: 4\r\nUniqueid: {CB}",
        None,
    ),
    ("OriginateResponse", "Response: Failure\r\nReason: 0\r\nUniqueid: <null>", None),
]


@pytest.mark.parametrize(("name", "headers", "meaning"), TABLE + CALLBACKS)
def test_what_an_event_means(name: str, headers: str, meaning: Message | None) -> None:
    """Each event makes its message, or none when it concerns no citizen, no seat and no call-back."""
    assert messages(parse(event(name, headers)), NOW) == ([meaning] if meaning else [])


def test_without_a_stamp_the_present_time_is_taken() -> None:
    """Asterisk may be configured without time stamps."""
    frame = parse(f"Event: Hangup\r\n{CITIZEN}Cause: 0")
    assert messages(frame, NOW) == [calls.CallEnded(C1, 0, NOW)]


@pytest.mark.parametrize("headers", [CITIZEN, CITIZEN + "Cause: soon"])
def test_an_event_that_lacks_its_facts_is_an_error(headers: str) -> None:
    """A missing or unreadable header is never guessed."""
    with pytest.raises(PeerError) as caught:
        messages(parse(event("Hangup", headers)), NOW)
    assert caught.value.code == "bad_frame"


@pytest.mark.parametrize(
    "name", ["PJSIP/trunk", "PJSIP/80a1", "SIP/8001", "PJSIP/8001-xyz", "PJSIP/8001\n", ""]
)
def test_what_is_no_seat(name: str) -> None:
    """Only a SIP account of digits is a seat."""
    assert seat_of(name) is None
