"""Recordings of prompts: checked, converted, put in place while calls run, kept, taken back; nothing is ever lost."""

import io
import wave
from collections.abc import AsyncIterator
from pathlib import Path

import numpy as np
import pytest
from rows import StillClock
from tones import strongest, tone
from writers import writing

from callcenter.core.errors import PeerError, UsageError
from callcenter.prompt_desk import BY_HAND, PromptDesk
from callcenter.settings import Settings
from callcenter.speech import audio
from callcenter.store.database import Database
from ivr.prompt_maker import put_sound
from ivr.prompt_sound import FILE_MAX_BYTES, SECONDS_MAX, prompt_sound, samples_of, wav_bytes
from ivr.prompt_swap import Swap
from ivr.prompts import is_whole, own_folder, playable_prompt, prompt_path

pytestmark = pytest.mark.adapters

GREETING = "greeting"


def recording(
    hz: float, *, seconds: float = 0.5, rate: int = 8000, width: int = 2, channels: int = 1
) -> bytes:
    """A WAV file as somebody's recorder writes it; a second channel is silent."""
    sound = 0.5 * np.sin(2 * np.pi * hz * np.arange(round(seconds * rate)) / rate)
    whole = (sound * (2 ** (8 * width - 1) - 1)).astype("<i8") + (128 if width == 1 else 0)
    one = whole.astype("<i8").tobytes()
    samples = b"".join(one[at : at + width] + bytes(width * (channels - 1)) for at in range(0, len(one), 8))
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setparams((channels, width, rate, 0, "NONE", ""))
        out.writeframes(samples)
    return file.getvalue()


@pytest.mark.parametrize(
    ("rate", "width", "channels"),
    [(8000, 2, 1), (16000, 1, 1), (44100, 2, 2), (48000, 3, 1), (22050, 4, 2), (11025, 2, 1)],
)
def test_what_recorders_write_becomes_a_telephones_sound(rate: int, width: int, channels: int) -> None:
    """Any usual WAV becomes 8 kHz mono of the same pitch and length."""
    samples = prompt_sound(recording(1000, rate=rate, width=width, channels=channels))
    assert len(samples) == pytest.approx(4000, abs=2)
    assert strongest(samples) == 1000


def test_what_lies_above_a_telephones_band_does_not_come_back_as_another_tone() -> None:
    """7 kHz would be heard as 1 kHz: it is left out, so that nothing is left."""
    with pytest.raises(UsageError, match="没有声音"):
        prompt_sound(recording(7000, rate=48000))


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "不是能用的 WAV"),
        (b"ID3\x04" + bytes(2000), "不是能用的 WAV"),
        (recording(1000)[:-900], "文件不完整"),
        (recording(1000).replace(b"\x01\x00\x01\x00", b"\x03\x00\x01\x00", 1), "单声道或立体声"),
        (recording(1000, rate=4000), "8000 至 48000 Hz"),
        (recording(1000, channels=3), "3 x 16 bit"),
        (recording(1000, seconds=0.1), "录音长 0.1 秒"),
        (recording(1000, seconds=SECONDS_MAX + 1), "到 60 秒之间"),
        (recording(0), "没有声音"),
        (bytes(FILE_MAX_BYTES + 1), "最多 6 MB"),
    ],
)
def test_a_refusal_says_what_to_do_in_both_languages(content: bytes, told: str) -> None:
    """One line, Chinese first; the code is the same."""
    with pytest.raises(UsageError, match=told) as caught:
        prompt_sound(content)
    assert caught.value.code == "bad_recording"
    assert " / " in str(caught.value)
    assert "\n" not in str(caught.value)


class Voice:
    """Speaks 1500 Hz."""

    async def __call__(self, cache: Path, text: str, target: Path) -> float:
        """See :func:`ivr.speaker.speak`."""
        put_sound(target, audio.tone(1500, 0.5))
        return 0.5


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[PromptDesk]:
    """A desk of a house whose greeting the voice speaks; its cache is gone."""
    settings = Settings(home=str(tmp_path), cache=str(tmp_path / "cache"))
    database = Database(f"sqlite:///{tmp_path / 'callcenter.db'}")
    await database.upgrade()
    prompt_path(settings, GREETING).parent.mkdir(parents=True)
    put_sound(prompt_path(settings, GREETING), audio.tone(1500, 0.5))
    async with writing(database) as writer:
        yield PromptDesk(settings, writer, database, StillClock(), Voice())
    await database.close()


async def hand_in(desk: PromptDesk, hz: float, why: str = "更清楚") -> int:
    """A recording of a tone is handed in; its version."""
    sound = await desk.checked(GREETING, recording(hz))
    return (await desk.replace(GREETING, sound, "admin", why)).version


def heard(desk: PromptDesk) -> float | None:
    """The tone of the file that the next caller hears, as WAV and as A-law of one length."""
    return strongest(audio.read_wav(playable_prompt(desk.settings, GREETING)))


async def test_the_next_caller_hears_it_and_every_way_back_is_open(desk: PromptDesk) -> None:
    """Handed in twice, back to the first, back to the voice; each is a version with who, when and why."""
    assert (await hand_in(desk, 700), heard(desk)) == (1, 700)
    assert (await hand_in(desk, 1000), heard(desk)) == (2, 1000)
    await desk.restore(GREETING, 1, "admin", "前一版好")
    assert heard(desk) == 700
    await desk.restore(GREETING, None, "admin", "用合成的")
    assert heard(desk) == 1500
    assert not (own_folder(desk.settings) / f"{GREETING}.wav").exists()
    told = [(it.version, it.seconds, it.why, it.is_in_use) for it in await desk.versions(GREETING)]
    assert told == [
        (4, None, "用合成的", True),
        (3, 0.5, "前一版好", False),
        (2, 0.5, "更清楚", False),
        (1, 0.5, "更清楚", False),
    ]
    assert strongest(samples_of(await desk.sound(GREETING, 2))) == 1000


async def test_what_holds_already_or_is_not_there_is_refused(desk: PromptDesk) -> None:
    """The same version, the voice twice, a version or a prompt that there is not."""
    for version, code in ((None, "wrong_prompt_state"), (3, "unknown_version")):
        with pytest.raises(UsageError) as caught:
            await desk.restore(GREETING, version, "admin", "x")
        assert caught.value.code == code
    version = await hand_in(desk, 700)
    with pytest.raises(UsageError, match="就是这一版"):
        await desk.restore(GREETING, version, "admin", "x")
    with pytest.raises(UsageError, match="没有提示音"):
        await desk.checked("greting", recording(700))
    assert heard(desk) == 700


async def test_the_last_twenty_versions_are_kept(desk: PromptDesk) -> None:
    """A bound on everything; the oldest go, the numbers go on."""
    for at in range(22):
        await hand_in(desk, (700, 1000)[at % 2])
    assert [it.version for it in await desk.versions(GREETING)] == list(range(22, 2, -1))


async def test_a_file_that_came_by_hand_is_kept_before_it_gives_way(desk: PromptDesk) -> None:
    """Nothing that was recorded is lost: it can be had back like any other."""
    lying = own_folder(desk.settings) / f"{GREETING}.wav"
    lying.parent.mkdir(parents=True)
    audio.write_wav(lying, tone(1000, 0.5))
    await hand_in(desk, 700)
    first = (await desk.versions(GREETING))[-1]
    assert (first.version, first.by, first.why) == (1, "", BY_HAND)
    await desk.restore(GREETING, 1, "admin", "还是原来的")
    assert heard(desk) == 1000


async def test_a_full_disk_changes_nothing(desk: PromptDesk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Callers hear what they heard, nothing is committed, no draft is left lying."""

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    await hand_in(desk, 700)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", full)
        with pytest.raises(PeerError) as caught:
            await hand_in(desk, 1000)
    assert caught.value.code == "disk_full"
    assert heard(desk) == 700
    assert len(await desk.versions(GREETING)) == 1
    assert [it.name for it in desk.settings.home_path.rglob(".part-*")] == []


async def test_a_death_between_commit_and_rename_is_mended_by_the_next_start(
    desk: PromptDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was committed is what callers hear; a file that came by hand meanwhile is a version of its own."""
    await hand_in(desk, 700)
    with monkeypatch.context() as patch:
        patch.setattr(Swap, "carry_out", lambda self: None)
        await hand_in(desk, 1000)
    assert heard(desk) == 700
    await desk.take_up()
    assert heard(desk) == 1000
    audio.write_wav(own_folder(desk.settings) / f"{GREETING}.wav", tone(1500, 0.5))
    await desk.take_up()
    newest = (await desk.versions(GREETING))[0]
    assert (newest.version, newest.why) == (3, BY_HAND)


async def test_a_piece_of_a_sentence_loses_the_silence_around_it(desk: PromptDesk) -> None:
    """As the voice's pieces do; whole sentences stay as they were spoken."""
    quiet = np.zeros(4000, np.int16)
    told = wav_bytes(np.concatenate([quiet, tone(700, 0.5), quiet]))
    assert len(samples_of(await desk.checked("number_3", told))) < 5000
    assert len(samples_of(await desk.checked(GREETING, told))) == 12000


async def test_both_files_change_together(desk: PromptDesk) -> None:
    """At no instant does a caller's prompt lack its A-law: who asks gets the old one whole or the new one whole."""
    await hand_in(desk, 700)
    path = playable_prompt(desk.settings, GREETING)
    for hz in (1000, 700, 1000):
        await hand_in(desk, hz)
        assert is_whole(path)
        assert heard(desk) == hz
