"""What callers hear, changed while calls run (:class:`callcenter.web.ports.prompts.PromptDesk`).

Invariants: a recording is committed before callers hear it, and nothing that was ever heard is lost without being committed;
what lies in the house's folder is what the newest version says, also after a death in between.
"""

import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

import structlog

from callcenter.core.clock import Clock
from callcenter.core.errors import OurError, PeerError, UsageError, is_disk_full
from callcenter.settings import Settings
from callcenter.speech import audio
from callcenter.store.database import Database
from callcenter.store.unit import Unit
from callcenter.store.writer import StoreWriter
from callcenter.web.views.prompts import PromptVersionView
from ivr import prompt_store as rows
from ivr.prompt_maker import made_sound, trimmed
from ivr.prompt_sound import prompt_sound, samples_of, wav_bytes
from ivr.prompt_store import PromptVersion
from ivr.prompt_swap import Swap, prepare
from ivr.prompts import Prompt, is_whole, own_folder, prompts_of, spoken_text

log = structlog.get_logger()

Speak = Callable[[Path, str, Path], Awaitable[float]]
"""Cache, text, target -> seconds; see :func:`ivr.speaker.speak`."""

BY_HAND = "目录中的文件 / a file in the folder"


@dataclass
class PromptDesk:
    """One change after the other. ``speak``: has the voice say a prompt whose synthesized sound is gone."""

    settings: Settings
    writer: StoreWriter
    database: Database
    clock: Clock
    speak: Speak
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def take_up(self) -> None:
        """Finish what the last controller had committed and not put in its place; know files that came by hand."""
        async with self.database.reading() as connection:
            newest = await rows.newest(connection)
        known = prompts_of(self.settings)
        for version in newest:
            if version.prompt not in known:
                continue
            try:
                await self._mend(version)
            except (PeerError, OSError):
                log.error("a prompt's recording is not in its place", prompt=version.prompt)

    async def checked(self, prompt: str, content: bytes) -> bytes:
        """A recording as callers would hear it, WAV of 8 kHz; nothing is changed.

        Raises:
            UsageError: ``unknown_prompt``; ``bad_recording``, the message says what to do.
        """
        piece = self._known(prompt).is_piece

        def convert() -> bytes:
            samples = prompt_sound(content)
            return wav_bytes(trimmed(samples) if piece else samples)

        return await asyncio.to_thread(convert)

    async def replace(self, prompt: str, sound: bytes, by: str, why: str) -> PromptVersionView:
        """Have callers hear ``sound``, made by :meth:`checked`, from the next prompt on.

        Raises:
            UsageError: ``unknown_prompt``.
            PeerError: disk or database; callers hear what they heard.
        """
        async with self._turn:
            self._known(prompt)
            await self._keep_by_hand(prompt)
            return await self._put(prompt, sound, by, why)

    async def restore(self, prompt: str, version: int | None, by: str, why: str) -> PromptVersionView:
        """Back to an earlier version, or (``None``) to the voice, as a version of its own.

        Raises:
            UsageError: ``unknown_prompt``, ``unknown_version``; ``wrong_prompt_state``: callers hear that already.
            PeerError: disk, database or voice; callers hear what they heard.
        """
        async with self._turn:
            self._known(prompt)
            await self._keep_by_hand(prompt)
            found = await self._versions(prompt)
            if version is None:
                is_so = not found or found[0].seconds is None
            else:
                is_so = bool(found) and found[0].version == version
            if is_so:
                raise UsageError(
                    "现在播放的就是这一版 / this is what callers hear already", code="wrong_prompt_state"
                )
            wanted = next((it for it in found if it.version == version), None)
            is_voice = version is None or (wanted is not None and wanted.seconds is None)
            sound = None if is_voice else await self.sound(prompt, version or 0)
            return await self._put(prompt, sound, by, why)

    async def versions(self, prompt: str) -> list[PromptVersionView]:
        """Those that can be had back, newest first."""
        found = await self._versions(prompt)
        return [_view(it, is_in_use=it is found[0]) for it in found]

    async def sound(self, prompt: str, version: int) -> bytes:
        """The recording of a version, WAV.

        Raises:
            UsageError: ``unknown_version``: there is none, or the voice spoke it.
        """
        async with self.database.reading() as connection:
            sound = await rows.sound(connection, prompt, version)
        if sound is None:
            raise UsageError(
                f"没有第 {version} 版录音 / there is no recording of version {version}",
                code="unknown_version",
            )
        return sound

    # One change.

    async def _put(self, prompt: str, sound: bytes | None, by: str, why: str) -> PromptVersionView:
        swap = await self._prepared(prompt, sound)
        try:
            version = await self._commit(prompt, sound, by, why)
            swap.carry_out()
        finally:
            swap.give_up()
        log.info("prompt replaced", prompt=prompt, version=version.version)
        return _view(version, is_in_use=True)

    async def _prepared(self, prompt: str, sound: bytes | None) -> Swap:
        samples = samples_of(sound) if sound is not None else await self._voice(self._known(prompt))
        try:
            return await asyncio.to_thread(prepare, self.settings, prompt, samples, sound)
        except OSError as error:
            raise PeerError(
                "磁盘写不进提示音 / the disk does not take the prompt",
                code="disk_full" if is_disk_full(error) else "prompt_io",
            ) from None

    async def _commit(self, prompt: str, sound: bytes | None, by: str, why: str) -> PromptVersion:
        seconds = None if sound is None else len(samples_of(sound)) / audio.RATE
        at = self.clock.at()
        kept: list[PromptVersion] = []

        async def keep(unit: Unit) -> None:
            kept[:] = [await rows.put(unit, prompt, sound, seconds, by, at, why)]

        await self.writer.do(keep, "keep prompt")
        if not kept:
            raise OurError("a prompt was committed but not made", code="no_version")
        return kept[0]

    async def _voice(self, prompt: Prompt) -> audio.Samples:
        """What the voice says: from set-up, or spoken now."""
        made = await asyncio.to_thread(made_sound, self.settings, prompt)
        if made is not None:
            return made
        with tempfile.TemporaryDirectory(prefix="prompt-") as folder:
            target = Path(folder) / f"{prompt.id}.wav"
            await self.speak(self.settings.cache_path, spoken_text(prompt, self.settings.city), target)
            samples = audio.read_wav(target)
        return trimmed(samples) if prompt.is_piece else samples

    # What lies in the house's folder.

    async def _keep_by_hand(self, prompt: str) -> None:
        """A file that came by hand becomes a version before it gives way."""
        found = await self._versions(prompt)
        lying = await asyncio.to_thread(self._own, prompt)
        if lying is None:
            return
        newest = await self._sound_of(found[0]) if found else None
        if lying != newest:
            await self._commit(prompt, lying, "", BY_HAND)

    async def _mend(self, newest: PromptVersion) -> None:
        lying = await asyncio.to_thread(self._own, newest.prompt)
        sound = await self._sound_of(newest)
        if lying == sound:
            return
        earlier = [await self._sound_of(it) for it in (await self._versions(newest.prompt))[1:]]
        if lying is not None and lying not in earlier:
            await self._commit(newest.prompt, lying, "", BY_HAND)
            return
        swap = await self._prepared(newest.prompt, sound)
        swap.carry_out()
        log.warning("a prompt's recording was put in its place", prompt=newest.prompt)

    def _own(self, prompt: str) -> bytes | None:
        path = own_folder(self.settings) / f"{prompt}.wav"
        return path.read_bytes() if is_whole(path) else None

    async def _sound_of(self, version: PromptVersion) -> bytes | None:
        async with self.database.reading() as connection:
            return await rows.sound(connection, version.prompt, version.version)

    async def _versions(self, prompt: str) -> list[PromptVersion]:
        async with self.database.reading() as connection:
            return await rows.versions(connection, prompt)

    def _known(self, prompt: str) -> Prompt:
        found = prompts_of(self.settings).get(prompt)
        if found is None:
            raise UsageError(f"没有提示音“{prompt}” / there is no prompt '{prompt}'", code="unknown_prompt")
        return found


def _view(version: PromptVersion, *, is_in_use: bool) -> PromptVersionView:
    return PromptVersionView(**asdict(version), is_in_use=is_in_use)
