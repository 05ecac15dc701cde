"""Who may do what: every operation, every role."""

from base64 import b64encode
from datetime import timedelta
from pathlib import Path

import pytest
from web_fakes import START, House, browsing

from callcenter.speech.audio import tone
from callcenter.web.api import OPERATIONS
from callcenter.web.ports.accounts import Session
from callcenter.web.roles import Role
from ivr.prompt_sound import wav_bytes

pytestmark = pytest.mark.web

EVERYBODY = frozenset(Role)
LISTENERS = EVERYBODY - {Role.AGENT}
REVIEWERS = LISTENERS - {Role.AUDITOR}
STEERING = frozenset({Role.ADMIN, Role.SHIFT_MANAGER})
SEATS = STEERING | {Role.TEAM_LEADER}
"""May ask of any seat; an agent may of the own one, as with the quality of calls and the answer to a review."""

MAY: dict[tuple[str, str], frozenset[Role]] = {
    ("GET", "/session/me"): EVERYBODY,
    ("GET", "/accounts"): frozenset({Role.ADMIN}),
    ("POST", "/accounts"): frozenset({Role.ADMIN}),
    ("PUT", "/accounts/{account}"): frozenset({Role.ADMIN}),
    ("POST", "/accounts/{account}/reset"): frozenset({Role.ADMIN}),
    ("POST", "/accounts/me/second-factor"): EVERYBODY,
    ("POST", "/accounts/me/second-factor/confirm"): EVERYBODY,
    ("DELETE", "/session"): EVERYBODY,
    ("GET", "/sessions"): EVERYBODY,
    ("POST", "/sessions/{session_id}/end"): EVERYBODY,
    ("GET", "/roles"): EVERYBODY,
    ("GET", "/seats/{seat_id}/sitters"): frozenset(),
    ("POST", "/seats/{seat_id}/take-over"): frozenset(),
    ("GET", "/settings"): STEERING | {Role.AUDITOR},
    ("GET", "/house/seats"): STEERING | {Role.AUDITOR},
    ("GET", "/calendar"): EVERYBODY,
    ("GET", "/prompts"): STEERING | {Role.AUDITOR},
    ("GET", "/prompts/{prompt}/sound"): STEERING | {Role.AUDITOR},
    ("GET", "/prompts/{prompt}/versions"): STEERING | {Role.AUDITOR},
    ("GET", "/prompts/{prompt}/versions/{version}/sound"): STEERING | {Role.AUDITOR},
    ("PUT", "/prompts/{prompt}/recording"): STEERING,
    ("POST", "/prompts/{prompt}/restore"): STEERING,
    ("GET", "/flows/{flow}/picture"): EVERYBODY,
    ("POST", "/flows/{flow}/check"): STEERING,
    ("GET", "/settings/history"): STEERING | {Role.AUDITOR},
    ("PUT", "/settings/{setting}"): STEERING,
    ("POST", "/settings/{setting}/undo"): STEERING,
    ("POST", "/accounts/me/password"): EVERYBODY,
    ("GET", "/status"): EVERYBODY,
    ("GET", "/queues"): EVERYBODY,
    ("GET", "/queues/{queue}/waiting"): EVERYBODY,
    ("GET", "/seats"): EVERYBODY,
    ("GET", "/seats/{seat_id}/day"): frozenset(),
    ("POST", "/calls/{contact_id}/article"): SEATS,
    ("GET", "/tickets/{ticket_no}/suggestions"): SEATS | {Role.AGENT},
    ("POST", "/seats/{seat_id}/login"): SEATS,
    ("POST", "/seats/{seat_id}/ready"): SEATS,
    ("POST", "/seats/{seat_id}/break"): SEATS,
    ("POST", "/seats/{seat_id}/logout"): SEATS,
    ("POST", "/seats/{seat_id}/abuse"): SEATS,
    ("POST", "/seats/{seat_id}/conference"): SEATS,
    ("GET", "/departments"): SEATS | {Role.AGENT},
    ("GET", "/seats/{seat_id}/phone"): frozenset(),
    ("POST", "/seats/{seat_id}/line-check"): frozenset(),
    ("POST", "/calls/{contact_id}/beside"): SEATS,
    ("DELETE", "/calls/{contact_id}/beside"): SEATS,
    ("PUT", "/seats/{seat_id}/skills"): SEATS,
    ("GET", "/surge"): EVERYBODY,
    ("POST", "/surge"): STEERING,
    ("POST", "/surge/undo"): STEERING,
    ("GET", "/surge/switches"): EVERYBODY,
    ("GET", "/partner"): EVERYBODY,
    ("POST", "/partner/pause"): STEERING,
    ("POST", "/partner/calls/{contact_id}/give-back"): STEERING,
    ("GET", "/cloud"): EVERYBODY,
    ("POST", "/cloud/invite"): STEERING,
    ("POST", "/cloud/apply"): STEERING,
    ("POST", "/cloud/decline"): STEERING,
    ("POST", "/cloud/call-off"): STEERING,
    ("POST", "/cloud/{seat_id}/withdraw"): STEERING,
    ("POST", "/cloud/{seat_id}/lock"): STEERING,
    ("POST", "/cloud/{seat_id}/unlock"): STEERING,
    ("POST", "/cloud/{seat_id}/check"): STEERING,
    ("POST", "/cloud/{seat_id}/link"): STEERING,
    ("GET", "/cloud/people"): STEERING,
    ("POST", "/cloud/people"): STEERING,
    ("GET", "/flows"): EVERYBODY,
    ("GET", "/flows/{flow}"): EVERYBODY,
    ("PUT", "/flows/{flow}"): STEERING,
    ("GET", "/flows/{flow}/versions"): EVERYBODY,
    ("GET", "/flow-counts"): EVERYBODY,
    ("GET", "/notices"): EVERYBODY,
    ("POST", "/notices"): STEERING,
    ("DELETE", "/notices/{notice_id}"): STEERING,
    ("POST", "/queues/{queue}/waiting/{contact_id}/priority"): STEERING,
    ("GET", "/day"): EVERYBODY,
    ("PUT", "/day/roster"): STEERING,
    ("GET", "/proposals"): EVERYBODY,
    ("GET", "/alarms"): EVERYBODY,
    ("POST", "/alarms/{alarm}/acknowledge"): STEERING,
    ("GET", "/figures/quarters"): EVERYBODY,
    ("GET", "/rebalance"): EVERYBODY,
    ("POST", "/rebalance/preview"): STEERING,
    ("POST", "/rebalance/apply"): STEERING,
    ("POST", "/rebalance/undo"): STEERING,
    ("GET", "/guests"): EVERYBODY,
    ("POST", "/guests"): STEERING,
    ("GET", "/guests/{guest_day}/follow-ups"): EVERYBODY,
    ("DELETE", "/guests/{guest_day}"): STEERING,
    ("GET", "/surveys"): EVERYBODY,
    ("POST", "/surveys/{contact_id}/grade"): SEATS,
    ("POST", "/surveys/{contact_id}/declined"): SEATS,
    ("POST", "/surveys/next"): SEATS,
    ("GET", "/staff"): STEERING,
    ("POST", "/staff/import"): STEERING,
    ("PUT", "/staff/{staff_no}"): STEERING,
    ("POST", "/staff/{staff_no}/deactivate"): STEERING,
    ("GET", "/shifts"): EVERYBODY,
    ("POST", "/shifts/import"): STEERING,
    ("POST", "/shifts/{shift_id}/cancel"): STEERING,
    ("GET", "/shifts/duty"): EVERYBODY,
    ("GET", "/shifts/swaps"): EVERYBODY,
    ("POST", "/shifts/swaps"): SEATS | {Role.AGENT},
    ("POST", "/shifts/swaps/{swap_id}/approve"): STEERING,
    ("POST", "/shifts/swaps/{swap_id}/refuse"): STEERING,
    ("POST", "/shifts/swaps/{swap_id}/undo"): STEERING,
    ("GET", "/presence"): EVERYBODY,
    ("GET", "/callbacks"): EVERYBODY,
    ("POST", "/callbacks/{contact_id}/close"): STEERING,
    ("POST", "/callbacks/{contact_id}/postpone"): STEERING,
    ("GET", "/callbacks/{contact_id}"): EVERYBODY,
    ("POST", "/callbacks/messages/{contact_id}/reviewed"): SEATS | {Role.AGENT},
    ("GET", "/contacts"): EVERYBODY,
    ("GET", "/contacts/{contact_id}"): EVERYBODY,
    ("GET", "/figures"): EVERYBODY,
    ("GET", "/figures/hours"): EVERYBODY,
    ("GET", "/gaps"): EVERYBODY,
    ("GET", "/outbox"): EVERYBODY,
    ("POST", "/outbox/retry"): STEERING,
    ("GET", "/ratings"): EVERYBODY,
    ("GET", "/ratings/seats"): LISTENERS,
    ("POST", "/tickets/{ticket_no}/pin"): SEATS,
    ("GET", "/ledger/check"): STEERING | {Role.AUDITOR},
    ("GET", "/audit"): frozenset({Role.ADMIN, Role.AUDITOR}),
    ("GET", "/audit/proof"): frozenset({Role.ADMIN, Role.AUDITOR}),
    ("GET", "/forecast"): EVERYBODY,
    ("GET", "/staffing"): EVERYBODY,
    ("GET", "/what-if"): EVERYBODY,
    ("POST", "/what-if"): STEERING,
    ("GET", "/tickets"): EVERYBODY,
    ("GET", "/ticket-words"): EVERYBODY,
    ("GET", "/ticket-counts"): EVERYBODY,
    ("GET", "/articles"): EVERYBODY,
    ("GET", "/contacts/{contact_id}/earlier"): EVERYBODY,
    ("GET", "/tickets/{ticket_no}/work"): EVERYBODY,
    ("PATCH", "/tickets/{ticket_no}"): SEATS | {Role.AGENT},
    ("POST", "/tickets/{ticket_no}/end"): SEATS | {Role.AGENT},
    ("POST", "/tickets/{ticket_no}/reopen"): SEATS | {Role.AGENT},
    ("GET", "/tickets/{ticket_no}"): EVERYBODY,
    ("GET", "/recordings/{recording_id}"): LISTENERS,
    ("GET", "/recordings/{recording_id}/media"): LISTENERS,
    ("GET", "/recordings/{recording_id}/peaks"): LISTENERS,
    ("GET", "/recordings/{recording_id}/download"): STEERING,
    ("GET", "/recordings/{recording_id}/transcripts"): EVERYBODY,
    ("POST", "/calls/{contact_id}/recording/pause"): SEATS,
    ("POST", "/calls/{contact_id}/recording/resume"): SEATS,
    ("GET", "/transcripts/queue"): EVERYBODY,
    ("GET", "/captions"): EVERYBODY,
    ("GET", "/search"): EVERYBODY,
    ("GET", "/qa/calls"): LISTENERS,
    ("GET", "/qa/calls/{recording_id}"): LISTENERS,
    ("GET", "/qa/calls/{recording_id}/transcript"): LISTENERS,
    ("GET", "/qa/coverage"): LISTENERS,
    ("GET", "/qa/rules"): EVERYBODY,
    ("GET", "/qa/scorecards"): EVERYBODY,
    ("GET", "/qa/reviews"): LISTENERS,
    ("GET", "/qa/reviews/{review_id}"): LISTENERS,
    ("POST", "/qa/reviews"): REVIEWERS,
    ("POST", "/qa/reviews/{review_id}/second"): REVIEWERS,
    ("POST", "/qa/reviews/{review_id}/submit"): REVIEWERS,
    ("POST", "/qa/reviews/{review_id}/answer"): frozenset(),
    ("POST", "/qa/reviews/{review_id}/ruling"): STEERING,
    ("GET", "/qa/notes"): LISTENERS,
    ("POST", "/qa/notes"): REVIEWERS,
    ("GET", "/qa/reviewers"): REVIEWERS,
    ("GET", "/qa/calls/{recording_id}/document"): STEERING,
    ("GET", "/qa/workbook"): STEERING,
    ("GET", "/qa/plans"): REVIEWERS,
    ("GET", "/transcripts/redo"): EVERYBODY,
    ("POST", "/transcripts/redo"): STEERING,
    ("GET", "/vault"): LISTENERS,
    ("GET", "/vault/gaps"): LISTENERS,
    ("GET", "/vault/holds"): LISTENERS,
    ("POST", "/vault/holds"): STEERING,
    ("POST", "/vault/holds/{contact_id}/release"): STEERING,
    ("GET", "/vault/verification"): LISTENERS,
    ("POST", "/vault/verification"): STEERING | {Role.AUDITOR},
    ("PUT", "/qa/plans/{plan}"): STEERING,
    ("POST", "/qa/plans/{plan}/draw"): STEERING,
    ("GET", "/qa/agreement"): LISTENERS,
    ("GET", "/events"): EVERYBODY,
    ("GET", "/events/list"): EVERYBODY,
}
PUBLIC = {("POST", "/session"), ("GET", "/sign-in")}

IDS = {
    "queue": "general",
    "seat_id": "8001",
    "contact_id": "c-1",
    "ticket_no": "20261122-000001",
    "recording_id": "r-1",
    "review_id": "1",
    "notice_id": "1",
    "guest_day": "1",
    "plan": "weekly",
    "account": "zhang",
    "flow": "intake",
    "staff_no": "1001",
    "shift_id": "1",
    "swap_id": "1",
    "session_id": "f" * 16,
    "alarm": "link_gap_over",
    "setting": "surge.offer_ewt_s",
    "prompt": "greeting",
    "version": "1",
}
RECORDING = b64encode(wav_bytes(tone(1000, 0.5))).decode()
BODIES: dict[tuple[str, str], dict[str, object]] = {
    ("POST", "/calls/{contact_id}/recording/pause"): {"reason": "身份证号"},
    ("POST", "/calls/{contact_id}/article"): {"article_id": "social_card"},
    ("POST", "/seats/{seat_id}/break"): {"reason": "lunch"},
    ("PUT", "/seats/{seat_id}/skills"): {"skills": ["general"]},
    ("POST", "/seats/{seat_id}/conference"): {"with": "8003"},
    ("POST", "/calls/{contact_id}/beside"): {"mode": "listen", "from": "telephone", "why": "带教"},
    ("PATCH", "/tickets/{ticket_no}"): {"version": 0, "note": "x"},
    ("POST", "/tickets/{ticket_no}/end"): {"version": 1, "ending": "answered"},
    ("POST", "/tickets/{ticket_no}/reopen"): {"version": 2, "why": "he called again"},
    ("POST", "/surge"): {"level": 2, "why": "storm"},
    ("POST", "/surge/undo"): {"why": "mistake"},
    ("POST", "/partner/pause"): {"paused": True, "why": "storm"},
    ("POST", "/partner/calls/{contact_id}/give-back"): {"why": "his own matter"},
    ("PUT", "/day/roster"): {"roster": [17] * 24, "why": "two are ill"},
    ("POST", "/rebalance/preview"): {"moves": [{"seat_id": "8001", "duty": "surveys"}]},
    ("POST", "/rebalance/apply"): {
        "moves": [{"seat_id": "8001", "duty": "surveys", "version": 3}],
        "why": "calm",
    },
    ("POST", "/rebalance/undo"): {"why": "mistake"},
    ("POST", "/guests"): {
        "name": "李市长",
        "seat_id": "8017",
        "from_at": "2026-11-22T17:00:00+08:00",
        "to_at": "2026-11-22T19:00:00+08:00",
    },
    ("POST", "/surveys/{contact_id}/grade"): {"grade": 5},
    ("POST", "/surveys/next"): {"seat_id": "8001"},
    ("POST", "/staff/import"): {"content": "UEsDBA==", "why": "new people"},
    ("PUT", "/staff/{staff_no}"): {"name": "张三", "why": "new"},
    ("POST", "/staff/{staff_no}/deactivate"): {"why": "retired"},
    ("POST", "/shifts/import"): {"content": "UEsDBA==", "why": "December"},
    ("POST", "/shifts/{shift_id}/cancel"): {"why": "leave"},
    ("POST", "/shifts/swaps"): {"first_id": 1, "second_id": 2, "why": "family"},
    ("POST", "/shifts/swaps/{swap_id}/approve"): {"why": "fine"},
    ("POST", "/shifts/swaps/{swap_id}/refuse"): {"why": "too late"},
    ("POST", "/shifts/swaps/{swap_id}/undo"): {"why": "mistake"},
    ("POST", "/callbacks/{contact_id}/close"): {"why": "he wrote to us"},
    ("POST", "/callbacks/{contact_id}/postpone"): {"minutes": 30, "why": "he asked for it"},
    ("POST", "/cloud/invite"): {"seats": 2, "why": "storm"},
    ("POST", "/cloud/apply"): {"why": "storm"},
    ("POST", "/cloud/decline"): {"why": "calm"},
    ("POST", "/cloud/call-off"): {"why": "calm"},
    ("POST", "/cloud/{seat_id}/withdraw"): {"why": "calm"},
    ("POST", "/cloud/{seat_id}/lock"): {"why": "stolen"},
    ("POST", "/cloud/{seat_id}/unlock"): {"why": "seen him"},
    ("POST", "/cloud/{seat_id}/check"): {"why": "other phone"},
    ("POST", "/cloud/{seat_id}/link"): {"why": "he asked"},
    ("POST", "/cloud/people"): {"staff_no": "1023", "name": "王芳"},
    ("POST", "/outbox/retry"): {"id": 2},
    ("POST", "/notices"): {"text": "停水"},
    ("POST", "/flows/{flow}/check"): {"text": "title = 1"},
    ("PUT", "/prompts/{prompt}/recording"): {"content": RECORDING, "why": "clearer"},
    ("POST", "/prompts/{prompt}/restore"): {"why": "as it was"},
    ("PUT", "/flows/{flow}"): {"text": "title = 1", "why": "new keys"},
    ("POST", "/queues/{queue}/waiting/{contact_id}/priority"): {"urgent": True, "why": "alone"},
    ("POST", "/callbacks/messages/{contact_id}/reviewed"): {"needs_call": False},
    ("POST", "/qa/reviews"): {"recording_id": "r-1", "card_id": "hotline"},
    ("POST", "/qa/reviews/{review_id}/second"): {},
    ("POST", "/qa/reviews/{review_id}/submit"): {"grades": {"answer": 1}},
    ("POST", "/qa/reviews/{review_id}/answer"): {"statement": "so it was"},
    ("POST", "/qa/reviews/{review_id}/ruling"): {"ruling": "upheld", "why": "heard it"},
    ("POST", "/qa/notes"): {"seat_id": "8001", "note": "ask for the place"},
    ("PUT", "/qa/plans/{plan}"): {
        "card_id": "hotline",
        "group_by": "seat",
        "size": 2,
        "seed": 1,
        "reviewers": ["anna"],
    },
    ("POST", "/qa/plans/{plan}/draw"): {"week": "2026-W47"},
    ("POST", "/transcripts/redo"): {"why": "better model"},
    ("POST", "/vault/holds"): {"contact_id": "c-1", "why": "court"},
    ("POST", "/vault/holds/{contact_id}/release"): {"why": "closed"},
    ("POST", "/vault/verification"): {"why": "quarterly"},
    ("POST", "/accounts"): {"name": "zhang", "role": "agent", "why": "new"},
    ("PUT", "/accounts/{account}"): {"role": "auditor", "why": "moved"},
    ("POST", "/accounts/{account}/reset"): {"why": "forgotten"},
    ("POST", "/seats/{seat_id}/take-over"): {"why": "left the room"},
    ("PUT", "/settings/{setting}"): {"value": 60, "why": "storm"},
    ("POST", "/settings/{setting}/undo"): {"version": 1, "why": "mistake"},
    ("POST", "/accounts/me/second-factor/confirm"): {"code": "000000"},
    ("POST", "/accounts/me/password"): {"old": "not the password", "new": "another long secret"},
}
QUERIES = {
    "/search": "?q=heating",
    "/recordings/{recording_id}/media": "?why=complaint",
    "/recordings/{recording_id}/download": "?why=court",
    "/qa/calls/{recording_id}/transcript": "?why=complaint",
    "/qa/calls/{recording_id}/document": "?why=court",
    "/qa/workbook": "?why=meeting",
    "/qa/agreement": "?card_id=hotline",
}
HONEST = {200, 204, 426}
"""What an allowed role gets; 426 is the event stream without a WebSocket."""


def test_the_table_covers_every_operation() -> None:
    """No operation is without an entry in the table of roles."""
    assert {(op.method, op.path) for op in OPERATIONS} == set(MAY) | PUBLIC


@pytest.mark.parametrize("role", Role)
async def test_each_role_gets_exactly_what_the_table_grants(role: Role, tmp_path: Path) -> None:
    """A role passes where the table names it and is refused everywhere else."""
    house = House(tmp_path)
    await house.sessions.open(Session("f" * 64, role.value, START, START + timedelta(hours=8)))
    async with browsing(house, role) as browser:
        for (method, path), roles in sorted(
            MAY.items(), key=lambda entry: entry[0] == ("DELETE", "/session")
        ):
            url = path.format(**IDS) + QUERIES.get(path, "")
            status, answer = await browser.ask(method, url, json=BODIES.get((method, path)))
            if role not in roles:
                assert (status, answer["error_id"]) in {(403, "forbidden"), (403, "not_your_seat")}, path
            elif path == "/accounts/me/second-factor/confirm":
                assert (status, answer["error_id"]) == (409, "wrong_code")
            elif path == "/accounts/me/password":
                assert (status, answer["error_id"]) == (401, "wrong_credentials")
            else:
                assert status in HONEST, (path, answer)


async def test_a_stranger_is_refused_everywhere(tmp_path: Path) -> None:
    """Without a session every operation but signing in answers 401 and tells nothing."""
    house = House(tmp_path)
    async with browsing(house) as browser:
        for method, path in MAY:
            status, answer = await browser.ask(method, path.format(**IDS), json=BODIES.get((method, path)))
            assert (status, answer["error_id"]) == (401, "not_signed_in"), path
    assert house.seats.asked == []


async def test_an_agent_speaks_for_the_own_seat_only(tmp_path: Path) -> None:
    """The seat named in the account obeys its agent; another seat does not."""
    house = House(tmp_path)
    house.add_account(Role.AGENT, seat_id="8001")
    async with browsing(house, Role.AGENT) as browser:
        assert (await browser.post("/seats/8001/login"))[0] == 200
        status, answer = await browser.post("/seats/8002/login")
    assert (status, answer["error_id"]) == (403, "not_your_seat")
    assert [asked[0] for asked in house.seats.asked] == ["8001"]
