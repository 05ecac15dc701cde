"""A statement over FastAGI: what is recorded, what is told, and that he goes on whatever becomes of it."""

from pathlib import Path

import pytest
from fake_agi_peer import FakeAgiPeer
from fake_ami import until
from ivr_house import CONTACT, OK, PLAYED, House, key

from callcenter.core.ids import QueueName
from callcenter.core.messages import calls, offers
from callcenter.core.messages.offers import Question
from recordings import wav

pytestmark = pytest.mark.adapters

ASK = offers.Ask(CONTACT, Question.PRECOLLECT, 180, 180)
ENQUEUE = calls.Enqueue(CONTACT, QueueName("main"), priority=0, position=2)
DONE = 'EXEC "MSet" "CC_QUEUE=main,CC_PRIORITY=0,CC_POSITION=2,CC_DONE=1"'
WAIT = 'STREAM FILE "/prompts/wait_expected" "0123456789*#"'
LIMIT = 'SET VARIABLE "TIMEOUT(absolute)" "75"'
THANKS = 'STREAM FILE "/prompts/precollect_thanks" "0123456789*#"'
NO, YES = (offers.Replied(CONTACT, Question.PRECOLLECT, accepted) for accepted in (False, True))
STATED = offers.MatterStated(CONTACT, 3.0)
GONE = ["200 result=-1 (hangup) endpos=24000", "511 Command Not Permitted on a dead channel"]


@pytest.fixture
def house(tmp_path: Path) -> House:
    """Sessions with a spool of their own."""
    house = House()
    house.spool = tmp_path
    return house


def record(house: House) -> str:
    """What Asterisk is asked to do."""
    return f'RECORD FILE "{house.spool / CONTACT}" "wav" "#" "60000" "0" "BEEP" "s=5"'


def says(house: House, seconds: float) -> Path:
    """Asterisk wrote so much."""
    sound = house.spool / f"{CONTACT}.wav"
    data_bytes = int(seconds * 2 * wav.RATE)
    sound.write_bytes(wav.header(data_bytes, 1) + bytes(data_bytes))
    return sound


async def accept(peer: FakeAgiPeer) -> None:
    """He is asked, and presses 1 at once."""
    await peer.answer('EXEC "CELGenUserEvent" "ASKED"', OK)
    await peer.answer(WAIT, key("1"))
    await peer.answer(LIMIT, OK)


async def test_a_statement_is_told_before_the_reply(house: House) -> None:
    """Recorded after a tone, with time of its own; then he is thanked, and goes to his place."""
    async with house.talk(ASK) as peer:
        await accept(peer)
        await peer.expect(record(house))
        sound = says(house, 3.0)
        peer.send("200 result=35 (dtmf) endpos=24000\n")
        await peer.answer(THANKS, PLAYED)
        await until(lambda: len(house.posted) == 2)
        assert house.posted == [STATED, YES]
        house.sessions.perform(ENQUEUE)
        await peer.answer(DONE, OK)
    assert sound.exists(), "it is kept by who hears of it"


@pytest.mark.parametrize("seconds", [None, 0.0, 1.0])
async def test_silence_is_no_statement(house: House, seconds: float | None) -> None:
    """Nothing, or the second of silence that Asterisk leaves: no file stays, and he waits as if he had said no."""
    async with house.talk(ASK) as peer:
        await accept(peer)
        await peer.expect(record(house))
        if seconds is not None:
            says(house, seconds)
        peer.send("200 result=0 (timeout) endpos=8000\n")
        await until(lambda: bool(house.posted))
        assert house.posted == [NO]
    assert not list(house.spool.iterdir())


@pytest.mark.parametrize("last_word", GONE)
async def test_who_hangs_up_in_his_statement_has_stated_it(house: House, last_word: str) -> None:
    """What was recorded until then counts; the session is over, and nothing is replied."""
    async with house.talk(ASK) as peer:
        await accept(peer)
        await peer.expect(record(house))
        says(house, 3.0)
        peer.send(last_word + "\n")
        await until(lambda: len(house.posted) == 2)
    assert house.posted == [STATED, calls.SessionLost(CONTACT, "caller_gone")]


async def test_a_link_that_breaks_in_a_statement_loses_no_word(house: House) -> None:
    """Asterisk closes the connection at his hang-up: the file is looked at all the same."""
    async with house.talk(ASK) as peer:
        await accept(peer)
        await peer.expect(record(house))
        says(house, 3.0)
        peer.writer.close()
        await until(lambda: len(house.posted) == 2)
    assert house.posted[0] == STATED


async def test_no_disk_for_it_leads_on(house: House) -> None:
    """Asterisk could not open the file: he waits, and nothing is kept."""
    async with house.talk(ASK) as peer:
        await accept(peer)
        await peer.answer(record(house), "200 result=-1 (writefile) endpos=0")
        await until(lambda: bool(house.posted))
        assert house.posted == [NO]
        house.sessions.perform(ENQUEUE)
        await peer.answer(DONE, OK)
