"""The whole truth about live calls, read from Asterisk. No event is ever replayed: this is what stands in.

Invariant: a snapshot is whole or there is none. Queues are read before channels, so that everybody who waits
is also found among the channels, unless he left in between; such an entry is dropped.
"""

from callcenter.asterisk.ami import AmiLink, AmiRefused
from callcenter.asterisk.frames import Frame
from callcenter.asterisk.translate import (
    CITY,
    TRUNK,
    is_agent_of_callback,
    is_citizen,
    is_city,
    listens_to,
    number,
    pause_reason,
    seat_of,
    who_confers,
)
from callcenter.core.errors import PeerError
from callcenter.core.ids import ChannelName, ContactId, QueueName, SeatId
from callcenter.core.messages.callbacks import is_callback
from callcenter.core.messages.link import LiveCall, QueueMember, RingingPhone, Snapshot, WaitingCall
from callcenter.core.messages.partner import PARTNER_SEAT

WITHIN_S = 10.0
"""For each list; hundreds of channels take well under a second."""

RINGING = "5"
"""The ``ChannelState`` of a seat's phone that rings."""

LISTENING = "ChanSpy"
"""The application of a channel that is beside a talk and not in it."""

CONFERENCE = "ConfBridge"
"""The application of a channel that is in a conference of three."""

NOT_REGISTERED = frozenset({"UNAVAILABLE", "INVALID", "UNKNOWN"})
NOT_REGISTERED_STATUS = frozenset({"0", "4", "5"})
"""The same three states as numbers, as ``QueueMember`` says them."""


async def snapshot(link: AmiLink) -> Snapshot:
    """Ask for the truth. Buffer live events from before the call until after it: they may repeat its facts.

    Needs a user with write class ``reporting``.

    Raises:
        PeerError: as :meth:`AmiLink.ask`, or ``bad_frame``; ask again.
    """
    boot_id = await read_boot_id(link)
    queue_items = await link.ask_list({"Action": "QueueStatus"}, WITHIN_S)
    channels = await link.ask_list({"Action": "CoreShowChannels"}, WITHIN_S)
    devices = await _device_states(link)
    return assemble(boot_id, queue_items, channels, devices)


async def read_boot_id(link: AmiLink) -> str:
    """What names this run of Asterisk: its system name (prefix of every Uniqueid) and when it started.

    Raises:
        PeerError: as :meth:`AmiLink.ask`.
    """
    settings = await link.ask({"Action": "CoreSettings"})
    status = await link.ask({"Action": "CoreStatus"})
    started = f"{status.need('CoreStartupDate')}T{status.need('CoreStartupTime')}"
    return f"{settings.get('SystemName')}@{started}"


def assemble(boot_id: str, queue_items: list[Frame], channels: list[Frame], devices: list[Frame]) -> Snapshot:
    """Put the lists together.

    ``devices`` (DeviceStateList) may be empty: then the queues' members tell who is registered.

    Raises:
        PeerError: ``bad_frame``.
    """
    members = [item for item in queue_items if item.event == "QueueMember"]
    waiting = _waiting(queue_items, channels)
    return Snapshot(
        boot_id=boot_id,
        calls=_calls(channels),
        waiting=waiting,
        members=tuple(filter(None, map(_member, members))),
        reachable=_reachable(members, devices),
        ringing=_ringing(channels, {entry.contact_id for entry in waiting}),
        listeners=tuple(
            heard
            for channel in channels
            if channel.get("Application") == LISTENING and (heard := listens_to(channel))
        ),
    )


async def _device_states(link: AmiLink) -> list[Frame]:
    try:
        return await link.ask_list({"Action": "DeviceStateList"}, WITHIN_S)
    except AmiRefused:
        return []


def _calls(channels: list[Frame]) -> tuple[LiveCall, ...]:
    """Citizens who called, and call-backs, each with the seat that is in one bridge with a citizen."""
    with_citizen = {
        channel.get("BridgeId") for channel in channels if channel.need("Channel").startswith((TRUNK, CITY))
    } - {""}
    talking = {
        channel.get("BridgeId"): seat
        for channel in channels
        if channel.get("BridgeId") in with_citizen and (seat := _seat(channel)) is not None
    }
    ours = (channel for channel in channels if is_citizen(channel) or is_agent_of_callback(channel))
    conferences = _conferences(channels)
    return tuple(_call(channel, talking, conferences) for channel in ours)


def _conferences(channels: list[Frame]) -> dict[str, list[str]]:
    """Who is in which conference of three, by its bridge."""
    found: dict[str, list[str]] = {}
    for channel in channels:
        if channel.get("Application") == CONFERENCE and (bridge := channel.get("BridgeId")):
            found.setdefault(bridge, []).append(who_confers(channel))
    return found


def _seat(channel: Frame) -> SeatId | None:
    """The seat whose channel this is; our leg to the partner city counts as one."""
    return PARTNER_SEAT if is_city(channel) else seat_of(channel.need("Channel"))


def _call(channel: Frame, talking: dict[str, SeatId], conferences: dict[str, list[str]]) -> LiveCall:
    exten = channel.get("Exten")
    return LiveCall(
        contact_id=ContactId(channel.need("Linkedid")),
        channel=ChannelName(channel.need("Channel")),
        called=exten if exten.isdecimal() else "",
        duration_s=_seconds(channel.need("Duration")),
        seat_id=talking.get(channel.get("BridgeId")),
        conference=tuple(conferences.get(channel.get("BridgeId"), ())),
    )


def _ringing(channels: list[Frame], waiting: set[ContactId]) -> tuple[RingingPhone, ...]:
    """Phones that ring for the queue or for a call-back; one that rings for a transfer is not ours to count."""
    rung = (channel for channel in channels if channel.get("ChannelState") == RINGING)
    phones = ((seat_of(channel.need("Channel")), ContactId(channel.need("Linkedid"))) for channel in rung)
    return tuple(
        RingingPhone(seat, contact)
        for seat, contact in phones
        if seat is not None and (contact in waiting or is_callback(contact))
    )


def _waiting(queue_items: list[Frame], channels: list[Frame]) -> tuple[WaitingCall, ...]:
    contacts = {
        channel.get("Uniqueid"): ContactId(channel.need("Linkedid"))
        for channel in channels
        if is_citizen(channel)
    }
    return tuple(
        WaitingCall(
            contact_id=contacts[item.need("Uniqueid")],
            queue=QueueName(item.need("Queue")),
            position=number(item, "Position"),
            priority=number(item, "Priority"),
            wait_s=number(item, "Wait"),
        )
        for item in queue_items
        if item.event == "QueueEntry" and item.need("Uniqueid") in contacts
    )


def _member(item: Frame) -> QueueMember | None:
    seat = seat_of(item.need("Location"))
    if seat is None:
        return None
    return QueueMember(
        seat_id=seat,
        queue=QueueName(item.need("Queue")),
        paused=item.need("Paused") == "1",
        reason=pause_reason(item),
        in_call=item.get("InCall") == "1",
    )


def _reachable(members: list[Frame], devices: list[Frame]) -> frozenset[SeatId]:
    by_member = {
        seat_of(item.need("Location")): item.get("Status") not in NOT_REGISTERED_STATUS for item in members
    }
    by_device = {seat_of(item.need("Device")): item.get("State") not in NOT_REGISTERED for item in devices}
    known = by_member | by_device
    return frozenset(seat for seat, is_registered in known.items() if seat is not None and is_registered)


def _seconds(duration: str) -> float:
    try:
        hours, minutes, seconds = map(int, duration.split(":"))
    except ValueError:
        raise PeerError("a channel's duration is no time", code="bad_frame") from None
    return float(hours * 3600 + minutes * 60 + seconds)
