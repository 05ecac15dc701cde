"""Small fakes behind the web's ports for cloud seats.

Invariant: a fake keeps what it is told and tells what it keeps; it decides nothing.
"""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from callcenter.core.errors import UsageError
from callcenter.core.ids import SeatId
from callcenter.core.messages.cloud import CloudRequest, CloudState
from callcenter.core.messages.seats import SeatState
from callcenter.web.views import cloud as views
from web_fakes.scene import NUMBER, START

JOIN_TOKEN = "am9pbi1hLWNsb3VkLXNlYXQ"
SECRET = "a-secret-of-32-url-safe-letters"
SEAT = "8101"
NO_SEAT = "8199"


@dataclass
class FakeCloud:
    """One cloud seat and one person. ``asked``: what was asked, in order."""

    asked: list[tuple[object, ...]] = field(default_factory=list)
    proposal: int | None = 4

    def view(self) -> views.CloudView:
        line = views.LineView(
            failed="", loss_in=0.31, loss_out=0.0, jitter_ms=4.0, rtt_ms=60.0, seconds=8.0, heard=True
        )
        seat = views.CloudSeatView(
            seat_id=SEAT,
            state=CloudState.REFUSED,
            state_name="未通过",
            state_s=12.0,
            staff_no="1023",
            name="王芳",
            reason="丢包 31 %，上限 3 % / loss 31 %, limit 3 %",
            reachable=True,
            seat_state=SeatState.OFF,
            measured=line,
            help_ends_at=None,
            leaves_after_call=False,
        )
        return views.CloudView(
            as_of=START,
            mode="proposed",
            people=1,
            proven=0,
            ringing=2,
            willing_ratio=0.7,
            proposal=self.proposal,
            call=views.HelpCallView(wanted=6, target=6, coming=1, round=1, next_round_s=60.0, by="figures"),
            seats=[seat],
        )

    async def invite(self, seats: int, by: str, why: str) -> None:
        self.asked.append(("invite", seats, by, why))

    async def answer(self, applied: bool, by: str, why: str) -> None:
        if self.proposal is None:
            raise UsageError("nothing is proposed", code="no_proposal")
        self.asked.append(("answer", applied, by, why))

    async def call_off(self, by: str, why: str) -> None:
        self.asked.append(("call_off", by, why))

    async def ask(self, seat_id: SeatId, request: CloudRequest, by: str, why: str) -> views.CloudSeatAnswer:
        _require(seat_id)
        self.asked.append((request, seat_id, by, why))
        return views.CloudSeatAnswer(seat_id=seat_id, state=CloudState.REFUSED, takes_effect="after_call")

    async def link(self, seat_id: SeatId) -> views.JoinLinkView:
        _require(seat_id)
        return views.JoinLinkView(
            seat_id=seat_id,
            staff_no="1023",
            url=f"https://hotline.example/join/{JOIN_TOKEN}",
            expires_at=START + timedelta(minutes=30),
        )

    def people(self) -> Sequence[views.CloudPersonView]:
        return [
            views.CloudPersonView(staff_no="1023", name="王芳", phone=NUMBER, seat_id=SEAT, can_be_rung=True)
        ]

    async def add(self, staff_no: str, name: str, phone: str, seat_id: str | None) -> views.CloudPersonView:
        self.asked.append(("add", staff_no, name, phone, seat_id))
        return views.CloudPersonView(
            staff_no=staff_no, name=name, phone=phone, seat_id=seat_id, can_be_rung=bool(phone)
        )


@dataclass
class FakeJoin:
    """One link, good once."""

    is_used: bool = False
    state_of_seat: CloudState = CloudState.ACCEPTED
    retried: int = 0

    async def state(self, token: str) -> views.JoinView | None:
        if token != JOIN_TOKEN:
            return None
        state = self.state_of_seat if self.is_used else CloudState.INVITED
        return views.JoinView(
            seat_id=SEAT,
            state=state,
            text=f"状态<{state.value}>",
            is_used=self.is_used,
            can_retry=state is CloudState.REFUSED,
        )

    async def join(self, token: str) -> views.SipAccount | None:
        if token != JOIN_TOKEN or self.is_used:
            return None
        self.is_used = True
        return views.SipAccount(address="203.0.113.5:5060", account=SEAT, secret=SECRET)

    async def retry(self, token: str) -> None:
        self.retried += 1


def _require(seat_id: SeatId) -> None:
    if seat_id == NO_SEAT:
        raise UsageError(f"there is no cloud seat {seat_id}", code="unknown_seat")
