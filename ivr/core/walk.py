"""A caller's walk through flows: what was heard goes in, what is to be done next comes out. No IO, told the time.

Invariants: every walk ends within its limits, with an exit; in an arrival flow ``0`` leads to a person from every step;
a limit that is reached, a prompt that is missing, a look-up that fails: to a person.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum, auto

from callcenter.core.clock import Instant
from callcenter.core.messages.flows import Exit
from ivr.core import flow as f
from ivr.core.acts import (
    Act,
    Collect,
    Digits,
    Entered,
    Event,
    Find,
    Found,
    Gone,
    Graded,
    Hear,
    Heard,
    Key,
    Leave,
    Listen,
    Note,
    Speak,
)
from ivr.core.figures import prompts_of


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one walk."""

    steps: int = 60
    """Steps entered."""
    depth: int = 4
    """Flows entered from other flows."""
    digits: int = 100
    """Digits collected."""
    seconds: float = 110.0


class _Phase(Enum):
    """What the walk waits for."""

    BEGIN = auto()
    SPEECH = auto()
    KEY = auto()
    DIGITS = auto()
    FINDING = auto()
    HEARING = auto()
    LAST_WORDS = auto()
    OVER = auto()


class Walk:
    """One walk that starts at ``flow``. ``flows``: those that it may go to, as they are now. ``facts``: known at first."""

    def __init__(
        self,
        flow: f.Flow,
        flows: Mapping[str, f.Flow],
        facts: Mapping[str, str],
        limits: Limits | None = None,
    ) -> None:
        self.flow = flow
        self.step = flow.start
        self.facts = dict(facts)
        self._flows = flows
        self._limits = limits or Limits()
        self._phase = _Phase.BEGIN
        self._begun: Instant | None = None
        self._entered = self._gone_over = self._digits = self._tries = 0
        self._insists = False
        self._notes: list[Note] = []
        self._leave = Leave(Exit.FAILED)

    @property
    def is_over(self) -> bool:
        """Whether nothing follows."""
        return self._phase is _Phase.OVER

    def begin(self, now: Instant) -> Act:
        """The first act."""
        self._begun = now
        return self._enter(self.flow.start)

    def hear(self, event: Event, now: Instant) -> Act:
        """What to do next. A walk that is over stays so; an event that answers another act counts as a failure."""
        if self.is_over:
            return self._leave
        if isinstance(event, Gone):
            return self._end(Leave(Exit.LEFT))
        if self._begun is None or now - self._begun > self._limits.seconds:
            return self._fail()
        match self._phase, event:
            case _Phase.SPEECH | _Phase.KEY | _Phase.HEARING, Key():
                return self._hear_key(event.key)
            case _Phase.DIGITS, Digits():
                return self._hear_digits(event.text)
            case _Phase.FINDING, Found():
                return self._find(event.facts)
            case _Phase.HEARING, Heard():
                return self._find(event.facts)
            case _Phase.LAST_WORDS, Key():
                return self._end(self._leave)
            case _:
                return self._fail()

    def take_notes(self) -> list[Note]:
        """What happened since the last time, in order."""
        notes, self._notes = self._notes, []
        return notes

    @property
    def _is_arrival(self) -> bool:
        return self.flow.kind is f.Kind.ARRIVAL

    def _enter(self, name: str) -> Act:
        """Go to a step, and on through those that ask nothing of the caller."""
        self._entered += 1
        step = self.flow.steps.get(name)
        if step is None or self._entered > self._limits.steps:
            return self._fail()
        self.step, self._tries = name, 0
        self._notes.append(Entered(self.flow.name, self.flow.version, name))
        match step:
            case f.Play():
                return self._speak(step.words, "".join(step.keys) + self._person_key(step.keys))
            case f.Ask():
                return self._speak(step.words, f.KEYS)
            case f.Collect():
                return self._collect(step, step.words)
            case f.Branch():
                return self._enter(step.cases.get(self.facts.get(step.fact, ""), step.otherwise))
            case f.LookUp():
                self._phase = _Phase.FINDING
                return Find(step.kind, dict(self.facts))
            case f.Hear():
                return self._listen(step)
            case f.Rate():
                self._notes.append(Graded(step.grade))
                return self._enter(step.next)
            case f.Go():
                return self._go(step)
            case _:
                return self._finish(step)

    def _finish(self, step: f.Line | f.Transfer | f.TakeMessage | f.Reply | f.Resolved | f.HangUp) -> Act:
        match step:
            case f.Line():
                insists = self._insists and not step.urgent
                return self._end(Leave(Exit.LINE, step.queues, step.urgent, insists))
            case f.Transfer():
                return self._end(Leave(Exit.TRANSFER, to=step.to))
            case f.TakeMessage():
                return self._end(Leave(Exit.MESSAGE))
            case f.Reply():
                return self._end(Leave(Exit.REPLY, accepted=step.accepted))
            case f.Resolved():
                return self._say_last(step.words, Leave(Exit.RESOLVED))
            case f.HangUp():
                return self._say_last(step.words, Leave(Exit.GOODBYE))

    def _go(self, step: f.Go) -> Act:
        self._gone_over += 1
        flow = self._flows.get(step.flow)
        if flow is None or self._gone_over > self._limits.depth:
            return self._fail()
        self.flow = flow
        return self._enter(flow.start)

    def _person_key(self, keys: f.Ways) -> str:
        return f.PERSON_KEY if self._is_arrival and f.PERSON_KEY not in keys else ""

    def _speak(self, words: f.Words, keys: str) -> Act:
        """Say it; what comes to no word at all counts as heard."""
        prompts = self._prompts(words)
        if prompts is None:
            return self._fail()
        self._phase = _Phase.SPEECH
        return Speak(prompts, keys) if prompts else self._hear_key("")

    def _listen(self, step: f.Hear) -> Act:
        prompts = self._prompts(step.words)
        if prompts is None:
            return self._fail()
        self._phase = _Phase.HEARING
        return Hear(step.kind, prompts, "".join(step.keys) + self._person_key(step.keys), step.max_s)

    def _say_last(self, words: f.Words, leave: Leave) -> Act:
        prompts = self._prompts(words)
        if not prompts:
            return self._end(leave)
        self._phase, self._leave = _Phase.LAST_WORDS, leave
        return Speak(prompts, "")

    def _prompts(self, words: f.Words) -> tuple[str, ...] | None:
        try:
            return prompts_of(words, self.facts)
        except ValueError:
            return None

    def _hear_key(self, key: str) -> Act:
        step = self.flow.steps[self.step]
        match step:
            case f.Play() | f.Ask() | f.Hear() if key in step.keys:
                self._insists = self._is_arrival and key == f.PERSON_KEY
                if isinstance(step, f.Ask) and step.into:
                    self.facts[step.into] = key
                return self._enter(step.keys[key])
            case f.Play() | f.Ask() | f.Hear() if key == f.PERSON_KEY and self._is_arrival:
                return self._to_person()
            case f.Play():
                return self._enter(step.next)
            case f.Ask() if key:
                return self._ask_again(step)
            case f.Ask() if self._phase is _Phase.SPEECH:
                self._phase = _Phase.KEY
                return Listen(step.wait_s)
            case f.Ask():
                return self._enter(step.silence)
            case _:
                return self._fail()

    def _ask_again(self, step: f.Ask) -> Act:
        """The key means nothing here."""
        self._tries += 1
        if self._tries >= step.tries:
            return self._enter(step.silence)
        return self._speak((*step.wrong, *step.words), f.KEYS)

    def _collect(self, step: f.Collect, words: f.Words) -> Act:
        prompts = self._prompts(words)
        if prompts is None:
            return self._fail()
        self._phase = _Phase.DIGITS
        return Collect(prompts, step.most, step.end, step.wait_s)

    def _hear_digits(self, text: str) -> Act:
        step = self.flow.steps[self.step]
        self._digits += len(text)
        if not isinstance(step, f.Collect) or self._digits > self._limits.digits:
            return self._fail()
        if not text:
            return self._enter(step.silence)
        if step.least <= len(text) <= step.most and text.isascii() and text.isdigit():
            self.facts[step.into] = text
            return self._enter(step.next)
        if text == f.PERSON_KEY and self._is_arrival:
            return self._to_person()
        self._tries += 1
        if self._tries >= step.tries:
            return self._enter(step.silence)
        return self._collect(step, (*step.wrong, *step.words))

    def _find(self, found: Mapping[str, str] | None) -> Act:
        step = self.flow.steps[self.step]
        if not isinstance(step, f.LookUp | f.Hear):
            return self._fail()
        if found is None:
            return self._enter(step.missing)
        self.facts |= found
        return self._enter(step.found)

    def _to_person(self) -> Act:
        person, self._insists = self.flow.person, True
        return self._enter(person) if person is not None else self._fail()

    def _fail(self) -> Act:
        person = self.flow.steps.get(self.flow.person or "")
        queues = person.queues if isinstance(person, f.Line) else ()
        return self._end(Leave(Exit.FAILED, queues=queues))

    def _end(self, leave: Leave) -> Leave:
        self._phase, self._leave = _Phase.OVER, leave
        return leave
