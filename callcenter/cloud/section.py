"""The settings of cloud seats (云坐席): who may be rung when, how good a line must be, when a seat is locked."""

from typing import Literal, Self

from pydantic import Field, model_validator

from callcenter.sections import Section


class Cloud(Section):
    """People who help from elsewhere (云坐席). They count as capacity only while their measured line is good enough."""

    mode: Literal["automatic", "proposed"] = Field(
        "proposed",
        description="automatic: the figures invite by themselves; proposed: a manager applies or declines",
    )
    seats: int = Field(12, ge=0, le=99, description="cloud seats that the figures ask for; 0: they never ask")
    by_phone: bool = Field(
        True, description="people are rung at their own numbers; needs the carrier's line out"
    )
    by_link: bool = Field(
        False, description="people are written to, with a link that is good once; needs sms.link_base"
    )
    at_once: int = Field(8, ge=1, le=60, description="phones of invited people that ring at the same time")
    ring_s: int = Field(30, ge=5, le=60, description="how long an invited person's phone rings")
    round_s: int = Field(120, ge=30, description="time after which more are invited if too few have come")
    rounds: int = Field(5, ge=1, le=20, description="rounds of one call for help at most")
    again_after_s: int = Field(14_400, ge=600, description="time in which nobody is invited twice")
    from_hour: int = Field(8, ge=0, le=23, description="first hour of the day in which people are rung")
    to_hour: int = Field(21, ge=1, le=24, description="hour from which nobody is rung")
    link_s: int = Field(1800, ge=300, le=7200, description="how long a link is good")
    accepted_s: int = Field(1800, ge=60, description="how long the phone of who accepted is waited for")
    stay_s: int = Field(14_400, ge=600, description="how long one helps, from the proof of his line on")
    warn_s: int = Field(600, ge=0, description="so long before its end he is told")
    loss_limit_ratio: float = Field(0.03, ge=0, le=1, description="packets that may be lost, each way")
    jitter_limit_ms: float = Field(50.0, gt=0, description="variation of their arrival")
    rtt_limit_ms: float = Field(400.0, gt=0, description="there and back")
    lock_after: int = Field(10, ge=3, le=1000, description="wrong passwords that lock a seat")
    lock_window_s: int = Field(300, ge=10, description="within so much time")
    sip_address: str = Field(
        "",
        max_length=120,
        description="this server's SIP address as phones elsewhere reach it, HOST:PORT; empty: that of 'sip'",
    )

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.from_hour >= self.to_hour:
            raise ValueError(
                f"开始钟点 {self.from_hour} 须早于结束钟点 {self.to_hour} / from_hour {self.from_hour} must be before "
                f"to_hour {self.to_hour}"
            )
        return self
