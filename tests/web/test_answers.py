"""Answers and refusals: shape, masking, idempotency, ranges, hostile text, headers, probes."""

import asyncio
import itertools
from pathlib import Path

import pytest
from web_fakes import MASKED, NUMBER, PASSWORD, SOUND, House, browsing

from callcenter.core.errors import IllegalTransition, PeerError, UsageError
from callcenter.core.messages.seats import SeatRequest
from callcenter.web.roles import Role
from callcenter.web.views import ErrorView
from callcenter.web.views.board import ComponentView

pytestmark = pytest.mark.web

LISTS = (
    "/status",
    "/queues",
    "/queues/general/waiting",
    "/seats",
    "/contacts",
    "/tickets",
    "/events/list",
    "/audit",
)
SINGLES = ("/contacts/c-1", "/tickets/20261122-000001", "/recordings/r-1")
MARKED = "<script>alert('x')</script><img src=x onerror=alert(1)>"


@pytest.fixture
def house(tmp_path: Path) -> House:
    """A house of fakes."""
    return House(tmp_path)


async def test_numbers_are_masked_everywhere(house: House) -> None:
    """No list and no single answer shows a citizen's number, not even to the administrator."""
    house.events.append(
        "call.arrived", {"contact_id": "c-1", "caller": NUMBER, "nested": [{"number": NUMBER}]}
    )
    async with browsing(house, Role.ADMIN) as browser:
        texts = [str((await browser.get(path))[1]) for path in LISTS + SINGLES]
    assert NUMBER not in "".join(texts)
    assert sum(MASKED in text for text in texts) == 7


@pytest.mark.parametrize("path", ["/contacts/c-1", "/tickets/20261122-000001"])
async def test_looking_behind_the_mask_is_audited(house: House, path: str) -> None:
    """It needs the permission and a reason, and the audit tells who, what and why."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        assert (await browser.get(f"{path}?unmask=1"))[1]["error_id"] == "why_missing"
        _, answer = await browser.get(f"{path}?unmask=1&why=call+back")
    assert answer["citizen"] == NUMBER
    entry = house.audit.entries[-1]
    assert (entry.by, entry.action, entry.why) == ("shift_manager", "number.unmasked", "call back")
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.get(f"{path}?unmask=1&why=curious"))[0] == 403


async def test_the_same_key_is_carried_out_once(house: House) -> None:
    """Repeating a call with its key gives the same answer and asks nothing a second time."""
    async with browsing(house, Role.ADMIN) as browser:
        first = await browser.post("/seats/8001/break", {"reason": "lunch"}, Idempotency_Key="k1")
        again = await browser.raw(
            "POST", "/seats/8001/break", json={"reason": "lunch"}, headers={"Idempotency-Key": "k1"}
        )
        assert (again.status, await again.json()) == first
        assert again.headers["Idempotency-Replayed"] == "true"
    assert house.seats.asked == [("8001", SeatRequest.BREAK, "lunch", "admin")]


async def test_the_same_key_for_something_else_is_a_conflict(house: House) -> None:
    """Another body, or another path, under a used key is refused."""
    async with browsing(house, Role.ADMIN) as browser:
        await browser.post("/seats/8001/break", {"reason": "lunch"}, Idempotency_Key="k1")
        body = await browser.post("/seats/8001/break", {"reason": "tea"}, Idempotency_Key="k1")
        path = await browser.post("/seats/8002/break", {"reason": "lunch"}, Idempotency_Key="k1")
    assert [(status, answer["error_id"]) for status, answer in (body, path)] == [(409, "key_reused")] * 2
    assert len(house.seats.asked) == 1


async def test_keys_belong_to_their_account(house: House) -> None:
    """Two people may use the same key."""
    async with browsing(house, Role.ADMIN) as one, browsing(house, Role.SHIFT_MANAGER) as two:
        await one.post("/seats/8001/login", Idempotency_Key="k1")
        await two.post("/seats/8001/login", Idempotency_Key="k1")
    assert [asked[3] for asked in house.seats.asked] == ["admin", "shift_manager"]


async def test_a_failure_is_not_kept_under_its_key(house: House) -> None:
    """After a 503 the same key may try again and succeed."""
    async with browsing(house, Role.ADMIN) as browser:
        house.seats.error = PeerError("no link", code="ami_down")
        assert (await browser.post("/seats/8001/login", Idempotency_Key="k1"))[0] == 503
        house.seats.error = None
        assert (await browser.post("/seats/8001/login", Idempotency_Key="k1"))[0] == 200


async def test_a_seat_in_a_call_is_told_when_it_takes_effect(house: House) -> None:
    """What is asked during a call applies after it, and the answer says so."""
    async with browsing(house, Role.ADMIN) as browser:
        assert (await browser.post("/seats/8001/logout"))[1]["takes_effect"] == "now"
        assert (await browser.post("/seats/8002/logout"))[1]["takes_effect"] == "after_call"


@pytest.mark.parametrize(
    ("error", "status", "error_id", "message"),
    [
        (
            UsageError("there is no seat 8001", code="unknown_seat"),
            404,
            "unknown_seat",
            "there is no seat 8001",
        ),
        (UsageError("not logged in", code="wrong_seat_state"), 409, "wrong_seat_state", "not logged in"),
        (UsageError("no", code="anything"), 400, "anything", "no"),
        (PeerError("10.0.0.1 refused", code="ami_down"), 503, "ami_down", "Service Unavailable"),
        (IllegalTransition("seat", "off", "x"), 500, "illegal_transition", "Internal Server Error"),
        (ZeroDivisionError("secret"), 500, "ours", "Internal Server Error"),
    ],
)
async def test_errors_have_one_shape(
    house: House, error: Exception, status: int, error_id: str, message: str
) -> None:
    """Who is mistaken reads why; what failed inside is named by its code only."""
    house.seats.error = error
    async with browsing(house, Role.ADMIN) as browser:
        found, answer = await browser.post("/seats/8001/login")
    view = ErrorView.model_validate(answer)
    assert (found, view.error_id, view.message) == (status, error_id, message)
    assert view.resource == "/api/v1/seats/8001/login"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/nothing", 404),
        ("GET", "/seats/80x1", 404),
        ("POST", "/seats/8001%2F..%2Fx/login", 404),
        ("POST", "/seats/8009/login", 404),
        ("GET", "/contacts/../../etc/passwd", 404),
        ("GET", "/recordings/..%2F..%2Fsecret/media?why=because", 404),
        ("GET", "/contacts/c-2", 404),
        ("GET", "/tickets/20261122-000009", 404),
        ("GET", "/recordings/r-2/media?why=because", 404),
        ("GET", "/queues/nowhere/waiting", 404),
        ("PATCH", "/status", 405),
        ("GET", "/contacts?limit=0", 422),
        ("GET", "/contacts?limit=501", 422),
        ("GET", "/contacts?limit=1&limit=2", 422),
        ("GET", "/contacts?outcome=happy", 422),
        ("GET", "/contacts?from=yesterday", 422),
        ("GET", "/contacts?from=2026-11-22T00:00:00", 422),
        ("GET", "/contacts?colour=red", 422),
        ("GET", "/events/list?types=a;b", 422),
        ("GET", "/events/list?since=-1", 422),
        ("POST", "/seats/8001/break", 422),
        ("GET", "/recordings/r-1/media", 422),
        ("GET", "/api/v2/status", 404),
        ("GET", "/static/nothing/x.js", 404),
    ],
)
async def test_what_does_not_fit_is_refused(house: House, method: str, path: str, status: int) -> None:
    """Unknown paths, ids that are none, and bad parameters get a 4xx in the usual shape."""
    async with browsing(house, Role.ADMIN) as browser:
        found, answer = await browser.ask(method, path)
    assert found == status, answer
    ErrorView.model_validate(answer)


@pytest.mark.parametrize("reason", ["", "x" * 41, "a\r\nAction: Command", "a\0b", "wrap_up", "rang_out", 7])
async def test_break_reasons_are_checked(house: House, reason: str | int) -> None:
    """Line breaks, control characters, nothing, too much and words with a meaning of their own are refused."""
    async with browsing(house, Role.ADMIN) as browser:
        status, answer = await browser.post("/seats/8001/break", {"reason": reason})
    assert status == 422
    assert "Action" not in str(answer)
    assert house.seats.asked == []


async def test_bodies_are_bounded_and_json(house: House) -> None:
    """Too large, not JSON, or of another type is refused."""
    async with browsing(house, Role.ADMIN) as browser:
        path, json_type = "/seats/8001/break", {"Content-Type": "application/json"}
        assert (await browser.ask("POST", path, data=b"{" * 100_000, headers=json_type))[0] == 413
        assert (await browser.ask("POST", path, data=b"{", headers=json_type))[0] == 422
        assert (await browser.ask("POST", path, data=b"\xff\xfe", headers=json_type))[0] == 422
        assert (await browser.ask("POST", path, data={"reason": "lunch"}))[0] == 415


@pytest.mark.parametrize(
    "noise",
    [
        b"\x16\x03\x01\x02\x00\x01\x00",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /" + b"a" * 20_000 + b" HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"b" * 20_000 + b"\r\n\r\n",
        b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n{}",
        b"POST /api/v1/session HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    ],
)
async def test_noise_instead_of_http_is_survived(house: House, noise: bytes) -> None:
    """The connection is refused or cut, no traceback is shown, and the next client is served."""
    async with browsing(house) as browser:
        reader, writer = await asyncio.open_connection("127.0.0.1", browser.server.port)
        writer.write(noise)
        writer.write_eof()
        async with asyncio.timeout(30):
            answer = await reader.read()
        writer.close()
        assert b"Traceback" not in answer
        assert not answer or answer.startswith((b"HTTP/1.1 4", b"HTTP/1.0 4"))
        assert (await browser.get("/healthz"))[0] == 200


async def test_recordings_are_served_in_ranges_and_audited(house: House) -> None:
    """Whole, part, end and beyond; what was heard stands in the audit with its reason and its seconds."""
    path = "/recordings/r-1/media?why=complaint"
    async with browsing(house, Role.QA_REVIEWER) as browser:
        whole = await browser.raw("GET", path)
        part = await browser.raw("GET", path, headers={"Range": "bytes=16044-48043"})
        tail = await browser.raw("GET", path, headers={"Range": "bytes=-4"})
        beyond = await browser.raw("GET", path, headers={"Range": "bytes=99999-"})
        assert (whole.status, await whole.read()) == (200, SOUND)
        assert (part.status, await part.read()) == (206, SOUND[16044:48044])
        assert (tail.status, await tail.read()) == (206, SOUND[-4:])
        assert (beyond.status, (await beyond.json())["error_id"]) == (416, "bad_range")
        assert beyond.headers["Content-Range"] == f"bytes */{len(SOUND)}"
        assert part.headers["Content-Range"] == f"bytes 16044-48043/{len(SOUND)}"
        assert whole.headers["Content-Type"] == "audio/wav"
        assert whole.headers["Cache-Control"] == "no-store"
    heard = [e for e in house.audit.entries if e.action == "recording.heard"]
    assert {(e.by, e.why) for e in heard} == {("qa_reviewer", "complaint")}
    assert [e.resource for e in heard] == [
        f"recording/r-1#t={part}" for part in ("0.0,2.0", "0.5,1.5", "2.0,2.0")
    ]


@pytest.mark.parametrize("asked", ["bytes=5-2", "bytes=0-1,5-6", "seconds=1-2", "bytes=x-"])
async def test_ranges_that_are_none_are_refused(house: House, asked: str) -> None:
    """Backwards, several at once, of another unit: 416, and nothing was heard."""
    async with browsing(house, Role.QA_REVIEWER) as browser:
        answer = await browser.raw("GET", "/recordings/r-1/media?why=complaint", headers={"Range": asked})
        assert (answer.status, (await answer.json())["error_id"]) == (416, "bad_range")
    assert [e for e in house.audit.entries if e.action == "recording.heard"] == []


async def test_a_part_of_another_version_is_not_mixed_in(house: House) -> None:
    """With If-Range of an older file the whole is sent."""
    headers = {"Range": "bytes=0-9", "If-Range": '"older"'}
    async with browsing(house, Role.QA_REVIEWER) as browser:
        answer = await browser.raw("GET", "/recordings/r-1/media?why=complaint", headers=headers)
        assert (answer.status, len(await answer.read())) == (200, len(SOUND))


async def test_an_agent_pauses_the_recording_of_his_own_call(house: House) -> None:
    """With a reason, audited before it happens; the answer says that Asterisk has done it."""
    house.add_account(Role.AGENT, seat_id="8001")
    path = "/calls/c-1/recording"
    async with browsing(house, Role.AGENT) as browser:
        paused = await browser.post(f"{path}/pause", {"reason": "身份证号"})
        resumed = await browser.post(f"{path}/resume")
    assert paused == (200, {"contact_id": "c-1", "paused": True})
    assert resumed == (200, {"contact_id": "c-1", "paused": False})
    assert house.recorder.asked == [(True, "agent", "身份证号"), (False, "agent", "")]
    told = [(e.by, e.action, e.resource, e.why) for e in house.audit.entries]
    assert told == [
        ("agent", "session.opened", "agent", ""),
        ("agent", "recording.paused", "contact/c-1", "身份证号"),
        ("agent", "recording.resumed", "contact/c-1", ""),
    ]


@pytest.mark.parametrize("reason", ["", "x", "x" * 101, "a\nb", 7, None])
async def test_a_pause_needs_a_reason_of_one_line(house: House, reason: object) -> None:
    """Nothing is asked of Asterisk otherwise."""
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        status, _ = await browser.post("/calls/c-1/recording/pause", {"reason": reason})
    assert (status, house.recorder.asked) == (422, [])


async def test_nobody_pauses_somebody_elses_call(house: House) -> None:
    """Another seat's agent is refused; so is a call that there is not, and one that is not recorded."""
    house.add_account(Role.AGENT, seat_id="8002")
    asked = {"reason": "身份证号"}
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.post("/calls/c-1/recording/pause", asked))[1]["error_id"] == "not_your_seat"
        assert (await browser.post("/calls/c-2/recording/pause", asked))[0] == 404
    assert house.recorder.asked == []
    async with browsing(house, Role.SHIFT_MANAGER) as browser:
        house.recorder.error = UsageError("not now", code="wrong_recording_state")
        assert (await browser.post("/calls/c-1/recording/pause", asked))[0] == 409
        house.recorder.error = PeerError("no answer", code="ami_silent")
        assert (await browser.post("/calls/c-1/recording/pause", asked))[0] == 503


async def test_a_recording_whose_file_is_gone_is_unknown(house: House) -> None:
    """A missing file is a 404 in the usual shape, and no path is told."""
    house.recordings.sound.unlink()
    async with browsing(house, Role.ADMIN) as browser:
        status, answer = await browser.get("/recordings/r-1/media?why=complaint")
    assert (status, answer["error_id"]) == (404, "unknown_recording")
    assert str(house.folder) not in str(answer)


async def test_markup_in_any_text_stays_text(house: House) -> None:
    """Text is served as JSON that no browser takes for a page."""
    house.board.text = house.tickets.text = MARKED
    house.events.append("seat.paused", {"reason": MARKED})
    async with browsing(house, Role.ADMIN) as browser:
        for path in ("/status", "/tickets", "/tickets/20261122-000001", "/events/list"):
            answer = await browser.raw("GET", path)
            assert MARKED in str(await answer.json()), path
            assert answer.content_type == "application/json"
            assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_pages_never_build_markup_from_text() -> None:
    """No script of ours uses a way by which text could become markup or code."""
    static = Path(__file__).parents[2] / "callcenter" / "web" / "static"
    dangerous = (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "DOMParser",
        "new Function",
    )
    found = [
        (file.name, word)
        for file, word in itertools.product(static.glob("*.js"), dangerous)
        if word in file.read_text("utf-8")
    ]
    assert found == []


def test_the_pages_load_nothing_from_elsewhere() -> None:
    """No address of another host, no inline script or style."""
    static = Path(__file__).parents[2] / "callcenter" / "web" / "static"
    for file in static.iterdir():
        text = file.read_text("utf-8").replace("http://www.w3.org/2000/svg", "")
        assert "://" not in text, file.name
        assert " style=" not in text, file.name
        assert "onclick" not in text, file.name


@pytest.mark.parametrize("path", ["/", "/api/docs", "/status", "/nothing", "/healthz", "/api/openapi.json"])
async def test_every_answer_carries_the_security_headers(house: House, path: str) -> None:
    """Pages, answers and refusals alike."""
    async with browsing(house) as browser:
        answer = await browser.http.get(browser.server.make_url(path))
        await answer.read()
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert "Server" not in answer.headers


async def test_pages_and_assets_are_cached_by_content(house: House) -> None:
    """The page revalidates by ETag; what it loads never changes under its address."""
    async with browsing(house) as browser:
        page = await browser.http.get(browser.server.make_url("/"))
        again = await browser.http.get(
            browser.server.make_url("/"), headers={"If-None-Match": page.headers["ETag"]}
        )
        assert (again.status, await again.read()) == (304, b"")
        text = await page.text()
        base = text.split('href="/static/')[1].split("/")[0]
        style = await browser.http.get(browser.server.make_url(f"/static/{base}/style.css"))
        listing = await browser.http.get(browser.server.make_url(f"/static/{base}/"))
        for answer in (style, listing):
            await answer.read()
    assert style.status == 200
    assert "immutable" in style.headers["Cache-Control"]
    assert listing.status == 404


async def test_ready_names_each_component(house: House) -> None:
    """A lost Redis degrades; a lost database makes unready; alive stays alive."""
    async with browsing(house) as browser:
        assert (await browser.get("/readyz"))[0] == 200
        house.board.components_[2] = ComponentView(name="redis", state="down", required=False)
        status, answer = await browser.get("/readyz")
        assert (status, answer["ready"], answer["degraded"]) == (200, True, True)
        house.board.components_[0] = ComponentView(name="database", state="down", required=True)
        status, answer = await browser.get("/readyz")
        assert (status, answer["ready"]) == (503, False)
        assert [part["name"] for part in answer["components"]] == ["database", "ami", "redis"]
        assert await browser.get("/healthz") == (200, {"alive": True})


async def test_metrics_count_by_operation_and_hold_nothing_personal(house: House) -> None:
    """Labels are names of operations, never paths, ids or numbers."""
    async with browsing(house, Role.ADMIN) as browser:
        await browser.get("/contacts/c-1")
        await browser.get("/contacts/c-2")
        _, text = await browser.get("/metrics")
    assert 'callcenter_http_requests_total{operation="get_contact",status="200"} 1.0' in text
    assert 'callcenter_http_requests_total{operation="get_contact",status="404"} 1.0' in text
    for personal in (NUMBER, MASKED, "c-1", PASSWORD):
        assert personal not in text
