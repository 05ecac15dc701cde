"""Mutes and unmutes recorders, by AMI. Muted, Asterisk writes silence both ways: the file keeps its length.

Invariant: it keeps no state; a pause counts when Asterisk has answered.
"""

from typing import Protocol

import structlog

from callcenter.core.errors import PeerError, UsageError
from callcenter.core.ids import ChannelName
from callcenter.core.messages import recording

log = structlog.get_logger()

GONE = ("No such channel", "Cannot set mute flag")
"""Refusals that say that there is no recorder any more."""


class Actor(Protocol):
    """The link that may act (see ``callcenter.asterisk.ami``)."""

    async def ask(self, action: dict[str, str | list[str]]) -> object:
        """Send one action, at most once; raises PeerError."""


class Recorders:
    """The recorders of running calls."""

    def __init__(self, actor: Actor) -> None:
        self._actor = actor

    async def mute(self, channel: ChannelName, *, on: bool) -> None:
        """Keep nothing of what is said from now on (``on``), or record again; returns when it is so.

        Raises:
            UsageError: ``wrong_recording_state``: the call or its recorder is gone.
            PeerError: Asterisk did not answer: it may be so or not.
        """
        try:
            await self._actor.ask(
                {
                    "Action": "MixMonitorMute",
                    "Channel": channel,
                    "Direction": "both",
                    "State": "1" if on else "0",
                }
            )
        except PeerError as error:
            if str(error).endswith(GONE):
                raise UsageError(
                    "nothing is recorded in this call any more", code="wrong_recording_state"
                ) from None
            raise

    async def mute_anew(self, effect: recording.MuteRecorder) -> None:
        """Keep nothing of a talk that is paused; a recorder that is gone keeps nothing anyway."""
        try:
            await self.mute(effect.channel, on=True)
        except UsageError:
            log.info("recorder was gone", contact_id=effect.contact_id)

    async def unmute(self, effect: recording.UnmuteRecorder) -> None:
        """Record again after a talk that ended paused; a recorder that is gone is no error."""
        try:
            await self.mute(effect.channel, on=False)
        except UsageError:
            log.info("recorder was gone", contact_id=effect.contact_id)
