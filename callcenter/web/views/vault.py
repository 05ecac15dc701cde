"""Answers about the vault (录音库): holds, gaps, proofs, keys.

Invariant: no sound and no words of a call; ids, seconds and names of files only.
"""

from datetime import date, datetime

from pydantic import Field

from callcenter.web.stages import Stage
from callcenter.web.views import View


class KeyView(View):
    """A month's data key. ``erased_at`` ``null``: recordings of the month can be read."""

    key_id: str
    month: str
    made_at: datetime
    erased_at: datetime | None


class VaultView(View):
    """Whether the vault works."""

    trouble: str = Field(description="what is wrong with its keys; empty: nothing")
    waiting_for_key: int = Field(ge=0, description="recordings that lie unencrypted until a key is there")
    waiting_for_storage: int = Field(ge=0, description="recordings not sent to the storage yet")
    storage_late_s: float = Field(ge=0, description="how long the oldest of these waits")
    keys: list[KeyView]


class HoldView(View):
    """A legal hold (法律保全) on a contact's recordings and those of the call-backs that answer it."""

    contact_id: str
    why: str
    placed_by: str
    placed_at: datetime


class RecordingGapView(View):
    """An answered contact whose recording is missing or shorter than the talk. ``recorded_s`` ``null``: none."""

    contact_id: str
    seat_id: str | None
    ended_at: datetime
    talk_s: float
    recorded_s: float | None
    short_by_s: float
    verdict: str = Field(description="missing or short")
    reason: str


class RecordingGapsView(View):
    """The gaps of a day (录音缺口清单), worst first."""

    day: date
    answered: int = Field(ge=0)
    complete: int = Field(ge=0)
    recording_complete_rate: float | None = Field(description="null when nothing was answered")
    gaps: list[RecordingGapView]


class ContradictionView(View):
    """What the witnesses do not agree on, and what to do. ``name``: file, line, day or recording."""

    kind: str
    name: str
    detail: str
    advice: str


class VerificationView(View):
    """The newest proof of the vault that this program was asked for."""

    state: Stage
    day: date | None = Field(None, description="only files of this day; null: all")
    by: str = ""
    started_at: datetime | None = None
    ended_at: datetime | None = None
    clean: bool | None = Field(None, description="null until it is done")
    lines: int = 0
    roots: int = 0
    files: int = 0
    database: str = Field("", description="compared, or why it could not be")
    found: int = Field(0, ge=0, description="contradictions")
    findings: list[ContradictionView] = Field(default_factory=list, description="the first of them")
    trouble: str = Field("", description="why it failed")
