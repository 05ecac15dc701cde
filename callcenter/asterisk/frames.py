"""One block of AMI text becomes one ``Frame``, or is refused as suspicious.

Invariant: no frame exists whose headers could have been written by somebody who only controls a value.
The judge is strict because Asterisk does not escape every value (caller numbers, extensions): a line break
inside one would otherwise forge headers or whole events.
"""

from collections.abc import KeysView

from callcenter.core.errors import PeerError

REPEATABLE = ("chanvariable", "output")
"""Endings of the only headers that honest Asterisk repeats inside one block."""

SNAPSHOT_PREFIXES = ("", "dest", "transferer", "transferee", "origtransferer", "secondtransferer")
"""A channel snapshot is a run of headers under one of these prefixes, from ``Channel`` to ``Linkedid``."""

REQUIRED = {"QueueEntry": frozenset({"position", "wait", "uniqueid"})}
"""Blocks that carry a caller number but are no channel snapshot: what must still stand in them."""

_SNAPSHOTS = tuple((f"{p}calleridnum", f"{p}channelstate", f"{p}linkedid") for p in SNAPSHOT_PREFIXES)
_NOTHING: frozenset[str] = frozenset()


class SuspiciousFrame(PeerError):
    """A block that honest Asterisk would not have sent; ``reason`` is a stable word, never its text."""

    code = "suspicious_frame"

    def __init__(self, reason: str):
        super().__init__(f"AMI block dropped: {reason}")
        self.reason = reason


class Frame:
    """The headers of one AMI block, in order, immutable; names are looked up without regard to case."""

    __slots__ = ("_first", "event", "pairs")

    def __init__(self, pairs: tuple[tuple[str, str], ...]):
        first: dict[str, str] = {}
        for key, value in pairs:
            first.setdefault(key.lower(), value)
        self.pairs = pairs
        self._first = first
        self.event = first.get("event", "")
        """Name of the event; ``""`` for a response."""

    @property
    def names(self) -> KeysView[str]:
        """The names of all headers, in lower case, each once."""
        return self._first.keys()

    def get(self, key: str, default: str = "") -> str:
        """The first value of ``key``."""
        return self._first.get(key.lower(), default)

    def need(self, key: str) -> str:
        """The first value of ``key``.

        Raises:
            PeerError: code ``bad_frame``; there is none.
        """
        try:
            return self._first[key.lower()]
        except KeyError:
            raise PeerError(f"{self.event or 'Response'} without {key}", code="bad_frame") from None

    def all(self, key: str) -> tuple[str, ...]:
        """Every value of ``key``, in order."""
        low = key.lower()
        return tuple(value for name, value in self.pairs if name.lower() == low)

    def has(self, key: str) -> bool:
        """Whether ``key`` is there."""
        return key.lower() in self._first

    @property
    def is_success(self) -> bool:
        """Whether this is the response of an action that Asterisk accepted."""
        return self.get("Response") in {"Success", "Goodbye"}

    def __repr__(self) -> str:
        """The kind only: values may be personal."""
        return f"<Frame {self.event or 'Response'} of {len(self.pairs)} headers>"


def parse(block: str) -> Frame:
    """Read one block (the text between two blank lines, lines ended by CR LF).

    Raises:
        SuspiciousFrame: the block is damaged or looks forged.
    """
    lines = block.split("\r\n")
    if block.count("\n") + block.count("\r") != 2 * (len(lines) - 1) or "\0" in block:
        raise SuspiciousFrame("stray_line_break")
    pairs = tuple(_header(line) for line in lines)
    frame = Frame(pairs)
    _judge(frame)
    return frame


def _header(line: str) -> tuple[str, str]:
    key, colon, value = line.partition(":")
    if not colon or not key:
        raise SuspiciousFrame("not_a_header")
    return key, value.removeprefix(" ")


def _judge(frame: Frame) -> None:
    opening = frame.pairs[0][0].lower()
    if opening not in {"event", "response"}:
        raise SuspiciousFrame("bad_opening")
    if opening == "response" and frame.event:
        raise SuspiciousFrame("event_inside_response")
    if len(frame.names) != len(frame.pairs):
        _judge_repeats(frame)
    _judge_completeness(frame)


def _judge_repeats(frame: Frame) -> None:
    seen: set[str] = set()
    for key, _ in frame.pairs:
        low = key.lower()
        if low in seen and not low.endswith(REPEATABLE):
            raise SuspiciousFrame("header_twice")
        seen.add(low)


def _judge_completeness(frame: Frame) -> None:
    names = frame.names
    for number, state, end in _SNAPSHOTS:
        if number in names and state in names and end not in names:
            raise SuspiciousFrame("snapshot_cut_short")
    if not names >= REQUIRED.get(frame.event, _NOTHING):
        raise SuspiciousFrame("entry_cut_short")
