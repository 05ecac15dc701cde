"""Voices of a replay: every call sends sound that says whose it is, and what arrives is counted, call by call.

Invariant: loopback only, one thread, whatever asyncio does meanwhile; who was heard is known by his voice alone, so that
nobody has to be asked who talks with whom. ``late`` tells when the generator itself could not keep up.
"""

import ctypes
import re
import socket
import struct
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from rtp_stream import LATE_S, PACKET_S, Rounds, _Message, _Packet, _Part

_HEADER = struct.Struct(">BBHI4s")
_VOICE = struct.Struct(">4sI")
_MARK = b"\x94\x14\x94\x15"
"""Begins every eight bytes of a voice; no prompt and no music is like it."""
_SAMPLES = 160
NOBODY = -1
_AT_ONCE = 256
"""Packets that one system call takes in: the other thread gets the interpreter at each call, and keeps it for a while."""
_PLACE_BYTES, _NAME_BYTES = 32, 16
_HEAR = struct.Struct(">12x4sI12x")
_FROM = struct.Struct(">2xH12x")
_DO_NOT_WAIT = 0x40


def voice_of(packet: bytes) -> int:
    """Who speaks in an RTP packet; ``NOBODY``: music, a prompt, or something else."""
    if len(packet) < _HEADER.size + _VOICE.size:
        return NOBODY
    mark, number = _VOICE.unpack_from(packet, _HEADER.size)
    return int(number) if mark == _MARK else NOBODY


def media_port(sdp: str) -> int:
    """Where the other side wants to hear; 0: nowhere."""
    found = re.search(r"^m=audio (\d+) ", sdp, re.MULTILINE)
    return int(found[1]) if found else 0


@dataclass(slots=True)
class Ear:
    """What one call has heard: packets (20 ms each) by voice."""

    packets: Counter[int] = field(default_factory=Counter)

    def voices(self) -> list[int]:
        """Everybody heard so far."""
        return [voice for voice in tuple(self.packets) if voice != NOBODY]


class Sound(Rounds):
    """Speaks into and listens to every call that was begun, while the ``with`` block lasts."""

    def __init__(self) -> None:
        super().__init__("sound")
        self._lines: dict[int, _Wire] = {}

    def begin(self, source: socket.socket, sdp: str, voice: int) -> Ear:
        """A call begins: ``voice`` speaks from ``source`` to where ``sdp`` says, and its ear is open."""
        wire = self._lines.setdefault(source.fileno(), _Wire(source))
        return wire.begin(media_port(sdp), voice)

    def end(self, source: socket.socket, sdp: str) -> None:
        """The call is over."""
        if wire := self._lines.get(source.fileno()):
            wire.end(media_port(sdp))

    def _run(self) -> None:
        due = time.monotonic()
        while not self._over.wait(max(0.0, due - time.monotonic())):
            self.late += time.monotonic() - due > LATE_S
            head = _HEADER.pack(0x80, 8, self.rounds % 2**16, self.rounds * _SAMPLES % 2**32, b"live")
            for wire in tuple(self._lines.values()):
                wire.listen()
                wire.speak(head)
            self.rounds += 1
            due = max(due + PACKET_S, time.monotonic() - 5 * PACKET_S)


class _Wire:
    """The calls of one socket; the other side is told apart by its port."""

    def __init__(self, source: socket.socket) -> None:
        self._source = source
        self._voices: dict[int, int] = {}
        self._ears: dict[int, Ear] = {}
        self._head = ctypes.create_string_buffer(_HEADER.size)
        self._sendmmsg = ctypes.CDLL(None).sendmmsg
        self._round = _Round({}, self._head)
        self._inbox = _Inbox(source)

    def begin(self, port: int, voice: int) -> Ear:
        self._ears[port] = ear = Ear()
        self._speakers({**self._voices, port: voice})
        return ear

    def end(self, port: int) -> None:
        self._ears.pop(port, None)
        self._speakers({at: voice for at, voice in self._voices.items() if at != port})

    def _speakers(self, voices: dict[int, int]) -> None:
        """Replaced as a whole: the thread may be in the middle of a round."""
        self._voices = voices
        self._round = _Round(voices, self._head)

    def listen(self) -> None:
        """Count all that has come."""
        for port, mark, number in self._inbox.empty():
            if ear := self._ears.get(port):
                ear.packets[number if mark == _MARK else NOBODY] += 1

    def speak(self, head: bytes) -> None:
        """One packet into every call."""
        self._head.raw = head
        packets = self._round.packets
        sent, count = 0, len(packets)
        while sent < count:
            rest = ctypes.byref(packets, sent * ctypes.sizeof(_Packet))
            done = self._sendmmsg(self._source.fileno(), rest, count - sent, 0)
            sent += max(done, 1)  # a port that refuses is left out


class _Inbox:
    """Takes what came into a socket, many packets at once; only their beginnings are kept."""

    def __init__(self, source: socket.socket) -> None:
        self._source = source
        self._recvmmsg = ctypes.CDLL(None).recvmmsg
        self._names = ctypes.create_string_buffer(_NAME_BYTES * _AT_ONCE)
        self._places = ctypes.create_string_buffer(_PLACE_BYTES * _AT_ONCE)
        names, places = ctypes.addressof(self._names), ctypes.addressof(self._places)
        self._parts = (_Part * _AT_ONCE)(
            *(_Part(places + _PLACE_BYTES * place, _PLACE_BYTES) for place in range(_AT_ONCE))
        )
        self._packets = (_Packet * _AT_ONCE)()
        parts, size = ctypes.addressof(self._parts), ctypes.sizeof(_Part)
        for place, packet in enumerate(self._packets):
            packet.message = _Message(names + _NAME_BYTES * place, _NAME_BYTES, parts + size * place, 1)

    def empty(self) -> Iterator[tuple[int, bytes, int]]:
        """Port of the sender, mark and number of each packet."""
        count = _AT_ONCE
        while count == _AT_ONCE:
            count = self._recvmmsg(self._source.fileno(), self._packets, _AT_ONCE, _DO_NOT_WAIT, None)
            if count <= 0:
                return
            ports = _FROM.iter_unpack(memoryview(self._names)[: _NAME_BYTES * count])
            heads = _HEAR.iter_unpack(memoryview(self._places)[: _PLACE_BYTES * count])
            for (port,), (mark, number) in zip(ports, heads, strict=True):
                yield port, mark, number


class _Round:
    """What is sent every 20 ms: the common head, then each one's own voice."""

    def __init__(self, voices: dict[int, int], head: "ctypes.Array[ctypes.c_char]") -> None:
        home = socket.inet_aton("127.0.0.1")
        self._kept: list[object] = [head]
        self.packets = (_Packet * len(voices))()
        for packet, (port, voice) in zip(self.packets, voices.items(), strict=True):
            name = ctypes.create_string_buffer(
                struct.pack("=H", socket.AF_INET) + struct.pack(">H4s8x", port, home), 16
            )
            sound = ctypes.create_string_buffer(_VOICE.pack(_MARK, voice) * (_SAMPLES // _VOICE.size))
            parts = (_Part * 2)(
                _Part(ctypes.addressof(head), _HEADER.size), _Part(ctypes.addressof(sound), _SAMPLES)
            )
            packet.message = _Message(ctypes.addressof(name), 16, ctypes.addressof(parts), 2)
            self._kept += [name, sound, parts]
