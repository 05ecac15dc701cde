"""What the web needs to change what callers hear, and no more."""

from collections.abc import Sequence
from typing import Protocol

from callcenter.core.errors import UsageError
from callcenter.web.views.prompts import PromptVersionView


class PromptDesk(Protocol):
    """Recordings of prompts."""

    async def checked(self, prompt: str, content: bytes) -> bytes:
        """A recording as callers would hear it, WAV of 8 kHz; nothing is changed.

        Raises:
            UsageError: ``unknown_prompt``; ``bad_recording``, the message says what to do.
        """

    async def replace(self, prompt: str, sound: bytes, by: str, why: str) -> PromptVersionView:
        """Have callers hear ``sound``, made by :meth:`checked`, from the next prompt on.

        Raises:
            UsageError: ``unknown_prompt``.
            PeerError: disk or database; callers hear what they heard.
        """

    async def restore(self, prompt: str, version: int | None, by: str, why: str) -> PromptVersionView:
        """Back to an earlier version, or (``None``) to the voice, as a version of its own.

        Raises:
            UsageError: ``unknown_prompt``, ``unknown_version``; ``wrong_prompt_state``: callers hear that already.
            PeerError: disk, database or voice; callers hear what they heard.
        """

    async def versions(self, prompt: str) -> Sequence[PromptVersionView]:
        """Those that can be had back, newest first."""

    async def sound(self, prompt: str, version: int) -> bytes:
        """The recording of a version, WAV.

        Raises:
            UsageError: ``unknown_version``: there is none, or the voice spoke it.
        """


class NoPrompts:
    """A house whose prompts stay as they are."""

    async def checked(self, prompt: str, content: bytes) -> bytes:
        """See :class:`PromptDesk`."""
        raise UsageError("there is no such prompt", code="unknown_prompt")

    async def replace(self, prompt: str, sound: bytes, by: str, why: str) -> PromptVersionView:
        """See :class:`PromptDesk`."""
        raise UsageError("there is no such prompt", code="unknown_prompt")

    async def restore(self, prompt: str, version: int | None, by: str, why: str) -> PromptVersionView:
        """See :class:`PromptDesk`."""
        raise UsageError("there is no such prompt", code="unknown_prompt")

    async def versions(self, prompt: str) -> Sequence[PromptVersionView]:
        """See :class:`PromptDesk`."""
        return []

    async def sound(self, prompt: str, version: int) -> bytes:
        """See :class:`PromptDesk`."""
        raise UsageError("there is no such version", code="unknown_version")
