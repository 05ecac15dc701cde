"""Whether flows hang together: every mistake is named before a caller could meet it.

Invariants: in flows without a mistake every step can be reached, no walk goes round without the caller's doing, silence
always ends somewhere, and every arrival flow has a way to a person.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from callcenter.core.messages.flows import SERVICES
from ivr.core import flow as f
from ivr.core.figures import HIGH_S, LOW_S, TODAY
from ivr.core.flow import Flow, Kind, Mistake, Occasion
from ivr.core.ways import closure, menus_deep, named_ways, silently, ways

MENUS_MAX: Mapping[Occasion, int] = {
    Occasion.NORMAL: 1,
    Occasion.WATCH: 1,
    Occasion.HIGH: 2,
    Occasion.OVERLOAD: 4,
    Occasion.NIGHT: 4,
    Occasion.HOLIDAY: 4,
}
"""How many menus may follow one another on each occasion (GB/T 33358: none should; FIELD.md N6)."""

GIVEN = frozenset(
    {
        "origin",
        "caller",
        "level",
        "occasion",
        "greeting",
        "place",
        "due_date",
        "due_time",
        LOW_S,
        HIGH_S,
        TODAY,
    }
)
"""Facts known from the first step on."""

ENDS: Mapping[Kind, tuple[type[f.Step], ...]] = {
    Kind.ARRIVAL: (f.Line, f.Transfer, f.TakeMessage, f.Resolved, f.HangUp, f.Go),
    Kind.QUESTION: (f.Reply, f.TakeMessage, f.Resolved, f.Go),
    Kind.AFTER: (f.HangUp, f.Go, f.Rate),
}
"""How the flows of each kind may end (or, in :class:`~ivr.core.flow.Rate`, what they may do)."""

_WAYS_ON = (f.Play, f.Ask, f.Collect, f.Branch, f.LookUp, f.Hear)


@dataclass(frozen=True, slots=True)
class House:
    """What flows may name. ``look_ups``: facts found by each kind; ``given``: facts told at a question's begin.

    ``hears``: facts recognized by each kind, that which tells them to the caller first.
    """

    prompts: Collection[str]
    queues: Collection[str]
    look_ups: Mapping[str, Collection[str]]
    given: Collection[str] = GIVEN
    hears: Mapping[str, Sequence[str]] = field(default_factory=dict)


def check(flows: Mapping[str, Flow], house: House) -> list[Mistake]:
    """Everything wrong with flows that are used together, by file and line."""
    mistakes = [mistake for flow in flows.values() for mistake in _Check(flow, flows, house).mistakes()]
    return sorted(mistakes, key=lambda mistake: (mistake.file, mistake.line, mistake.code))


class _Check:
    """Looks at one flow."""

    def __init__(self, flow: Flow, flows: Mapping[str, Flow], house: House) -> None:
        self._flow, self._flows, self._house = flow, flows, house

    def mistakes(self) -> Iterator[Mistake]:
        """All of them. How steps hang together is only judged when every step that is named exists."""
        flow = self._flow
        if flow.start not in flow.steps:
            yield self._unknown_step("", "start", flow.start)
        for name, step in flow.steps.items():
            yield from self._step(name, step)
        if flow.start not in flow.steps or any(True for _ in self._unknown_steps()):
            return
        yield from self._unreachable()
        yield from self._loop()
        yield from self._menus()
        yield from self._facts()
        if flow.kind is Kind.ARRIVAL:
            yield from self._person()
        if flow.kind is not Kind.AFTER:
            yield from self._silence()

    def _step(self, name: str, step: f.Step) -> Iterator[Mistake]:
        yield from (self._unknown_step(*unknown) for unknown in self._unknown_steps(name))
        yield from self._prompts(name, step)
        if not isinstance(step, (*_WAYS_ON, *ENDS[self._flow.kind])):
            kind = self._flow.kind
            yield self._at(
                "wrong_end",
                name,
                "",
                f"步骤“{name}”不能用于 {kind} 流程",
                f"step '{name}': this verb has no place in a flow of kind '{kind}'",
            )
        match step:
            case f.Play() | f.Ask():
                yield from self._keys(name, step)
            case f.Collect() if self._flow.kind is Kind.ARRIVAL and step.least < 2:
                yield self._at(
                    "short_digits",
                    name,
                    "digits",
                    f"步骤“{name}”至少收两位数字：单个 0 表示转人工；只要一个键请用 ask",
                    f"step '{name}' must collect at least 2 digits: a lone 0 means a person; for one key use ask",
                )
            case f.LookUp() if step.kind not in self._house.look_ups:
                known = ", ".join(sorted(self._house.look_ups))
                yield self._at(
                    "unknown_look_up",
                    name,
                    "look_up",
                    f"未知的查询“{step.kind}”，可用：{known}",
                    f"unknown look-up '{step.kind}'; known: {known}",
                )
            case f.Hear():
                yield from self._keys(name, step)
                yield from self._hear(name, step)
            case f.Go():
                yield from self._go(name, step)
            case f.Line() if not set(step.queues) & set(self._house.queues):
                known = ", ".join(self._house.queues)
                yield self._at(
                    "unknown_queue",
                    name,
                    "line",
                    f"没有队列“{'、'.join(step.queues)}”，现有：{known}",
                    f"no queue '{', '.join(step.queues)}'; known: {known}",
                )
            case f.Transfer() if step.to not in SERVICES:
                known = ", ".join(sorted(SERVICES))
                yield self._at(
                    "unknown_service",
                    name,
                    "transfer",
                    f"不能转接“{step.to}”，只能转 {known}",
                    f"nobody is transferred to '{step.to}'; known: {known}",
                )
            case _:
                pass

    def _hear(self, name: str, step: f.Hear) -> Iterator[Mistake]:
        if f.SPOKEN_KEY in step.keys:
            yield self._at(
                "hash_taken",
                name,
                "keys",
                f"步骤“{name}”的 # 键表示说完，不能另作他用",
                f"step '{name}': # ends what is said and cannot lead elsewhere",
            )
        if step.kind not in self._house.hears:
            known = ", ".join(sorted(self._house.hears))
            yield self._at(
                "unknown_hear",
                name,
                "hear",
                f"不会听“{step.kind}”，可用：{known}",
                f"nobody listens for '{step.kind}'; known: {known}",
            )
        elif step.found in self._flow.steps and not self._confirms(step):
            fact = self._house.hears[step.kind][0]
            yield self._at(
                "unconfirmed",
                name,
                "found",
                f"语音识别的结果须经按键确认：“{step.found}”须为 ask，播报 {{prompt:{fact}}}，只有 1 键表示“是”",
                f"what is recognized must be confirmed: '{step.found}' must ask, say {{prompt:{fact}}}, "
                "and only key 1 may lead to where yes leads",
            )

    def _confirms(self, step: f.Hear) -> bool:
        """Whether the caller hears what was understood, and only one key of his says that it is right."""
        asked = self._flow.steps[step.found]
        told = f.Figure("prompt", self._house.hears[step.kind][0])
        if not isinstance(asked, f.Ask) or told not in asked.words:
            return False
        yes = asked.keys.get(f.CONFIRM_KEY)
        others = [way for key, way in asked.keys.items() if key != f.CONFIRM_KEY]
        return yes is not None and yes not in (asked.silence, *others)

    def _keys(self, name: str, step: f.Play | f.Ask | f.Hear) -> Iterator[Mistake]:
        for key in step.keys:
            if len(key) != 1 or key not in f.KEYS:
                yield self._at(
                    "unknown_telephone_key",
                    name,
                    "keys",
                    f"电话上没有“{key}”键，可用 0-9、*、#",
                    f"a telephone has no key '{key}'; use 0-9, * and #",
                )
        if isinstance(step, f.Ask) and not step.keys:
            yield self._at(
                "no_keys",
                name,
                "",
                f"步骤“{name}”在等按键，却没有写 keys",
                f"step '{name}' awaits a key, but 'keys' names none; only to be heard: use play",
            )
        person = step.keys.get(f.PERSON_KEY)
        if (
            self._flow.kind is Kind.ARRIVAL
            and person
            and not isinstance(self._flow.steps.get(person), f.Line)
        ):
            yield self._at(
                "zero_taken",
                name,
                "keys",
                f"0 键必须转人工，步骤“{person}”不进入队列",
                f"0 must lead to a person: step '{person}' is no line",
            )

    def _unknown_steps(self, of: str | None = None) -> Iterator[tuple[str, str, str]]:
        """(step, key of the file, name of a step that does not exist)."""
        for name, step in self._flow.steps.items():
            if of is None or of == name:
                for key, way in named_ways(step):
                    if way not in self._flow.steps:
                        yield name, key, way

    def _unknown_step(self, name: str, key: str, way: str) -> Mistake:
        return self._at("unknown_step", name, key, f"没有步骤“{way}”", f"there is no step '{way}'")

    def _prompts(self, name: str, step: f.Step) -> Iterator[Mistake]:
        verb = {
            f.Resolved: "resolved",
            f.HangUp: "hang_up",
            f.Play: "play",
            f.Ask: "ask",
            f.Collect: "collect",
            f.Hear: "prompts",
        }
        for word in f.words_of(step):
            if isinstance(word, str) and word not in self._house.prompts:
                wrong = isinstance(step, f.Ask | f.Collect) and word in step.wrong
                yield self._at(
                    "unknown_prompt",
                    name,
                    "wrong" if wrong else verb[type(step)],
                    f"提示音目录里没有“{word}”，请加到 prompts.toml",
                    f"no prompt '{word}' in the catalogue: add it to prompts.toml",
                )

    def _go(self, name: str, step: f.Go) -> Iterator[Mistake]:
        target = self._flows.get(step.flow)
        if target is None:
            yield self._at(
                "unknown_flow", name, "go", f"没有流程“{step.flow}”", f"there is no flow '{step.flow}'"
            )
        elif target.kind is not self._flow.kind:
            yield self._at(
                "wrong_kind",
                name,
                "go",
                f"流程“{step.flow}”是 {target.kind}，不能从 {self._flow.kind} 进入",
                f"flow '{step.flow}' is of kind '{target.kind}', this one is '{self._flow.kind}'",
            )

    def _unreachable(self) -> Iterator[Mistake]:
        flow = self._flow
        begins = {flow.start} | ({flow.person} if flow.kind is Kind.ARRIVAL and flow.person else set())
        reached = set(closure(begins, lambda name: ways(flow.steps[name])))
        for name in flow.steps:
            if name not in reached:
                yield self._at(
                    "unreachable", name, "", f"步骤“{name}”无法到达", f"no way leads to step '{name}'"
                )

    def _loop(self) -> Iterator[Mistake]:
        """Round and round while the caller does nothing, also through other flows."""
        for name in self._flow.steps:
            node = (self._flow.name, name)
            if node in closure(silently(node, self._flows), lambda at: silently(at, self._flows)):
                yield self._at(
                    "loop",
                    name,
                    "",
                    f"来电者什么也不做，步骤“{name}”会反复循环",
                    f"a loop: step '{name}' comes again though the caller does nothing",
                )
                return

    def _menus(self) -> Iterator[Mistake]:
        allowed = min((MENUS_MAX[one] for one in self._flow.occasions), default=1)
        deepest = menus_deep(self._flow, self._flows)
        if self._flow.kind is Kind.ARRIVAL and deepest > allowed:
            on = "、".join(sorted(self._flow.occasions))
            yield self._at(
                "too_deep",
                "",
                "occasions",
                f"有 {deepest} 层菜单，{on} 时最多 {allowed} 层（GB/T 33358：不宜设菜单）",
                f"{deepest} menus follow one another, allowed on these occasions: {allowed}",
            )

    def _facts(self) -> Iterator[Mistake]:
        known = set(self._house.given) | self._facts_made()
        for name, step in self._flow.steps.items():
            used = {word.fact for word in f.words_of(step) if isinstance(word, f.Figure) and word.fact}
            if isinstance(step, f.Branch):
                used.add(step.fact)
            for fact in sorted(used - known):
                yield self._at(
                    "unknown_fact",
                    name,
                    "branch" if isinstance(step, f.Branch) else "",
                    f"步骤“{name}”用到未知的事实“{fact}”",
                    f"step '{name}' uses the fact '{fact}', which nothing makes known",
                )

    def _facts_made(self) -> set[str]:
        """By any flow: a walk brings its facts along when it goes over."""
        made: set[str] = set()
        for flow in self._flows.values():
            for step in flow.steps.values():
                match step:
                    case f.Collect() | f.Ask() if step.into:
                        made.add(step.into)
                    case f.LookUp():
                        made |= set(self._house.look_ups.get(step.kind, ()))
                    case f.Hear():
                        made |= set(self._house.hears.get(step.kind, ()))
                    case _:
                        pass
        return made

    def _person(self) -> Iterator[Mistake]:
        flow = self._flow
        if flow.person is None:
            yield self._at(
                "no_person",
                "",
                "kind",
                '没有转人工的路：请加一个 line = "main" 的步骤',
                'no way to a person: add a step with line = "main"',
            )

    def _silence(self) -> Iterator[Mistake]:
        """Who says nothing is not hung up on."""
        flow = self._flow
        for name in closure({flow.start}, lambda step: f.silent_ways(flow.steps[step]).values()):
            if isinstance(flow.steps[name], f.HangUp | f.Resolved):
                yield self._at(
                    "silence_hangs_up",
                    name,
                    "",
                    f"来电者不按键就会走到“{name}”并被挂断：沉默必须通向人工、留言或转接",
                    f"silence leads to '{name}' and a hang-up; it must lead to a person, a message or a transfer",
                )

    def _at(self, code: str, step: str, key: str, zh: str, en: str) -> Mistake:
        places = self._flow.places
        return Mistake(code, places.file, places.line(step, key), zh, en)
