"""AMI events become messages of the shared language. Pure; the only place that knows Asterisk's event names.

Invariant: a message is made only of what an event says; events that do not concern a contact or a seat make
none, and an event that lacks what it must say is an error, never a guess.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from callcenter.asterisk.frames import Frame
from callcenter.core.errors import PeerError
from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages import beside, callbacks, calls, cloud, conference, partner, recording, seats
from callcenter.core.messages.base import Message

TRUNK = "PJSIP/trunk-"
"""Channels of citizens begin with this."""

CITY = "PJSIP/partner-"
"""Channels to and from the partner city begin with this."""

SEATS = "seats"
"""The dialplan's room of a seat's own channels."""

UP = "6"
"""The ``ChannelState`` of a channel that has been answered."""

REJECTED_CAUSES = ("17", "21")
"""User busy (SIP 486, 600) and call rejected (603), of Q.850."""

Translator = Callable[[Frame, datetime], Message | None]

RANG_OUT = "rang_out"
AUTO_PAUSE = "Auto-Pause"
"""What Asterisk says when it pauses a seat that did not answer, and what we call it."""

_SEAT = re.compile(r"PJSIP/(\d+)(?:-[0-9a-f]+)?", re.ASCII)
_REPLIES = {"1": cloud.Reply.ACCEPTED, "2": cloud.Reply.DECLINED}


def messages(frame: Frame, at: datetime) -> list[Message]:
    """What a live event means, in order; mostly nothing. ``at``: now, for events without a time stamp.

    Raises:
        PeerError: ``bad_frame``; the event lacks a header, or a number is none.
    """
    translator = TABLE.get(frame.event)
    message = translator(frame, at) if translator else None
    return [message] if message else []


def seat_of(name: str) -> SeatId | None:
    """The seat of an interface (``PJSIP/8001``) or channel (``PJSIP/8001-0000002a``), or ``None``."""
    match = _SEAT.fullmatch(name)
    return SeatId(match[1]) if match else None


def is_citizen(frame: Frame) -> bool:
    """Whether on the frame's channel a citizen called, ours or the partner's (it began its own ``Linkedid``)."""
    is_inbound = frame.get("Channel").startswith((TRUNK, CITY)) and not is_third(frame)
    return is_inbound and frame.get("Uniqueid") == frame.get("Linkedid")


def is_third(frame: Frame) -> bool:
    """Whether the frame's channel is that of a third whom we rang for a conference, or beside a talk."""
    return frame.get("Uniqueid").startswith((conference.PREFIX, beside.PREFIX))


def listens_to(frame: Frame) -> ContactId | None:
    """The contact beside whose talk the frame's channel is, ``None``: it is no listener's."""
    name = frame.get("Uniqueid")
    return ContactId(name.removeprefix(beside.PREFIX)) if name.startswith(beside.PREFIX) else None


def who_confers(frame: Frame) -> str:
    """Who the frame's channel is in a conference: a seat's id, ``citizen`` or ``department``."""
    inbound = conference.DEPARTMENT if is_third(frame) else conference.CITIZEN
    return seat_of(frame.need("Channel")) or inbound


def is_city(frame: Frame) -> bool:
    """Whether the frame's channel is our leg to the partner city."""
    return frame.get("Channel").startswith(CITY) and frame.get("Uniqueid") != frame.get("Linkedid")


def is_callback(frame: Frame) -> bool:
    """Whether the frame's channel belongs to a call-back: the agent's own, which bears the id, or the citizen's."""
    return callbacks.is_callback(frame.get("Linkedid"))


def is_agent_of_callback(frame: Frame) -> bool:
    """Whether the frame's channel is the one with which a call-back begins and ends."""
    return is_callback(frame) and frame.get("Uniqueid") == frame.get("Linkedid")


def pause_reason(frame: Frame) -> str:
    """Why a member is paused, ``""`` if it is not."""
    reason = frame.get("PausedReason")
    return RANG_OUT if reason == AUTO_PAUSE else reason


def number(frame: Frame, key: str) -> int:
    """The whole number under ``key``.

    Raises:
        PeerError: ``bad_frame``; there is none.
    """
    try:
        return int(frame.need(key))
    except ValueError:
        raise PeerError(f"{frame.event}: {key} is no number", code="bad_frame") from None


def _queued(frame: Frame, at: datetime) -> Message | None:
    return calls.CallQueued(_contact(frame), _queue(frame), number(frame, "Position"))


def _offered(frame: Frame, at: datetime) -> Message | None:
    return calls.CallOffered(_contact(frame), _queue(frame), _member(frame))


def _offer_timed_out(frame: Frame, at: datetime) -> Message | None:
    ring_s = number(frame, "RingTime") / 1000
    return calls.OfferTimedOut(_contact(frame), _queue(frame), _member(frame), ring_s)


def _answered(frame: Frame, at: datetime) -> Message | None:
    return calls.CallAnswered(_contact(frame), _queue(frame), _member(frame), number(frame, "HoldTime"))


def _abandoned(frame: Frame, at: datetime) -> Message | None:
    return calls.CallAbandoned(_contact(frame), _queue(frame), number(frame, "HoldTime"))


def _left_queue(frame: Frame, at: datetime) -> Message | None:
    return calls.CallLeftQueue(_contact(frame), _queue(frame))


def _talk_ended(frame: Frame, at: datetime) -> Message | None:
    return calls.TalkEnded(_contact(frame), _queue(frame), _member(frame), number(frame, "TalkTime"))


def _held(frame: Frame, at: datetime) -> Message | None:
    seat = seat_of(frame.need("Channel"))
    return calls.CallHeld(_contact(frame), seat, on=frame.event == "Hold") if seat else None


def _blind_transferred(frame: Frame, at: datetime) -> Message | None:
    return _transferred(frame, "Transferer", frame.need("Extension"))


def _attended_transferred(frame: Frame, at: datetime) -> Message | None:
    target = seat_of(frame.get("TransferTargetChannel"))
    to = target or frame.get("SecondTransfererConnectedLineNum")
    return _transferred(frame, "OrigTransferer", to, joined=True)


def _transferred(frame: Frame, by: str, to: str, *, joined: bool = False) -> Message | None:
    seat = seat_of(frame.need(f"{by}Channel"))
    if seat is None or frame.get("Result") != "Success":
        return None
    return calls.CallTransferred(ContactId(frame.need(f"{by}Linkedid")), seat, to, joined)


def _ended(frame: Frame, at: datetime) -> Message | None:
    if is_callback(frame):
        return _callback_ended(frame, at)
    if heard := listens_to(frame):
        return beside.ListenerGone(heard)
    if is_city(frame):
        return partner.CityLeft(_contact(frame), number(frame, "Cause"))
    if seat := _dialed_seat(frame):
        return calls.LegEnded(_contact(frame), seat)
    if seat := _rejecting_seat(frame):
        return calls.OfferRejected(_contact(frame), seat)
    if not is_citizen(frame):
        return None
    return calls.CallEnded(_contact(frame), number(frame, "Cause"), _stamp(frame, at))


def _dialed_seat(frame: Frame) -> SeatId | None:
    """The seat whose phone was dialed by somebody: a queue gives the channel its extension, one that dials its own id."""
    is_dialed = frame.get("Context") == SEATS and not frame.get("Exten")
    is_called = frame.get("Uniqueid") != frame.get("Linkedid")
    return seat_of(frame.need("Channel")) if is_dialed and is_called else None


def _rejecting_seat(frame: Frame) -> SeatId | None:
    """The seat that rejected what a queue offered it; Asterisk's own events of the queue do not tell that from ringing out."""
    is_offer = frame.get("Context") == SEATS and frame.get("ChannelState") != UP
    is_called = frame.get("Uniqueid") != frame.get("Linkedid")
    is_rejected = frame.get("Cause") in REJECTED_CAUSES
    return seat_of(frame.need("Channel")) if is_offer and is_called and is_rejected else None


def _conferred(frame: Frame, at: datetime) -> Message | None:
    contact_id, who = ContactId(frame.need("Conference")), who_confers(frame)
    if frame.event == "ConfbridgeJoin":
        return conference.ConferenceJoined(contact_id, who)
    return conference.ConferenceLeft(contact_id, who)


def _callback_ended(frame: Frame, at: datetime) -> Message | None:
    """An agent's channel that nobody answered says nothing here: the response to the Originate tells of it."""
    if frame.need("Channel").startswith(TRUNK):
        return callbacks.CallbackTalkEnded(_contact(frame))
    if not is_agent_of_callback(frame) or frame.need("ChannelState") != UP:
        return None
    return calls.CallEnded(_contact(frame), number(frame, "Cause"), _stamp(frame, at))


def _originated(frame: Frame, at: datetime) -> Message | None:
    """A call-back without an agent, an invitation without a person, a listener; there may never have been a channel."""
    contact_id = frame.get("Uniqueid")
    if heard := listens_to(frame):
        is_there = frame.need("Response") == "Success"
        return beside.ListenerThere(heard) if is_there else beside.ListenerGone(heard)
    if is_third(frame) and frame.need("Response") == "Failure":
        return conference.ThirdUnreached(ContactId(contact_id.removeprefix(conference.PREFIX)))
    if contact_id.startswith(cloud.INVITATION_PREFIX) and frame.need("Response") == "Failure":
        return cloud.InvitationReplied(contact_id, cloud.Reply.UNANSWERED)
    if not callbacks.is_callback(contact_id) or frame.need("Response") != "Failure":
        return None
    return calls.CallEnded(ContactId(contact_id), 0, _stamp(frame, at))


def _dialed(frame: Frame, at: datetime) -> Message | None:
    """The partner city is called, or a call-back rings somebody: first the agent, later the citizen."""
    contact_id, channel = ContactId(frame.get("DestLinkedid")), frame.get("DestChannel")
    if channel.startswith(CITY):
        return partner.CityRung(contact_id)
    if not callbacks.is_callback(contact_id):
        return None
    if channel.startswith(TRUNK):
        return callbacks.CallbackDialing(contact_id)
    seat = seat_of(channel) if frame.get("DestUniqueid") == contact_id else None
    return calls.CallOffered(contact_id, QueueName(""), seat) if seat else None


def _entered_bridge(frame: Frame, at: datetime) -> Message | None:
    if is_city(frame):
        return partner.CityAnswered(_contact(frame))
    is_called_citizen = is_callback(frame) and frame.need("Channel").startswith(TRUNK)
    return callbacks.CallbackAnswered(_contact(frame)) if is_called_citizen else None


def _told(frame: Frame, at: datetime) -> Message | None:
    """What the dialplan tells by an event of its own."""
    if frame.get("UserEvent") == "PartnerBack":
        return partner.CameBack(_contact(frame), frame.need("Why"))
    if frame.get("UserEvent") == "TalkBroken":
        return calls.TalkBroken(_contact(frame), SeatId(frame.need("Seat")))
    if returning := _RETURNING.get(frame.get("UserEvent")):
        return returning(_contact(frame), _queue(frame), SeatId(frame.need("Seat")))
    if frame.get("UserEvent") == "CloudReply":
        return _replied(frame)
    return _heard(frame)


_RETURNING: Mapping[str, Callable[[ContactId, QueueName, SeatId], Message]] = {
    "SeatRung": calls.CallOffered,
    "SeatAnswered": lambda contact_id, queue, seat_id: calls.CallAnswered(contact_id, queue, seat_id, 0),
    "SeatMissed": lambda contact_id, queue, seat_id: calls.OfferTimedOut(contact_id, queue, seat_id, 0),
}
"""A citizen whose talk broke is given back to the same seat (``[back]`` of ``line.jinja``): told as a queue's own ringing is."""


def _replied(frame: Frame) -> Message | None:
    """What somebody pressed who was invited to a cloud seat; nothing: he did not."""
    invitation = frame.get("Invitation")
    if not invitation.startswith(cloud.INVITATION_PREFIX):
        return None
    reply = _REPLIES.get(frame.get("Key"), cloud.Reply.UNANSWERED)
    return cloud.InvitationReplied(invitation, reply)


def _heard(frame: Frame) -> Message | None:
    if frame.get("UserEvent") != "CallbackHeard" or not is_callback(frame):
        return None
    return callbacks.CallbackHeard(_contact(frame), number(frame, "FromCitizen"), number(frame, "FromAgent"))


def _recorder_started(frame: Frame, at: datetime) -> Message | None:
    return recording.RecorderStarted(_contact(frame), ChannelName(frame.need("Channel")))


def _joined(frame: Frame, at: datetime) -> Message | None:
    return seats.SeatJoined(_member(frame), _queue(frame), _paused(frame), pause_reason(frame))


def _left(frame: Frame, at: datetime) -> Message | None:
    return seats.SeatLeft(_member(frame), _queue(frame))


def _pause(frame: Frame, at: datetime) -> Message | None:
    return seats.SeatPaused(_member(frame), _queue(frame), _paused(frame), pause_reason(frame))


def _refused(frame: Frame, at: datetime) -> Message | None:
    """A wrong password. A number that is no account is nobody's: Asterisk does not even name it."""
    account = frame.need("AccountID")
    if not (account.isascii() and account.isdecimal()):
        return None
    return cloud.PhoneRefused(SeatId(account), frame.need("RemoteAddress"))


def _of_citizens(translate: Translator) -> Translator:
    def only_citizens(frame: Frame, at: datetime) -> Message | None:
        return translate(frame, at) if frame.need("Channel").startswith((TRUNK, CITY)) else None

    return only_citizens


def _of_seats(translate: Translator) -> Translator:
    def only_seats(frame: Frame, at: datetime) -> Message | None:
        return translate(frame, at) if seat_of(frame.need("Interface")) else None

    return only_seats


def _contact(frame: Frame) -> ContactId:
    return ContactId(frame.need("Linkedid"))


def _queue(frame: Frame) -> QueueName:
    return QueueName(frame.need("Queue"))


def _member(frame: Frame) -> SeatId:
    seat = seat_of(frame.need("Interface"))
    if seat is None:
        raise PeerError(f"{frame.event}: the member is no seat", code="bad_frame")
    return seat


def _paused(frame: Frame) -> bool:
    return frame.need("Paused") == "1"


def _stamp(frame: Frame, at: datetime) -> datetime:
    try:
        return datetime.fromtimestamp(float(frame.get("Timestamp")), UTC)
    except (ValueError, OverflowError, OSError):
        return at


TABLE: Mapping[str, Translator] = {
    "QueueCallerJoin": _of_citizens(_queued),
    "AgentCalled": _of_citizens(_offered),
    "AgentRingNoAnswer": _of_citizens(_offer_timed_out),
    "AgentConnect": _of_citizens(_answered),
    "QueueCallerAbandon": _of_citizens(_abandoned),
    "QueueCallerLeave": _of_citizens(_left_queue),
    "AgentComplete": _of_citizens(_talk_ended),
    "Hold": _held,
    "Unhold": _held,
    "BlindTransfer": _blind_transferred,
    "AttendedTransfer": _attended_transferred,
    "ConfbridgeJoin": _conferred,
    "ConfbridgeLeave": _conferred,
    "Hangup": _ended,
    "OriginateResponse": _originated,
    "DialBegin": _dialed,
    "BridgeEnter": _entered_bridge,
    "UserEvent": _told,
    "MixMonitorStart": _of_citizens(_recorder_started),
    "QueueMemberAdded": _of_seats(_joined),
    "QueueMemberRemoved": _of_seats(_left),
    "QueueMemberPause": _of_seats(_pause),
    "ChallengeResponseFailed": _refused,
    "InvalidPassword": _refused,
}
"""Event -> its translator. Whether a seat's phone answers takes a memory: ``registrations.py``."""
