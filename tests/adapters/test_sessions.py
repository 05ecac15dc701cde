"""IVR sessions on the real FastAGI server: callers walk through flows, and what the dialplan may believe."""

import asyncio
from datetime import UTC, datetime

import pytest
from fake_agi_peer import FakeAgiPeer, calling
from fake_ami import until
from ivr_house import CONTACT, GREETED, LIMIT, OK, PLAYED, House, key

from callcenter.core.errors import PeerError
from callcenter.core.ids import ContactId, QueueName
from callcenter.core.messages import calls, offers
from callcenter.core.messages.offers import Farewell, Question
from ivr.agi import EFFECTS_LIMIT, SessionEffect, arrival_time, believable_number
from ivr.core import say
from ivr.core.flow import KEYS

pytestmark = pytest.mark.adapters

PLAY = calls.Play(CONTACT, "intake", (("greeting", "greeting"),))
ENQUEUE = calls.Enqueue(CONTACT, QueueName("main"), priority=0)

GREETING = 'STREAM FILE "/prompts/greeting" "09"'
DONE = 'EXEC "MSet" "CC_QUEUE=main,CC_PRIORITY=0,CC_POSITION=0,CC_DONE=1"'

ASK = offers.Ask(CONTACT, Question.CALLBACK)
TELL = offers.TellWait(CONTACT, 180, 180)
SEND_OFF = offers.SendOff(CONTACT, Farewell.CALLBACK_PROMISED)
TAKE_MESSAGE = offers.TakeMessage(CONTACT)

ASKED = 'EXEC "CELGenUserEvent" "ASKED"'
OFFER = 'STREAM FILE "/prompts/offer_callback" "0123456789*#"'
REPLY = 'WAIT FOR DIGIT "5000"'
CALLBACK = 'EXEC "CELGenUserEvent" "CALLBACK"'
PROMISED = 'STREAM FILE "/prompts/callback_promised" ""'
STAYS = 'STREAM FILE "/prompts/callback_stays" ""'
HANGUP = "HANGUP"
UNPROMISED = 'EXEC "MSet" "CC_PRIORITY=90,CC_POSITION=0,CC_DONE=1"'
MESSAGE = 'EXEC "MSet" "CC_DONE=message"'
WAIT_PIECES = [
    f'STREAM FILE "/prompts/{piece}" "0123456789*#"'
    for piece in ("wait_expected", "number_3", "word_minutes")
]
GONE = ["200 result=-1 endpos=160", "511 Command Not Permitted on a dead channel"]


def replied(question: Question, accepted: bool) -> offers.Replied:
    """What the caller said."""
    return offers.Replied(CONTACT, question, accepted)


async def is_silent(peer: FakeAgiPeer, within_s: float = 0.2) -> bool:
    """Whether nothing comes, for a moment."""
    try:
        async with asyncio.timeout(within_s):
            await peer.reader.readline()
    except TimeoutError:
        return True
    return False


async def test_no_prompt_before_the_contact_is_committed() -> None:
    """A slow database means silence: neither a word to the caller nor to the engines."""
    house = House()
    house.gate.clear()
    async with house.call() as peer:
        await until(lambda: house.arrived)
        house.sessions.perform(PLAY)
        assert await is_silent(peer)
        assert house.posted == []
        house.gate.set()
        await peer.answer(LIMIT, OK)
        [told] = house.posted
        assert isinstance(told, calls.CallArrived)
        assert told.late_s >= 0.2  # the ledger's times count from the arrival, not from the commit
        house.sessions.perform(PLAY)
        await peer.answer(GREETED, OK)
        await peer.expect(GREETING)


async def test_a_commit_that_fails_leaves_the_caller_to_the_dialplan() -> None:
    """The session ends without a word: no greeting, no completion, no contact in the engines."""
    house = House()
    house.trouble = PeerError("the database is busy", code="store_busy")
    async with house.call() as peer:
        assert await peer.is_closed_by_server()
    assert len(house.arrived) == 1
    assert house.posted == []


async def test_the_completion_word_is_set_last() -> None:
    """Prompts in order, then one command whose last variable is the completion; then nothing more."""
    house = House()
    async with house.call() as peer:
        await peer.answer(LIMIT, OK)
        house.sessions.perform(PLAY)
        await peer.answer(GREETED, OK)
        await peer.answer(GREETING, PLAYED)
        await until(lambda: len(house.posted) == 2)
        assert house.posted[-1] == calls.PromptEnded(CONTACT, "")
        house.sessions.perform(ENQUEUE)
        await peer.answer(DONE, OK)
        assert await peer.is_closed_by_server()
    assert len(house.posted) == 2


async def test_a_key_cuts_the_prompts_short() -> None:
    """The remaining prompts are not played, and the engine learns the key."""
    house = House()
    async with house.call() as peer:
        await peer.answer(LIMIT, OK)
        house.sessions.perform(PLAY)
        await peer.answer(GREETED, OK)
        await peer.answer(GREETING, f"200 result={ord('0')} endpos=160")
        await until(lambda: len(house.posted) == 2)
        assert house.posted[-1] == calls.PromptEnded(CONTACT, "0")


@pytest.mark.parametrize("last_word", GONE)
async def test_hang_up_in_the_prompt_is_told_once(last_word: str) -> None:
    """The session is lost; what is decided for it afterwards goes nowhere and hurts nobody."""
    house = House()
    async with house.call() as peer:
        await peer.answer(LIMIT, OK)
        house.sessions.perform(PLAY)
        await peer.answer(GREETED, OK)
        await peer.answer(GREETING, last_word)
        assert await peer.is_closed_by_server()
    assert house.posted[1:] == [calls.SessionLost(CONTACT, "caller_gone")]
    house.sessions.perform(ENQUEUE)


async def test_a_vanished_connection_is_told_too() -> None:
    """Asterisk dies in the middle of a prompt: the engine learns it from the broken connection."""
    house = House()
    async with house.serving() as port:
        async with calling(port) as peer:
            peer.send_headers()
            await peer.answer(LIMIT, OK)
            house.sessions.perform(PLAY)
            await peer.answer(GREETED, OK)
            await peer.expect(GREETING)
        await until(lambda: len(house.posted) == 2)
    assert house.posted[1] == calls.SessionLost(CONTACT, "caller_gone")


async def test_sessions_do_not_hear_each_other() -> None:
    """Each effect reaches the session of its contact only."""
    house = House()
    other = ContactId("c-1700000000.2")
    async with house.serving() as port, calling(port) as first, calling(port) as second:
        first.send_headers()
        second.send_headers(agi_uniqueid=other, agi_channel="PJSIP/trunk-00000002")
        await first.answer(LIMIT, OK)
        await second.answer(LIMIT, OK)
        house.sessions.perform(calls.Enqueue(other, QueueName("enterprise"), priority=5))
        await second.answer('EXEC "MSet" "CC_QUEUE=enterprise,CC_PRIORITY=5,CC_POSITION=0,CC_DONE=1"', OK)
        assert await second.is_closed_by_server()
        assert await is_silent(first)


@pytest.mark.parametrize("pressed", ["1", "0", "5"])
async def test_a_key_answers_within_the_question(pressed: str) -> None:
    """Who knows the question need not hear it out: 1 is yes, 0 and what means nothing is no."""
    house = House()
    async with house.talk(ASK) as peer:
        await peer.answer(ASKED, OK)
        await peer.answer(OFFER, key(pressed))
        await until(lambda: house.posted)
        assert house.posted == [replied(Question.CALLBACK, pressed == "1")]


@pytest.mark.parametrize("pressed", ["1", "0", "5", ""])
async def test_a_key_answers_after_the_question(pressed: str) -> None:
    """A few seconds to think; any other key and silence are no."""
    house = House()
    async with house.talk(ASK) as peer:
        await peer.answer(ASKED, OK)
        await peer.answer(OFFER, PLAYED)
        await peer.answer(REPLY, key(pressed))
        await until(lambda: house.posted)
        assert house.posted == [replied(Question.CALLBACK, pressed == "1")]


@pytest.mark.parametrize("pressed", ["", "1", "9"])
async def test_a_notice_is_heard_or_skipped(pressed: str) -> None:
    """Nobody is waited for, and no key is a yes."""
    house = House()
    async with house.talk(offers.Ask(CONTACT, Question.NOTICE)) as peer:
        await peer.answer(ASKED, OK)
        await peer.answer('STREAM FILE "/prompts/surge_notice" "0129*#"', key(pressed))
        await until(lambda: house.posted)
        assert house.posted == [replied(Question.NOTICE, accepted=False)]


async def test_the_wait_is_heard_before_the_line() -> None:
    """Both were wanted at once: in order, and the caller's books are marked once."""
    house = House()
    async with house.talk(ASK, TELL, ENQUEUE) as peer:
        await peer.answer(ASKED, OK)
        await peer.answer(OFFER, key("0"))
        for piece in WAIT_PIECES:
            await peer.answer(piece, PLAYED)
        await peer.answer(DONE, OK)
        assert await peer.is_closed_by_server()
    assert house.posted == [replied(Question.CALLBACK, accepted=False)]


async def test_his_place_is_heard_before_the_wait() -> None:
    """您现在排在第十二位, then how long it may take."""
    house = House()
    async with house.talk(offers.TellWait(CONTACT, 180, 180, place=12), ENQUEUE) as peer:
        await peer.answer(ASKED, OK)
        for prompt in say.place(12):
            await peer.answer(f'STREAM FILE "/prompts/{prompt}" "{KEYS}"', PLAYED)
        for piece in WAIT_PIECES:
            await peer.answer(piece, PLAYED)
        await peer.answer(DONE, OK)
        assert await peer.is_closed_by_server()


async def test_a_key_skips_the_wait() -> None:
    """Straight on to the line; nobody is told."""
    house = House()
    async with house.talk(TELL, ENQUEUE) as peer:
        await peer.answer(ASKED, OK)
        await peer.answer(WAIT_PIECES[0], key("5"))
        await peer.answer(DONE, OK)
        assert await peer.is_closed_by_server()
    assert house.posted == []


async def test_a_place_in_line_is_told_before_the_completion() -> None:
    """Queue, priority, position, completion: MSet sets them in this order."""
    house = House()
    async with house.talk(calls.Enqueue(CONTACT, QueueName("main"), priority=50, position=3)) as peer:
        await peer.answer('EXEC "MSet" "CC_QUEUE=main,CC_PRIORITY=50,CC_POSITION=3,CC_DONE=1"', OK)
        assert await peer.is_closed_by_server()


async def test_a_message_is_the_dialplans_to_take() -> None:
    """The completion word says so, and nothing comes after it."""
    house = House()
    async with house.talk(TAKE_MESSAGE, PLAY) as peer:
        await peer.answer(MESSAGE, OK)
        assert await peer.is_closed_by_server()
    assert house.posted == []


@pytest.mark.parametrize(
    ("farewell", "words"), [(Farewell.CALLBACK_PROMISED, PROMISED), (Farewell.CALLBACK_STAYS, STAYS)]
)
async def test_no_promise_is_spoken_before_it_is_committed(farewell: Farewell, words: str) -> None:
    """A slow database means silence; then the mark in the books, the good-bye, and we hang up."""
    house = House()
    house.safe.clear()
    async with house.talk(offers.SendOff(CONTACT, farewell)) as peer:
        assert await is_silent(peer)
        house.safe.set()
        await peer.answer(CALLBACK, OK)
        await peer.answer(words, PLAYED)
        await peer.answer(HANGUP, OK)
        assert await peer.is_closed_by_server()
    assert house.posted == []


async def test_a_promise_that_cannot_be_committed_is_not_made() -> None:
    """No word of it, no mark: he goes to the line, before those who merely wait."""
    house = House()
    house.unsafe = PeerError("the database is busy", code="store_busy")
    async with house.talk(SEND_OFF) as peer:
        await peer.answer(UNPROMISED, OK)
        assert await peer.is_closed_by_server()


async def test_a_database_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """After its time the caller goes to the line as well."""
    monkeypatch.setattr("ivr.agi.DURABLE_WITHIN_S", 0.05)
    house = House()
    house.safe.clear()
    async with house.talk(SEND_OFF) as peer:
        await peer.answer(UNPROMISED, OK)
        assert await peer.is_closed_by_server()


STEPS: dict[str, tuple[SessionEffect, list[str]]] = {
    "before the greeting": (PLAY, [GREETED]),
    "in the greeting": (PLAY, [GREETED, GREETING]),
    "before the question": (ASK, [ASKED]),
    "in the question": (ASK, [ASKED, OFFER]),
    "thinking": (ASK, [ASKED, OFFER, REPLY]),
    "in the wait told": (TELL, [ASKED, *WAIT_PIECES[:2]]),
    "on the way to the line": (ENQUEUE, [DONE]),
    "on the way to a message": (TAKE_MESSAGE, [MESSAGE]),
    "before the good-bye": (SEND_OFF, [CALLBACK]),
    "in the good-bye": (SEND_OFF, [CALLBACK, PROMISED]),
    "as we hang up": (SEND_OFF, [CALLBACK, PROMISED, HANGUP]),
}


@pytest.mark.parametrize("step", STEPS)
async def test_who_hangs_up_at_any_step_is_told_once(step: str) -> None:
    """The session is lost and nothing else is said about him."""
    house = House()
    effect, commands = STEPS[step]
    async with house.talk(effect, TELL) as peer:
        for command in commands[:-1]:
            await peer.answer(command, PLAYED)
        await peer.answer(commands[-1], GONE[1])
        assert await peer.is_closed_by_server()
    assert house.posted == [calls.SessionLost(CONTACT, "caller_gone")]


async def test_who_hangs_up_while_his_promise_is_committed_is_told() -> None:
    """The connection ends in the silence: known with the next command, and the promise stands without us."""
    house = House()
    house.safe.clear()
    async with house.serving() as port:
        async with calling(port) as peer:
            peer.send_headers()
            await peer.answer(LIMIT, OK)
            house.sessions.perform(SEND_OFF)
        house.safe.set()
        await until(lambda: len(house.posted) == 2)
    assert house.posted[1] == calls.SessionLost(CONTACT, "caller_gone")


async def test_a_withdrawn_caller_comes_back_without_a_new_row() -> None:
    """The engine is told that he can be asked; then his session is like any other."""
    house = House()
    async with house.call(agi_network_script="resume") as peer:
        await peer.answer(LIMIT, OK)
        assert house.posted == [offers.SessionResumed(CONTACT)]
        house.sessions.perform(offers.Ask(CONTACT, Question.CALLBACK_WAITING))
        await peer.answer(ASKED, OK)
        await peer.answer('STREAM FILE "/prompts/offer_callback_waiting" "0123456789*#"', PLAYED)
        await peer.answer(REPLY, key("0"))
        await until(lambda: len(house.posted) == 2)
        house.sessions.perform(ENQUEUE)
        await peer.answer(DONE, OK)
        assert await peer.is_closed_by_server()
    assert house.posted[1:] == [replied(Question.CALLBACK_WAITING, accepted=False)]
    assert house.arrived == []


async def test_a_session_left_behind_does_not_take_the_next_ones_place() -> None:
    """The caller is back in a second session when the end of the first is noticed: effects reach the second."""
    house = House()
    async with house.serving() as port, calling(port) as second:
        async with calling(port) as first:
            first.send_headers()
            await first.answer(LIMIT, OK)
            house.sessions.perform(PLAY)
            await first.expect(GREETED)
            second.send_headers(agi_network_script="resume")
            await second.answer(LIMIT, OK)
        await until(lambda: len(house.posted) == 3)
        house.sessions.perform(ENQUEUE)
        await second.answer(DONE, OK)
        assert await second.is_closed_by_server()


async def test_a_session_takes_only_so_many_effects() -> None:
    """Beyond that the engine's wish is refused by name, and nobody else suffers."""
    house = House()
    async with house.talk(*[PLAY] * EFFECTS_LIMIT):
        with pytest.raises(PeerError) as caught:
            house.sessions.perform(PLAY)
    assert caught.value.code == "session_busy"


HOSTILE = [
    "13800000000'; DROP TABLE contacts;--",
    "${SHELL(reboot)}",
    "<script>",
    "=1+1",
    "1" * 700,
    "+",
    "12",
    "\uff11\uff13\uff18" + "\uff10" * 8,
    "138\x0b00000000",
    "138 0000 0000",
]


@pytest.mark.parametrize("number", HOSTILE)
async def test_a_hostile_number_is_a_withheld_one(number: str) -> None:
    """What is no telephone number reaches neither ledger nor engines."""
    house = House()
    async with house.call(agi_arg_1=number, agi_arg_2=number) as peer:
        await peer.expect(LIMIT)
    assert [(arrived.caller, arrived.called) for arrived in house.arrived] == [("", "")]


@pytest.mark.parametrize("number", ["13800000000", "+8613800000000", "12345", "110"])
def test_a_number_is_believed_as_it_is(number: str) -> None:
    """Real numbers are not touched."""
    assert believable_number(number) == number


@pytest.mark.parametrize(
    ("uniqueid", "seconds_ago"),
    [
        ("c-1700000100.7", 0.0),
        ("cc1-x-1700000090.1", 9.5),
        ("c-1700000200.1", 0.0),
        ("c-soon.1", 0.0),
        ("", 0.0),
    ],
)
def test_who_waited_for_the_controller_arrived_before_it_listened(uniqueid: str, seconds_ago: float) -> None:
    """Asterisk's own second counts when it is past; what is no second, or yet to come, does not."""
    now = datetime.fromtimestamp(1_700_000_100.5, UTC)
    assert (now - arrival_time(uniqueid, now)).total_seconds() == pytest.approx(seconds_ago, abs=0.01)
