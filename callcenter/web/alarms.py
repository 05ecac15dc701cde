"""Alarms (告警) as the house tells them: judged anew at every look; what the stores told and who looks after which is kept.

Invariant: a surge with a hundred open boards asks the stores no more often than a calm day with one.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from typing import Final, Literal, TypeVar

from callcenter.core.alarms import LinkGap, Part, Seen, Told, alarms
from callcenter.core.errors import CallcenterError
from callcenter.core.ids import SeatId
from callcenter.core.messages.seats import SeatState
from callcenter.web.ports import Ports
from callcenter.web.views.alarms import AlarmView
from callcenter.web.views.board import StatusView

A = TypeVar("A")

FRESH_S: Final = 15.0
"""So long what the stores told is good enough."""
GAPS_LOOKED_AT: Final = 5
LIMIT_S: Final = 3.0

_SEVERITIES: Final[tuple[Literal["critical", "major", "minor"], ...]] = ("critical", "major", "minor")


class Alarms:
    """All that is wrong now."""

    def __init__(self, ports: Ports) -> None:
        self._ports, self._book = ports, ports.alarms

    def seen_in(self, status: StatusView) -> list[AlarmView]:
        """The worst first, by the board as it is and what the stores told last."""
        found = alarms(
            Seen(
                parts=[Part(part.name, part.state, part.detail) for part in status.components],
                dead_phones=[
                    SeatId(seat.seat_id) for seat in status.seats if seat.state is SeatState.UNREACHABLE
                ],
                told=self._book.told,
            ),
            status.as_of,
        )
        self._book.keep_only({alarm.id for alarm in found})
        return [
            AlarmView(
                id=alarm.id,
                severity=_SEVERITIES[alarm.severity],
                values=dict(alarm.values),
                seen=self._book.of(alarm.id),
            )
            for alarm in found
        ]

    async def now(self) -> list[AlarmView]:
        """The same for who asks: the stores have been asked."""
        if self.are_due:
            await self.ask()
        return self.seen_in(self._ports.board.status())

    @property
    def are_due(self) -> bool:
        """Whether what the stores told is old."""
        at = self._book.asked_at
        return at is None or self._ports.clock.instant() - at >= FRESH_S

    async def ask(self) -> None:
        """Ask the stores; of one that is away only that it is, by the parts."""
        self._book.asked_at = self._ports.clock.instant()
        gaps, recordings, transcripts = await asyncio.gather(
            _or_none(self._ports.gaps.list(GAPS_LOOKED_AT)),
            _or_none(self._ports.vault.gaps(None)),
            _or_none(self._ports.transcripts.queue()),
        )
        verdicts = Counter(gap.verdict for gap in recordings.gaps) if recordings else Counter[str]()
        self._book.told = Told(
            gaps=tuple(LinkGap(gap.opened_at, gap.closed_at) for gap in gaps or ()),
            recordings_missing=verdicts["missing"],
            recordings_short=verdicts["short"],
            transcripts_waiting=transcripts.waiting if transcripts else 0,
            transcripts_eta_s=transcripts.eta_s if transcripts else None,
            transcripts_parked=transcripts.parked if transcripts else 0,
        )


async def _or_none(answer: Awaitable[A]) -> A | None:
    """The answer of a store; ``None``: it is away, which has an alarm of its own."""
    try:
        async with asyncio.timeout(LIMIT_S):
            return await answer
    except (CallcenterError, TimeoutError):
        return None
