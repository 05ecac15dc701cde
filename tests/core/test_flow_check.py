"""What a flow file may say, and every kind of mistake, each told with its line and what to do."""

import inspect
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.core.errors import UsageError
from callcenter.sections import Menus
from callcenter.settings import Settings
from ivr import flows
from ivr.core import check as checks
from ivr.core import reading, table
from ivr.core.check import House, check
from ivr.core.flow import Flow, Kind, Mistake, Occasion
from ivr.core.reading import read

pytestmark = pytest.mark.core

HOUSE = House(
    {"hello", "menu", "sorry"},
    ("main",),
    {"ticket": ("ticket_state",)},
    hears={"knowledge": ("article_asked", "topic")},
)

GOOD = """\
title = "t"
kind = "arrival"
start = "hello"

[steps.hello]
play = ["hello", "{wait}"]
keys = { "0" = "person", "9" = "urgent" }
next = "person"

[steps.person]
line = ["enterprise", "main"]

[steps.urgent]
line = "main"
urgent = true
"""

HEAD = 'title = "t"\nkind = "arrival"\nstart = "a"\n'
LINE = '[steps.p]\nline = "main"\n'


def arrival(steps: str, head: str = HEAD) -> str:
    """An arrival flow: three lines of head, then ``steps``, then the line."""
    return f"{head}{steps}{LINE}"


SAY = '[steps.a]\nhear = "knowledge"\nprompts = ["hello"]\nfound = "c"\nmissing = "p"\n'
SURE = '[steps.c]\nask = ["{prompt:article_asked}"]\nkeys = { "1" = "t" }\nsilence = "p"\n'
TOLD = "[steps.t]\nresolved = []\n"
HEARD = SAY + SURE + TOLD
"""What is said is asked back, and told after key 1."""

MISTAKES = {
    "not toml at all": ('title = "t\n', "bad_toml", 1),
    "no steps": (HEAD, "no_steps", 1),
    "no title": ('kind = "arrival"\nstart = "p"\n' + LINE, "missing_value", 1),
    "an unknown kind": ('title = "t"\nkind = "menu"\nstart = "p"\n' + LINE, "bad_value", 2),
    "an unknown occasion": (arrival("", HEAD + 'occasions = ["party"]\n'), "bad_value", 4),
    "an unknown setting above the steps": (
        'colour = "red"\n' + HEAD.replace('"a"', '"p"') + LINE,
        "unknown_key",
        1,
    ),
    "a step that is no table": (
        'title = "t"\nkind = "arrival"\nstart = "p"\n[steps]\np = 3\n',
        "bad_name",
        5,
    ),
    "a step with a bad name": (arrival('[steps.A-B]\nplay = ["hello"]\nnext = "p"\n'), "bad_name", 4),
    "a verb that nobody knows": (arrival('[steps.a]\nsing = ["hello"]\n'), "unknown_verb", 5),
    "two verbs": (arrival('[steps.a]\nplay = ["hello"]\nask = ["menu"]\nnext = "p"\n'), "two_verbs", 6),
    "a setting that the verb has not": (
        arrival('[steps.a]\nplay = ["hello"]\nnext = "p"\nloud = true\n'),
        "unknown_key",
        7,
    ),
    "a dead end": (arrival('[steps.a]\nplay = ["hello"]\n'), "dead_end", 4),
    "a menu whose silence leads nowhere": (
        arrival('[steps.a]\nask = ["menu"]\nkeys = { "1" = "p" }\n'),
        "dead_end",
        4,
    ),
    "prompts that are no list": (arrival('[steps.a]\nplay = "hello"\nnext = "p"\n'), "bad_value", 5),
    "nothing to play": (arrival('[steps.a]\nplay = []\nnext = "p"\n'), "bad_value", 5),
    "keys that are no table": (
        arrival('[steps.a]\nplay = ["hello"]\nkeys = 3\nnext = "p"\n'),
        "bad_value",
        6,
    ),
    "a wait that is too long": (
        arrival('[steps.a]\nask = ["menu"]\nkeys = { "1" = "p" }\nsilence = "p"\nwait_s = 600\n'),
        "bad_value",
        8,
    ),
    "too many tries": (
        arrival('[steps.a]\nask = ["menu"]\nkeys = { "1" = "p" }\nsilence = "p"\ntries = 99\n'),
        "bad_value",
        8,
    ),
    "a flag that is none": (arrival('[steps.a]\nline = "main"\nurgent = 1\n'), "bad_value", 6),
    "digits without bounds": (
        arrival('[steps.a]\ncollect = ["menu"]\ndigits = [4, 99]\ninto = "x"\nnext = "p"\nsilence = "p"\n'),
        "bad_value",
        6,
    ),
    "a closing key that is a digit": (
        arrival(
            '[steps.a]\ncollect = ["menu"]\ndigits = [4, 9]\nend = "5"\ninto = "x"\nnext = "p"\nsilence = "p"\n'
        ),
        "bad_value",
        7,
    ),
    "a grade that does not exist": (arrival('[steps.a]\nrate = 6\nnext = "p"\n'), "bad_value", 5),
    "a reply that is neither yes nor no": (arrival('[steps.a]\nreply = "perhaps"\n'), "bad_value", 5),
    "a message that is not true": (arrival("[steps.a]\nmessage = false\n"), "bad_value", 5),
    "a figure that nobody can say": (
        arrival('[steps.a]\nplay = ["{song:x}"]\nnext = "p"\n'),
        "unknown_figure",
        5,
    ),
    "a figure without a fact": (arrival('[steps.a]\nplay = ["{place}"]\nnext = "p"\n'), "unknown_figure", 5),
    "a start that does not exist": (arrival(""), "unknown_step", 3),
    "a key to a step that does not exist": (
        arrival('[steps.a]\nplay = ["hello"]\nkeys = { "1" = "nowhere" }\nnext = "p"\n'),
        "unknown_step",
        6,
    ),
    "a next that does not exist": (
        arrival('[steps.a]\nplay = ["hello"]\nnext = "nowhere"\n'),
        "unknown_step",
        6,
    ),
    "a case that leads nowhere": (
        arrival('[steps.a]\nbranch = "level"\ncases = { "1" = "nowhere" }\notherwise = "p"\n'),
        "unknown_step",
        6,
    ),
    "a prompt that is not in the catalogue": (
        arrival('[steps.a]\nplay = ["hello", "no_such"]\nnext = "p"\n'),
        "unknown_prompt",
        5,
    ),
    "a missing prompt for wrong keys": (
        arrival('[steps.a]\nask = ["menu"]\nkeys = { "1" = "p" }\nwrong = ["no_such"]\nsilence = "p"\n'),
        "unknown_prompt",
        7,
    ),
    "a key that no telephone has": (
        arrival('[steps.a]\nplay = ["hello"]\nkeys = { "A" = "p" }\nnext = "p"\n'),
        "unknown_telephone_key",
        6,
    ),
    "a menu without keys": (arrival('[steps.a]\nask = ["menu"]\nsilence = "p"\n'), "no_keys", 4),
    "0 that does not lead to a person": (
        arrival('[steps.a]\nplay = ["hello"]\nkeys = { "0" = "m" }\nnext = "p"\n[steps.m]\nmessage = true\n'),
        "zero_taken",
        6,
    ),
    "one digit collected, where 0 is a person": (
        arrival('[steps.a]\ncollect = ["menu"]\ndigits = [1, 4]\ninto = "x"\nnext = "p"\nsilence = "p"\n'),
        "short_digits",
        6,
    ),
    "a look-up that does not exist": (
        arrival('[steps.a]\nlook_up = "weather"\nfound = "p"\nmissing = "p"\n'),
        "unknown_look_up",
        5,
    ),
    "nobody listens for it": (arrival(HEARD.replace('"knowledge"', '"weather"')), "unknown_hear", 5),
    "# that ends what is said and leads elsewhere": (
        arrival(HEARD.replace("found =", 'keys = { "#" = "p" }\nfound =')),
        "hash_taken",
        7,
    ),
    "too long to speak": (arrival(HEARD.replace("found =", "max_s = 60\nfound =")), "bad_value", 7),
    "what was recognized counts at once": (arrival(HEARD.replace('"c"', '"t"')), "unconfirmed", 7),
    "what was recognized is not told": (
        arrival(HEARD.replace("{prompt:article_asked}", "menu")),
        "unconfirmed",
        7,
    ),
    "silence confirms": (arrival(HEARD.replace('silence = "p"', 'silence = "t"')), "unconfirmed", 7),
    "any key confirms": (arrival(HEARD.replace('"1" = "t"', '"1" = "t", "2" = "t"')), "unconfirmed", 7),
    "a flow that does not exist": (arrival('[steps.a]\ngo = "nowhere"\n'), "unknown_flow", 5),
    "a flow of another kind": (arrival('[steps.a]\ngo = "question"\n'), "wrong_kind", 5),
    "a queue that the house has not": (arrival('[steps.a]\nline = "vip"\n'), "unknown_queue", 5),
    "a service that nobody is transferred to": (
        arrival('[steps.a]\ntransfer = "10086"\n'),
        "unknown_service",
        5,
    ),
    "an end that this kind has not": (arrival('[steps.a]\nreply = "yes"\n'), "wrong_end", 4),
    "a step that nothing leads to": (
        arrival('[steps.a]\nplay = ["hello"]\nnext = "p"\n[steps.b]\nplay = ["hello"]\nnext = "p"\n'),
        "unreachable",
        7,
    ),
    "a loop without the caller's doing": (
        arrival('[steps.a]\nplay = ["hello"]\nnext = "b"\n[steps.b]\nplay = ["menu"]\nnext = "a"\n'),
        "loop",
        4,
    ),
    "a menu that repeats itself to silence": (
        arrival('[steps.a]\nask = ["menu"]\nkeys = { "1" = "p" }\nsilence = "a"\n'),
        "loop",
        4,
    ),
    "a loop through another flow": (arrival('[steps.a]\ngo = "back"\n'), "loop", 4),
    "menus too deep for normal hours": (
        arrival(
            '[steps.a]\nplay = ["hello"]\nkeys = { "1" = "b", "2" = "p" }\nnext = "p"\n'
            '[steps.b]\nask = ["menu"]\nkeys = { "1" = "p", "2" = "p" }\nsilence = "p"\n'
        ),
        "too_deep",
        1,
    ),
    "a fact that nothing makes known": (
        arrival('[steps.a]\nplay = ["{number:age}"]\nnext = "p"\n'),
        "unknown_fact",
        4,
    ),
    "a branch on a fact that nothing makes known": (
        arrival('[steps.a]\nbranch = "mood"\notherwise = "p"\n'),
        "unknown_fact",
        5,
    ),
    "no way to a person": (HEAD + "[steps.a]\nmessage = true\n", "no_person", 2),
    "silence that is hung up on": (
        arrival('[steps.a]\nplay = ["hello"]\nkeys = { "1" = "p" }\nnext = "b"\n[steps.b]\nhang_up = []\n'),
        "silence_hangs_up",
        8,
    ),
    "a question that hangs up on silence": (
        (
            'title = "t"\nkind = "question"\nstart = "a"\n[steps.a]\nask = ["hello"]\nkeys = { "1" = "n" }\n'
            'silence = "b"\n[steps.b]\nresolved = []\n[steps.n]\nreply = "no"\n'
        ),
        "silence_hangs_up",
        8,
    ),
}
"""What is wrong: (text of the flow, code of the mistake, its line)."""

QUESTION = 'title = "q"\nkind = "question"\nstart = "n"\n[steps.n]\nreply = "no"\n'
BACK = 'title = "b"\nkind = "arrival"\nstart = "g"\n[steps.g]\ngo = "bad"\n[steps.p]\nline = "main"\n'


def mistakes_in(text: str) -> list[Mistake]:
    """All mistakes in a flow that stands beside a question and a flow that leads back to it."""
    bad, wrong = read("bad", text, "bad.toml")
    others = [read("question", QUESTION, "q.toml")[0], read("back", BACK, "back.toml")[0]]
    known: dict[str, Flow] = {flow.name: flow for flow in [bad, *others] if flow is not None}
    return [*wrong, *(mistake for mistake in check(known, HOUSE) if mistake.file == "bad.toml")]


def test_a_question_may_settle_the_matter_by_key() -> None:
    """Who hears the notice may say by key that this was all he wanted."""
    assert not mistakes_in(
        'title = "t"\nkind = "question"\nstart = "a"\n[steps.a]\nask = ["hello"]\nkeys = { "1" = "b" }\n'
        'silence = "n"\n[steps.b]\nresolved = []\n[steps.n]\nreply = "no"\n'
    )


def test_a_good_flow_has_no_mistake() -> None:
    """What the file says is what the flow is; the queue is the first that the house has."""
    assert mistakes_in(GOOD) == []
    flow, _ = read("bad", GOOD, "bad.toml")
    assert flow is not None
    assert (flow.kind, flow.start, flow.person) == (Kind.ARRIVAL, "hello", "person")
    assert flow.occasions == {Occasion.NORMAL}
    assert not flow.is_exception


def test_what_is_said_and_confirmed_has_no_mistake() -> None:
    """The caller hears what was understood; only key 1 is yes."""
    assert mistakes_in(arrival(HEARD)) == []


@pytest.mark.parametrize("what", MISTAKES)
def test_every_mistake_is_told_with_its_line(what: str) -> None:
    """Each has a code, the file, the line, and Chinese and English words."""
    text, code, line = MISTAKES[what]
    found = {(mistake.code, mistake.line): mistake for mistake in mistakes_in(text)}
    assert (code, line) in found, [str(mistake) for mistake in found.values()]
    told = str(found[code, line])
    assert told.startswith(f"bad.toml:{line}: ")
    assert " / " in told


def test_every_kind_of_mistake_is_in_the_table() -> None:
    """A check that nobody tries would not be one; a file that is far too long is tried below."""
    source = "".join(map(inspect.getsource, (checks, reading, table)))
    codes = set(re.findall(r'(?:_at|Wrong|_note)\(\s*"(\w+)"', source))
    assert codes == {code for _, code, _ in MISTAKES.values()} | {"too_long"}


@pytest.mark.parametrize(
    "text", ["#" * 70_000, HEAD + "".join(f'[steps.s{n}]\nline = "main"\n' for n in range(70))]
)
def test_a_file_that_is_far_too_long_is_refused(text: str) -> None:
    """Bounds hold before anything is walked."""
    assert "too_long" in {mistake.code for mistake in mistakes_in(text)}


def test_mistakes_are_told_all_at_once() -> None:
    """Who repairs a file sees everything that is wrong in it, not one thing at a time."""
    text = arrival('[steps.a]\nplay = ["no_such"]\nnext = "nowhere"\n[steps.b]\ntransfer = "1"\n')
    assert {mistake.code for mistake in mistakes_in(text)} >= {
        "unknown_prompt",
        "unknown_step",
        "unknown_service",
    }


def test_menus_that_lead_back_to_one_another_are_judged_in_no_time() -> None:
    """Twelve keys in each of sixty menus, all to all: the check ends, and says that it is too deep."""
    names = [f"s{n}" for n in range(59)]
    steps = "".join(
        f'[steps.{name}]\nask = ["menu"]\nsilence = "p"\nkeys = {{ '
        + ", ".join(f'"{key}" = "{names[(n * 7 + key) % 59]}"' for key in range(1, 10))
        + " }\n"
        for n, name in enumerate(names)
    )
    text = arrival(steps, HEAD.replace('"a"', '"s0"'))
    assert "too_deep" in {mistake.code for mistake in mistakes_in(text)}


def test_shipped_flows_have_no_mistake() -> None:
    """What is shipped can be walked in a house with the default settings."""
    settings = Settings()
    _, mistakes = flows.read_all(flows.sources(settings), flows.house(settings))
    assert [str(mistake) for mistake in mistakes] == []


def test_the_norm_is_kept_by_what_is_shipped() -> None:
    """At normal load one greeting with keys that nobody has to press; menus belong to other occasions."""
    shipped = flows.load(Settings())
    assert not shipped["intake"].is_exception
    assert {name for name, flow in shipped.items() if flow.is_exception and flow.kind is Kind.ARRIVAL} == {
        "surge_watch",
        "surge_high",
        "surge_overload",
        "night",
        "holiday",
        "self_service",
    }


@given(st.text(max_size=300))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Whatever stands in the file, the answer is a flow or mistakes."""
    flow, mistakes = read("bad", text, "bad.toml")
    assert (flow is None) == bool(mistakes)


VALUES = st.one_of(
    st.integers(-3, 40),
    st.booleans(),
    st.sampled_from(["a", "p", "main", "hello", "yes", "{wait}", ""]),
    st.lists(st.sampled_from(["hello", "menu", "{wait}", "{place:x}", 3]), max_size=3),
    st.dictionaries(st.sampled_from(["0", "1", "#", "A"]), st.sampled_from(["a", "p", "q"]), max_size=3),
)
WORDS = st.sampled_from(
    [
        "play",
        "ask",
        "collect",
        "branch",
        "look_up",
        "hear",
        "prompts",
        "max_s",
        "go",
        "line",
        "transfer",
        "message",
        "reply",
        "resolved",
        "rate",
        "hang_up",
        "keys",
        "next",
        "silence",
        "digits",
        "into",
        "wait_s",
        "tries",
        "wrong",
        "cases",
        "otherwise",
        "found",
        "missing",
        "urgent",
        "end",
    ]
)


def _toml(value: object) -> str:
    match value:
        case bool():
            return str(value).lower()
        case int():
            return str(value)
        case list():
            return "[" + ", ".join(_toml(one) for one in value) + "]"
        case dict():
            return "{ " + ", ".join(f'"{key}" = {_toml(one)}' for key, one in value.items()) + " }"
        case _:
            return f'"{value}"'


@given(
    st.dictionaries(st.sampled_from(["a", "p", "q"]), st.dictionaries(WORDS, VALUES, max_size=6), max_size=3)
)
def test_any_steps_are_read_or_refused(steps: dict[str, dict[str, object]]) -> None:
    """Whatever values the steps have, mistakes are told and nothing breaks."""
    text = HEAD + "".join(
        f"[steps.{name}]\n" + "".join(f"{key} = {_toml(value)}\n" for key, value in table.items())
        for name, table in steps.items()
    )
    mistakes = mistakes_in(text)
    assert all(mistake.line >= 1 for mistake in mistakes)


@pytest.mark.parametrize(
    ("origins", "told"),
    [
        ({"12346": "enterprise"}, "12346"),
        ({"12345": "nothing"}, "nothing"),
        ({"12345": "rating"}, "rating"),
    ],
)
def test_a_number_has_an_arrival_flow_of_its_own_or_none(origins: dict[str, str], told: str) -> None:
    """The trunk may dial it, and its flow exists and is for arrivals."""
    with pytest.raises(UsageError, match=told):
        flows.load(Settings(menus=Menus(origins=origins)))


@pytest.mark.parametrize("night", ["22-7", "25:00-07:00", "22:00", "22:00-07:60"])
def test_a_night_has_two_times(night: str) -> None:
    """Anything else is refused where it is set."""
    with pytest.raises(ValueError, match="HH:MM"):
        Menus(night=night)
