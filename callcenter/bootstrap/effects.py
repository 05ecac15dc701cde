"""Who carries out which effect: the one table from decisions to edges."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar
from zlib import crc32

from callcenter.asterisk.seat_lines import SeatLines
from callcenter.bootstrap import cloud_seats, mutual_aid
from callcenter.controller import Perform
from callcenter.core.contact import SaveContact
from callcenter.core.ids import QueueName, SeatId
from callcenter.core.messages import (
    beside,
    callbacks,
    calls,
    cloud,
    conference,
    link,
    offers,
    partner,
    quality,
    recording,
    seats,
    work,
)
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.guests import SitBeside
from callcenter.core.messages.surveys import DialSurvey
from callcenter.guests.desk import note_listener
from callcenter.surveys import store as surveys
from queues.beside import Beside
from queues.caller import Callers
from queues.conferencer import Conferencer
from queues.dialer import SURVEY_SHOWN, Dialer
from queues.members import Members
from queues.phone_check import PhoneCheck
from queues.rescue import Rescue
from recordings.recorders import Recorders

if TYPE_CHECKING:
    from callcenter.bootstrap.cell import Cell

E = TypeVar("E", bound=Effect)

SESSION_EFFECTS: Sequence[type[Effect]] = (
    calls.Play,
    calls.Enqueue,
    offers.Ask,
    offers.TellWait,
    offers.SendOff,
    offers.TakeMessage,
    partner.HandOver,
)


def performers(cell: "Cell") -> Mapping[type[Effect], Perform]:
    """By the type of the effect."""
    line = cell.settings.line
    members = Members(cell.actor, [QueueName(queue) for queue in line.queues])
    callers = Callers(cell.actor, cell.post)
    dialer = Dialer(
        cell.actor,
        cell.promises.begin,
        cell.post,
        cell.clock,
        line.ring_timeout_s,
        line.called_numbers[0],
    )
    rescue = Rescue(cell.actor, cell.post, [SeatId(seat) for seat in cell.settings.browser_seats])
    phone_check = PhoneCheck(
        cell.actor, partial(_tell_check, cell), cell.clock, line.ring_timeout_s, line.called_numbers[0]
    )
    conferencer = Conferencer(
        cell.actor, SeatLines(cell.actor), cell.post, line.ring_timeout_s, line.called_numbers[0]
    )
    sitters = sitting(cell)
    return {
        **dict.fromkeys(SESSION_EFFECTS, cell.sessions.perform),
        **mutual_aid.performers(cell),
        offers.Ask: lambda effect: _ask(cell, effect),
        offers.Withdraw: _at_once(cell, callers.withdraw),
        offers.Reprioritize: _at_once(cell, callers.reprioritize),
        offers.Wake: _at_once(cell, callers.wake),
        offers.KeepEstimate: cell.promises.keep_estimate,
        callbacks.KeepOwed: cell.promises.keep,
        callbacks.CloseOwed: cell.promises.close,
        callbacks.NoteMissed: cell.promises.note_missed,
        callbacks.DialBack: _in_turn(cell, dialer.dial),
        cloud.CheckPhone: lambda effect: cell.benches["checks"].start(phone_check.check(effect)),
        seats.ListenToSeat: _at_once(cell, rescue.listen),
        seats.HangUpSeat: _at_once(cell, rescue.hang_up),
        seats.PreferSeat: _in_turn(cell, members.prefer),
        SitBeside: _in_turn(cell, sitters.sit),
        beside.RingListener: _at_once(cell, sitters.ring),
        beside.MoveListener: _at_once(cell, sitters.move),
        beside.DropListener: _at_once(cell, sitters.drop),
        DialSurvey: _in_turn(cell, surveyor(cell).dial),
        calls.SettleFromBooks: cell.bookkeeper.settle,
        calls.CatchUp: lambda effect: _catch_up(cell, effect),
        SaveContact: cell.paperwork.save_contact,
        work.DraftTicket: cell.paperwork.draft_ticket,
        work.CompleteTicket: cell.paperwork.complete_ticket,
        work.SealRecording: cell.soundwork.seal,
        work.KeepStatement: cell.statements.keep,
        work.Transcribe: cell.soundwork.transcribe,
        quality.AssessCall: cell.assessor.assess,
        **cloud_seats.performers(cell),
        seats.AddSeat: _in_turn(cell, members.add),
        seats.RemoveSeat: _in_turn(cell, members.remove),
        seats.PauseSeat: _in_turn(cell, members.pause),
        seats.ResumeSeat: _in_turn(cell, members.resume),
        conference.RingThird: _at_once(cell, conferencer.ring),
        conference.Gather: _at_once(cell, conferencer.gather),
        conference.DropThird: _at_once(cell, conferencer.drop),
        recording.MuteRecorder: _at_once(cell, Recorders(cell.actor).mute_anew),
        recording.UnmuteRecorder: _at_once(cell, Recorders(cell.actor).unmute),
        link.Resync: lambda effect: cell.watch.want_truth(effect.reason),
    }


def _tell_check(cell: "Cell", message: Message) -> None:
    """For the engines, and for who waits for it at a desk."""
    cell.post(message)
    if isinstance(message, cloud.PhoneChecked):
        cell.check_news.tell(message)


def _in_turn(cell: "Cell", act: Callable[[E], Coroutine[Any, Any, None]]) -> Perform:
    """One after the other for each seat; seats in different lanes do not wait for each other."""
    return lambda effect: cell.lanes[crc32(effect.seat_id.encode()) % len(cell.lanes)].start(act(effect))


def surveyor(cell: "Cell") -> Dialer:
    """Begins survey calls: a way of their own into the books, and no promise."""
    line = cell.settings.line

    async def begin(begun: callbacks.CallbackBegun) -> None:
        await cell.writer.do(partial(surveys.begin, begun=begun), "begin survey")

    return Dialer(
        cell.actor,
        begin,
        cell.post,
        cell.clock,
        line.ring_timeout_s,
        line.called_numbers[0],
        SURVEY_SHOWN,
    )


def sitting(cell: "Cell") -> Beside:
    """Rings who sits beside a talk."""
    line = cell.settings.line
    note = partial(note_listener, cell.writer, cell.clock)
    lines = SeatLines(cell.actor)
    return Beside(cell.actor, lines, cell.post, note, line.ring_timeout_s, line.called_numbers[0])


def _at_once(cell: "Cell", act: Callable[[E], Coroutine[Any, Any, None]]) -> Perform:
    return lambda effect: cell.benches["callers"].start(act(effect))


def _ask(cell: "Cell", effect: offers.Ask) -> None:
    """A session asks; who is about to hear a notice is counted."""
    if effect.question is offers.Question.NOTICE:
        cell.notices.note_heard(effect.contact_id)
    cell.sessions.perform(effect)


def _catch_up(cell: "Cell", effect: calls.CatchUp) -> None:
    cell.bookkeeper.catch_up(lambda: {contact.contact_id for contact in cell.engines.contacts.live()})
    cell.soundwork.recover(effect.live)
    cell.paperwork.finish_drafts()
