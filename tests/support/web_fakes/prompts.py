"""Recordings of prompts, kept in memory; what is handed in is checked as the real desk does."""
# ruff: noqa: D102  each method is described by the port that it stands in for

from collections.abc import Sequence

from callcenter.core.errors import UsageError
from callcenter.speech.audio import tone
from callcenter.web.views.prompts import PromptVersionView
from ivr.prompt_sound import prompt_sound, samples_of, wav_bytes
from web_fakes.scene import START

KNOWN = ("greeting", "goodbye")


class FakePromptDesk:
    """Two prompts: the greeting was recorded once, a tone of 700 Hz; ``goodbye`` is missing."""

    def __init__(self) -> None:
        self.kept: dict[str, list[tuple[PromptVersionView, bytes | None]]] = {name: [] for name in KNOWN}
        self._put("greeting", wav_bytes(tone(700, 0.5)), "王班长", "第一次录制")

    @property
    def greeting(self) -> PromptVersionView:
        return self.kept["greeting"][0][0]

    def played(self, prompt: str) -> bytes | None:
        return self.kept[prompt][0][1] if self.kept[prompt] else None

    async def checked(self, prompt: str, content: bytes) -> bytes:
        self._of(prompt)
        return wav_bytes(prompt_sound(content))

    async def replace(self, prompt: str, sound: bytes, by: str, why: str) -> PromptVersionView:
        return self._put(prompt, sound, by, why)

    async def restore(self, prompt: str, version: int | None, by: str, why: str) -> PromptVersionView:
        found = self._of(prompt)
        if (found[0][0].version if found else None) == version:
            raise UsageError("就是这一版 / it is this one already", code="wrong_prompt_state")
        return self._put(prompt, await self.sound(prompt, version) if version else None, by, why)

    async def versions(self, prompt: str) -> Sequence[PromptVersionView]:
        found = [view for view, _ in self._of(prompt)]
        return [it.model_copy(update={"is_in_use": it is found[0]}) for it in found]

    async def sound(self, prompt: str, version: int) -> bytes:
        for view, sound in self._of(prompt):
            if view.version == version and sound is not None:
                return sound
        raise UsageError("没有这一版 / there is no such version", code="unknown_version")

    def _of(self, prompt: str) -> list[tuple[PromptVersionView, bytes | None]]:
        if prompt not in self.kept:
            raise UsageError("there is no such prompt", code="unknown_prompt")
        return self.kept[prompt]

    def _put(self, prompt: str, sound: bytes | None, by: str, why: str) -> PromptVersionView:
        found = self._of(prompt)
        seconds = None if sound is None else len(samples_of(sound)) / 8000
        view = PromptVersionView(
            prompt=prompt, version=len(found) + 1, seconds=seconds, by=by, at=START, why=why, is_in_use=True
        )
        found.insert(0, (view, sound))
        return view
