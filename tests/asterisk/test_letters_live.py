"""Letters to citizens after real calls: the ticket's number and PIN, and a word to who was missed, through a real gateway."""

import re
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from loopback import free_port
from sms_gateways import HttpGateway, http_gateway
from system import System, whole_system

from callcenter.phones import PhoneBox
from callcenter.sections import parse_address
from callcenter.web.clients.citizens import CitizenClient

pytestmark = [pytest.mark.asterisk, pytest.mark.asyncio(loop_scope="session"), pytest.mark.timeout(180)]

TRUNK = {"X-Trunk": "demo"}
ANNA, BO = "13800000001", "13800000002"


@dataclass
class House:
    """A running instance, its phones, and the gateway that it sends messages to."""

    system: System
    phones: PhoneBox
    gateway: HttpGateway

    async def message(self, number: str, part: str) -> str:
        """Wait for a message to this number that says ``part``."""

        async def has_come() -> bool:
            return bool(self._texts(number, part))

        await self.system.until(has_come, f"a message that says {part}", 60)
        return self._texts(number, part)[0]

    def _texts(self, number: str, part: str) -> list[str]:
        bodies = [body for _, body in self.gateway.got]
        return [body["content"] for body in bodies if body["phone"] == number and part in body["content"]]


@pytest_asyncio.fixture(loop_scope="session")
async def house() -> AsyncIterator[House]:
    """A house that can call back and write."""
    async with AsyncExitStack() as stack:
        home = stack.enter_context(tempfile.TemporaryDirectory(prefix="cc-"))
        gateway = await stack.enter_async_context(http_gateway())
        system = await stack.enter_async_context(
            whole_system(
                Path(home),
                trunk={"outbound": f"127.0.0.1:{free_port()}"},
                sms={"sender": "http", "url": gateway.url},
            )
        )
        port = parse_address(system.settings.trunk.outbound).port
        async with PhoneBox(system.settings.sip_address, sip_port=port) as box:
            yield House(system, box, gateway)


async def test_calls_lead_to_letters(house: House) -> None:
    """After a talk the ticket's number and PIN, after a call in vain the promise of a call-back; what was sent is forgotten."""
    system, phones = house.system, house.phones
    agent = await phones.seat("8001", system.pbx.secrets.seats["8001"])
    await agent.register()
    await agent.dial_code("*11")
    await system.event("seat.state_changed", seat_id="8001", new="ready")
    anna = await phones.citizen(ANNA)
    call = await anna.dial(f"sip:12345@{system.settings.sip}", TRUNK)
    await (await agent.ringing()).answer()
    await system.event("call.answered")
    await call.hangup()
    told = await house.message(ANNA, "查询码")
    [(ticket_no,)] = system.rows("SELECT ticket_no FROM tickets")
    assert f"工单编号{ticket_no}" in told
    assert re.search(r"查询码\d{6}。", told)

    await agent.dial_code("*14")
    await system.event("seat.state_changed", seat_id="8001", new="off")
    await system.mark()
    bo = await phones.citizen(BO)
    call = await bo.dial(f"sip:12345@{system.settings.sip}", TRUNK)
    await system.event("call.prompt_ended")
    await call.hangup()
    assert "会尽快给您回电" in await house.message(BO, "未能及时接通")

    async def is_forgotten() -> bool:
        return set(system.rows("SELECT text, failed FROM outbox")) == {("", "")}

    await system.until(is_forgotten, "what was sent is forgotten")
    async with CitizenClient(system.settings) as client:
        answer = await client.outbox()
        assert {row["state"] for row in answer["items"]} == {"sent"}
        assert answer["gateway"] == "http"
        assert len((await client.new_pin(ticket_no))["pin"]) == 6
    assert len(house.gateway.got) == 2
