"""How the house is furnished: its seats and their people, special days, prompts; flows drawn and checked."""

import asyncio

from aiohttp import web
from pydantic import Field

from callcenter.web.refusals import unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from callcenter.web.views import Page
from callcenter.web.views.rooms import CalendarView, FlowCheckView, HouseSeatView, PromptView

TEXT_MAX = 64 * 1024


class YearQuery(Params):
    """Which year; without: the present one."""

    year: int | None = Field(None, ge=2020, le=2040)


class DraftBody(Params):
    """The whole text of a flow, as TOML."""

    text: str = Field(min_length=1, max_length=TEXT_MAX)


@operation("GET", "/house/seats", may=Permission.READ_HOUSE, zh="坐席与人员", en="Seats and their people")
async def list_house_seats(call: Call[Nothing, Nothing]) -> Page[HouseSeatView]:
    """Whose seat it is, who is there, and what its phone is."""
    accounts = [it for it in await call.services.accounts.all() if not it.is_disabled]
    here = {(it.name, it.seat_id) for it in call.services.streams.present()}
    browser = call.ports.rooms.browser_seats()
    items = []
    for seat in call.ports.board.status().seats:
        own = [it.name for it in accounts if it.seat_id == seat.seat_id]
        items.append(
            HouseSeatView(
                seat_id=seat.seat_id,
                kind=seat.kind,
                phone="browser" if seat.seat_id in browser else "sip",
                reachable=seat.reachable,
                state=seat.state,
                skills=seat.skills,
                accounts=own,
                here=[name for name in own if (name, seat.seat_id) in here],
            )
        )
    return Page.whole(items)


@operation("GET", "/calendar", may=Permission.READ_BOARD, zh="日历", en="Special days of a year")
async def get_calendar(call: Call[YearQuery, Nothing]) -> CalendarView:
    """Holidays and shifted workdays, the country's and those that were added."""
    return call.ports.rooms.calendar(call.query.year or call.ports.clock.at().year)


@operation("GET", "/prompts", may=Permission.READ_HOUSE, zh="提示音", en="What callers hear")
async def list_prompts(call: Call[Nothing, Nothing]) -> Page[PromptView]:
    """Every prompt with its text, its length and who spoke it; missing ones are said."""
    found = list(await asyncio.to_thread(call.ports.rooms.prompts))
    return Page.whole(found)


@operation(
    "GET",
    "/prompts/{prompt}/sound",
    may=Permission.READ_HOUSE,
    zh="试听提示音",
    en="A prompt, audio/wav",
    statuses=(503,),
)
async def hear_prompt(call: Call[Nothing, Nothing]) -> web.StreamResponse:
    """As callers hear it."""
    sound = await asyncio.to_thread(call.ports.rooms.sound, call.request.match_info["prompt"])
    return web.Response(body=sound, content_type="audio/wav")


@operation(
    "GET",
    "/flows/{flow}/picture",
    may=Permission.READ_BOARD,
    zh="流程图",
    en="A flow in force, image/svg+xml",
)
async def draw_flow(call: Call[Nothing, Nothing]) -> web.StreamResponse:
    """Every step and where it leads."""
    name = call.request.match_info["flow"]
    picture = await asyncio.to_thread(call.ports.rooms.picture, name)
    if picture is None:
        raise unknown("flow", name)
    return web.Response(text=picture, content_type="image/svg+xml")


@operation(
    "POST", "/flows/{flow}/check", may=Permission.STEER, zh="检查流程", en="Check a draft", keeps_answer=False
)
async def check_flow(call: Call[Nothing, DraftBody]) -> FlowCheckView:
    """What is wrong with it, by file and line; nothing is published."""
    mistake = await asyncio.to_thread(
        call.ports.rooms.mistake, call.request.match_info["flow"], call.body.text
    )
    return FlowCheckView(mistake=mistake)


OPERATIONS: tuple[Operation, ...] = (
    list_house_seats,
    get_calendar,
    list_prompts,
    hear_prompt,
    draw_flow,
    check_flow,
)
