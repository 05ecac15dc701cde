"""Callers say what they want to know: asked, recorded, recognized by a real process, forgotten; and whatever breaks."""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from fake_agi_peer import FakeAgiPeer
from fake_ami import until
from ivr_house import CONTACT, GREETED, OK, PLAYED, House, key
from recognizer import demo_model, voice

from callcenter.clocks import SystemClock
from callcenter.core.errors import PeerError
from callcenter.core.messages import calls
from callcenter.core.messages.flows import Exit
from callcenter.doctor import State, run_checks
from callcenter.knowledge.articles import load
from callcenter.settings import Settings
from callcenter.spoken import UTTERANCES_MAX, CallerEars, caller_ears, facts_of, hearing
from ivr import ears as ears_module
from recordings import wav
from recordings.engines import Vosk
from recordings.listener import Listener
from recordings.models import ModelChoice
from recordings.process import Limits

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(300)]

ARTICLES, ZONE = load(), ZoneInfo("Asia/Shanghai")
ANY = '"0123456789*#"'
LIMITS = Limits(load_s=60.0)
SPOKEN = '"#10"'
"""Keys while he is asked and while he speaks."""


class OneEar:
    """Hears what the test says."""

    def __init__(self, sound: Path, facts: Mapping[str, str] | Exception | None) -> None:
        self.sound, self.facts = sound, facts
        self.open = 0

    @contextmanager
    def listen(self, kind: str) -> Iterator[Path]:
        """Always."""
        self.open += 1
        yield self.sound
        self.open -= 1

    async def understand(self, kind: str, sound: Path) -> Mapping[str, str] | None:
        """Or fail."""
        if isinstance(self.facts, Exception):
            raise self.facts
        if self.facts == {}:
            await asyncio.Event().wait()
        return self.facts


def stream(prompt: str, keys: str = ANY) -> str:
    """The command that plays a prompt."""
    return f'STREAM FILE "/prompts/{prompt}" {keys}'


async def asked(peer: FakeAgiPeer, pressed: str = "") -> None:
    """Through the menu to the question; the key that cuts it short, or none."""
    await peer.answer(GREETED, OK)
    await peer.answer(stream("self_service_menu"), key("2"))
    await peer.answer(stream("say_question", SPOKEN), key(pressed))


RECORD = f'RECORD FILE "/spoken/x" "wav" {SPOKEN} "6000" "0" "BEEP" "s=2"'
TIMED_OUT = "200 result=0 (timeout) endpos=8000"
PAUSE = "200 result=1483 (timeout) endpos=8000"
"""What Asterisk says after silence: the number is no key, it is what was left of the time."""
FACTS = {"article_asked": "article_heating_asked", "topic": "heating", "key": ""}
PLAY = calls.Play(CONTACT, "self_service", (("greeting", "greeting"),))


def hears(facts: Mapping[str, str] | Exception | None) -> tuple[House, OneEar]:
    """A house whose ears understand this."""
    ear = OneEar(Path("/spoken/x.wav"), facts)
    return House(ears=ear), ear


@pytest.mark.parametrize("ended", [PAUSE, TIMED_OUT, "200 result=35 (dtmf) endpos=8000"])
async def test_what_he_says_is_asked_back_and_looked_up_after_key_1(ended: str) -> None:
    """Whether a pause or # ends it."""
    house, ear = hears(FACTS)
    house.found = {"article": "article_heating"}
    async with house.talk(PLAY) as peer:
        await asked(peer)
        await peer.answer(RECORD, ended)
        await peer.answer(stream("article_heating_asked"), PLAYED)
        await peer.answer(stream("say_confirm"), key("1"))
        await peer.expect(stream("article_heating", '"0"'))
    assert house.asked[0]["topic"] == "heating"
    assert ear.open == 0


@pytest.mark.parametrize("facts", [None, {}, PeerError("the recognizer died")])
async def test_what_is_not_understood_leads_to_the_keys(
    monkeypatch: pytest.MonkeyPatch, facts: Mapping[str, str] | Exception | None
) -> None:
    """Nothing known, a recognizer that hangs or dies: he chooses by key, and nothing was looked up."""
    monkeypatch.setattr(ears_module, "HEAR_WITHIN_S", 0.1)
    house, ear = hears(facts)
    async with house.talk(PLAY) as peer:
        await asked(peer)
        await peer.answer(RECORD, TIMED_OUT)
        await peer.expect(stream("knowledge_menu"))
    assert house.asked == []
    assert ear.open == 0


async def test_who_does_not_want_to_speak_presses_a_key() -> None:
    """While he is asked or while he is recorded; 0 is a person; who presses # begins to speak at once."""
    house, _ = hears(FACTS)
    async with house.talk(PLAY) as peer:
        await asked(peer, "1")
        await peer.expect(stream("knowledge_menu"))
    house, _ = hears(FACTS)
    async with house.talk(PLAY) as peer:
        await asked(peer, "#")
        await peer.answer(RECORD, "200 result=48 (dtmf) endpos=800")
        await until(lambda: house.posted)
    assert house.posted[0] == calls.PromptEnded(CONTACT, "0")


async def test_who_hangs_up_while_he_speaks_leaves_the_step_behind() -> None:
    """His last step is known; his sound is gone."""
    house, _ = hears(FACTS)
    async with house.talk(PLAY) as peer:
        await asked(peer)
        await peer.answer(RECORD, "200 result=-1 (hangup) endpos=800")
        assert await peer.is_closed_by_server()
    assert house.ends == [("self_service.say_it", Exit.LEFT)]


def said(folder: Path, text: str) -> Path:
    """A file as Asterisk records it."""
    sound = voice().speak(text).astype("<i2").tobytes()
    path = folder / "said.wav"
    path.write_bytes(wav.header(len(sound), 1) + sound)
    return path


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    """A recognizer process, as the house has it."""
    model = ModelChoice(demo_model().path, is_demo=True)
    its = Listener(model, (), LIMITS, SystemClock())
    yield its
    await its.close()


async def test_a_question_is_understood_and_its_sound_is_gone(listener: Listener, tmp_path: Path) -> None:
    """By a real recognizer; what no article answers is not understood."""
    ears = CallerEars(ARTICLES, listener, tmp_path, SystemClock(), ZONE)
    with ears.listen("knowledge") as sound:
        assert sound is not None
        sound.write_bytes(said(tmp_path, "我家暖气不热").read_bytes())
        facts = await ears.understand("knowledge", sound)
    assert facts is not None
    assert (facts["article_asked"], facts["topic"]) == ("article_heating_asked", "heating")
    assert not sound.exists()
    assert await ears.understand("knowledge", said(tmp_path, "小区停电")) is None


async def test_a_recognizer_that_died_is_replaced(listener: Listener, tmp_path: Path) -> None:
    """Who speaks when it dies chooses by key; the next one is understood. A file that is none harms nobody."""
    path = said(tmp_path, "我家暖气不热")
    assert "暖气" in await listener.text_of(path)
    assert listener.pid is not None
    os.kill(listener.pid, signal.SIGKILL)
    with pytest.raises(PeerError):
        await listener.text_of(path)
    assert "暖气" in await listener.text_of(path)
    pid = listener.pid
    path.write_bytes(b"no sound")
    with pytest.raises(PeerError):
        await listener.text_of(path)
    assert listener.pid == pid


async def test_a_recognizer_that_hangs_is_ended_by_who_gives_up(listener: Listener, tmp_path: Path) -> None:
    """And by nobody else; the next one is understood by another process."""
    path = said(tmp_path, "我家暖气不热")
    await listener.text_of(path)
    hung = listener.pid
    assert hung is not None
    os.kill(hung, signal.SIGSTOP)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await listener.text_of(path)
    assert "暖气" in await listener.text_of(path)
    assert listener.pid != hung


async def test_a_model_that_cannot_be_loaded_is_not_tried_for_every_caller(tmp_path: Path) -> None:
    """Nobody is asked to speak for a while."""
    listener = Listener(ModelChoice(tmp_path, is_demo=False), (), LIMITS, SystemClock())
    ears = CallerEars(ARTICLES, listener, tmp_path, SystemClock(), ZONE)
    with ears.listen("knowledge") as sound:
        assert sound is not None
        with pytest.raises(PeerError):
            await ears.understand("knowledge", sound)
    with ears.listen("knowledge") as sound:
        assert sound is None
    await ears.close()


async def test_only_so_many_speak_at_once(listener: Listener, tmp_path: Path) -> None:
    """The others choose by key; so do all where the disk takes no sound, or something else is to be said."""
    ears = CallerEars(ARTICLES, listener, tmp_path, SystemClock(), ZONE)
    speaking = [ears.listen("knowledge") for _ in range(UTTERANCES_MAX + 1)]
    sounds = [one.__enter__() for one in speaking]
    assert [sound is None for sound in sounds] == [False] * UTTERANCES_MAX + [True]
    for one in speaking:
        one.__exit__(None, None, None)
    assert list(tmp_path.iterdir()) == []
    with ears.listen("weather") as sound:
        assert sound is None
    nowhere = CallerEars(ARTICLES, listener, tmp_path / "none", SystemClock(), ZONE)
    with nowhere.listen("knowledge") as sound:
        assert sound is None


def house_with(home: Path, words: str, **speech: object) -> Settings:
    """A house with a model of these words."""
    model = home / "model"
    files = {"am/final.mdl": "", "conf/mfcc.conf": "", "graph/Gr.fst": "", "graph/HCLr.fst": ""}
    files["graph/words.txt"] = "".join(f"{word} {n}\n" for n, word in enumerate(words.split(), 1))
    for part, content in files.items():
        (model / part).parent.mkdir(parents=True, exist_ok=True)
        (model / part).write_text(content, "utf-8")
    tree = {"home": str(home), "cache": str(home / "cache"), "speech": {"vosk_model": str(model), **speech}}
    return Settings.model_validate(tree)


def test_which_words_can_be_heard(tmp_path: Path) -> None:
    """Phrases are words of the vocabulary; every word of the articles is either heard or told."""
    told = hearing(house_with(tmp_path, "<eps> 暖气 社保 卡 #0"))
    assert told.model is not None
    assert told.phrases == ("暖气", "社保 卡")
    words = {word for article in ARTICLES.by_id.values() for word in article.words}
    assert set(told.unknown) | {"暖气", "社保卡"} == words


def test_the_doctor_tells_words_that_can_never_be_heard(tmp_path: Path) -> None:
    """With what to do; by key only is no trouble, and has its reason."""
    found = next(c for c in run_checks(house_with(tmp_path, "暖气")) if c.name == "spoken questions")
    assert found.state is State.WARN
    assert "公积金" in found.found
    assert "callcenter words" in found.advice
    deaf = house_with(tmp_path, "暖气", callers="off")
    found = next(c for c in run_checks(deaf) if c.name == "spoken questions")
    assert (found.state, found.found) == (State.OK, "by key only: speech.callers is off")


class FakeVosk:
    """What the library is asked for."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []

    def SetLogLevel(self, level: int) -> None:  # noqa: N802  the library's name
        """Quiet."""

    def Model(self, model_path: str) -> str:  # noqa: N802
        """A model is its path."""
        return model_path

    def KaldiRecognizer(self, *asked: object) -> "FakeVosk":  # noqa: N802
        """Remembers with what."""
        self.asked.append(asked)
        return self

    def SetWords(self, enable: bool) -> None:  # noqa: N802
        """Always."""


def test_phrases_and_a_place_for_anything_else_are_told_to_the_recognizer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A list of phrases as the library wants it; without phrases it hears everything."""
    vosk = FakeVosk()
    monkeypatch.setitem(sys.modules, "vosk", vosk)
    Vosk(Path("m"), ["暖气", "社保 卡"]).new_ear()
    Vosk(Path("m")).new_ear()
    assert vosk.asked == [("m", 8000, '["暖气", "社保 卡", "[unk]"]'), ("m", 8000)]


def test_why_nobody_listens(tmp_path: Path) -> None:
    """Switched off, no model, only the demo model, no word in common: each has its reason."""
    assert "off" in hearing(house_with(tmp_path, "暖气", callers="off")).why_not
    assert "no word" in hearing(house_with(tmp_path, "你好")).why_not
    demo = house_with(tmp_path, "暖气")
    (tmp_path / "model" / "demo.json").write_text('{"is_demo": true}', "utf-8")
    assert "demo" in hearing(demo).why_not
    assert hearing(house_with(tmp_path, "暖气", callers="on")).model is not None
    nothing = Settings.model_validate({"home": str(tmp_path), "cache": str(tmp_path / "cache")})
    assert "no recognizer" in hearing(nothing).why_not


async def test_what_an_earlier_controller_left_behind_is_removed(tmp_path: Path) -> None:
    """Nobody's voice stays on the disk after a crash."""
    left = tmp_path / "spool" / "spoken" / "old.wav"
    left.parent.mkdir(parents=True)
    left.write_bytes(b"a voice")
    ears = caller_ears(house_with(tmp_path, "暖气"), ARTICLES, SystemClock(), ZONE)
    assert not left.exists()
    await ears.close()


def test_two_articles_alike_are_none() -> None:
    """What is not clear is not asked back."""
    assert facts_of(ARTICLES, "丢失补办挂失补卡", date(2026, 11, 22)) is None
