"""The agent's desk as a seat's telephone, without Asterisk: the page, its microphone, and the other end of its WebSocket."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any, Final

from agent_house import AgentHouse
from browser import Desk, opened
from sip_socket import SipSocket
from web_fakes import browsing

from callcenter.web.roles import Role

SEAT: Final = "8001"
MICROPHONE: Final = ("--use-fake-device-for-media-stream",)
REGISTERED: Final = ".phone[data-status=registered]"


@asynccontextmanager
async def at_phone(
    house: AgentHouse, sip: SipSocket | None, *, flags: Sequence[str] = MICROPHONE, **look: Any
) -> AsyncIterator[Desk]:
    """The agent's desk, its phone's WebSocket served by ``sip``; ``None``: by nobody."""
    look.setdefault("permissions", ["microphone"])
    async with (
        browsing(house) as served,
        opened(str(served.server.make_url("")).rstrip("/"), flags=flags, **look) as desk,
    ):
        if sip:
            await sip.serve(desk.page.context, house.phones.url)
        await desk.sign_in(Role.AGENT)
        await desk.page.wait_for_selector(".phone")
        yield desk
        assert not desk.problems, desk.problems
