"""The contact ledger's engine: every inbound attempt is one contact, and every contact ends with one outcome.

Invariants: a contact is born by its arrival (or by being found alive after a gap) and leaves by exactly one
``ended`` transition; who was answered or ended unseen is settled from the second book, never guessed.
Wall-clock stamps are the arrival's stamp plus monotonic differences, so a jumping clock bends no duration.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from callcenter.core.clock import Instant
from callcenter.core.contact import (
    CALLBACK,
    CONTACT,
    FOUND,
    PARTNER,
    Contact,
    ContactEvent,
    ContactState,
    SaveContact,
    arrived,
    outcome_of,
)
from callcenter.core.errors import IllegalTransition
from callcenter.core.ids import ChannelName, ContactId, SeatId
from callcenter.core.messages import callbacks, calls, conference, flows, link, offers, partner, work
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.calls import Outcome
from callcenter.core.messages.flows import Exit
from callcenter.core.messages.offers import Question

_S, _E = ContactState, ContactEvent

CHOSEN = {
    Question.STATUS: Outcome.CALLBACK,
    Question.CALLBACK: Outcome.CALLBACK,
    Question.CALLBACK_WAITING: Outcome.CALLBACK,
    Question.MESSAGE: Outcome.MESSAGE,
}
"""How a contact ends that accepts an offer."""

WALKED = {
    Exit.MESSAGE: Outcome.MESSAGE,
    Exit.RESOLVED: Outcome.SELF_RESOLVED,
    Exit.TRANSFER: Outcome.SELF_RESOLVED,
}
"""How a contact ends whose walk led elsewhere than to a person; who was transferred reached whom he needed."""

EARLY_LIMIT = 1000
"""Contacts whose events came before their arrival and that are remembered."""


class Contacts:
    """Keeps all live contacts and closes each with one outcome."""

    def __init__(self, speed: float = 1.0) -> None:
        self._speed = speed
        self._live: dict[ContactId, tuple[Contact, Instant]] = {}
        self._vanished: set[ContactId] = set()
        """Live contacts that Asterisk does not hold: their end, though it may still be told, is the books'."""
        self._stated: set[ContactId] = set()
        """Live contacts that stated their matter while they waited: who gives up has his ticket all the same."""
        self._early: dict[ContactId, ContactEvent] = {}
        self._talks_with: dict[ContactId, SeatId] = {}
        """The seat that answered a live contact last, or was handed it."""
        self._gathered: set[ContactId] = set()
        """Live contacts in a conference of three."""
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`."""
        match message:
            case calls.CallArrived() | partner.AidArrived():
                self._arrive(message, now)
            case partner.CityAnswered():
                self._help(message.contact_id, now)
            case partner.CityLeft():
                self._move_if_allowed(message.contact_id, _E.TALK_ENDED, now)
            case partner.CameBack():
                unanswered = {"answered_at": None, "talk_ended_at": None}
                self._move_if_allowed(message.contact_id, _E.RETURNED, now, **unanswered)
            case calls.CallQueued():
                self._move(message.contact_id, _E.QUEUED, now, queue=message.queue)
            case calls.CallOffered() if not callbacks.is_callback(message.contact_id):
                self._move(message.contact_id, _E.OFFERED, now)
            case calls.OfferTimedOut():
                self._move(message.contact_id, _E.OFFER_TIMED_OUT, now)
            case calls.CallAnswered():
                self._answer(message, now)
            case calls.CallTransferred():
                self._move(message.contact_id, _E.TRANSFERRED, now, transferred=True)
                if message.joined and message.contact_id in self._live:
                    self._talks_with[message.contact_id] = SeatId(message.to)
            case conference.ConferenceBegun():
                self._move(message.contact_id, _E.TRANSFERRED, now, transferred=True)
                self._gathered.add(message.contact_id)
            case conference.ConferenceEnded():
                self._gathered.discard(message.contact_id)
                if message.came_about:
                    self._move_if_allowed(message.contact_id, _E.TALK_ENDED, now)
            case calls.TalkEnded() | calls.TalkBroken():
                self._end_talk(message, now)
            case calls.LegEnded() if message.contact_id in self._live:
                self._end_talk(message, now)
            case calls.PromptEnded():
                self._lean(message.contact_id, Outcome.ABANDONED)
            case offers.Replied():
                self._hear_reply(message)
            case flows.StepEntered():
                self._step(message)
            case flows.WalkEnded():
                self._end_walk(message)
            case callbacks.CallbackBegun():
                self._begin_callback(message, now)
            case callbacks.CallbackAnswered():
                self._join_callback(message.contact_id, now)
            case callbacks.CallbackTalkEnded():
                self._move_if_allowed(message.contact_id, _E.TALK_ENDED, now)
            case offers.MatterStated():
                self._keep_statement(message.contact_id)
            case calls.CallAbandoned():
                self._move(message.contact_id, _E.ABANDONED, now)
            case calls.CallEnded():
                self._end(message, now)
            case calls.ContactSettled():
                self._settle(message)
            case link.LinkRestored():
                self._compare_with(message.snapshot, message.at, now)
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """The ledger waits for nothing."""

    def next_deadline(self) -> Instant | None:
        """None: the ledger waits for nothing."""
        return None

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def reopen(self, contact: Contact, age_s: float, now: Instant, *, has_stated: bool = False) -> None:
        """Take up a contact that the ledger holds without an outcome; at start, before any message."""
        self._live.setdefault(contact.contact_id, (contact, Instant(now - age_s)))
        if has_stated:
            self._stated.add(contact.contact_id)

    def live(self) -> Iterable[Contact]:
        """The contacts without an outcome."""
        return (contact for contact, _ in self._live.values())

    def get(self, contact_id: ContactId) -> Contact | None:
        """A live contact."""
        entry = self._live.get(contact_id)
        return entry[0] if entry else None

    def talks_with(self, contact_id: ContactId) -> SeatId | None:
        """The seat that a live contact talks with, or did last: whom it was handed to, else who answered."""
        contact = self.get(contact_id)
        return self._talks_with.get(contact_id, contact.seat_id) if contact else None

    def awaits_books(self, caller: str) -> bool:
        """Whether a contact of this number vanished, and the books have not told yet how it ended."""
        return any(
            contact.caller == caller for contact in self.live() if contact.contact_id in self._vanished
        )

    def has_stated(self, contact_id: ContactId) -> bool:
        """Whether a live contact stated its matter while it waited."""
        return contact_id in self._stated

    def _arrive(self, message: calls.CallArrived | partner.AidArrived, now: Instant) -> None:
        if message.contact_id in self._live:
            raise IllegalTransition(CONTACT.name, self._live[message.contact_id][0].state, "arrived")
        self._live[message.contact_id] = (arrived(message), Instant(now - message.late_s))
        self._catch_late(message.contact_id)

    def _catch_late(self, contact_id: ContactId) -> None:
        """His row took so long that the dialplan went on without it: the truth is asked, not guessed."""
        match self._early.pop(contact_id, None):
            case None:
                pass
            case _E.ENDED:
                self._effects.append(calls.SettleFromBooks((contact_id,)))
            case _:
                self._effects.append(link.Resync("arrival came late"))

    def _note_early(self, contact_id: ContactId, event: ContactEvent) -> None:
        """An event of a contact that has not arrived yet, or belongs to nobody; only the newest are kept."""
        self._early.pop(contact_id, None)
        self._early[contact_id] = event
        if len(self._early) > EARLY_LIMIT:
            del self._early[next(iter(self._early))]

    def _move(self, contact_id: ContactId, event: ContactEvent, now: Instant, **changes: object) -> None:
        entry = self._live.get(contact_id)
        if entry is None:
            self._note_early(contact_id, event)
            return
        contact, born = entry
        state = CONTACT.next(contact.state, event)
        stamps = _stamps(event, self._at(contact, born, now), contact)
        moved = replace(contact, state=state, **stamps, **changes)  # type: ignore[arg-type]  # fields by name
        self._live[contact_id] = (moved, born)
        if moved != contact:
            self._effects.append(SaveContact(moved))

    def _at(self, contact: Contact, born: Instant, now: Instant) -> datetime:
        """The wall-clock time of an instant, by the contact's own clock."""
        return contact.arrived_at + timedelta(seconds=(now - born) / self._speed)

    def _answer(self, message: calls.CallAnswered, now: Instant) -> None:
        contact = self.get(message.contact_id)
        if contact is None:
            return
        seat_id = contact.seat_id if contact.answered_at else message.seat_id
        self._move(message.contact_id, _E.ANSWERED, now, queue=message.queue, seat_id=seat_id)
        self._talks_with[message.contact_id] = message.seat_id
        if not self._live[message.contact_id][0].is_aid:
            self._effects.append(work.DraftTicket(message.contact_id))

    def _end_talk(self, message: calls.TalkEnded | calls.TalkBroken | calls.LegEnded, now: Instant) -> None:
        """The end of a talk that broke is told once more when the citizen hangs up, be it in another one.

        In a conference it is only one seat's: the others talk on.
        """
        contact_id, seat_id = message.contact_id, message.seat_id
        if contact_id not in self._live:
            self._note_early(contact_id, _E.TALK_ENDED)
        elif contact_id not in self._gathered and self._talks_with.get(contact_id, seat_id) == seat_id:
            self._move_if_allowed(contact_id, _E.TALK_ENDED, now)

    def _help(self, contact_id: ContactId, now: Instant) -> None:
        """The partner city answered; where a bridge is told of twice, once."""
        if self._move_if_allowed(contact_id, _E.HELPED, now, seat_id=partner.PARTNER_SEAT):
            self._effects.append(work.DraftTicket(contact_id))

    def _move_if_allowed(
        self, contact_id: ContactId, event: ContactEvent, now: Instant, **changes: object
    ) -> bool:
        """Whether it was: what is told of a leg to the partner, or of a call-back, may come late or twice."""
        contact = self.get(contact_id)
        if contact is None or not CONTACT.allows(contact.state, event):
            return False
        self._move(contact_id, event, now, **changes)
        return True

    def _lean(self, contact_id: ContactId, outcome: Outcome) -> None:
        """The greeting was heard: he wants a person. Or he chose something better than the line."""
        entry = self._live.get(contact_id)
        if entry is not None and (entry[0].leaning is None or outcome is not Outcome.ABANDONED):
            self._live[contact_id] = (replace(entry[0], leaning=outcome), entry[1])

    def _hear_reply(self, message: offers.Replied) -> None:
        if message.accepted and (chosen := CHOSEN.get(message.question)):
            self._lean(message.contact_id, chosen)

    def _keep_statement(self, contact_id: ContactId) -> None:
        if contact_id in self._live:
            self._stated.add(contact_id)
        self._effects.append(work.KeepStatement(contact_id))

    def _step(self, message: flows.StepEntered) -> None:
        """Kept in mind; written with the next change, at the latest with the end."""
        entry = self._live.get(message.contact_id)
        if entry is not None:
            last_step = f"{message.flow}.{message.step}"
            self._live[message.contact_id] = (replace(entry[0], last_step=last_step), entry[1])

    def _end_walk(self, message: flows.WalkEnded) -> None:
        if outcome := WALKED.get(message.exit):
            self._lean(message.contact_id, outcome)

    def _begin_callback(self, message: callbacks.CallbackBegun, now: Instant) -> None:
        contact = Contact(
            message.contact_id,
            ChannelName(""),
            message.caller,
            "",
            CALLBACK,
            CONTACT.initial,
            message.at,
            seat_id=message.seat_id,
            leaning=Outcome.UNREACHED,
        )
        self._live[message.contact_id] = (contact, now)

    def _join_callback(self, contact_id: ContactId, now: Instant) -> None:
        if self._move_if_allowed(contact_id, _E.REACHED, now) and not callbacks.is_survey(contact_id):
            self._effects.append(work.DraftTicket(contact_id))

    def _end(self, message: calls.CallEnded, now: Instant) -> None:
        entry = self._live.get(message.contact_id)
        if entry is None:  # refused, served by the dialplan alone, or his row is not committed yet
            self._note_early(message.contact_id, _E.ENDED)
            self._effects.append(calls.SettleFromBooks((message.contact_id,)))
            return
        if message.contact_id in self._vanished:
            return
        contact, born = entry
        state = CONTACT.next(contact.state, _E.ENDED)
        self._let_go(message.contact_id)
        if contact.is_for_the_books:
            self._effects.append(calls.SettleFromBooks((message.contact_id,)))
            return
        ended_at = self._at(contact, born, now)
        ended = replace(
            contact, state=state, ended_at=ended_at, outcome=outcome_of(contact), cause=message.cause
        )
        self._close(ended)

    def _let_go(self, contact_id: ContactId) -> None:
        """He is live no more."""
        self._live.pop(contact_id, None)
        self._talks_with.pop(contact_id, None)
        self._gathered.discard(contact_id)
        self._vanished.discard(contact_id)

    def _settle(self, message: calls.ContactSettled) -> None:
        self._let_go(message.contact_id)
        settled = Contact(
            contact_id=message.contact_id,
            channel=ChannelName(""),
            caller=message.caller,
            called=message.called,
            source=_settled_source(message),
            state=_S.ENDED,
            arrived_at=message.arrived_at,
            queued_at=message.queued_at,
            answered_at=message.answered_at,
            talk_ended_at=message.ended_at if message.answered_at else None,
            ended_at=message.ended_at,
            queue=message.queue,
            seat_id=message.seat_id,
            outcome=message.outcome,
        )
        if message.outcome is Outcome.ANSWERED and not message.is_aid:
            self._effects += [SaveContact(settled), work.DraftTicket(message.contact_id)]
        self._close(settled)

    def _close(self, contact: Contact) -> None:
        self._effects.append(SaveContact(contact))
        if contact.is_aid:  # his ticket and his recording are his own city's
            return
        if contact.outcome is Outcome.ANSWERED:
            self._effects.append(work.CompleteTicket(contact.contact_id))
            self._effects.append(work.SealRecording(contact.contact_id, contact.talk_s))
        elif contact.contact_id in self._stated:
            self._effects.append(work.CompleteTicket(contact.contact_id))
        self._stated.discard(contact.contact_id)

    def _compare_with(self, snapshot: link.Snapshot, at: datetime, now: Instant) -> None:
        """Asterisk's word is the truth: adopt who is unknown, settle who vanished, correct the rest."""
        alive = {call.contact_id: call for call in snapshot.calls}
        self._gathered = {call.contact_id for call in snapshot.calls if call.conference}
        self._vanished = {contact_id for contact_id in self._live if contact_id not in alive}
        if self._vanished:
            self._effects.append(calls.SettleFromBooks(tuple(sorted(self._vanished))))
        waiting = {entry.contact_id: entry for entry in snapshot.waiting}
        for call in alive.values():
            self._correct(call, waiting.get(call.contact_id), at, now)
        self._effects.append(calls.CatchUp(tuple(alive)))

    def _correct(
        self, call: link.LiveCall, entry: link.WaitingCall | None, at: datetime, now: Instant
    ) -> None:
        known = self._live.get(call.contact_id)
        contact, born = known or _found(call, at, now)
        if entry is not None and contact.state is not _S.RINGING:
            queued_at = contact.queued_at or at - timedelta(seconds=entry.wait_s)
            corrected = replace(contact, state=_S.WAITING, queue=entry.queue, queued_at=queued_at)
        elif call.seat_id is not None:
            corrected = replace(contact, state=_S.TALKING, seat_id=contact.seat_id or call.seat_id)
        else:
            corrected = contact
        self._live[call.contact_id] = (corrected, born)
        if known is None or corrected != contact:
            self._effects.append(SaveContact(corrected))
        has_answered = corrected.state is _S.TALKING and contact.state is not _S.TALKING
        if has_answered and not corrected.is_aid:
            self._effects.append(work.DraftTicket(call.contact_id))


def _found(call: link.LiveCall, at: datetime, now: Instant) -> tuple[Contact, Instant]:
    arrived_at = at - timedelta(seconds=call.duration_s)
    contact = Contact(call.contact_id, call.channel, "", call.called, FOUND, _S.ARRIVED, arrived_at)
    return contact, Instant(now - call.duration_s)


def _settled_source(message: calls.ContactSettled) -> str:
    if message.is_aid:
        return PARTNER
    return CALLBACK if callbacks.is_callback(message.contact_id) else "books"


def _stamps(event: ContactEvent, at: datetime, contact: Contact) -> dict[str, object]:
    if event is _E.QUEUED and contact.queued_at is None:
        return {"queued_at": at}
    if event in (_E.ANSWERED, _E.REACHED, _E.HELPED) and contact.answered_at is None:
        return {"answered_at": at}
    if event is _E.ANSWERED and contact.talk_ended_at is not None:
        apart_s = contact.apart_s + (at - contact.talk_ended_at).total_seconds()
        return {"talk_ended_at": None, "apart_s": apart_s}
    if event is _E.TALK_ENDED:
        return {"talk_ended_at": at}
    return {}
