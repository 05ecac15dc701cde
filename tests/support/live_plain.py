"""Plain ``app_queue`` as a careful user would run it: its own Asterisk, two small files of his own, no controller.

Its agents pause and unpause themselves at their screens (QueuePause), exactly as long as their after-call work lasts.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from live_crew import Desk
from live_houses import common
from live_log import Guide
from pbx import Pbx, running_pbx

from callcenter.asterisk.ami import AmiLink
from callcenter.asterisk.render import layout
from callcenter.sim.params import Params
from callcenter.speech import audio

QUIET_S = 60.0

PLAIN_EXTENSIONS = """\
[intake]
exten => 12345,1,Answer()
 same => n,Playback({greeting})
 same => n,Queue(main)
 same => n,Hangup()
"""
PLAIN_QUEUES = """\
[general]
autofill = yes
[main]
strategy = leastrecent
autofill = yes
retry = 1
timeout = 20
ringinuse = no
joinempty = yes
musicclass = waiting
; A guard only: the agent's own pause comes some milliseconds after his talk.
wrapuptime = 1
"""


class Plain:
    """``app_queue`` with autofill."""

    name = "plain"

    def __init__(self, pbx: Pbx, link: AmiLink) -> None:
        self.pbx = pbx
        self.desk: Desk = PlainDesk(link)
        self.guide: Guide | None = None

    async def start(self, roster: tuple[int, ...]) -> None:
        """It always runs."""

    async def settled(self) -> list[str]:
        """See ``House``."""
        return [] if await self.pbx.is_quiet(QUIET_S) else ["channels are left behind"]


class PlainDesk:
    """An agent's screen that speaks AMI."""

    def __init__(self, link: AmiLink) -> None:
        self._link = link

    async def login(self, seat: str) -> None:
        """See ``Desk``."""
        await self._link.ask({"Action": "QueueAdd", "Queue": "main", "Interface": f"PJSIP/{seat}"})

    async def logout(self, seat: str) -> None:
        """See ``Desk``."""
        await self._link.ask({"Action": "QueueRemove", "Queue": "main", "Interface": f"PJSIP/{seat}"})

    async def begin_work(self, seat: str) -> None:
        """See ``Desk``."""
        await self._pause(seat, "true")

    async def ready(self, seat: str) -> None:
        """See ``Desk``."""
        await self._pause(seat, "false")

    async def rest(self, seat: str) -> None:
        """He is paused already."""

    async def _pause(self, seat: str, paused: str) -> None:
        await self._link.ask({"Action": "QueuePause", "Interface": f"PJSIP/{seat}", "Paused": paused})


@asynccontextmanager
async def plain_house(
    home: Path, params: Params, speed: float, sip_port: int, rtp: str
) -> AsyncIterator[Plain]:
    """A plain Asterisk with the same trunk and phones."""
    home.mkdir(parents=True, exist_ok=True)
    greeting = home / "greeting.wav"
    audio.write_wav(greeting, audio.tone(440, params.prompts.greeting_s / speed, -20.0))
    async with running_pbx(home, **common(params) | {"sip": f"127.0.0.1:{sip_port}", "rtp": rtp}) as pbx:
        etc = layout(pbx.settings).etc
        (etc / "queues.conf").write_text(PLAIN_QUEUES, "utf-8")
        (etc / "extensions.conf").write_text(
            PLAIN_EXTENSIONS.format(greeting=greeting.with_suffix("")), "utf-8"
        )
        await pbx.server.command("queue reload all")
        await pbx.server.command("dialplan reload")
        async with pbx.acting() as link:
            yield Plain(pbx, link)
