"""The local operator's way in: a small client over the control socket, for the command line.

Answers are the API's JSON as it is (models in ``views``): the command line prints, it does not interpret.
"""

from types import TracebackType
from typing import Any, Self

import aiohttp

from callcenter.core.errors import PeerError, UsageError
from callcenter.settings import Settings
from callcenter.web.control import control_path

API = "/api/v1"
TIMEOUT_S = 30.0

Json = dict[str, Any]


class ControlClient:
    """Asks the running system.

    Every method raises ``PeerError`` (``not_running``: nobody listens; else it failed or was silent) or
    ``UsageError`` (the request was refused, ``code`` is the API's ``error_id``).
    """

    def __init__(self, settings: Settings) -> None:
        self._path = control_path(settings)
        self._http: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            "http://control",
            connector=aiohttp.UnixConnector(str(self._path)),
            timeout=aiohttp.ClientTimeout(total=TIMEOUT_S),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def status(self) -> Json:
        """The live board (``views.StatusView``)."""
        return await self._ask("GET", "/status")

    async def seats(self) -> list[Json]:
        """All seats (``views.SeatView``)."""
        return await self._items("/seats")

    async def ask_seat(self, seat_id: str, request: str, reason: str = "") -> Json:
        """Ask ``login``, ``ready``, ``break`` or ``logout`` of a seat (``views.SeatAnswer``)."""
        body = {"reason": reason} if request == "break" else {}
        return await self._ask("POST", f"/seats/{seat_id}/{request}", body)

    async def tickets(self, limit: int = 50) -> list[Json]:
        """The newest tickets (``views.TicketSummary``)."""
        return await self._items(f"/tickets?limit={limit}")

    async def ticket(self, ticket_no: str) -> Json:
        """One ticket with its transcript (``views.TicketView``)."""
        return await self._ask("GET", f"/tickets/{ticket_no}")

    async def events(self, since: int, limit: int = 200) -> list[Json]:
        """Journal entries after ``since`` (``views.EventView``)."""
        return await self._items(f"/events/list?since={since}&limit={limit}")

    async def check_ledger(self) -> Json:
        """Compare the two books (``views.LedgerReport``)."""
        return await self._ask("GET", "/ledger/check")

    async def is_ready(self) -> bool:
        """Whether every required component works."""
        status, _ = await self._send("GET", "/readyz", None)
        return status == 200

    async def _items(self, path: str) -> list[Json]:
        page = await self._ask("GET", path)
        items: list[Json] = page["items"]
        return items

    async def _ask(self, method: str, path: str, body: Json | None = None) -> Json:
        status, answer = await self._send(method, API + path, body)
        if status < 400:
            return answer
        kind = UsageError if status < 500 else PeerError
        raise kind(str(answer.get("message", status)), code=str(answer.get("error_id", "error")))

    async def _send(self, method: str, path: str, body: Json | None) -> tuple[int, Json]:
        if self._http is None:
            raise RuntimeError("use 'async with ControlClient(...)'")
        try:
            async with self._http.request(method, path, json=body) as response:
                return response.status, await response.json()
        except aiohttp.ClientConnectorError:
            raise PeerError(
                "not running: start it with `make up` or `callcenter up`", code="not_running"
            ) from None
        except (TimeoutError, aiohttp.ClientError, ValueError):
            raise PeerError("the running system did not answer", code="control_silent") from None


async def is_ready(settings: Settings) -> bool:
    """Whether the instance of these settings runs and is ready."""
    try:
        async with ControlClient(settings) as client:
            return await client.is_ready()
    except PeerError:
        return False
