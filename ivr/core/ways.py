"""Where steps lead: the graph behind flows, also across them.

Invariant: every function here ends in time polynomial in the number of steps, whatever the flows look like.
"""

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from typing import TypeVar

from ivr.core import flow as f
from ivr.core.flow import Flow

MENU_KEYS_MIN = 2

N = TypeVar("N", bound=Hashable)

Node = tuple[str, str]
"""A flow and a step of it."""


def named_ways(step: f.Step) -> Iterator[tuple[str, str]]:
    """Each (key of the file, step it names)."""
    match step:
        case f.Play() | f.Ask() | f.Hear():
            yield from (("keys", way) for way in step.keys.values())
        case f.Branch():
            yield from (("cases", way) for way in step.cases.values())
            yield "otherwise", step.otherwise
        case _:
            pass
    match step:
        case f.LookUp() | f.Hear():
            yield from (("found", step.found), ("missing", step.missing))
        case _:
            pass
    match step:
        case f.Play() | f.Collect() | f.Rate():
            yield "next", step.next
        case _:
            pass
    if isinstance(step, f.Ask | f.Collect):
        yield "silence", step.silence


def ways(step: f.Step) -> list[str]:
    """All steps that may come next in the same flow."""
    return [way for _, way in named_ways(step)]


def closure(begins: Iterable[N], after: Callable[[N], Iterable[N]]) -> Iterator[N]:
    """Everything that can be reached, the begins among it."""
    seen: set[N] = set()
    waiting = list(begins)
    while waiting:
        node = waiting.pop()
        if node not in seen:
            seen.add(node)
            yield node
            waiting += after(node)


def silently(node: Node, flows: Mapping[str, Flow]) -> list[Node]:
    """Where a step leads without the caller's doing, also into another flow."""
    return _nodes(node, flows, lambda step: f.silent_ways(step).values())


def is_menu(step: f.Step) -> bool:
    """Whether it offers a choice: at least two keys beside the one to a person."""
    return isinstance(step, f.Play | f.Ask) and len(set(step.keys) - {f.PERSON_KEY}) >= MENU_KEYS_MIN


def menus_deep(flow: Flow, flows: Mapping[str, Flow]) -> int:
    """The most menus that one caller can meet one after the other; those that lead back to one another count once each.

    The longest way through circles of steps that reach one another: whoever reaches more comes later.
    """

    def after(node: Node) -> list[Node]:
        return _nodes(node, flows, ways)

    nodes = list(closure([(flow.name, flow.start)], after))
    reached = {node: set(closure(after(node), after)) for node in nodes}
    deep: dict[Node, int] = {}
    for node in sorted(nodes, key=lambda node: len(reached[node] | {node})):
        circle = {node} | {other for other in reached[node] if node in reached[other]}
        below = [deep.get(way, 0) for member in circle for way in after(member) if way not in circle]
        here = sum(is_menu(flows[name].steps[step]) for name, step in circle)
        deep[node] = here + max(below, default=0)
    return deep[flow.name, flow.start]


def _nodes(node: Node, flows: Mapping[str, Flow], ways_of: Callable[[f.Step], Iterable[str]]) -> list[Node]:
    name, here = node[0], flows[node[0]].steps[node[1]]
    if isinstance(here, f.Go):
        target = flows.get(here.flow)
        return [(target.name, target.start)] if target and target.start in target.steps else []
    return [(name, way) for way in ways_of(here) if way in flows[name].steps]
