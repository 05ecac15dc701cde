"""Walks over FastAGI: where callers are led beside the line, ratings, look-ups, and whatever breaks."""

import pytest
from fake_agi_peer import FakeAgiPeer
from fake_ami import until
from ivr_house import CONTACT, GREETED, LIMIT, OK, PLAYED, SHIPPED, House, key

from callcenter.core.errors import PeerError
from callcenter.core.ids import QueueName
from callcenter.core.messages import calls, flows, offers
from callcenter.core.messages.flows import Exit
from callcenter.core.messages.offers import Question
from callcenter.sections import Surge
from ivr import walks
from ivr.agi import FAREWELLS, QUESTIONS, RATING
from ivr.core.flow import Kind
from ivr.core.intake import SHIPPED as BY_OCCASION
from ivr.core.reading import read
from ivr.flows import MENUS
from ivr.prompts import catalogue

pytestmark = pytest.mark.adapters

ANY = '"0123456789*#"'
MISSING, UP = "200 result=-1 endpos=0", ("CHANNEL STATUS", "200 result=6")
DIGIT = 'WAIT FOR DIGIT "5000"'


def play(flow: str, **facts: str) -> calls.Play:
    """The intake's wish."""
    return calls.Play(CONTACT, flow, tuple({"greeting": "greeting", **facts}.items()))


def stream(prompt: str, keys: str = ANY) -> str:
    """The command that plays a prompt."""
    return f'STREAM FILE "/prompts/{prompt}" {keys}'


def completed(variables: str) -> str:
    """The last command of a session."""
    return f'EXEC "MSet" "{variables}"'


async def say(peer: FakeAgiPeer, *dialogue: tuple[str, str]) -> None:
    """Commands that are awaited, each with its answer."""
    for command, answer in dialogue:
        await peer.answer(command, answer)


async def is_over(house: House, peer: FakeAgiPeer, ends: list[tuple[str, Exit]]) -> bool:
    """Whether the session ended, and its walks with it."""
    assert await peer.is_closed_by_server()
    assert house.ends == ends
    return True


async def test_an_emergency_is_handed_over_by_one_key() -> None:
    """Where he goes first, then the completion; the steps are told, and the engine is not asked for a line."""
    house = House()
    async with house.talk(play("emergency")) as peer:
        await say(peer, (GREETED, OK), (stream("emergency_menu"), key("3")))
        await peer.answer(completed("CC_TARGET=120,CC_DONE=transfer"), OK)
        assert await is_over(house, peer, [("emergency.ambulance", Exit.TRANSFER)])
    assert house.steps == ["emergency.menu", "emergency.ambulance"]
    assert house.posted == []


async def test_a_message_instead_of_the_line() -> None:
    """At night, by key: the dialplan takes it."""
    house = House()
    async with house.talk(play("night")) as peer:
        await say(peer, (GREETED, OK), (stream("greeting_night", '"019"'), key("1")))
        await peer.answer(completed("CC_DONE=message"), OK)
        assert await is_over(house, peer, [("night.message", Exit.MESSAGE)])


async def test_who_is_owed_a_call_hears_his_place_and_by_when() -> None:
    """第三位, 今天下午六点之前; what nobody knows is not said."""
    house = House()
    asked = offers.Ask(CONTACT, Question.STATUS, 180, 300, place=3, due_s=18 * 3600)
    words = "status_place word_ordinal number_3 word_persons status_until word_today word_afternoon number_6 word_hour"
    async with house.talk(asked) as peer:
        await peer.answer('EXEC "CELGenUserEvent" "ASKED"', OK)
        for prompt in words.split():
            await peer.answer(stream(prompt), PLAYED)
        await peer.answer(stream("status_keys"), key("1"))
        await until(lambda: house.posted)
    assert house.posted == [offers.Replied(CONTACT, Question.STATUS, accepted=True)]


async def test_a_message_instead_of_an_open_callback() -> None:
    """Asked how his call-back stands, he leaves a message."""
    house = House()
    async with house.talk(offers.Ask(CONTACT, Question.STATUS)) as peer:
        await say(peer, ('EXEC "CELGenUserEvent" "ASKED"', OK), (stream("status_open"), key("2")))
        await peer.answer(completed("CC_DONE=message"), OK)
        assert await is_over(house, peer, [("missed_call.message", Exit.MESSAGE)])


@pytest.mark.parametrize(("pressed", "told"), [("9", "9"), ("0", "0"), ("", "")])
async def test_urgent_and_insisting_callers_are_told_as_such(pressed: str, told: str) -> None:
    """The engine learns what the flow made of the key, and the line that the flow leads to."""
    house = House()
    async with house.talk(play("enterprise")) as peer:
        await say(peer, (GREETED, OK), (stream("greeting_enterprise", '"09"'), key(pressed)))
        await until(lambda: house.posted)
    assert house.posted[0] == calls.PromptEnded(CONTACT, told, QueueName("enterprise"))


async def rating(house: House, *dialogue: tuple[str, str]) -> None:
    """A talk is over; the caller is asked."""
    async with house.call(agi_network_script="rating") as peer:
        await say(peer, (LIMIT, OK), *dialogue)
        assert await peer.is_closed_by_server()


async def test_a_talk_is_rated_by_key() -> None:
    """Five is very satisfied; the completion says that all was heard."""
    house = House()
    done = ('SET VARIABLE "CC_DONE" "1"', OK)
    await rating(house, (stream("rating_ask"), key("5")), (stream("rating_thanks", '""'), PLAYED), done)
    assert flows.Rated(CONTACT, 5, "key") in house.told
    assert house.posted == [], "engines know the contact already"


async def test_a_level_without_surveys_asks_nobody() -> None:
    """The session ends without a word, and the dialplan ends the call."""
    house = House()
    house.is_rated = False
    async with house.call(agi_network_script="rating") as peer:
        assert await peer.is_closed_by_server()
    assert house.told == []


async def test_no_answer_is_no_grade() -> None:
    """Neither silence nor a hang-up is ever satisfied."""
    house = House()
    done = ('SET VARIABLE "CC_DONE" "1"', OK)
    silent = [(stream("rating_ask"), PLAYED), (DIGIT, key("")), (stream("goodbye", '""'), PLAYED), done]
    await rating(house, *silent)
    await rating(house, (stream("rating_ask"), "511 Command Not Permitted on a dead channel"))
    assert not [told for told in house.told if isinstance(told, flows.Rated)]
    assert house.ends == [("rating.goodbye", Exit.GOODBYE), ("rating.ask", Exit.LEFT)]


ASKED = [
    (GREETED, OK),
    (stream("self_service_menu"), key("1")),
    (stream("ticket_ask_number"), key("2")),
    *((DIGIT, key(digit)) for digit in "0261122000001"),
    (DIGIT, key("#")),
    (stream("ticket_ask_pin"), PLAYED),
    *((DIGIT, key(digit)) for digit in "4711#"),
]
"""From the menu to number and PIN; the first digit cuts the prompt short."""


async def test_what_is_looked_up_is_heard() -> None:
    """And who needs nothing more is hung up with thanks."""
    house = House()
    house.found = {"ticket_state": "ticket_state_handling"}
    async with house.talk(play("self_service")) as peer:
        await say(peer, *ASKED)
        await say(peer, (stream("ticket_state_handling", '"0"'), PLAYED))
        await say(peer, (stream("self_service_enough"), key("1")))
        await say(peer, (stream("goodbye", '""'), PLAYED))
        await say(peer, ('EXEC "CELGenUserEvent" "RESOLVED"', "200 result=0"), ("HANGUP", OK))
        assert await is_over(house, peer, [("self_service.goodbye", Exit.RESOLVED)])
    [asked] = house.asked
    assert (asked["ticket_number"], asked["pin"], asked["caller"]) == (
        "20261122000001",
        "4711",
        "13800000000",
    )


@pytest.mark.parametrize("trouble", [PeerError("the database is busy"), TimeoutError()])
async def test_a_look_up_that_fails_is_a_person(trouble: Exception) -> None:
    """Nobody is told that nothing was found where nobody could look."""
    house = House()
    house.found = trouble
    async with house.talk(play("self_service")) as peer:
        await say(peer, *ASKED)
        await until(lambda: house.posted)
    assert house.posted[0] == calls.PromptEnded(CONTACT, "")
    assert house.ends == [("self_service.ticket", Exit.FAILED)]


async def test_a_look_up_that_hangs_is_a_person(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time."""
    monkeypatch.setattr(walks, "FIND_WITHIN_S", 0.05)
    house = House()
    house.finds.clear()
    async with house.talk(play("self_service")) as peer:
        await say(peer, *ASKED)
        await until(lambda: house.posted)
    assert house.ends == [("self_service.ticket", Exit.FAILED)]


async def test_a_missing_prompt_is_a_person() -> None:
    """Asterisk says that not one sample was played: nobody listens to silence."""
    house = House()
    async with house.talk(play("night")) as peer:
        await say(peer, (GREETED, OK), (stream("greeting_night", '"019"'), MISSING), UP)
        await until(lambda: house.posted)
    assert house.posted[0] == calls.PromptEnded(CONTACT, "")
    assert house.ends == [("night.greeting", Exit.FAILED)]


async def test_a_question_that_cannot_be_heard_is_a_no() -> None:
    """He goes on as if he had not been asked."""
    house = House()
    async with house.talk(offers.Ask(CONTACT, Question.CALLBACK)) as peer:
        await say(peer, ('EXEC "CELGenUserEvent" "ASKED"', OK), (stream("offer_callback"), MISSING), UP)
        await until(lambda: house.posted)
    assert house.posted == [offers.Replied(CONTACT, Question.CALLBACK, accepted=False)]


async def test_a_flow_that_is_gone_is_a_person() -> None:
    """Whatever the settings say."""
    house = House()
    async with house.talk(play("no_such_flow")) as peer:
        await peer.answer(GREETED, OK)
        await until(lambda: house.posted)
    assert house.posted == [calls.PromptEnded(CONTACT, "")]


async def test_a_new_version_is_for_new_callers() -> None:
    """A walk that has begun keeps its flows; the next one has the new ones; versions are told with each step."""
    house = House()
    text = (
        MENUS.joinpath("emergency.toml")
        .read_text("utf-8")
        .replace('"2" = "fire"', '"2" = "police", "5" = "fire"')
    )
    changed, mistakes = read("emergency", text, "emergency v7", 7)
    assert changed is not None, mistakes
    async with house.talk(play("emergency")) as peer:
        await peer.answer(GREETED, OK)
        await peer.expect(stream("emergency_menu"))
        house.flows = {**SHIPPED, "emergency": changed}
        peer.send(key("2") + "\n")
        await peer.answer(completed("CC_TARGET=119,CC_DONE=transfer"), OK)
        assert await peer.is_closed_by_server()
    async with house.talk(play("emergency")) as peer:
        await say(peer, (GREETED, OK), (stream("emergency_menu"), key("2")))
        await peer.answer(completed("CC_TARGET=110,CC_DONE=transfer"), OK)
        assert await peer.is_closed_by_server()
    assert {told.version for told in house.told if isinstance(told, flows.WalkEnded)} == {0, 7}


async def test_two_thousand_digits_end_at_a_person() -> None:
    """Whoever never stops pressing: digits are cut off where they are too many, keys run out of tries."""
    house = House()
    to_line = calls.Enqueue(CONTACT, QueueName("main"), priority=0)
    async with house.talk(play("self_service"), to_line) as peer:
        await peer.answer(GREETED, OK)
        commands = 0
        while commands < 2000 and not (await peer.reader.readline()).startswith(b"EXEC"):
            commands += 1
            peer.send(key("1") + "\n")
    assert 0 < commands < 100
    assert house.ends == [("self_service.person", Exit.LINE)]


@pytest.mark.parametrize("keys", ["#*#", "77", "****"])
async def test_odd_keys_end_at_a_person(keys: str) -> None:
    """One wrong key is forgiven."""
    house = House()
    async with house.talk(play("emergency")) as peer:
        await peer.answer(GREETED, OK)
        await peer.answer(stream("emergency_menu"), key(keys[0]))
        await peer.answer(stream("wrong_key"), PLAYED)
        await peer.answer(stream("emergency_menu"), key(keys[1]))
        await until(lambda: house.posted)
    assert house.posted[0] == calls.PromptEnded(CONTACT, "9")


@pytest.mark.parametrize("name", SHIPPED)
async def test_who_hangs_up_at_the_first_step_leaves_it_behind(name: str) -> None:
    """In every shipped flow: the exact step, and that he left."""
    house = House()
    facts = {"greeting": "greeting", "today": "2026-11-22"}
    async with house.talk(play(name, **facts)) as peer:
        await peer.answer(GREETED, OK)
        command = (await peer.reader.readline()).decode()
        assert command.startswith("STREAM FILE")
        peer.send("511 Command Not Permitted on a dead channel\n")
        assert await peer.is_closed_by_server()
    [(step, way)] = house.ends
    assert way is Exit.LEFT
    assert step == house.steps[-1]
    assert house.posted == [calls.SessionLost(CONTACT, "caller_gone")]


async def test_tones_that_no_telephone_has_are_waited_past() -> None:
    """A to D come from elsewhere, such as a queue that wakes its caller: they answer no question."""
    house = House()
    async with house.talk(offers.Ask(CONTACT, Question.CALLBACK)) as peer:
        await say(peer, ('EXEC "CELGenUserEvent" "ASKED"', OK), (stream("offer_callback"), PLAYED))
        for tone in ("D", "A", "1"):
            command = (await peer.reader.readline()).decode()
            assert command.startswith("WAIT FOR DIGIT")
            peer.send(key(tone) + "\n")
        await until(lambda: house.posted)
    assert house.posted == [offers.Replied(CONTACT, Question.CALLBACK, accepted=True)]


def test_what_is_named_beside_flows_exists() -> None:
    """Good-byes and greetings are in the catalogue; each question and occasion has a flow of its kind."""
    greetings = {profile.greeting for profile in Surge().levels()}
    assert greetings | set(FAREWELLS.values()) <= set(catalogue())
    assert {SHIPPED[name].kind for name in QUESTIONS.values()} == {Kind.QUESTION}
    assert SHIPPED[RATING].kind is Kind.AFTER
    for occasion, name in BY_OCCASION.items():
        assert SHIPPED[name].kind is Kind.ARRIVAL
        assert occasion in SHIPPED[name].occasions
