"""Sound for many calls at once: a-law packets every 20 ms from one thread, whatever asyncio does meanwhile.

Invariant: loopback only; ``late`` tells when the generator itself could not keep up, which is no fault of who is tested.
"""

import ctypes
import re
import socket
import struct
import threading
import time
from collections.abc import Mapping
from types import TracebackType
from typing import Self

from sip_load import Callers, Seats, SipMessage

from callcenter.sections import Address

PACKET_S = 0.02
LATE_S = 0.1
"""A round that begins so much too late is heard: Asterisk's jitter is measured in packets."""

_HEADER = struct.Struct(">BBHI4s")
_SAMPLES = 160
_TONE = bytes(0x94 if place // 5 % 2 else 0x14 for place in range(_SAMPLES))
"""800 Hz, square, in a-law."""


class _Part(ctypes.Structure):
    """``iovec``."""

    _fields_ = (("base", ctypes.c_void_p), ("length", ctypes.c_size_t))


class _Message(ctypes.Structure):
    """``msghdr``."""

    _fields_ = (
        ("name", ctypes.c_void_p),
        ("name_length", ctypes.c_uint32),
        ("parts", ctypes.c_void_p),
        ("part_count", ctypes.c_size_t),
        ("control", ctypes.c_void_p),
        ("control_length", ctypes.c_size_t),
        ("flags", ctypes.c_int),
    )


class _Packet(ctypes.Structure):
    """``mmsghdr`` of sendmmsg(2)."""

    _fields_ = (("message", _Message), ("sent", ctypes.c_uint))


class Rounds:
    """Does its rounds in a thread of its own, while the ``with`` block lasts. ``late``: rounds that began too late."""

    def __init__(self, name: str) -> None:
        self.rounds = self.late = 0
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _run(self) -> None:
        """Until ``_over`` is set."""
        raise NotImplementedError


class Speech(Rounds):
    """Speaks into every call that was added, until the ``with`` block ends. One system call sends a whole round."""

    def __init__(self) -> None:
        super().__init__("speech")
        self._choirs: dict[int, _Choir] = {}

    def add(self, source: socket.socket, sdp: str) -> None:
        """Speak from ``source``, which our own SDP names, to where ``sdp`` wants to hear."""
        found = re.search(r"^m=audio (\d+) ", sdp, re.MULTILINE)
        if found:
            self._choirs.setdefault(source.fileno(), _Choir(source)).ports.append(int(found[1]))

    def _run(self) -> None:
        due = time.monotonic()
        while not self._over.wait(max(0.0, due - time.monotonic())):
            self.late += time.monotonic() - due > LATE_S
            head = _HEADER.pack(0x80, 8, self.rounds % 2**16, self.rounds * _SAMPLES % 2**32, b"load")
            for choir in tuple(self._choirs.values()):
                choir.send(head + _TONE)
            self.rounds += 1
            due += PACKET_S


class _Choir:
    """The streams of one socket: all say the same at the same time."""

    def __init__(self, source: socket.socket):
        self.ports: list[int] = []
        self._source = source
        self._send = ctypes.CDLL(None).sendmmsg
        self._sound = ctypes.create_string_buffer(_HEADER.size + _SAMPLES)
        self._part = _Part(ctypes.addressof(self._sound), len(self._sound))
        self._names: list[ctypes.Array[ctypes.c_char]] = []
        self._packets = (_Packet * 0)()

    def send(self, sound: bytes) -> None:
        """One packet to every port."""
        if len(self._packets) != len(self.ports):
            self._address(list(self.ports))
        self._sound.raw = sound
        sent, count = 0, len(self._packets)
        while sent < count:
            rest = ctypes.byref(self._packets, sent * ctypes.sizeof(_Packet))
            done = self._send(self._source.fileno(), rest, count - sent, 0)
            sent += max(done, 1)  # a port that refuses is left out

    def _address(self, ports: list[int]) -> None:
        home = socket.inet_aton("127.0.0.1")
        self._names = [
            ctypes.create_string_buffer(
                struct.pack("=H", socket.AF_INET) + struct.pack(">H4s8x", port, home), 16
            )
            for port in ports
        ]
        self._packets = (_Packet * len(ports))()
        for packet, name in zip(self._packets, self._names, strict=True):
            packet.message = _Message(ctypes.addressof(name), 16, ctypes.addressof(self._part), 1)


class SpeakingCallers(Callers):
    """Citizens who speak all the time."""

    def __init__(self, speech: Speech, server: Address):
        super().__init__(server)
        self._speech = speech

    async def _say_nothing(self, sdp: str) -> None:
        self._speech.add(self._endpoint._rtp, sdp)


class SpeakingSeat(Seats):
    """A phone that takes every call and speaks all the time in each."""

    def __init__(self, speech: Speech, server: Address, secrets: Mapping[str, str], talk_s: float):
        super().__init__(server, secrets, talk_s=talk_s)
        self._speech = speech

    async def _say_nothing(self, sdp: str) -> None:
        self._speech.add(self._endpoint._rtp, sdp)

    def _on_request(self, request: SipMessage) -> None:
        self._busy.clear()
        super()._on_request(request)
