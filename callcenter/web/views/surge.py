"""The surge: its level, what that allows, and how it was switched."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from callcenter.web.views import View

LEVEL_NAMES = ("平时", "关注", "高峰", "过载")
"""Names of the surge levels 0 to 3 (FIELD.md 10)."""

Level = Annotated[int, Field(ge=0, lt=len(LEVEL_NAMES), description="0 平时, 1 关注, 2 高峰, 3 过载")]


class ProfileView(View):
    """What the level in force allows (预案)."""

    notice: bool = Field(description="the notice of the hour is played")
    surveys: bool
    callbacks: bool = Field(description="callers are offered a call-back")
    messages: bool = Field(description="callers are offered to leave a message")
    cloud_seats: bool = Field(description="cloud seats are invited")
    partner: bool = Field(description="the partner city is asked")
    wrap_up_cap_s: float | None = Field(description="longest after-call work; null: no cap")


class OwedView(View):
    """How many citizens we owe a call or a hearing, by ground."""

    missed: int = Field(0, ge=0, description="they gave up, or never got in")
    accepted: int = Field(0, ge=0, description="they accepted a call-back")
    message: int = Field(0, ge=0, description="they left a voice message")


class SurgeView(View):
    """The surge right now. ``load``: offered work over seat time, 1 is just full; ``ewt_s``: plain estimate."""

    as_of: datetime
    level: Level
    level_name: str
    mode: Literal["automatic", "declared"] = Field(description="declared: a shift manager holds the level")
    proposal: Level | None = Field(
        description="the level that the figures propose and nobody has answered yet"
    )
    profile: ProfileView
    load: float
    ewt_s: float = Field(ge=0, description="plain estimate of the wait for who joins now")
    waiting: int = Field(ge=0)
    staffed: int = Field(ge=0, description="seats logged in and not on break")
    free: int = Field(ge=0, description="of those, waiting for work")
    owed: OwedView


class SurgeSwitchView(View):
    """A switch of the level, or (``applied`` false) a proposal, with the figures of that moment."""

    seq: int = Field(ge=1, description="its place in the journal")
    at: datetime
    old: Level
    new: Level
    new_name: str
    applied: bool
    by: str = Field(description="an account, or figures")
    why: str
    load: float
    ewt_s: float
    waiting: int
