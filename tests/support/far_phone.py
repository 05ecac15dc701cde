"""A seat's phone far away: on a line that loses, delays, falls silent; or that is unplugged.

Invariant: loss is drawn from a seed, packet by packet, so that the share lost is known; ``is_dead`` phones answer nothing
and send nothing, as if their cable were cut; those ``is_mute_to_options`` do talk.
"""

import asyncio
import random
import socket
import struct
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from sip_load import Seats, SipMessage

from callcenter.asterisk.ports import LOOPBACK
from callcenter.sections import Address

PACKET_S = 0.02
REPORT_S = 1.0
"""Between two RTCP reports; telephones wait for about five seconds."""
NTP_EPOCH_S = 2208988800
"""From 1900, where NTP begins, to 1970 (RFC 868)."""

_RTP = struct.Struct(">BBHII")
_SENDER = struct.Struct(">BBHIIIIII")
_BLOCK = struct.Struct(">IIIIII")
_SSRC = 0x0FA20FA2
_VOICE = bytes(0x94 if place // 5 % 2 else 0x14 for place in range(160))
"""800 Hz, square, in a-law."""
_SILENCE = b"\xd5" * 160


@dataclass(slots=True)
class BadLine:
    """Shares lost from and to the phone; seconds of random delay from it. ``sends``: any packets at all.

    ``rtt_s``: what its reports make believe that the way there and back takes.
    """

    loss_from: float = 0.0
    loss_to: float = 0.0
    jitter_s: float = 0.0
    rtt_s: float = 0.0
    speaks: bool = True
    sends: bool = True
    reports: bool = True


class FarPhone(Seats):
    """One seat's phone at ``host``. Calls are answered after ``answer_after_s`` and kept for ``talk_s``."""

    def __init__(
        self,
        server: Address,
        secrets_by_seat: Mapping[str, str],
        line: BadLine | None = None,
        answer_after_s: float = 0.2,
        talk_s: float = 120.0,
        host: str = LOOPBACK,
    ):
        super().__init__(server, secrets_by_seat, answer_after_s, talk_s)
        if host != LOOPBACK:
            self._endpoint._sip.close()
            self._endpoint._sip = _socket(host)
        self.line = line or BadLine()
        self.is_dead = self.is_mute_to_options = False
        self.invited = asyncio.Event()
        self.talks = asyncio.Event()
        self._chance = random.Random(12345)
        self._sound: asyncio.Task[None] | None = None
        self._endpoint._rtp.close()
        self._endpoint._rtp, self._rtcp = _pair()

    def die(self) -> None:
        """The cable is cut."""
        self.is_dead = True

    async def __aexit__(self, *error: Any) -> None:
        await super().__aexit__(*error)
        self._rtcp.close()

    async def _say_nothing(self, sdp: str) -> None:
        """In a talk: send and hear sound until the next one."""
        if self._sound is not None:
            self._sound.cancel()
            await asyncio.gather(self._sound, return_exceptions=True)
        self._sound = asyncio.current_task()
        self.talks.set()
        port = int(sdp.partition("m=audio ")[2].split(" ")[0])
        with _Stream(self, self._endpoint._rtp, self._rtcp, (self.server.host, port)) as stream:
            await stream.run()

    def _on_message(self, message: SipMessage) -> None:
        is_question = message.method == "OPTIONS" and not message.status
        if self.is_dead or (is_question and self.is_mute_to_options):
            return
        if message.method == "INVITE" and not message.status:
            self.invited.set()
        super()._on_message(message)


class _Stream:
    """The sound of one talk, with its reports."""

    def __init__(self, phone: FarPhone, rtp: socket.socket, rtcp: socket.socket, far: tuple[str, int]):
        self._phone, self._rtp, self._rtcp = phone, rtp, rtcp
        self._far, self._far_reports = far, (far[0], far[1] + 1)
        self.sent = self.heard = self.lost = 0
        self._theirs = self._highest = 0
        self._told = (0, 0)
        self._last_report: tuple[int, float] = (0, 0.0)

    def __enter__(self) -> Self:
        loop = asyncio.get_running_loop()
        loop.add_reader(self._rtp, self._hear)
        loop.add_reader(self._rtcp, self._read_report)
        return self

    def __exit__(self, *error: object) -> None:
        loop = asyncio.get_running_loop()
        loop.remove_reader(self._rtp)
        loop.remove_reader(self._rtcp)

    async def run(self) -> None:
        """Every 20 ms a packet, whatever was late before; every second a report."""
        loop = asyncio.get_running_loop()
        began, number = loop.time(), 0
        while True:
            await asyncio.sleep(max(0.0, began + number * PACKET_S - loop.time()))
            if self._phone.line.sends and not self._phone.is_dead:
                self._send(number)
            number += 1
            if number % round(REPORT_S / PACKET_S) == 0 and not self._phone.is_dead:
                self._report()

    def _send(self, number: int) -> None:
        line, chance = self._phone.line, self._phone._chance
        sound = _VOICE if line.speaks else _SILENCE
        packet = _RTP.pack(0x80, 8, number % 2**16, number * 160 % 2**32, _SSRC) + sound
        self.sent += 1
        if chance.random() < line.loss_from:
            return
        delay_s = chance.random() * line.jitter_s
        if delay_s:
            asyncio.get_running_loop().call_later(delay_s, self._put, packet)
        else:
            self._put(packet)

    def _put(self, packet: bytes) -> None:
        with suppress(OSError):
            self._rtp.sendto(packet, self._far)

    def _hear(self) -> None:
        with suppress(OSError):
            packet = self._rtp.recv(2000)
            if len(packet) >= 12 and packet[1] & 0x7F == 8:
                _, _, number, _, self._theirs = _RTP.unpack_from(packet)
                self._highest = number
                if self._phone._chance.random() < self._phone.line.loss_to:
                    self.lost += 1
                else:
                    self.heard += 1

    def _read_report(self) -> None:
        with suppress(OSError):
            report = self._rtcp.recv(2000)
            if len(report) >= 28 and report[1] == 200:
                _, _, _, _, seconds, fraction, *_ = _SENDER.unpack_from(report)
                middle = (seconds & 0xFFFF) << 16 | fraction >> 16
                self._last_report = (middle, asyncio.get_running_loop().time())

    def _report(self) -> None:
        """Sender report with one block (RFC 3550 6.4.1)."""
        if not self._phone.line.reports:
            return
        now = asyncio.get_running_loop().time()
        middle, at = self._last_report
        since = max(0, round((now - at - self._phone.line.rtt_s) * 65536)) if middle else 0
        expected, lost = self.heard + self.lost, self.lost
        of, gone = expected - self._told[0], lost - self._told[1]
        self._told = (expected, lost)
        fraction = gone * 256 // of if of else 0
        head = _SENDER.pack(
            0x81, 200, 12, _SSRC, int(now) + NTP_EPOCH_S, 0, self.sent * 160, self.sent, self.sent * 160
        )
        block = _BLOCK.pack(self._theirs, fraction << 24 | lost, self._highest, 0, middle, since)
        with suppress(OSError):
            self._rtcp.sendto(head + block, self._far_reports)


def _socket(host: str, port: int = 0) -> socket.socket:
    """Bound; of loopback any address is this machine's.

    Raises:
        OSError: the port is taken.
    """
    made = socket.socket(type=socket.SOCK_DGRAM)
    made.setblocking(False)
    try:
        made.bind((host, port))
    except OSError:
        made.close()
        raise
    return made


def _pair() -> tuple[socket.socket, socket.socket]:
    """Two neighboring ports, for sound and for its reports."""
    while True:
        sound = _socket(LOOPBACK)
        try:
            return sound, _socket(LOOPBACK, sound.getsockname()[1] + 1)
        except OSError:
            sound.close()
