"""Copies of the quality review that leave the house: one call for Word, the list for Excel. By right and reason only, audited."""

from zoneinfo import ZoneInfo

from aiohttp import web

from callcenter.quality.papers import Case, Taken, calls_book, case_paper
from callcenter.web.api.common import Why, attachment, audit
from callcenter.web.api.quality.calls import CallsQuery, calls_wanted
from callcenter.web.api.quality.viewing import viewer_of
from callcenter.web.refusals import unknown
from callcenter.web.roles import Permission
from callcenter.web.routes import Call, Nothing, Operation, Params, operation
from recordings.qa.reviews import Filter as ReviewFilter

DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
ROWS_MAX = 5000
"""Of one list; who needs more asks for a shorter time."""
BESIDE_MAX = 100
"""Reviews and notes of one call."""


class PaperQuery(Params):
    """What the copy is for."""

    why: Why = ""


class BookQuery(CallsQuery):
    """Which calls, and what the copy is for."""

    why: Why = ""


@operation(
    "GET",
    "/qa/calls/{recording_id}/document",
    may=Permission.DOWNLOAD,
    zh="导出质检记录",
    en="A call with its findings, reviews and words as .docx",
)
async def export_call(call: Call[PaperQuery, Nothing]) -> web.Response:
    """Numbers are stars; who took it, when and why stands under each page."""
    quality, reviews = call.ports.quality, call.ports.reviews
    found = await quality.call(call.recording_id, None)
    if found is None:
        raise unknown("assessment", call.recording_id)
    await audit(call, "quality.exported", f"recording/{call.recording_id}", call.query.why)
    which = ReviewFilter(recording_id=call.recording_id)
    page = await reviews.reviews(which, viewer_of(call), BESIDE_MAX, 0)
    notes = await reviews.notes(None, call.recording_id, BESIDE_MAX, 0)
    spoken = await quality.spoken(call.recording_id)
    taken, zone = _taken(call, call.query.why)
    case = Case(found, page.items, notes.items, spoken, reviews.scorecards())
    return _file(
        case_paper(case, taken, zone), DOCX, f"{call.recording_id}_{taken.by}_{taken.at:%Y%m%d-%H%M%S}.docx"
    )


@operation(
    "GET",
    "/qa/workbook",
    may=Permission.DOWNLOAD,
    zh="导出质检清单",
    en="The ranked list as .xlsx",
)
async def export_calls(call: Call[BookQuery, Nothing]) -> web.Response:
    """At most 5,000 calls, the worst first; who took it, when and why stands in the first row."""
    await audit(call, "quality.listed", "qa/calls", call.query.why)
    page = await call.ports.quality.calls(calls_wanted(call, call.query), ROWS_MAX, 0)
    taken, zone = _taken(call, call.query.why)
    return _file(
        calls_book(page.items, taken, zone), XLSX, f"quality_{taken.by}_{taken.at:%Y%m%d-%H%M%S}.xlsx"
    )


def _taken(call: Call[PaperQuery, Nothing] | Call[BookQuery, Nothing], why: str) -> tuple[Taken, ZoneInfo]:
    zone = ZoneInfo(call.services.settings.time_zone)
    return Taken(call.identity.name, call.ports.clock.at().astimezone(zone), why), zone


def _file(content: bytes, kind: str, name: str) -> web.Response:
    return web.Response(body=content, content_type=kind, headers={"Content-Disposition": attachment(name)})


OPERATIONS: tuple[Operation, ...] = (export_call, export_calls)
