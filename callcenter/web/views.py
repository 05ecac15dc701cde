"""What the outside sees: the models of every answer and, from the same objects, of the OpenAPI document.

Invariant: a citizen's number leaves masked, be it spoken or called from, unless the answer is serialized with
``unmask`` in its context.
Times are ISO 8601 with offset; durations are seconds and end in ``_s``; ``null`` is unknown, never zero.
"""

from datetime import date, datetime
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, SerializationInfo

from callcenter.core.masking import mask_number, masked
from callcenter.core.messages.beside import Mode
from callcenter.core.messages.seats import SeatRequest, SeatState
from callcenter.web.roles import Role
from recordings.core.text_numbers import mask_dialog

T = TypeVar("T")

UNMASK = {"unmask": True}
"""Serialization context that lets numbers through."""


def _number(value: str, info: SerializationInfo) -> str:
    return value if info.context == UNMASK else mask_number(value)


def _said(value: str | None, info: SerializationInfo) -> str | None:
    return value if value is None or info.context == UNMASK else mask_dialog(value)


def _event_data(value: dict[str, Any]) -> dict[str, Any]:
    return masked(value)  # type: ignore[no-any-return]  # a dict stays a dict


Number = Annotated[
    str,
    PlainSerializer(_number, return_type=str),
    Field(description="a citizen's number, masked like 138****5678; empty when unknown"),
]
Said = Annotated[
    str | None,
    PlainSerializer(_said, return_type=str | None),
    Field(description="a paragraph per turn, numbers of persons as stars; null until transcribed"),
]
MaskedData = Annotated[
    dict[str, Any],
    PlainSerializer(_event_data),
    Field(description="the message's own fields, numbers masked"),
]


class View(BaseModel):
    """Base of all answers."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Page(View, Generic[T]):
    """A part of a list. ``total``: all there are; ``filtered``: those that match."""

    items: list[T]
    total: int = Field(ge=0)
    filtered: int = Field(ge=0)


class ComponentView(View):
    """A part of the running system. ``required``: without it the system is not ready."""

    name: str
    state: Literal["up", "degraded", "down"]
    required: bool
    detail: str = Field("", description="a stable code or figure, never personal")


class QueueView(View):
    """A queue right now."""

    queue: str
    waiting: int | None = Field(ge=0, description="callers waiting; null when the link to Asterisk is down")
    longest_wait_s: float | None = Field(description="null when nobody waits or it is unknown")
    ready_seats: int | None = Field(ge=0)


class WaitingView(View):
    """A caller in a queue. ``position`` counts from 1."""

    contact_id: str
    citizen: Number
    queue: str
    position: int = Field(ge=1)
    waited_s: float = Field(ge=0)


class SeatView(View):
    """A seat right now. ``wish``: what was asked for and takes effect after the call.

    ``skills``: the queues that ring it first; empty: all alike.
    """

    seat_id: str
    kind: Literal["on_site", "cloud"]
    proven: bool | None = Field(
        None, description="of a cloud seat: its line was measured and counts; null: a seat of the house"
    )
    state: SeatState
    state_s: float = Field(ge=0, description="seconds in this state")
    lasts_s: float | None = Field(
        None,
        ge=0,
        description="seconds after which this state ends by itself: after-call work, a rest; null: never",
    )
    reason: str = ""
    reachable: bool
    contact_id: str | None = None
    wish: SeatRequest | None = None
    skills: list[str] = Field(default_factory=list)
    occupancy: float | None = Field(
        None, ge=0, le=1, description="share of its logged-in time spent with citizens; null when unknown"
    )


class BesideView(View):
    """Who is beside a talk, and how. ``is_there`` false: his telephone rings."""

    by: str
    mode: Mode
    is_there: bool


class CallView(View):
    """A citizen's call right now."""

    contact_id: str
    citizen: Number
    state: str
    queue: str | None
    seat_id: str | None
    duration_s: float = Field(ge=0)
    is_recording_paused: bool = Field(False, description="nothing that is said now is kept")
    has_statement: bool = Field(
        False, description="the matter was stated while waiting: see /contacts/{contact_id}"
    )
    beside: BesideView | None = Field(
        None,
        description="监听、耳语或介入者；设置可对坐席隐藏 / who is beside the talk; settings may hide it from agents",
    )


class AbsentView(View):
    """Somebody who should be there now and is not. ``left``: he was there and logged off."""

    staff_no: str
    seat_id: str | None
    due_at: datetime
    left: bool


class HeadsView(View):
    """Of a kind of seats, people due without a seat of their own, and how many of them are not there."""

    kind: Literal["on_site", "cloud"]
    due: int = Field(ge=0)
    missing: int = Field(ge=0)


class OnDutyView(View):
    """Who should be there now (在岗): counted from the shifts; all zero where no roster was imported."""

    as_of: datetime
    due: int = Field(ge=0)
    missing: int = Field(ge=0)
    absent: list[AbsentView]
    heads: list[HeadsView]


class StatusView(View):
    """The live board. ``seq``: the last event that it reflects; follow the event stream from there."""

    as_of: datetime
    seq: int = Field(ge=0)
    components: list[ComponentView]
    queues: list[QueueView]
    seats: list[SeatView]
    calls: list[CallView]
    duty: OnDutyView | None = None


class SeatAnswer(View):
    """A seat request was accepted. What is asked during a call applies after it."""

    seat_id: str
    request: SeatRequest
    takes_effect: Literal["now", "after_call"]


class RestAnswer(View):
    """When the seat rests. ``not_needed``: it is off or on a break already."""

    seat_id: str
    takes_effect: Literal["now", "after_call", "not_needed"]


class SkillsAnswer(View):
    """The queues that ring the seat first from the next call on; empty: all alike."""

    seat_id: str
    skills: list[str]


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


class DayView(View):
    """Today as it is planned. Lists: one value an hour, 24 of them. Seconds are means that the forecast counts with."""

    day: date
    roster: list[int] = Field(description="seats on the roster in each hour")
    is_usual_roster: bool = Field(description="false: changed by hand for today")
    citizens: list[float] = Field(description="citizens expected in each hour")
    callback_from: str = Field(description="citizens are called back from then on, HH:MM")
    callback_to: str
    talk_s: float
    wrap_up_s: float
    review_s: float
    patience_s: float


class PriorityAnswer(View):
    """A waiting caller is being moved; ``/queues/{queue}/waiting`` tells his place."""

    contact_id: str
    queue: str
    urgent: bool


class ReviewAnswer(View):
    """The message is a ticket. ``needs_call``: the citizen will be called."""

    contact_id: str
    needs_call: bool


class CloseAnswer(View):
    """What was owed is closed by hand."""

    contact_id: str


class PostponeAnswer(View):
    """The citizen is called later. ``not_before``: the hours of call-backs and the gap between two tries hold as well."""

    contact_id: str
    not_before: datetime


class CallbackView(View):
    """What we owe one citizen, or owed: his missed calls and what he was promised, merged by number."""

    contact_id: str = Field(description="the contact that began it")
    last_contact_id: str = Field(description="his newest contact that belongs to it")
    citizen: Number
    ground: Literal["missed", "accepted", "message"]
    state: Literal["open", "closed"]
    why: str = Field(
        description="how it ended: kept, answered, self_resolved, unreached, expired, by_hand; empty while open"
    )
    attempts: int = Field(ge=1, description="his contacts that are merged here")
    tries: int = Field(ge=0, description="times that we dialed him")
    can_be_called: bool = Field(description="false: only people can look after it")
    reviewed: bool = Field(description="his message is a ticket already")
    made_at: datetime
    due_at: datetime | None = Field(description="when we dial next; null: somebody works on it")
    tried_at: datetime | None
    closed_at: datetime | None
    ticket_no: str | None = Field(description="the citizen's newest ticket of the last 30 days")


class ContactView(View):
    """One contact: a row of the ledger. ``answers_contact_id``: of a call-back, what it answers. Lists show no statement."""

    contact_id: str
    citizen: Number
    called: str
    source: str = Field(
        description="controller, found, survival, books; callback: begun by us; partner: helped for another city"
    )
    state: str
    outcome: str | None = Field(description="null while the contact lives")
    arrived_at: datetime
    queued_at: datetime | None
    answered_at: datetime | None
    ended_at: datetime | None
    queue: str | None
    seat_id: str | None
    wait_s: float | None
    talk_s: float | None
    answers_contact_id: str | None = None
    statement: Said = Field(
        None,
        description="what was stated while waiting for a seat, numbers of persons as stars; null: nothing, or not yet",
    )
    statement_id: str | None = Field(None, description="the recording of the statement")
    last_step: str | None = Field(None, description="of the walk through the flows, flow.step; null: none")


class TicketSummary(View):
    """A ticket in a list."""

    ticket_no: str
    contact_id: str
    state: str
    citizen: Number
    created_at: datetime
    queue: str | None
    seat_id: str | None
    nature: str | None = Field(
        description="help, consult, complaint, tip_off, suggestion, praise: suggested, in lists as corrected"
    )
    topic: str | None = Field(description="by the key of the city's list: suggested, in lists as corrected")
    topic_name: str | None = Field(description="the topic as the city's list names it in Chinese")
    deadline: datetime | None = Field(
        None, description="the last second of the day on which it is due; null: no norm"
    )
    standing: Literal["open", "answered", "handed_on"] = Field(
        "open", description="how far a person is with it"
    )


class TicketView(TicketSummary):
    """A ticket with what was said. ``nature_words`` and ``topic_words`` led to the suggestions."""

    nature_words: list[str]
    topic_words: list[str]
    place: Said = Field(None, description="as the citizen named it; null: not known")
    transcript_state: str
    transcript: Said
    statement: Said = Field(
        None,
        description="what was stated while waiting for a seat, numbers of persons as stars; null: nothing, or not yet",
    )
    statement_id: str | None = Field(None, description="the recording of the statement")
    recognizer: str | None = Field(description="the model that made the transcript")
    is_demo_model: bool | None = Field(description="the model is for demonstration, no recognizer of people")
    problems: list[str] = Field(description="what could not be had, by code")
    recording_id: str | None
    completed_at: datetime | None


class RecordingView(View):
    """A recording: left channel citizen, right channel agent."""

    recording_id: str
    contact_id: str
    state: str = Field(description="sealed, missing or deleted")
    seconds: float | None
    expected_s: float | None
    short_by_s: float | None = Field(description="missing against the talk; 0 is complete")
    reason: str
    sha256: str | None = Field(description="of the WAV file that is heard")
    sealed_at: datetime | None


class WordView(View):
    """A word as it stands in the text of its turn. ``from_s``: play from there."""

    text: str
    from_s: float


class TurnView(View):
    """What one speaker said without a long pause. Seconds from the beginning of the recording."""

    channel: str = Field(description="citizen or agent")
    from_s: float
    to_s: float
    text: str = Field(description="punctuated from pauses and particles")
    words: list[WordView] = Field(description="its parts, in order: together they are the text")


class TranscriptView(View):
    """What one model made of a recording."""

    recording_id: str
    model: str
    is_demo_model: bool = Field(description="the model is for demonstration, no recognizer of people")
    seconds: float
    turns: list[TurnView]


class TranscriptsView(View):
    """Every model's transcript, the one in use first."""

    items: list[TranscriptView]


class TranscriptQueueView(View):
    """How far transcription is. Voice messages go first, then who complained, then the rest."""

    waiting: int = Field(ge=0)
    running: int = Field(ge=0)
    parked: int = Field(ge=0, description="given up after all tries; they wait for a person")
    done_today: int = Field(ge=0)
    sound_done_today_s: float = Field(ge=0, description="seconds of sound")
    sound_left_s: float = Field(ge=0, description="seconds of sound that wait or are being transcribed")
    rate: float | None = Field(description="seconds of sound a second, of the last results; null: unknown")
    eta_s: float | None = Field(description="until nothing is left at this rate; null: unknown")


class RecorderAnswer(View):
    """Asterisk has confirmed it."""

    contact_id: str
    paused: bool = Field(description="nothing that is said now is kept")


class EventView(View):
    """An entry of the journal. Consumers de-duplicate by ``id``."""

    seq: int = Field(ge=1)
    id: str
    type: str
    at: datetime
    subject: dict[str, str]
    data: MaskedData


class EventPage(View):
    """Entries after ``since``; ask again from ``next_since`` until ``items`` is empty."""

    items: list[EventView]
    oldest_seq: int
    newest_seq: int
    next_since: int


class GapView(View):
    """A time without events from Asterisk: figures of that time are incomplete."""

    opened_at: datetime
    closed_at: datetime | None
    reason: str


class LedgerReport(View):
    """The ledger beside Asterisk's own books. ``differences``: each named, numbers never."""

    clean: bool
    since: datetime | None = None
    until: datetime
    contacts: int
    book_entries: int
    differences: list[dict[str, str]]


class AuditView(View):
    """Who touched personal data, when and why."""

    at: datetime
    by: str
    action: str
    resource: str
    why: str


class AuditProofView(View):
    """What a proof of the audit's chain found."""

    entries: int = Field(ge=0, description="entries that fit")
    head: str = Field(description="hash of the last of them: note it elsewhere, and a cut end shows")
    broken_at: int | None = Field(description="number of the first entry that does not fit; null: all do")


class MeView(View):
    """Who is signed in. ``csrf``: header ``X-CSRF-Token`` of mutating calls by cookie, else empty."""

    name: str
    role: Role
    seat_id: str | None
    must_change_password: bool
    must_bind: bool = Field(False, description="one-time codes must be set up before anything else")
    permissions: list[str]
    csrf: str


class SignedIn(MeView):
    """A new session. ``token``: for ``Authorization: Bearer``; empty when a cookie was set instead."""

    token: str
    expires_at: datetime


class ErrorView(View):
    """Every refusal and failure. ``error_id`` is part of the API."""

    error_id: str
    message: str
    details: dict[str, Any]
    resource: str
    timestamp: datetime
