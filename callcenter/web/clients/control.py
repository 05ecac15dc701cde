"""The local operator's way in: a small client over the control socket, for the command line.

Answers are the API's JSON as it is (models in ``views``): the command line prints, it does not interpret.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TypeVar
from urllib.parse import quote, urlencode

import aiohttp

from callcenter.core.errors import PeerError, UsageError
from callcenter.settings import Settings
from callcenter.web.control import control_path

API = "/api/v1"
TIMEOUT_S = 30.0
LONG_TIMEOUT_S = 300.0
"""For what counts a year of calls."""

NO_CONTENT = 204

Json = dict[str, Any]
T = TypeVar("T")


class ControlClient:
    """Asks the running system.

    Every method raises ``PeerError`` (``not_running``: nobody listens; else it failed or was silent) or
    ``UsageError`` (the request was refused, ``code`` is the API's ``error_id``).
    """

    def __init__(self, settings: Settings) -> None:
        self._path = control_path(settings)
        self._http: aiohttp.ClientSession | None = None

    @classmethod
    def asked(cls, settings: Settings, question: Callable[[Self], Awaitable[T]]) -> T:
        """What the running system answers, for programs that ask one thing and have no loop of their own."""

        async def ask() -> T:
            async with cls(settings) as client:
                return await question(client)

        return asyncio.run(ask())

    async def __aenter__(self) -> Self:
        self._http = aiohttp.ClientSession(
            "http://control",
            connector=aiohttp.UnixConnector(str(self._path)),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http is not None:
            await self._http.close()
            self._http = None

    async def status(self) -> Json:
        """The live board (``views.board.StatusView``)."""
        return await self._ask("GET", "/status")

    async def seats(self) -> list[Json]:
        """All seats (``views.board.SeatView``)."""
        return await self._items("/seats")

    async def ask_seat(self, seat_id: str, request: str, reason: str = "") -> Json:
        """Ask ``login``, ``ready``, ``break`` or ``logout`` of a seat (``views.seats.SeatAnswer``)."""
        body = {"reason": reason} if request == "break" else {}
        return await self._ask("POST", f"/seats/{seat_id}/{request}", body)

    async def rest_seat(self, seat_id: str, why: str = "") -> Json:
        """Let a seat rest after abuse (``views.seats.RestAnswer``)."""
        return await self._ask("POST", f"/seats/{seat_id}/abuse", {"why": why})

    async def ask_conference(self, seat_id: str, third: str) -> Json:
        """Have a third join the seat's talk (``views.conference.ConferenceAnswer``)."""
        return await self._ask("POST", f"/seats/{seat_id}/conference", {"with": third})

    async def assign_skills(self, seat_id: str, skills: Sequence[str]) -> Json:
        """Let these queues ring the seat first (``views.seats.SkillsAnswer``)."""
        return await self._ask("PUT", f"/seats/{seat_id}/skills", {"skills": list(skills)})

    async def surge(self) -> Json:
        """The surge right now (``views.surge.SurgeView``)."""
        return await self._ask("GET", "/surge")

    async def set_surge(self, level: int | None, why: str) -> Json:
        """Declare a level, or with ``None`` hand it back to the figures (``views.surge.SurgeView``)."""
        return await self._ask("POST", "/surge", {"level": level, "why": why})

    async def undo_surge(self, why: str) -> Json:
        """Undo the last switch (``views.surge.SurgeView``)."""
        return await self._ask("POST", "/surge/undo", {"why": why})

    async def surge_switches(self, limit: int = 50) -> list[Json]:
        """The newest switches of the level (``views.surge.SurgeSwitchView``)."""
        return await self._items(f"/surge/switches?limit={limit}")

    async def day(self) -> Json:
        """Today's roster and forecast (``views.day.DayView``)."""
        return await self._ask("GET", "/day")

    async def change_roster(self, roster: Sequence[int], why: str) -> Json:
        """Change today's roster (``views.day.DayView``)."""
        return await self._ask("PUT", "/day/roster", {"roster": list(roster), "why": why})

    async def forecast(self, day: str, days: int) -> Json:
        """Citizens expected (``views.forecast.ForecastView``); empty ``day``: today."""
        asked = {"day": day} if day else {}
        return await self._ask("GET", "/forecast?" + urlencode(asked | {"days": str(days)}))

    async def staffing(self, day: str, goal: Mapping[str, float]) -> Json:
        """Seats that each hour of a day needs (``views.forecast.StaffingView``); empty ``day``: today."""
        asked = {"day": day} if day else {}
        told = {name: str(value) for name, value in goal.items()}
        return await self._ask("GET", "/staffing?" + urlencode(asked | told))

    async def ask_what_if(
        self, cloud_seats: int, seats: int, hours: float, wrap_up_cap_s: float = 0.0, level: int | None = None
    ) -> Json:
        """What a change would come to (``views.what_if.WhatIfView``)."""
        change = {"cloud_seats": cloud_seats, "seats": seats, "hours": hours}
        return await self._ask("POST", "/what-if", change | {"wrap_up_cap_s": wrap_up_cap_s, "level": level})

    async def what_ifs(self, limit: int = 20) -> list[Json]:
        """What was predicted, beside what happened (``views.what_if.WhatIfView``)."""
        return await self._items(f"/what-if?limit={limit}")

    async def notices(self, limit: int = 20) -> list[Json]:
        """The newest notices and what became of who heard them (``views.notices.NoticeView``)."""
        return await self._items(f"/notices?limit={limit}")

    async def put_notice(self, text: str, hours: float) -> Json:
        """Put a notice on air (``views.notices.NoticeView``); takes the seconds in which it is spoken."""
        return await self._ask("POST", "/notices", {"text": text, "hours": hours}, timeout_s=LONG_TIMEOUT_S)

    async def withdraw_notice(self, notice_id: int) -> Json:
        """Take a notice off the air (``views.notices.NoticeView``)."""
        return await self._ask("DELETE", f"/notices/{notice_id}")

    async def callbacks(self, state: str = "", ground: str = "", limit: int = 50) -> list[Json]:
        """What is owed (``views.callbacks.CallbackView``). Empty ``state`` or ``ground``: any."""
        wanted = {"state": state, "ground": ground, "limit": str(limit)}
        return await self._items("/callbacks?" + urlencode({k: v for k, v in wanted.items() if v}))

    async def review_message(self, contact_id: str, needs_call: bool) -> Json:
        """A message has become a ticket (``views.callbacks.ReviewAnswer``)."""
        path = f"/callbacks/messages/{quote(contact_id, safe='')}/reviewed"
        return await self._ask("POST", path, {"needs_call": needs_call})

    async def close_callback(self, contact_id: str, why: str) -> Json:
        """Close by hand what is owed (``views.callbacks.CloseAnswer``)."""
        return await self._ask("POST", f"/callbacks/{quote(contact_id, safe='')}/close", {"why": why})

    async def postpone_callback(self, contact_id: str, minutes: int, why: str) -> Json:
        """Call a citizen back later (``views.callbacks.PostponeAnswer``)."""
        path = f"/callbacks/{quote(contact_id, safe='')}/postpone"
        return await self._ask("POST", path, {"minutes": minutes, "why": why})

    async def prioritize(self, contact_id: str, urgent: bool, why: str) -> Json:
        """Move a waiting caller, in whichever queue he waits (``views.line.PriorityAnswer``)."""
        calls = (await self.status())["calls"]
        queue = next((call["queue"] for call in calls if call["contact_id"] == contact_id), None)
        if queue is None:
            raise UsageError(
                f"contact {contact_id} does not wait: see `callcenter status`", code="unknown_contact"
            )
        path = f"/queues/{queue}/waiting/{contact_id}/priority"
        return await self._ask("POST", path, {"urgent": urgent, "why": why})

    async def contact(self, contact_id: str) -> Json:
        """One contact (``views.ledger.ContactView``)."""
        return await self._ask("GET", f"/contacts/{quote(contact_id, safe='')}")

    async def tickets(self, limit: int = 50) -> list[Json]:
        """The newest tickets (``views.tickets.TicketSummary``)."""
        return await self._items(f"/tickets?limit={limit}")

    async def ticket(self, ticket_no: str) -> Json:
        """One ticket with its transcript (``views.tickets.TicketView``)."""
        return await self._ask("GET", f"/tickets/{ticket_no}")

    async def transcript_queue(self) -> Json:
        """How far transcription is (``views.transcripts.TranscriptQueueView``)."""
        return await self._ask("GET", "/transcripts/queue")

    async def search(self, asked: Mapping[str, str]) -> Json:
        """Calls in which something was said (``views.search.SearchView``); ``asked``: parameters of ``GET /search``."""
        return await self._ask("GET", "/search?" + urlencode(asked))

    async def events(self, since: int, limit: int = 200) -> list[Json]:
        """Journal entries after ``since`` (``views.events.EventView``)."""
        return await self._items(f"/events/list?since={since}&limit={limit}")

    async def captions(self) -> Json:
        """Live captions: whether, and of which calls (``views.captions.CaptionsView``)."""
        return await self._ask("GET", "/captions")

    async def follow(self, types: str) -> AsyncIterator[Json]:
        """Frames of the event stream from now on, until it ends; ``types`` as ``call.*,caption.said``."""
        if self._http is None:
            raise RuntimeError("use 'async with ControlClient(...)'")
        try:
            async with self._http.ws_connect(f"{API}/events?" + urlencode({"types": types})) as stream:
                async for frame in stream:
                    yield frame.json()
        except aiohttp.ClientError:
            raise PeerError("the running system did not answer", code="control_silent") from None

    async def check_ledger(self) -> Json:
        """Compare the two books (``views.ledger.LedgerReport``)."""
        return await self._ask("GET", "/ledger/check")

    async def figures(self, window: str) -> Json:
        """The figures of a window (``views.figures.FiguresView``); a year's take a minute."""
        return await self._ask("GET", "/figures?" + urlencode({"window": window}), timeout_s=LONG_TIMEOUT_S)

    async def hours(self, day: str = "") -> Json:
        """A day hour by hour (``views.figures.HoursView``); empty: today."""
        return await self._ask("GET", "/figures/hours?" + urlencode({"day": day} if day else {}))

    async def is_ready(self) -> bool:
        """Whether every required component works."""
        status, _ = await self._send("GET", "/readyz", None)
        return status == 200

    async def _items(self, path: str) -> list[Json]:
        page = await self._ask("GET", path)
        items: list[Json] = page["items"]
        return items

    async def _ask(
        self, method: str, path: str, body: Json | None = None, timeout_s: float = TIMEOUT_S
    ) -> Json:
        return self._answered(*await self._send(method, API + path, body, timeout_s))

    def _answered(self, status: int, answer: Json) -> Json:
        if status < 400:
            return answer
        kind = UsageError if status < 500 else PeerError
        raise kind(_complaint(answer, status), code=str(answer.get("error_id", "error")))

    async def _send(
        self, method: str, path: str, body: Json | None, timeout_s: float = TIMEOUT_S
    ) -> tuple[int, Json]:
        if self._http is None:
            raise RuntimeError("use 'async with ControlClient(...)'")
        limit = aiohttp.ClientTimeout(total=timeout_s)
        try:
            async with self._http.request(method, path, json=body, timeout=limit) as response:
                return response.status, {} if response.status == NO_CONTENT else await response.json()
        except aiohttp.ClientConnectorError:
            raise PeerError(
                "not running: start it with `make up` or `callcenter up`", code="not_running"
            ) from None
        except (TimeoutError, aiohttp.ClientError, ValueError):
            raise PeerError("the running system did not answer", code="control_silent") from None


def _complaint(answer: Json, status: int) -> str:
    """What was refused; where fields are named, those."""
    fields = answer.get("details", {}).get("fields")
    if not fields:
        return str(answer.get("message", status))
    return "; ".join(f"{item['field']}: {item['problem']}" for item in fields)


async def is_ready(settings: Settings) -> bool:
    """Whether the instance of these settings runs and is ready."""
    try:
        async with ControlClient(settings) as client:
            return await client.is_ready()
    except PeerError:
        return False
