"""Survey calls (满意度回访): made by seats on survey duty, one at a time, while the surge leaves time for them.

Invariant: a survey is no call-back: it is never dialed by the hotline's engine, and keeps no promise.
"""

from collections.abc import Callable

from callcenter.core.clock import Instant
from callcenter.core.contacts import Contacts
from callcenter.core.errors import UsageError
from callcenter.core.ids import ContactId, SeatId
from callcenter.core.messages import calls, link
from callcenter.core.messages.base import Effect, Message
from callcenter.core.messages.callbacks import survey_id
from callcenter.core.messages.duty import Duty
from callcenter.core.messages.seats import SeatState
from callcenter.core.messages.surveys import DialSurvey, SurveyAsked
from queues.core.seats import Seats


class Surveying:
    """Lets seats dial. ``seats`` and ``contacts`` are only read; ``asks_survey``: whether the level leaves time."""

    def __init__(self, seats: Seats, contacts: Contacts, asks_survey: Callable[[], bool]) -> None:
        self._seats, self._contacts, self._asks_survey = seats, contacts, asks_survey
        self._calls: dict[SeatId, ContactId] = {}
        """The survey call of each seat, from its being decided until its end."""
        self._effects: list[Effect] = []

    def receive(self, message: Message, now: Instant) -> None:
        """See :class:`callcenter.core.engine.Engine`.

        Raises:
            UsageError: a survey that cannot be made now.
        """
        match message:
            case SurveyAsked():
                self._dial(message)
            case calls.CallEnded():
                self._forget(message.contact_id)
            case link.LinkRestored():
                alive = {call.contact_id for call in message.snapshot.calls}
                for contact_id in set(self._calls.values()) - alive:
                    self._forget(contact_id)
            case _:
                pass

    def on_deadline(self, now: Instant) -> None:
        """Nothing to wait for."""

    def next_deadline(self) -> Instant | None:
        """None."""
        return None

    def take_effects(self) -> list[Effect]:
        """See :class:`callcenter.core.engine.Engine`."""
        effects, self._effects = self._effects, []
        return effects

    def is_stopped(self) -> bool:
        """Whether the surge leaves no time for surveys."""
        return not self._asks_survey()

    def is_on_line(self, caller: str) -> bool:
        """Whether a citizen speaks with us, waits, or is being called."""
        return any(contact.caller == caller for contact in self._contacts.live())

    def check(self, seat_id: SeatId) -> None:
        """Refuse a seat that cannot survey now.

        Raises:
            UsageError: ``wrong_surge_level``, ``wrong_duty``, ``wrong_seat_state``, ``unknown_seat``.
        """
        if self.is_stopped():
            raise UsageError("高峰期间不做回访 / no surveys while the surge lasts", code="wrong_surge_level")
        seat = self._seats.get(seat_id)
        if seat.duty is not Duty.SURVEYS:
            raise UsageError(
                f"坐席{seat_id}的岗位不是回访 / seat {seat_id} is not on surveys: "
                f"`callcenter rebalance apply {seat_id}:surveys --why ...`",
                code="wrong_duty",
            )
        is_free = seat.state is SeatState.ON_BREAK and seat.reason == seat.kept_for and seat.reachable
        if not is_free or seat_id in self._calls:
            raise UsageError(
                f"坐席{seat_id}还没空 / seat {seat_id} is not free: {seat.state.value} {seat.reason}".rstrip(),
                code="wrong_seat_state",
            )

    def _dial(self, asked: SurveyAsked) -> None:
        self.check(asked.seat_id)
        if self.is_on_line(asked.caller):
            raise UsageError("市民正在通话 / the citizen is on the line", code="wrong_citizen_state")
        contact_id = survey_id(asked.contact_id)
        self._calls[asked.seat_id] = contact_id
        self._effects.append(DialSurvey(contact_id, asked.caller, asked.seat_id, asked.contact_id))

    def _forget(self, contact_id: ContactId) -> None:
        self._calls = {seat: call for seat, call in self._calls.items() if call != contact_id}
