"""What ails the house while recordings wait for transcription, and ``callcenter transcribe`` as a person sees it."""

import asyncio
import os
import pty
import re
import sys
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from recognizer import cache_path, demo_model, two_channels, voice, write_recording
from transcription import House, house_at
from vaults import keyring, master_key

from callcenter.commands.speech import retry
from callcenter.core.errors import PeerError
from callcenter.settings import Settings
from callcenter.speech import audio
from callcenter.speech.demo_model.evaluate import on_the_phone
from callcenter.store.jobs import JobState
from recordings.vault import Vault

pytestmark = [pytest.mark.adapters, pytest.mark.timeout(300)]


class Shelf:
    """A remote storage in memory, which can be away."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.is_away = False

    def put(self, name: str, path: Path) -> None:
        """Keep a file."""
        self.files[name] = path.read_bytes()

    def read(self, name: str, offset: int, length: int) -> bytes:
        """A part of one."""
        return self.files[name][offset : offset + length]

    def size(self, name: str) -> int | None:
        """Its length."""
        if self.is_away:
            raise PeerError("the storage does not answer", code="storage_away")
        return len(self.files[name]) if name in self.files else None

    def delete(self, name: str) -> None:
        """Remove it."""
        self.files.pop(name, None)

    def names(self) -> Iterator[str]:
        """All."""
        return iter(self.files)

    def check(self) -> None:
        """Always well."""


@pytest.fixture
async def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[House]:
    """One in which trouble is looked at again soon."""
    monkeypatch.setattr("recordings.transcribe.TROUBLE_S", 0.1)
    async with house_at(tmp_path) as made:
        yield made


def _sound() -> bytes:
    return two_channels(on_the_phone(voice().speak("我要投诉")), audio.silence(0.1))


async def test_a_missing_key_costs_no_recording_its_tries(house: House) -> None:
    """They wait with the reason, and are done when the key is back."""
    (recording_id,) = await house.keep([_sound()])
    root = house.vault.root
    away = master_key(root).rename(root / "away.key")
    house.vault = Vault(root, keyring(root))
    async with house.transcribing(workers=1):
        await house.until_waiting("vault_key_missing")
        away.rename(master_key(root))
        await house.until_told(1)
    assert await house.said(recording_id) == "我要投诉"
    assert await house.tries() == [1]


async def test_a_storage_that_is_away_costs_no_recording_its_tries(house: House) -> None:
    """The same, when the sound lies elsewhere."""
    shelf = Shelf()
    house.vault.remote = shelf
    (recording_id,) = await house.keep([_sound()])
    entry = house.vault.manifest.find(recording_id)
    assert entry is not None
    assert house.vault.upload(entry)
    shelf.is_away = True
    async with house.transcribing(workers=1):
        await house.until_waiting("storage_away")
        shelf.is_away = False
        await house.until_told(1)
    assert await house.said(recording_id) == "我要投诉"
    assert await house.tries() == [1]


async def test_a_recording_that_is_gone_is_parked_until_it_is_back(
    house: House, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """After three tries, which a missing file does cost, with what to do; then an operator has it tried again."""
    monkeypatch.setattr("callcenter.store.jobs.BACK_OFF_S", 0)
    (recording_id,) = await house.keep([_sound()])
    away = house.vault.sealed_path(recording_id).rename(tmp_path / "away")
    async with house.transcribing(workers=1):
        await house.until_told(1)
        assert house.failed == {recording_id: 1}
        assert await house.states() == {JobState.PARKED: 1}
        (error,) = await house.errors()
        assert error == "no_recording: the recording's file is missing: run 'callcenter vault verify'"
        away.rename(house.vault.sealed_path(recording_id))
        assert await retry(Settings(database_url=house.url)) == 1
        await house.until_told(2)
    assert await house.said(recording_id) == "我要投诉"
    assert await retry(Settings(database_url=house.url)) == 0


async def test_the_command_shows_how_far_it_is_and_names_bad_files(tmp_path: Path) -> None:
    """A bar on a terminal, a line for each bad file, exit code 1; the good ones are transcribed all the same."""
    write_recording(tmp_path / "calls" / "good.wav", _sound())
    (tmp_path / "calls" / "bad.wav").write_bytes(b"no sound")
    code, shown = await _on_a_terminal(tmp_path, "transcribe", str(tmp_path / "calls"))
    assert code == 1
    assert "转写 / transcribing" in shown
    assert "100%" in shown
    assert "市民 / citizen: 我要投诉" in shown
    assert f"callcenter: {tmp_path}/calls/bad.wav: not a WAV file with 16-bit samples" in shown


@pytest.mark.parametrize(
    ("folder", "said"),
    [("", "is not the folder of a model"), ("am", "is not the folder of a model")],
    ids=["none", "wrong"],
)
async def test_a_missing_model_is_one_line(tmp_path: Path, folder: str, said: str) -> None:
    """It names the setting and the folder."""
    model = tmp_path / "model"
    if folder:
        (model / folder).mkdir(parents=True)
    code, shown = await _on_a_terminal(tmp_path, "transcribe", "x.wav", model=model)
    assert code == 2
    assert shown.strip() == f"callcenter: speech.vosk_model: {model} {said}"


async def _on_a_terminal(home: Path, *arguments: str, model: Path | None = None) -> tuple[int, str]:
    """(exit code, what a person sees, without its colors)."""
    ours, its = pty.openpty()
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "callcenter", *arguments, stdin=its, stdout=its, stderr=its, cwd=home,
        env={
            "PATH": os.environ["PATH"], "TERM": "xterm", "COLUMNS": "250", "CALLCENTER_HOME": str(home),
            "CALLCENTER_CACHE": str(cache_path()), "CALLCENTER_VOSK_MODEL": str(model or demo_model().path),
        },
    )  # fmt: skip
    os.close(its)
    try:
        shown = await asyncio.to_thread(_all_of, ours)
        return await process.wait(), shown
    finally:
        os.close(ours)


def _all_of(terminal: int) -> str:
    parts: list[bytes] = []
    try:
        while part := os.read(terminal, 65536):
            parts.append(part)
    except OSError:  # how a terminal says that nobody is left at its other end
        pass
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", b"".join(parts).decode())
