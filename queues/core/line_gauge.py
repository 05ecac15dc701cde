"""What a line loses, from counts that are told only now and then: RTCP reports come about every five seconds.

Invariant: a share is counted over the packets that the last report can have known, never over newer ones.
"""

from dataclasses import dataclass, field

REPORTED_PACKETS = 250
"""Packets of 20 ms between two reports (RFC 3550 6.2: five seconds)."""


@dataclass(frozen=True, slots=True)
class LineFigures:
    """One reading. Counts since the begin; ``jitter_s``: variation of arrival; ``rtt_s``: 0 until both sides have reported.

    ``lost_in``: missing in the numbers of what came; ``lost_out``: what the phone says that it missed.
    """

    received: int
    lost_in: int
    sent: int
    lost_out: int
    jitter_s: float
    rtt_s: float


@dataclass(slots=True)
class Loss:
    """The share lost in one direction. ``known``: packets when ``lost`` was last seen to grow; ``all``: by now."""

    lost: int = 0
    known: int = 0
    all: int = 0

    def note(self, lost: int, packets: int) -> None:
        """``packets``: all that were sent, as far as can be counted, the lost ones too."""
        if lost != self.lost:
            self.lost, self.known = lost, packets
        self.all = packets

    @property
    def share(self) -> float:
        """0..1; nothing sent is nothing lost."""
        packets = max(self.known, self.all - REPORTED_PACKETS)
        return min(1.0, self.lost / packets) if packets > 0 else 0.0


@dataclass(slots=True)
class LineGauge:
    """Takes readings of one line and says what it is worth."""

    loss_in: Loss = field(default_factory=Loss)
    loss_out: Loss = field(default_factory=Loss)
    rtt_s: float = 0.0
    _jitters_s: list[float] = field(default_factory=list)
    _received: int = 0

    def note(self, figures: LineFigures) -> None:
        """Take in a reading; the last one counts most."""
        self._received, self.rtt_s = figures.received, figures.rtt_s
        self.loss_in.note(figures.lost_in, figures.received + figures.lost_in)
        self.loss_out.note(figures.lost_out, figures.sent)
        if figures.received:
            self._jitters_s.append(figures.jitter_s)

    @property
    def share_in(self) -> float:
        """Lost on the way from the phone, 0..1; all of it if nothing came."""
        return self.loss_in.share if self._received else 1.0

    @property
    def jitter_s(self) -> float:
        """The mean of the running estimates (RFC 3550 6.4.1) in the second half, when they have risen from nothing."""
        risen = self._jitters_s[len(self._jitters_s) // 2 :]
        return sum(risen) / len(risen) if risen else 0.0
