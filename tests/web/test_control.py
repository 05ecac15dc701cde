"""The control socket: the operator by construction, nobody else at all."""

import asyncio
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from loopback import free_port
from web_fakes import CHEAP, MASKED, House, browsing

from callcenter.core.errors import PeerError, UsageError
from callcenter.core.messages.seats import SeatRequest
from callcenter.settings import Settings
from callcenter.web.clients.control import ControlClient, is_ready
from callcenter.web.control import control_listener, control_path
from callcenter.web.passwords import Passwords
from callcenter.web.server import serving
from callcenter.web.views.board import ComponentView

pytestmark = pytest.mark.web


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house with a free port of its own."""
    house = House(tmp_path)
    house.settings = Settings(home=str(tmp_path / "home"), http=f"127.0.0.1:{free_port()}")
    return house


@pytest.fixture
async def served(house: House) -> AsyncIterator[House]:
    """The house, served on both ends."""
    async with serving(house.ports, house.settings, passwords=Passwords(CHEAP)):
        yield house


async def test_the_operator_needs_no_password(served: House) -> None:
    """The command line reads and steers through the socket; numbers stay masked there too."""
    async with ControlClient(served.settings) as client:
        status = await client.status()
        assert status["calls"][0]["citizen"] == MASKED
        assert [seat["seat_id"] for seat in await client.seats()] == ["8001", "8002"]
        assert (await client.ask_seat("8001", "break", "午休"))["takes_effect"] == "now"
        assert (await client.ticket("20261122-000001"))["transcript"]
        assert (await client.check_ledger())["clean"] is True
        served.events.append("call.arrived")
        assert [event["seq"] for event in await client.events(0)] == [1]
    assert served.seats.asked == [("8001", SeatRequest.BREAK, "午休", "operator")]


async def test_refusals_reach_the_operator(served: House) -> None:
    """A refusal is the operator's mistake, a failure is not; both keep their code."""
    async with ControlClient(served.settings) as client:
        with pytest.raises(UsageError, match="no such seat") as refused:
            await client.ask_seat("8009", "login")
        assert refused.value.code == "unknown_seat"
        served.seats.error = PeerError("x", code="ami_down")
        with pytest.raises(PeerError) as failed:
            await client.ask_seat("8001", "login")
        assert failed.value.code == "ami_down"


async def test_a_system_that_does_not_run_is_named_so(house: House) -> None:
    """One line: what, and what to do."""
    async with ControlClient(house.settings) as client:
        with pytest.raises(
            PeerError, match=r"not running: start it with `make up` or `callcenter up`"
        ) as error:
            await client.status()
    assert error.value.code == "not_running"
    assert not await is_ready(house.settings)


async def test_ready_is_what_the_probe_says(served: House) -> None:
    """A required component that is down makes the instance unready."""
    assert await is_ready(served.settings)
    served.board.components_[1] = ComponentView(name="ami", state="down", required=True)
    assert not await is_ready(served.settings)


async def test_only_the_owner_can_open_the_socket(served: House) -> None:
    """Mode 600 while it is served, gone afterwards."""
    mode = control_path(served.settings).stat().st_mode
    assert stat.S_ISSOCK(mode)
    assert stat.S_IMODE(mode) == 0o600


async def test_no_header_makes_an_operator(house: House) -> None:
    """On the network nobody becomes the operator, whatever is claimed."""
    async with browsing(house) as browser:
        for claim in (
            {"X-Forwarded-User": "operator"},
            {"Authorization": "Bearer operator"},
            {"Cookie": "callcenter_session=operator"},
            {"Host": "control"},
        ):
            assert (await browser.ask("GET", "/status", headers=claim))[0] == 401


async def test_a_dead_instances_socket_is_replaced(house: House) -> None:
    """What a kill left behind does not stop the next start."""
    path = control_path(house.settings)
    left = socket.socket(socket.AF_UNIX)
    left.bind(str(path))
    left.close()
    async with serving(house.ports, house.settings):
        assert await is_ready(house.settings)
    assert not path.exists()


async def test_two_instances_in_one_home_are_refused(served: House) -> None:
    """A live instance's socket is not taken away from it."""
    with pytest.raises(UsageError, match="already running"):
        control_listener(control_path(served.settings))
    assert await is_ready(served.settings)


async def test_a_port_in_use_is_named(house: House) -> None:
    """The message names the address and how to choose another."""
    taken = socket.create_server(("127.0.0.1", house.settings.http_address.port))
    with closing(taken), pytest.raises(UsageError, match="CALLCENTER_HTTP"):
        async with serving(house.ports, house.settings):
            await asyncio.Event().wait()
