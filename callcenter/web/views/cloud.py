"""Answers about cloud seats (云坐席): the roll, what was measured, a link. Numbers of the staff are masked like citizens'."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from callcenter.core.messages.cloud import CloudState
from callcenter.core.messages.seats import SeatState
from callcenter.web.views import Number, View

STATE_NAMES = {
    CloudState.IDLE: "空闲",
    CloudState.INVITED: "邀请中",
    CloudState.ACCEPTED: "已接受，等话机",
    CloudState.CHECKING: "检测中",
    CloudState.PROVEN: "已验证",
    CloudState.REFUSED: "未通过",
    CloudState.WITHDRAWN: "已撤回",
    CloudState.LOCKED: "已锁定",
}
"""Chinese for people; the codes are for programs."""


class LineView(View):
    """What the echo test of a seat's line measured."""

    failed: str = Field(
        description="why nothing was measured: no_answer, unreachable, hung_up; empty: it was"
    )
    loss_in: float = Field(ge=0, description="share of packets lost from the phone")
    loss_out: float = Field(ge=0, description="share of packets lost to the phone")
    jitter_ms: float = Field(ge=0)
    rtt_ms: float = Field(ge=0, description="there and back")
    seconds: float = Field(ge=0, description="of test")
    heard: bool = Field(description="there was a voice")


class CloudSeatView(View):
    """A cloud seat. Only ``proven`` counts as capacity."""

    seat_id: str
    state: CloudState
    state_name: str
    state_s: float = Field(ge=0, description="seconds in this state")
    staff_no: str = Field(description="who sits there or is invited; empty: nobody")
    name: str
    reason: str = Field(description="in Chinese and English; why it was refused, withdrawn, locked")
    reachable: bool = Field(description="its phone is registered")
    seat_state: SeatState = Field(description="what it does for the line")
    measured: LineView | None = Field(description="the last check; null: none since it was accepted")
    help_ends_at: datetime | None = Field(description="null: it does not help now")
    leaves_after_call: bool = Field(description="it was withdrawn during a call")


class HelpCallView(View):
    """A running call for help."""

    wanted: int = Field(ge=0)
    target: int = Field(ge=0, description="so many should be proven in the end")
    coming: int = Field(ge=0, description="accepted, being checked or proven")
    round: int = Field(ge=0)
    next_round_s: float = Field(ge=0)
    by: str = Field(description="who asked; 'figures': the surge engine")


class CloudView(View):
    """The roll of cloud seats."""

    as_of: datetime
    mode: Literal["automatic", "proposed"]
    people: int = Field(ge=0, description="people who may be invited")
    proven: int = Field(ge=0)
    ringing: int = Field(ge=0, description="phones of invited people that ring now")
    willing_ratio: float = Field(ge=0, le=1, description="share of those invited who come")
    proposal: int | None = Field(description="so many are proposed and wait for a manager; null: none")
    call: HelpCallView | None
    seats: list[CloudSeatView]


class CloudSeatAnswer(View):
    """What becomes of a request."""

    seat_id: str
    state: CloudState
    takes_effect: Literal["now", "after_call"]
    note: str = Field("", description="what is left to do")


class JoinLinkView(View):
    """A link by which somebody joins; it is told once and good once."""

    seat_id: str
    staff_no: str
    url: str
    expires_at: datetime


class CloudPersonView(View):
    """Somebody who may be invited."""

    staff_no: str
    name: str
    phone: Number
    seat_id: str | None = Field(description="null: at any cloud seat")
    can_be_rung: bool


class SipAccount(View):
    """What a phone needs to register; told once."""

    address: str
    account: str
    secret: str


class JoinView(View):
    """How far somebody is who joins by link; the page asks for it again and again."""

    seat_id: str
    state: CloudState
    text: str = Field(description="for him, Chinese first")
    is_used: bool = Field(description="he has accepted by this link")
    can_retry: bool
