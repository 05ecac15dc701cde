"""Walks through flows: what a caller hears, what his keys do, and that every walk ends."""

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from callcenter.core.clock import Instant
from callcenter.core.messages.flows import Exit
from callcenter.settings import Settings
from ivr import flows
from ivr.core import flow as f
from ivr.core.acts import (
    Act,
    Collect,
    Digits,
    Entered,
    Event,
    Failed,
    Find,
    Found,
    Gone,
    Graded,
    Hear,
    Heard,
    Key,
    Leave,
    Listen,
    Speak,
)
from ivr.core.flow import Flow, Kind
from ivr.core.reading import read
from ivr.core.walk import Limits, Walk

pytestmark = pytest.mark.core

SHIPPED = flows.load(Settings())
NOW = Instant(1000.0)
FACTS = {"greeting": "greeting", "low_s": "180", "high_s": "300", "today": "2026-11-22"}
SILENT = Key("")

ONE_OF_EACH = """\
title = "t"
kind = "arrival"
start = "menu"

[steps.menu]
ask = ["self_service_menu"]
keys = { "1" = "number", "2" = "look", "3" = "told" }
tries = 3
wrong = ["wrong_key"]
silence = "person"

[steps.number]
collect = ["ticket_ask_number"]
digits = [4, 6]
into = "ticket_no"
wrong = ["wrong_digits"]
next = "repeat"
silence = "person"

[steps.repeat]
play = ["{digits:ticket_no}"]
next = "where"

[steps.where]
branch = "ticket_no"
cases = { "1234" = "told" }
otherwise = "person"

[steps.look]
look_up = "ticket"
found = "told"
missing = "person"

[steps.told]
resolved = ["goodbye"]

[steps.person]
line = ["enterprise", "main"]
"""


def one_of_each() -> Flow:
    """A flow with most verbs."""
    flow, mistakes = read("each", ONE_OF_EACH, "each.toml")
    assert flow is not None, mistakes
    return flow


def walk(name: str | Flow, facts: Mapping[str, str] = FACTS, limits: Limits | None = None) -> Walk:
    """A walk through a shipped flow, or one of the test's own."""
    return Walk(SHIPPED[name] if isinstance(name, str) else name, SHIPPED, facts, limits)


def told(name: str | Flow, *events: Event, facts: Mapping[str, str] = FACTS) -> list[Act]:
    """Everything that the walk wants done, one act for its begin and one for each event."""
    its = walk(name, facts)
    return [its.begin(NOW), *(its.hear(event, NOW) for event in events)]


LINE = Leave(Exit.LINE, queues=("main",))
ASKED_FOR = Leave(Exit.LINE, queues=("main",), insists=True)
URGENT = Leave(Exit.LINE, queues=("main",), urgent=True)
NO, YES = Leave(Exit.REPLY), Leave(Exit.REPLY, accepted=True)
ALL_KEYS = "0123456789*#"

STORIES: dict[str, tuple[str, tuple[Event, ...], list[Act]]] = {
    "silence leads straight to a person": ("intake", (SILENT,), [Speak(("greeting",), "09"), LINE]),
    "0 cuts the greeting short, he insists": ("intake", (Key("0"),), [Speak(("greeting",), "09"), ASKED_FOR]),
    "9 is urgent": ("intake", (Key("9"),), [Speak(("greeting",), "09"), URGENT]),
    "the enterprise desk has a queue of its own, if the house has one": (
        "enterprise",
        (SILENT,),
        [Speak(("greeting_enterprise",), "09"), Leave(Exit.LINE, queues=("enterprise", "main"))],
    ),
    "119 by one key": (
        "emergency",
        (Key("2"),),
        [Speak(("emergency_menu",), ALL_KEYS), Leave(Exit.TRANSFER, to="119")],
    ),
    "an emergency without a key is urgent": (
        "emergency",
        (SILENT, SILENT),
        [Speak(("emergency_menu",), ALL_KEYS), Listen(3), URGENT],
    ),
    "a wrong key is told once, then a person": (
        "emergency",
        (Key("7"), Key("#")),
        [Speak(("emergency_menu",), ALL_KEYS), Speak(("wrong_key", "emergency_menu"), ALL_KEYS), URGENT],
    ),
    "at night 9 goes over to the emergencies": (
        "night",
        (Key("9"), Key("3")),
        [
            Speak(("greeting_night",), "019"),
            Speak(("emergency_menu",), ALL_KEYS),
            Leave(Exit.TRANSFER, to="120"),
        ],
    ),
    "a message on a holiday": (
        "holiday",
        (Key("1"),),
        [Speak(("greeting_holiday",), "019"), Leave(Exit.MESSAGE)],
    ),
    "an offer names the wait, 1 is yes": (
        "offer_callback",
        (SILENT, Key("1")),
        [
            Speak(
                ("wait_expected", "number_3", "word_to", "number_5", "word_minutes", "offer_callback"),
                ALL_KEYS,
            ),
            Listen(5),
            YES,
        ],
    ),
    "another key is no": (
        "offer_message",
        (Key("5"),),
        [
            Speak(
                ("wait_expected", "number_3", "word_to", "number_5", "word_minutes", "offer_message"),
                ALL_KEYS,
            ),
            NO,
        ],
    ),
    "a notice is only heard": ("notice", (SILENT,), [Speak(("surge_notice",), "0129*#"), NO]),
}


@pytest.mark.parametrize("what", STORIES)
def test_a_walk_is_heard_as_its_flow_says(what: str) -> None:
    """A caller's keys on the left, what he hears and where he gets on the right."""
    name, events, acts = STORIES[what]
    assert told(name, *events) == acts


def test_who_is_owed_a_call_hears_his_place_and_when() -> None:
    """第十二位, 今天下午六点之前; 2 is a message."""
    facts = {**FACTS, "place": "12", "due_date": "2026-11-22", "due_time": "18:00"}
    first, last = told("missed_call", Key("2"), facts=facts)
    assert first == Speak(
        (
            "status_place",
            "word_ordinal",
            "number_10",
            "number_2",
            "word_persons",
            "status_until",
            "word_today",
            "word_afternoon",
            "number_6",
            "word_hour",
            "status_keys",
        ),
        ALL_KEYS,
    )
    assert last == Leave(Exit.MESSAGE)
    assert told("missed_call")[0] == Speak(("status_open",), ALL_KEYS), "without a place it is told plainly"


def test_a_grade_is_noted_and_silence_is_none() -> None:
    """Five grades; who says nothing is not satisfied, he said nothing."""
    its = walk("rating")
    its.begin(NOW)
    assert its.hear(Key("4"), NOW) == Speak(("rating_thanks",), "")
    assert its.hear(SILENT, NOW) == Leave(Exit.GOODBYE)
    assert Graded(4) in its.take_notes()
    silent = walk("rating")
    silent.begin(NOW)
    assert [silent.hear(SILENT, NOW) for _ in range(3)][-1] == Leave(Exit.GOODBYE)
    assert not [note for note in silent.take_notes() if isinstance(note, Graded)]


def test_digits_become_a_fact_and_are_looked_up() -> None:
    """Number and PIN open a ticket; what is found is said, and 1 ends the call as resolved."""
    its = walk("self_service")
    its.begin(NOW)
    assert its.hear(Key("1"), NOW) == Collect(("ticket_ask_number",), 17, "#", 5)
    assert its.hear(Digits("123"), NOW) == Collect(("wrong_digits", "ticket_ask_number"), 17, "#", 5)
    assert its.hear(Digits("20261122000001"), NOW) == Collect(("ticket_ask_pin",), 8, "#", 5)
    asked = its.hear(Digits("4711"), NOW)
    assert isinstance(asked, Find)
    assert asked.kind == "ticket"
    assert (asked.facts["ticket_number"], asked.facts["pin"]) == ("20261122000001", "4711")
    assert its.hear(Found({"ticket_state": "goodbye"}), NOW) == Speak(("goodbye",), "0")
    assert its.hear(SILENT, NOW) == Speak(("self_service_enough",), ALL_KEYS)
    assert its.hear(Key("1"), NOW) == Speak(("goodbye",), "")
    assert its.hear(SILENT, NOW) == Leave(Exit.RESOLVED)


HEARD = Heard({"article_asked": "article_heating_asked", "topic": "heating", "key": ""})
SAY = Hear("knowledge", ("say_question",), "10", 6)
SURE = Speak(("article_heating_asked", "say_confirm"), ALL_KEYS)
LISTED = Speak(("knowledge_menu",), ALL_KEYS)


@pytest.mark.parametrize(
    ("events", "last"),
    [
        ([Heard(None)], LISTED),
        ([Key("1")], LISTED),
        ([Key("0")], ASKED_FOR),
        ([HEARD], SURE),
        ([HEARD, Key("2")], LISTED),
        ([HEARD, SILENT, SILENT], LISTED),
        ([HEARD, Key("0")], ASKED_FOR),
        ([Found({})], Leave(Exit.FAILED, queues=("main",))),
    ],
)
def test_what_is_said_counts_only_when_key_1_confirms_it(events: list[Event], last: Act) -> None:
    """Anything else is the list by key, or a person; nothing is looked up of what was only recognized."""
    acts = told("self_service", Key("2"), *events)
    assert acts[1] == SAY
    assert acts[-1] == last
    assert not [act for act in acts if isinstance(act, Find)]


def test_what_is_confirmed_is_looked_up() -> None:
    """Under the article's id, whatever key was pressed before."""
    found = told("self_service", Key("2"), HEARD, Key("1"))[-1]
    assert isinstance(found, Find)
    assert (found.kind, found.facts["topic"], found.facts["key"]) == ("knowledge", "heating", "")


def test_0_instead_of_a_number_is_a_person() -> None:
    """Also where digits are collected, and it is said with 0 and the closing key."""
    assert told("self_service", Key("1"), Digits("0"))[-1] == ASKED_FOR


def test_a_key_becomes_a_fact_where_it_matters_which_it_was() -> None:
    """The article of key 3 is looked up, told, and sent in writing."""
    its = walk("self_service")
    its.begin(NOW)
    its.hear(Key("2"), NOW)
    its.hear(Heard(None), NOW)
    asked = its.hear(Key("3"), NOW)
    assert isinstance(asked, Find)
    assert (asked.kind, asked.facts["key"]) == ("knowledge", "3")
    assert its.hear(Found({"article": "sorry", "article_id": "a"}), NOW) == Speak(("sorry",), "0")
    its.hear(SILENT, NOW)
    written = its.hear(Key("2"), NOW)
    assert isinstance(written, Find)
    assert written.kind == "link"
    assert its.hear(Found({"link": "sent"}), NOW) == Speak(("link_sent",), "0")


def test_every_step_is_noted_with_flow_and_version() -> None:
    """Also the steps that nothing is heard at, and those of the flow that the walk goes over to."""
    its = walk("night")
    its.begin(NOW)
    its.hear(Key("9"), NOW)
    its.hear(Key("1"), NOW)
    assert its.take_notes() == [
        Entered("night", 0, "greeting"),
        Entered("night", 0, "emergency"),
        Entered("emergency", 0, "menu"),
        Entered("emergency", 0, "police"),
    ]
    assert (its.flow.name, its.step) == ("emergency", "police")
    assert its.take_notes() == []


@pytest.mark.parametrize("event", [Failed(), Digits("12"), Found({}), Gone()])
def test_whatever_breaks_leads_to_a_person_and_a_hang_up_ends_the_walk(event: Event) -> None:
    """A missing prompt, or an answer to something that was not asked; the last step stays known."""
    its = walk("intake")
    its.begin(NOW)
    last = its.hear(event, NOW)
    expected = Leave(Exit.LEFT) if isinstance(event, Gone) else Leave(Exit.FAILED, queues=("main",))
    assert last == expected
    assert its.step == "greeting"
    assert its.hear(Key("9"), NOW) == expected, "a walk that is over stays over"


def test_a_fact_that_cannot_be_said_leads_to_a_person() -> None:
    """A house that gives no greeting still answers."""
    assert told("intake", facts={})[0] == Leave(Exit.FAILED, queues=("main",))


def test_limits_lead_to_a_person() -> None:
    """Of steps, of digits, of seconds, of flows that lead to flows."""
    short = walk("intake", limits=Limits(steps=0))
    assert short.begin(NOW) == Leave(Exit.FAILED, queues=("main",))
    late = walk("intake", limits=Limits(seconds=10))
    late.begin(NOW)
    assert late.hear(SILENT, Instant(NOW + 11)) == Leave(Exit.FAILED, queues=("main",))
    wordy = walk(one_of_each(), limits=Limits(digits=5))
    wordy.begin(NOW)
    wordy.hear(Key("1"), NOW)
    assert isinstance(wordy.hear(Digits("123456"), NOW), Leave)
    deep = walk("night", limits=Limits(depth=0))
    deep.begin(NOW)
    assert deep.hear(Key("9"), NOW) == Leave(Exit.FAILED, queues=("main",))


KEYS: st.SearchStrategy[Event] = st.sampled_from([*ALL_KEYS, "", "A", "D"]).map(Key)
DIGITS: st.SearchStrategy[Event] = st.text("0123456789*#AD", max_size=40).map(Digits)
FOUND: st.SearchStrategy[Event] = st.sampled_from(
    [Found(None), Found({"ticket_state": "goodbye", "article": "sorry", "link": "sent"}), Failed()]
)
SAID: st.SearchStrategy[Event] = st.sampled_from([HEARD, Heard(None)])
EVENTS = st.one_of(KEYS, DIGITS, FOUND, SAID)
FITTING: Mapping[type[Act], tuple[type[Event] | tuple[type[Event], ...], st.SearchStrategy[Event]]] = {
    Speak: (Key, KEYS),
    Listen: (Key, KEYS),
    Collect: (Digits, DIGITS),
    Find: (Found, FOUND),
    Hear: ((Heard, Key), st.one_of(SAID, KEYS)),
}
FLOWS = st.sampled_from([*SHIPPED.values(), one_of_each()])


@given(FLOWS, st.lists(EVENTS, max_size=40))
@settings(max_examples=80)
def test_every_walk_ends_with_an_exit(flow: Flow, events: list[Event]) -> None:
    """Whatever a caller does: after at most as many acts as the limits allow, the walk is over, and never elsewhere."""
    its = walk(flow)
    act = its.begin(NOW)
    for event in [*events, *[SILENT] * 10]:
        if isinstance(act, Leave):
            break
        act = its.hear(event, NOW)
    assert isinstance(act, Leave)
    assert its.is_over
    assert its.step in its.flow.steps
    if its.flow.kind is Kind.ARRIVAL and act.exit in (Exit.LINE, Exit.FAILED):
        assert act.queues, "a person is somewhere"


@given(FLOWS, st.data())
@settings(max_examples=80)
def test_an_endless_caller_is_led_to_an_end(flow: Flow, data: st.DataObject) -> None:
    """Who always answers what he is asked, as it fits, and never hangs up, reaches an end as well."""
    its = walk(flow)
    act = its.begin(NOW)
    for _ in range(Limits().steps * 6):
        if isinstance(act, Leave):
            break
        event = data.draw(FITTING[type(act)][1])
        act = its.hear(event, NOW)
    assert isinstance(act, Leave)


@given(FLOWS.filter(lambda flow: flow.kind is Kind.ARRIVAL), st.lists(EVENTS, max_size=8))
@settings(max_examples=80)
def test_0_reaches_a_person_from_everywhere(flow: Flow, events: list[Event]) -> None:
    """In an arrival flow, at any step, however he got there."""
    its = walk(flow)
    act = its.begin(NOW)
    for event in events:
        if not isinstance(act, Leave) and isinstance(event, FITTING[type(act)][0]):
            act = its.hear(event, NOW)
    match act:
        case Leave() | Find():
            return
        case Speak(keys=""):
            return  # last words: he has chosen
        case Speak() | Hear():
            assert "0" in act.keys
            act = its.hear(Key("0"), NOW)
        case Listen():
            act = its.hear(Key("0"), NOW)
        case Collect():
            act = its.hear(Digits("0"), NOW)
    assert isinstance(act, Leave)
    assert act.exit is Exit.LINE
    assert isinstance(its.flow.steps[its.step], f.Line)
